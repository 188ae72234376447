"""The outgoing side: one delivery at a time to Slack, and what Slack's answers mean.

History scopes are asked for one purpose: to look whether a doubtful post arrived. The client never tries again by
itself, for its retry after a dropped reply would post twice; the worker does, and looks first.
"""

import datetime as dt
import http.client
from collections.abc import Collection, Mapping
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.backoff import LONGEST
from bot.services import Services
from bot.surfaces import UNSEEN, Delivery, Gone, MaybeSent, NotSent, Place, Refused, Throttled
from handlers.slack import addresses, channels
from handlers.slack.blocks import Message, home
from handlers.slack.rendering import Renderer, scene

METADATA = "konsult_notice"
HISTORY_PAGES, HISTORY_PAGE = 20, 500
"""How many pages of a channel are searched for a doubtful post, and messages in each."""

CLOCKS_DIFFER = dt.timedelta(hours=2)
"""How far the clock of a host that enqueues may be ahead of Slack's."""

SECONDS = 10
PAUSE = 30.0
LONGEST_PAUSE = LONGEST.total_seconds()
"""Seconds: a pause that Slack gives no length, and the longest one before it is asked again."""
_UNSENT = frozenset({"ratelimited", "rate_limited"})
_DOUBTFUL = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})


def client(token: str, api_url: str) -> WebClient:
    """A client that sends each request once."""
    return WebClient(token, base_url=api_url, timeout=SECONDS, retry_handlers=[])


class SlackSurface:
    """Brings notices to Slack. `renderers` make the message for each kind of notice; `account` is the bot's own."""

    name = "slack"

    def __init__(self, services: Services, web: WebClient, renderers: Mapping[str, Renderer], account: str) -> None:
        self.kinds: Collection[str] = renderers.keys()
        self.account = account
        self._services = services
        self._web = web
        self._renderers = renderers

    def locate(self, delivery: Delivery) -> str:
        """The channel of the receiver: a direct message is opened, a case's own channel made."""
        kind, _, subject = delivery.receiver.partition(":")
        with _understood():
            if kind == "room":
                return channels.channel_of(self._services, self._web, int(subject))
            with self._services.database.reading() as session:
                address = addresses.of(session, delivery.organisation_id, delivery.receiver)
            if kind == "home":
                return address
            if kind == "person":
                return str(self._web.conversations_open(users=address)["channel"]["id"])
            return address

    def render(self, delivery: Delivery) -> Message | None:
        """The message, from state as it is now."""
        with self._services.database.reading() as session:
            return self._renderers[delivery.name](scene(self._services, session, delivery))

    def find(self, delivery: Delivery, address: str) -> Place | None:
        """Where the delivery's key stands in the channel, looked for from when it may have been posted first.

        Raises `Refused` when there is more to read than can be: then it may stand there.
        """
        if delivery.name == "home":
            return None
        cursor = ""
        oldest = "0" if delivery.since is None else f"{(delivery.since - CLOCKS_DIFFER).timestamp():.6f}"
        with _understood():
            for _ in range(HISTORY_PAGES):
                page = self._web.conversations_history(
                    channel=address, include_all_metadata=True, limit=HISTORY_PAGE, cursor=cursor, oldest=oldest
                )
                for found in page["messages"]:
                    payload = (found.get("metadata") or {}).get("event_payload") or {}
                    if payload.get("key") == delivery.key:
                        return Place(address, found["ts"])
                cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
                if not cursor:
                    return None
        raise Refused(UNSEEN)

    def post(self, delivery: Delivery, address: str, rendered: object) -> Place:
        """Post it once, with its key in the metadata."""
        message = _message(rendered)
        with _understood():
            if delivery.name == "home":
                self._web.views_publish(user_id=address, view=home(message.blocks))
                return Place(address, "home")
            self._keep_room(delivery, address)
            posted = self._web.chat_postMessage(
                channel=address,
                text=message.text,
                blocks=message.blocks,
                unfurl_links=False,
                unfurl_media=False,
                metadata={"event_type": METADATA, "event_payload": {"key": delivery.key}},
            )
            return Place(posted["channel"], posted["ts"])

    def update(self, delivery: Delivery, place: Place, rendered: object) -> None:
        """Bring a message, a home view or a room up to date."""
        message = _message(rendered)
        with _understood():
            if delivery.name == "home":
                self._web.views_publish(user_id=place.channel, view=home(message.blocks))
                return
            self._keep_room(delivery, place.channel)
            self._web.chat_update(
                channel=place.channel,
                ts=place.ts,
                text=message.text,
                blocks=message.blocks,
                metadata={"event_type": METADATA, "event_payload": {"key": delivery.key}},
            )

    def _keep_room(self, delivery: Delivery, address: str) -> None:
        if delivery.name == "room" and delivery.case_id is not None:
            channels.keep_members(self._services, self._web, delivery.case_id, address)


def _message(rendered: object) -> Message:
    if not isinstance(rendered, Message):
        raise TypeError("a Slack message was expected")
    return rendered


class _understood:  # noqa: N801 - reads as a word in `with`
    """Slack's errors, as the worker understands them."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: Any) -> None:
        match error:
            case SlackApiError():
                raise _meaning(error) from error
            case ConnectionRefusedError():
                raise NotSent(5, "connection_refused") from error
            case URLError(reason=ConnectionRefusedError()):
                raise NotSent(5, "connection_refused") from error
            case URLError() | TimeoutError() | ConnectionError() | http.client.HTTPException():
                raise MaybeSent(type(error).__name__) from error


def _meaning(error: SlackApiError) -> Exception:
    response = error.response
    if isinstance(response, str):
        return MaybeSent("unreadable_reply")
    code = str(response.get("error") or "")
    if response.status_code == http.client.TOO_MANY_REQUESTS or code in _UNSENT:
        return Throttled(_pause(response.headers), "ratelimited")
    if response.status_code >= http.client.INTERNAL_SERVER_ERROR or code in _DOUBTFUL:
        return MaybeSent(code or f"http_{response.status_code}")
    if code in _GONE:
        return Gone(code)
    return Refused(code or f"http_{response.status_code}")


def _pause(headers: Mapping[str, str | list[str]]) -> float:
    """The seconds of `Retry-After`, or our own when there is no whole number that makes sense."""
    said = next((value for name, value in headers.items() if name.casefold() == "retry-after"), "")
    text = (said if isinstance(said, str) else "".join(said[:1])).strip()
    return min(float(text), LONGEST_PAUSE) if text.isascii() and text.isdigit() else PAUSE
