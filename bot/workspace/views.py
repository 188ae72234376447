"""Modals in their stacks, App Homes, and the trigger ids that open them."""

import secrets
import time
from dataclasses import dataclass
from time import monotonic
from typing import Any

from bot.workspace import blocks as block_list
from bot.workspace import inputs, limits
from bot.workspace.installation import Installation, new_id
from bot.workspace.refusal import RefusedError
from bot.workspace.store import Document, Store
from bot.workspace.validation import require_view


@dataclass
class Trigger:
    """What a person just did: good for opening one view within three seconds of real time."""

    user: str
    view_id: str | None
    made: float
    used: bool = False


class Triggers:
    def __init__(self) -> None:
        self._all: dict[str, Trigger] = {}

    def issue(self, user: str, view_id: str | None = None) -> str:
        old = monotonic() - 60
        self._all = {key: each for key, each in self._all.items() if each.made > old}
        trigger_id = f"{time.time_ns()}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._all[trigger_id] = Trigger(user, view_id, monotonic())
        return trigger_id

    def exchange(self, trigger_id: str) -> Trigger:
        """Use a trigger; raises RefusedError `invalid_`, `exchanged_` or `expired_trigger_id`."""
        trigger = self._all.get(trigger_id)
        if trigger is None:
            raise RefusedError("invalid_trigger_id")
        if trigger.used:
            raise RefusedError("exchanged_trigger_id")
        if monotonic() - trigger.made > limits.TRIGGER_SECONDS:
            raise RefusedError("expired_trigger_id")
        trigger.used = True
        return trigger


class Views:
    def __init__(self, store: Store, installation: Installation) -> None:
        self._store = store
        self._installation = installation
        self._stacks: dict[str, list[Document]] = {}
        self._homes: dict[str, Document] = dict(store.read("home"))

    def open(self, user: str, given: Any) -> Document:
        """Open a modal over everything the person has open. Raises RefusedError `invalid_arguments`."""
        view = self._made(given, surface="modal")
        self._stacks[user] = [view]
        return view

    def push(self, user: str, given: Any) -> Document:
        """Put a modal on the person's stack; raises RefusedError `push_limit_reached` at the fourth."""
        stack = self._stacks.get(user)
        if not stack:
            raise RefusedError("invalid_trigger_id")
        view = self._made(given, surface="modal")
        if len(stack) >= limits.VIEW_STACK:
            raise RefusedError("push_limit_reached")
        view |= {"root_view_id": stack[0]["id"], "previous_view_id": stack[-1]["id"]}
        stack.append(view)
        return view

    def update(self, view: Document, given: Any, expected_hash: str | None = None) -> Document:
        """Replace a view in its place; what was entered survives where block_id and action_id both stay."""
        made = self._made(given, surface=view["type"], replaces=view)
        if expected_hash is not None and expected_hash != view["hash"]:
            raise RefusedError("hash_conflict")
        made["state"] = {"values": inputs.retained(view["state"]["values"], made["blocks"])}
        places = ("id", "root_view_id", "previous_view_id")
        view.update({**made, **{name: view[name] for name in places}})
        if view["type"] == "home":
            self._save_home(view)
        return view

    def publish(self, user: str, given: Any, expected_hash: str | None = None) -> Document:
        home = self._homes.get(user)
        if home is not None:
            return self.update(home, given, expected_hash)
        home = {**self._made(given, surface="home"), "owner": user}
        self._homes[user] = home
        self._save_home(home)
        return home

    def find(self, *, view_id: str | None = None, external_id: str | None = None) -> tuple[str, Document]:
        """The owner and the open view; raises RefusedError `not_found`."""
        for owner, view in self._open():
            if (view_id and view["id"] == view_id) or (external_id and view["external_id"] == external_id):
                return owner, view
        raise RefusedError("not_found")

    def of(self, user: str, view_id: Any) -> Document:
        """The view, when it is this person's and open; raises RefusedError `not_found`."""
        owner, view = self.find(view_id=str(view_id))
        if owner != user:
            raise RefusedError("not_found")
        return view

    def stack(self, user: str) -> list[Document]:
        return list(self._stacks.get(user, []))

    def home(self, user: str) -> Document | None:
        return self._homes.get(user)

    def close(self, user: str, view: Document) -> Document | None:
        """Take a view off the stack, and every view over it; the view underneath is returned."""
        stack = self._stacks.get(user, [])
        for index, each in enumerate(stack):
            if each["id"] == view["id"]:
                del stack[index:]
        return stack[-1] if stack else None

    def clear(self, user: str) -> list[Document]:
        """Close every modal of a person; the closed ones, topmost first."""
        return list(reversed(self._stacks.pop(user, [])))

    def remember(self, view: Document, given: Any) -> inputs.Values:
        """Keep what was entered in a view; the whole state is returned."""
        values = inputs.state(view["blocks"], inputs.entered(given), view["state"]["values"])
        view["state"] = {"values": values}
        return values

    def api(self, view: Document) -> Document:
        """The view as Slack's API and payloads show it, with the state of every element."""
        shown = {name: value for name, value in view.items() if name != "owner"}
        return {**shown, "state": {"values": inputs.state(view["blocks"], view["state"]["values"])}}

    def _open(self) -> list[tuple[str, Document]]:
        modals = [(owner, view) for owner, stack in self._stacks.items() for view in stack]
        return [*modals, *self._homes.items()]

    def _made(self, given: Any, *, surface: str, replaces: Document | None = None) -> Document:
        require_view(given, surface=surface)
        external_id = given.get("external_id") or ""
        others = [view for _, view in self._open() if view is not replaces]
        if external_id and any(view["external_id"] == external_id for view in others):
            raise RefusedError("duplicate_external_id")
        view_id = new_id("V")
        return {
            "id": view_id,
            "team_id": self._installation.team_id,
            "type": given["type"],
            "blocks": block_list.named(given["blocks"]),
            "private_metadata": given.get("private_metadata") or "",
            "callback_id": given.get("callback_id") or "",
            "external_id": external_id,
            "state": {"values": {}},
            "hash": f"{int(time.time())}.{secrets.token_hex(4)}",
            "title": given.get("title"),
            "submit": given.get("submit"),
            "close": given.get("close"),
            "clear_on_close": bool(given.get("clear_on_close")),
            "notify_on_close": bool(given.get("notify_on_close")),
            "submit_disabled": bool(given.get("submit_disabled")),
            "root_view_id": view_id,
            "previous_view_id": None,
            "app_id": self._installation.app_id,
            "app_installed_team_id": self._installation.team_id,
            "bot_id": self._installation.bot_id,
        }

    def _save_home(self, home: Document) -> None:
        self._store.put("home", home["owner"], home)
