"""What the page shows a person: channels, messages, threads, the App Home and open forms."""

from datetime import UTC
from typing import Any

from starlette.requests import Request

from bot.workspace.clock import ClockControl
from bot.workspace.delivery import Delivery
from bot.workspace.faults import Faults
from bot.workspace.office import Office
from bot.workspace.refusal import PageError
from bot.workspace.store import Document

HISTORY_AT_ONCE = 50
HISTORY_MOST = 500
WAIT_MOST = 30.0


class Screens:
    def __init__(self, office: Office, delivery: Delivery, clock: ClockControl | None, faults: Faults) -> None:
        self._office = office
        self._delivery = delivery
        self._clock = clock
        self._faults = faults

    async def state(self, request: Request) -> Document:
        office = self._office
        installed, manifest = office.installation, office.installation.manifest
        shown: Document = {
            "team": {"id": installed.team_id, "name": installed.team_name},
            "users": [office.people.page(user) for user in office.people.all()],
            "app": {
                "name": manifest.name,
                "bot_user": installed.bot_user,
                "description": manifest.description,
                "color": manifest.color,
            },
            "commands": [
                {
                    "command": command,
                    "description": each.get("description", ""),
                    "usage_hint": each.get("usage_hint", ""),
                }
                for command, each in sorted(manifest.commands.items())
            ],
            "channels": [],
            "clock": None,
            "faults": self._faults.shown(),
        }
        language = "sv"
        if "user" in request.query_params:
            user = self._reader(request)
            language = user["locale"][:2].lower()
            if manifest.messages_tab:
                office.direct(installed.bot_user, user["id"])
            channels = office.channels.of(user["id"])
            shown["user"] = office.people.page(user)
            shown["channels"] = [self.channel(channel, user["id"]) for channel in channels]
        if self._clock is not None:
            presets = [{"id": key, "label": label} for key, label in self._clock.presets(language)]
            now = self._clock.now().astimezone(UTC).isoformat()
            shown["clock"] = {"now": now, "zone": self._clock.zone, "presets": presets}
        return shown

    async def history(self, request: Request) -> Document:
        user, channel = self._reader(request), request.query_params.get("channel")
        place = self.joined(user, channel)
        before = request.query_params.get("before", "")
        found = self._office.messages.shown_to(user["id"], place["id"])
        if before:
            found = [message for message in found if message["ts"] < before]
        limit = _limit(request.query_params.get("limit"))
        messages = [self._office.page_message(message, user["id"]) for message in found[-limit:]]
        return {"messages": messages, "has_more": len(found) > limit}

    async def replies(self, request: Request) -> Document:
        user = self._reader(request)
        place = self.joined(user, request.query_params.get("channel"))
        thread = self._office.messages.thread_shown_to(user["id"], place["id"], request.query_params.get("ts", ""))
        return {"messages": [self._office.page_message(message, user["id"]) for message in thread]}

    async def home(self, request: Request) -> Document:
        home = self._office.views.home(self._reader(request)["id"])
        return {"view": self._office.views.api(home) if home else None}

    async def views(self, request: Request) -> Document:
        stack = self._office.views.stack(self._reader(request)["id"])
        return {"views": [self._office.views.api(view) for view in stack]}

    async def changes(self, request: Request) -> Document:
        """The count of changes so far, at once when it is another than `since`, else at the next one."""
        since = request.query_params.get("since", "")
        seconds = float(request.query_params.get("seconds", "10"))
        known = int(since) if since.isdigit() else -1
        return {"changes": await self._office.live.wait(known, min(seconds, WAIT_MOST))}

    async def health(self, _request: Request) -> Document:
        return {"ok": True, "bot_connected": await self._delivery.connected()}

    async def faults(self, _request: Request) -> Document:
        """How the workspace misbehaves, and what it has inflicted."""
        return self._faults.shown()

    def channel(self, channel: Document, viewer: str) -> Document:
        """A conversation as the page shows it to one person."""
        kind, messages = channel["kind"], self._office.messages
        others = [user for user in channel["members"] if user != viewer]
        return {
            "id": channel["id"],
            "name": channel["name"],
            "kind": kind,
            "with": others if kind in ("im", "mpim") else [],
            "topic": channel["topic"]["value"],
            "purpose": channel["purpose"]["value"],
            "is_archived": channel["is_archived"],
            "unread": messages.unread(viewer, channel["id"]),
            "last_ts": messages.last_ts(channel["id"]),
            "members": channel["members"],
        }

    def _reader(self, request: Request) -> Document:
        return self._office.people.acting(request.query_params.get("user"))

    def joined(self, user: Document, channel_id: Any) -> Document:
        """The conversation, when the person is in it; raises PageError `not_in_channel`."""
        channel = self._office.channels.get(str(channel_id))
        if user["id"] not in channel["members"]:
            raise PageError("not_in_channel", 403)
        return channel


def _limit(given: str | None) -> int:
    limit = int(given) if given and given.isdigit() else HISTORY_AT_ONCE
    return max(1, min(limit, HISTORY_MOST))
