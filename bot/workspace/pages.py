"""What the page asks for and does, as JSON over HTTP."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from bot.workspace import limits
from bot.workspace.clock import ClockControl
from bot.workspace.delivery import Delivery
from bot.workspace.faults import Faults
from bot.workspace.interaction import Interaction
from bot.workspace.office import Office
from bot.workspace.refusal import PageError, RefusedError
from bot.workspace.screens import Screens
from bot.workspace.sentences import sentence
from bot.workspace.store import Document, Store

Doing = Callable[[Document, Document, str], Awaitable[Document]]


class Pages:
    def __init__(
        self,
        office: Office,
        store: Store,
        delivery: Delivery,
        interaction: Interaction,
        clock: ClockControl | None,
        faults: Faults,
    ) -> None:
        self._office = office
        self._store = store
        self._delivery = delivery
        self._interaction = interaction
        self._clock = clock
        self._faults = faults
        self._screens = Screens(office, delivery, clock, faults)

    @property
    def routes(self) -> list[BaseRoute]:
        reads = {
            "state": self._screens.state,
            "history": self._screens.history,
            "replies": self._screens.replies,
            "home": self._screens.home,
            "views": self._screens.views,
            "changes": self._screens.changes,
            "health": self._screens.health,
            "faults": self._screens.faults,
        }
        acts: dict[str, Doing] = {
            "read": self.read,
            "message": self.message,
            "command": self.command,
            "action": self.action,
            "view/submit": self.submit,
            "view/close": self.close,
            "options": self.options,
            "home": self.open_home,
            "dm": self.dm,
        }
        return [
            *(Route(f"/page/{name}", self._reading(read), methods=["GET"]) for name, read in reads.items()),
            *(Route(f"/page/{name}", self._acting(act), methods=["POST"]) for name, act in acts.items()),
            Route("/page/clock", self.move_clock, methods=["POST"]),
            Route("/page/faults", self.misbehave, methods=["POST"]),
            WebSocketRoute("/page/live", self.live),
        ]

    async def read(self, user: Document, given: Document, _base: str) -> Document:
        self._office.messages.mark_read(user["id"], self._screens.joined(user, given.get("channel"))["id"])
        return {"ok": True}

    async def message(self, user: Document, given: Document, base: str) -> Document:
        office = self._office
        channel = self._screens.joined(user, given.get("channel"))
        text = str(given.get("text") or "").strip()
        if text.startswith("/"):
            command, _, rest = text.partition(" ")
            return await self.command(user, {**given, "command": command, "text": rest}, base)
        if not text:
            raise PageError("no_text")
        if len(text) > limits.MESSAGE_TEXT:
            raise PageError("msg_too_long")
        if channel["is_archived"]:
            raise PageError("is_archived")
        to_bot = channel["kind"] == "im" and office.bot in channel["members"]
        if to_bot and office.installation.manifest.messages_read_only:
            raise PageError("read_only")
        thread_ts = given.get("thread_ts") or None
        if thread_ts is not None:
            office.messages.get(channel["id"], str(thread_ts))
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        posted = office.post(channel, user["id"], escaped, thread_ts=thread_ts)
        return {"ok": True, "ts": posted["ts"]}

    async def command(self, user: Document, given: Document, base: str) -> Document:
        channel = self._screens.joined(user, given.get("channel"))
        command, text = str(given.get("command") or ""), str(given.get("text") or "").strip()
        if command == "/invite":
            return self._invited(user, channel, text)
        return await self._interaction.command(user, channel, command, text, base)

    async def action(self, user: Document, given: Document, base: str) -> Document:
        action = given.get("action")
        if not isinstance(action, dict):
            raise PageError("bad_action")
        return await self._interaction.action(user, given.get("container"), action, given.get("state"), base)

    async def submit(self, user: Document, given: Document, _base: str) -> Document:
        return await self._interaction.submit(user, given.get("view_id"), given.get("values"))

    async def close(self, user: Document, given: Document, _base: str) -> Document:
        return self._interaction.close(user, given.get("view_id"))

    async def options(self, user: Document, given: Document, _base: str) -> Document:
        return await self._interaction.options(user, given.get("container"), given)

    async def open_home(self, user: Document, _given: Document, _base: str) -> Document:
        """The person looks at the app's home: the bot is told."""
        office = self._office
        channel, _ = office.direct(office.bot, user["id"])
        event: Document = {
            "type": "app_home_opened",
            "user": user["id"],
            "channel": channel["id"],
            "tab": "home",
            "event_ts": office.messages.next_ts(),
        }
        home = office.views.home(user["id"])
        if home is not None:
            event["view"] = office.views.api(home)
        office.events.emit("app_home_opened", event)
        if not await self._delivery.connected():
            app = office.installation.manifest.name
            notice = {"text": sentence("not_connected", user["locale"], app=app)}
            office.live.push("notice", notice, [user["id"]])
        return {"ok": True}

    async def dm(self, user: Document, given: Document, _base: str) -> Document:
        try:
            other = self._office.people.get(str(given.get("with")))
        except RefusedError as refusal:
            raise PageError(refusal.code, 404) from refusal
        channel, _ = self._office.direct(user["id"], other["id"])
        return {"channel": self._screens.channel(channel, user["id"])}

    async def move_clock(self, request: Request) -> Response:
        given = await _body(request)
        if self._clock is None:
            return JSONResponse({"error": "no_clock"}, status_code=404)
        try:
            to = given["preset"] if "preset" in given else datetime.fromisoformat(str(given["to"]))
            if isinstance(to, datetime) and to.tzinfo is None:
                raise ValueError("a moment needs its zone")
            moved = await asyncio.to_thread(self._clock.move, to)
        except (KeyError, ValueError):
            return JSONResponse({"error": "bad_time"}, status_code=400)
        now = {"now": moved.astimezone(UTC).isoformat()}
        self._office.live.push("clock", now)
        return JSONResponse(now)

    async def misbehave(self, request: Request) -> Response:
        """Set the switches that are given, by name; with `reset` the others are turned off."""
        given = await _body(request)
        reset = given.pop("reset", False) is True
        given.pop("user", None)
        if not given and not reset:
            return JSONResponse({"error": "no switch is given"}, status_code=400)
        try:
            self._faults.change(given, reset=reset)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse(self._faults.shown())

    async def live(self, socket: WebSocket) -> None:
        try:
            user = self._office.people.acting(socket.query_params.get("user"))
        except PageError:
            await socket.close(4404)
            return
        await self._office.live.serve(user["id"], socket)

    def _invited(self, user: Document, channel: Document, handle: str) -> Document:
        """Slack's own /invite @name: how a person lets the bot, or somebody else, into a channel."""
        found = self._office.people.by_handle(handle) if handle else None
        if found is None or found["deleted"] or channel["kind"] not in ("channel", "private"):
            message = sentence("unknown_person", user["locale"], name=handle)
            return {"ok": False, "error": "user_not_found", "message": message}
        if found["id"] not in channel["members"]:
            self._office.join(channel, found["id"], inviter=user["id"])
        return {"ok": True}

    def _reading(self, read: Callable[[Request], Awaitable[Document]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await self._answered(lambda: read(request))

        return endpoint

    def _acting(self, act: Doing) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            given = await _body(request)
            base = f"{request.base_url}hooks/"
            people = self._office.people
            return await self._answered(lambda: act(people.acting(given.get("user")), given, base))

        return endpoint

    async def _answered(self, doing: Callable[[], Awaitable[Document]]) -> Response:
        try:
            answer = await doing()
        except PageError as error:
            return JSONResponse({"error": error.code}, status_code=error.status)
        except RefusedError as refusal:
            return JSONResponse({"error": refusal.code}, status_code=404)
        self._store.flush()
        return JSONResponse(answer)


async def _body(request: Request) -> Document:
    try:
        given = json.loads(await request.body())
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}
