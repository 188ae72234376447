"""A person at the page, in a program: tests read as a dialogue between persons and the bot."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlencode

from bot.workspace import blocks as block_list
from bot.workspace import inputs, limits
from bot.workspace.elements import offered
from bot.workspace.server import Server

Document = dict[str, Any]
Found = TypeVar("Found")
WAIT_SECONDS = 10.0


class Person:
    """Speaks the page's own interface as one user. Raises LookupError for what is not on the screen."""

    def __init__(self, server: Server | str, user: str) -> None:
        self.user = user
        self._url = (server if isinstance(server, str) else server.url).rstrip("/")

    def command(self, line: str, channel: str | None = None) -> Document:
        """Type a command, such as "/consult text"; without a channel in the bot's direct messages.

        Returns when what it brings is on the screen: a modal, or words that only this person sees. After the life of
        a trigger id nothing is waited for any more.
        """
        command, _, text = line.partition(" ")
        place = self.channel(channel or self.dm())["id"]
        before = self._brought(place)
        answer = self._post("command", channel=place, command=command, text=text)
        if answer["ok"]:
            with suppress(TimeoutError):
                self.wait_for(lambda: self._brought(place) != before, limits.TRIGGER_SECONDS)
        return answer

    def say(self, channel: str, text: str, thread_ts: str | None = None) -> Document:
        return self._post("message", channel=self.channel(channel)["id"], text=text, thread_ts=thread_ts)

    def click(self, channel: str, ts: str, action_id: str, value: Any = None) -> Document:
        """Use an element of a message: press a button (`value` tells several of one action_id apart), or
        choose a value in a select."""
        place = self.channel(channel)["id"]
        message = self.message(place, ts)
        container = {"type": "message", "channel": place, "ts": ts}
        return self._act(container, message.get("blocks") or [], action_id, value)

    def press(
        self,
        action_id: str,
        value: Any = None,
        view: Document | None = None,
        filled: Mapping[str, Any] | None = None,
    ) -> Document:
        """Use an element of a view: the top modal, or the one given (such as `home()`). `filled` has been entered in
        it by then, as `submit` takes it."""
        shown = view or self.modal()
        if shown is None:
            raise LookupError("no modal is open")
        container = {"type": "view", "view_id": shown["id"]}
        return self._act(container, shown["blocks"], action_id, value, filled)

    def fill(self, **values: Any) -> Document:
        """Submit the top modal with these values, by action_id or block_id."""
        modal = self.modal()
        if modal is None:
            raise LookupError("no modal is open")
        return self.submit(modal["id"], values)

    def submit(self, view_id: str | None = None, values: Mapping[str, Any] | None = None) -> Document:
        """Submit a modal (the top one when not named). Values are plain: texts, option values, dates, user
        ids, lists of them; by block_id or action_id. What is not given keeps its initial value."""
        stack = self.modals()
        view = next((each for each in stack if each["id"] == view_id), stack[-1] if stack else None)
        if view is None or (view_id and view["id"] != view_id):
            return self._post("view/submit", view_id=view_id, values={})
        return self._post("view/submit", view_id=view["id"], values=_entered(view["blocks"], values or {}))

    def close(self, view_id: str | None = None) -> Document:
        modal = self.modal()
        return self._post("view/close", view_id=view_id or (modal or {}).get("id"))

    def options(self, action_id: str, typed: str, view: Document | None = None) -> Document:
        """What an external select of a view (the top modal) suggests for a typed text."""
        shown = view or self.modal() or {"blocks": [], "id": ""}
        block, element = _find(shown["blocks"], action_id, None)
        container = {"type": "view", "view_id": shown["id"]}
        ids = {"block_id": block["block_id"], "action_id": element["action_id"]}
        return self._post("options", container=container, value=typed, **ids)

    def open_home(self) -> Document:
        """Look at the bot's App Home: the bot is told."""
        return self._post("home")

    def home(self) -> Document | None:
        view: Document | None = self._get("home", user=self.user)["view"]
        return view

    def modals(self) -> list[Document]:
        """The open modals, the top one last."""
        views: list[Document] = self._get("views", user=self.user)["views"]
        return views

    def modal(self) -> Document | None:
        stack = self.modals()
        return stack[-1] if stack else None

    def state(self) -> Document:
        return self._get("state", user=self.user)

    def channels(self) -> list[Document]:
        channels: list[Document] = self.state()["channels"]
        return channels

    def channel(self, name: str) -> Document:
        """One of the person's channels, by id or name."""
        for channel in self.channels():
            if name in (channel["id"], channel["name"]) or name == f"#{channel['name']}":
                return channel
        raise LookupError(f"{self.user} is in no channel {name}")

    def dm(self, other: str | None = None) -> str:
        """The id of the direct messages with another user (default: the bot)."""
        wanted = other or self.state()["app"]["bot_user"]
        channel_id: str = self._post("dm", **{"with": wanted})["channel"]["id"]
        return channel_id

    def messages(self, channel: str | None = None, limit: int = 500) -> list[Document]:
        """What the person sees in a channel (default: the bot's direct messages), oldest first."""
        place = self.channel(channel)["id"] if channel else self.dm()
        found: list[Document] = self._get("history", user=self.user, channel=place, limit=limit)["messages"]
        return found

    def replies(self, channel: str, ts: str) -> list[Document]:
        place = self.channel(channel)["id"]
        found: list[Document] = self._get("replies", user=self.user, channel=place, ts=ts)["messages"]
        return found

    def message(self, channel: str, ts: str) -> Document:
        for message in self.messages(channel):
            if message["ts"] == ts:
                return message
            if message["reply_count"]:
                for reply in self.replies(channel, message["ts"]):
                    if reply["ts"] == ts:
                        return reply
        raise LookupError(f"{self.user} sees no message {ts}")

    def misbehave(self, *, reset: bool = False, **switches: Any) -> Document:
        """Have the workspace misbehave, by the names of `Switches`; the other switches stay, or are turned off first
        (`reset`). Returns what `faults` does."""
        return self._post("faults", reset=reset, **switches)

    def behave(self) -> Document:
        """Have the workspace behave again."""
        return self.misbehave(reset=True)

    def faults(self) -> Document:
        """How the workspace misbehaves (`on`, `switches`) and what it has inflicted so far (`inflicted`)."""
        return self._get("faults")

    def wait_for(self, predicate: Callable[[], Found | None], seconds: float = WAIT_SECONDS) -> Found:
        """What the predicate returns, as soon as it is truthy: looked at again at every change in the
        workspace. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while True:
            seen = self._get("changes")["changes"]
            found = predicate()
            if found:
                return found
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"{self.user} waited {seconds} s")
            self._get("changes", since=seen, seconds=min(left, 2.0))

    def _brought(self, channel: str) -> list[str]:
        """The modals that are open, and what has been said to this person alone in a channel."""
        said = self._get("history", user=self.user, channel=channel, limit=50)["messages"]
        return [*(view["id"] for view in self.modals()), *(each["ts"] for each in said if each["ephemeral"])]

    def _act(
        self,
        container: Document,
        blocks: list[Document],
        action_id: str,
        value: Any,
        filled: Mapping[str, Any] | None = None,
    ) -> Document:
        block, element = _find(blocks, action_id, value)
        action: Document = {
            "type": element["type"],
            "block_id": block["block_id"],
            "action_id": element["action_id"],
        }
        if element["type"] == "overflow":
            action["selected_option"] = _typed(element, value)
        elif element["type"] in inputs.FIELDS:
            action[inputs.FIELDS[element["type"]][0]] = _typed(element, value)
        entered = _entered(blocks, filled or {})
        return self._post("action", container=container, action=action, state={"values": entered})

    def _get(self, path: str, **query: Any) -> Document:
        return self._ask(urllib.request.Request(f"{self._url}/page/{path}?{urlencode(query)}"))  # noqa: S310

    def _post(self, path: str, **fields: Any) -> Document:
        body = json.dumps({"user": self.user, **fields}).encode()
        headers = {"Content-Type": "application/json"}
        return self._ask(urllib.request.Request(f"{self._url}/page/{path}", body, headers))  # noqa: S310

    def _ask(self, request: urllib.request.Request) -> Document:
        try:
            with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - loopback
                answer: Document = json.loads(response.read())
                return answer
        except urllib.error.HTTPError as error:
            with error:
                code = error.read().decode()
            raise LookupError(f"{request.selector}: {error.code} {code}") from error


def _find(blocks: list[Document], action_id: str, value: Any) -> tuple[Document, Document]:
    found = [each for each in block_list.elements(blocks) if each[1]["action_id"] == action_id]
    exact = [each for each in found if value is not None and each[1].get("value") == value]
    if not found:
        raise LookupError(f"no element {action_id}")
    if found[0][1]["type"] == "button" and value is not None and not exact:
        raise LookupError(f"no button {action_id} with the value {value}")
    return (exact or found)[0]


def _entered(blocks: list[Document], values: Mapping[str, Any]) -> inputs.Values:
    known = dict(values)
    entered: inputs.Values = {}
    for block, element in block_list.elements(blocks):
        for name in (block["block_id"], element["action_id"]):
            if name in known and element["type"] in inputs.FIELDS:
                field = inputs.FIELDS[element["type"]][0]
                typed = {"type": element["type"], field: _typed(element, known.pop(name))}
                entered.setdefault(block["block_id"], {})[element["action_id"]] = typed
    if known:
        raise LookupError(f"no element {', '.join(sorted(known))} in the view")
    return entered


def _typed(element: Document, value: Any) -> Any:
    """A plain value as the page would send it: an option's value becomes the option."""
    name = inputs.FIELDS.get(element["type"], ("selected_option",))[0]
    if not name.startswith("selected_option") or value is None:
        return value
    return [_option(element, each) for each in value] if isinstance(value, list) else _option(element, value)


def _option(element: Document, value: Any) -> Document:
    if isinstance(value, dict):
        return value
    for option in offered(element):
        if option["value"] == value:
            return option
    return {"text": {"type": "plain_text", "text": str(value)}, "value": str(value)}
