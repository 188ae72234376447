"""A walk through everything that can be opened: every command, button and form, with the listeners of the real app.

Nothing that is done on the way is kept, so that each step starts from the same state.
"""

import datetime as dt
import json
import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.services import Services
from bot.suggestions import Suggester
from bot.wording import words
from handlers.slack import blocks
from handlers.slack.app import USE_CASES
from handlers.slack.asker import Asker
from handlers.slack.ids import Action
from handlers.slack.manifest import COMMAND
from models.database import LISTENER_WAIT, Database
from tests.factories import Inhabitant, Town

Document = dict[str, Any]
COMMANDS = (
    "",
    "mina",
    "status",
    "status 1",
    "status 999",
    "ledamöter",
    "profil",
    "paus",
    "veckobrev",
    "hjälp",
    "statsu",
)

ALIKE = 2
"""So many buttons of one kind in one kind of view are pressed."""


class Undone(Exception):
    """Ends a transaction without keeping it."""


class Rehearsal(Database):
    """The database, except that nothing written is kept."""

    @contextmanager
    def writing(self, wait: dt.timedelta = LISTENER_WAIT) -> Iterator[Session]:
        try:
            with super().writing(wait) as session:
                yield session
                session.flush()
                raise Undone
        except Undone:
            return


class Switchboard:
    """Stands where the Bolt app stands: knows which listener takes what."""

    def __init__(self) -> None:
        self._listeners: list[tuple[str, Any, Callable[..., None]]] = []

    def __getattr__(self, kind: str) -> Callable[..., Any]:
        def listen(to: Any, **_: Any) -> Callable[[Any], Any]:
            def keep(listener: Any) -> Any:
                self._listeners.append((kind, to, listener))
                return listener

            return keep

        return listen

    def taking(self, kind: str, name: str) -> Callable[..., None]:
        """The listener for an action, view, command or picker. Raises LookupError for what nobody listens to."""
        for listens, to, listener in self._listeners:
            if listens == kind and (to.match(name) if isinstance(to, re.Pattern) else to == name):
                return listener
        raise LookupError(f"nobody listens to {kind} {name}")


class Glass:
    """Stands where Slack's client stands, and keeps every view that it is given."""

    def __init__(self, user: str) -> None:
        self.seen: list[Document] = []
        self._user = user

    def views_open(self, *, view: Document, **_: Any) -> Document:
        self.seen.append(view)
        return {"view": {"id": "V1"}}

    views_push = views_update = views_open

    def conversations_info(self, **_: Any) -> Document:
        return {"channel": {"is_member": True}}

    def users_lookupByEmail(self, **_: Any) -> Document:  # noqa: N802 - as the client calls it
        return {"user": {"id": self._user}}


@dataclass
class Walk:
    """Somebody's way through the app. `typed` goes into every field of every form."""

    town: Town
    person: Inhabitant
    language: str
    typed: list[str]
    views: list[Document] = field(default_factory=list)
    options: list[Document] = field(default_factory=list)
    steps: int = 0

    def __post_init__(self) -> None:
        self._database = Rehearsal(str(self.town.database.engine.url))
        ahead = self.town.now - dt.datetime.now(dt.UTC)
        self._services = Services(self._database, Clock(lambda: ahead), Suggester())
        self._switchboard = Switchboard()
        for use_case in USE_CASES:
            use_case.register(self._switchboard, self._services)
        user = f"U{self.town.id}P{self.person.person}"
        self._asker = Asker(self.person, words(self.language), user, f"T{self.town.id}")
        self._ahead: deque[Document] = deque()
        self._pressed: dict[str, set[Any]] = defaultdict(set)
        self._sent: set[str] = set()
        self._turn = 0

    def through(self, *shown: Document) -> None:
        """Go through everything that can be reached from the command and from what is shown already."""
        try:
            for text in (*COMMANDS, *self.typed[:2], f"sök {self.typed[0]}"[:500], f"ledamöter {self.typed[-1]}"[:500]):
                self._send("command", COMMAND, {"command": COMMAND, "text": text, "trigger_id": "t"})
            for each in shown:
                self._click_all(each)
            while self._ahead:
                view = self._ahead.popleft()
                self._click_all(view)
                if view.get("submit") and self._unsent(view):
                    self._submit(view, optional=True)
                    self._submit(view, optional=False)
        finally:
            self._database.close()

    def _click_all(self, shown: Document) -> None:
        for block in shown["blocks"]:
            for element in [*block.get("elements", ()), block.get("accessory") or {}]:
                if element.get("type") == "button" and self._worth_while(shown, element):
                    action = {"type": "button", "action_id": element["action_id"], "value": element.get("value")}
                    self._send("action", element["action_id"], self._body(shown, actions=[action]))

    def _worth_while(self, shown: Document, element: Document) -> bool:
        """Whether the button may lead somewhere new: each case is opened once, and of the same buttons of the same kind
        of view a few are pressed."""
        carried = json.loads(element.get("value") or "{}")
        action = element["action_id"].partition(":")[0]
        opened = action == Action.CASE_OPEN
        place = "" if opened else f"{shown.get('callback_id')}:{carried.get('act')}:{carried.get('kind')}"
        pressed = self._pressed[f"{place}:{action}:{sorted(carried)}"]
        new = carried.get("case") if opened else str(carried)
        if new in pressed or (len(pressed) >= ALIKE and not opened):
            return False
        pressed.add(new)
        return True

    def _unsent(self, view: Document) -> bool:
        """Whether this form has not been sent before; what is refused comes back and back."""
        form = f"{view['callback_id']}:{view.get('private_metadata')}"
        new = form not in self._sent
        self._sent.add(form)
        return new

    def _submit(self, view: Document, *, optional: bool) -> None:
        """Send a form with every field filled in, or without those that may be left empty."""
        values = {
            block["block_id"]: {blocks.VALUE: self._filled(view, block)}
            for block in view["blocks"]
            if block["type"] == "input" and (optional or not block["optional"])
        }
        body = self._body(view | {"state": {"values": values}}, type="view_submission")
        self._send("view", view["callback_id"], body)

    def _filled(self, view: Document, block: Document) -> Document:
        element, kind = block["element"], block["element"]["type"]
        match kind:
            case "plain_text_input":
                written = element.get("initial_value") or self._written(block["block_id"], element["max_length"])
                return {"type": kind, "value": written}
            case "number_input":
                return {"type": kind, "value": element.get("initial_value") or element["min_value"]}
            case "datepicker":
                day = self.town.today + dt.timedelta(days=30 + len(block["block_id"]))
                return {"type": kind, "selected_date": element.get("initial_date") or day.isoformat()}
            case "users_select":
                return {"type": kind, "selected_user": self._asker.user}
            case "conversations_select":
                return {"type": kind, "selected_conversation": f"C{block['block_id']}"}
            case "checkboxes":
                return {"type": kind, "selected_options": element["options"][:3]}
            case "multi_external_select":
                offered = element.get("initial_options") or self._offered(view, block)[-1:]
                return {"type": kind, "selected_options": offered}
            case "external_select":
                offered = [element["initial_option"]] if "initial_option" in element else self._offered(view, block)
                return {"type": kind, "selected_option": next(iter(offered), None)}
            case _:
                return {"type": kind, "selected_option": element.get("initial_option") or element["options"][0]}

    def _offered(self, view: Document, block: Document) -> list[Document]:
        found: list[Document] = []

        def ack(options: list[Document]) -> None:
            found.extend(options)

        body = {"block_id": block["block_id"], "action_id": blocks.VALUE, "value": "", "view": view}
        self._call("options", blocks.VALUE, body, ack)
        self.options += found
        return found

    def _written(self, name: str, most: int) -> str:
        self._turn += 1
        text = self.typed[self._turn % len(self.typed)]
        if name in {"url", "links"}:
            return f"https://example.org/{''.join(text.split())}"[: min(most, 200)]
        return "nadja@example.org" if name == "email" else text[:most]

    def _body(self, shown: Document, **more: Any) -> Document:
        view = {"id": "V1", "private_metadata": "{}", "state": {"values": {}}} | shown if "type" in shown else None
        return {"type": "block_actions", "trigger_id": "t", "view": view, **more}

    def _send(self, kind: str, name: str, body: Document) -> None:
        def ack(*_: Any, view: Document | None = None, errors: Any = None, **__: Any) -> None:
            if view is not None:
                self._see(view)
            if errors is not None:
                there = {block["block_id"] for block in body["view"]["blocks"] if block["type"] == "input"}
                assert errors.keys() <= there
                assert all(errors.values())

        for view in self._call(kind, name, body, ack):
            self._see(view)

    def _call(self, kind: str, name: str, body: Document, ack: Callable[..., None]) -> list[Document]:
        glass = Glass(self._asker.user)
        self.steps += 1
        self._switchboard.taking(kind, name)(ack=ack, body=body, client=glass, context={"asker": self._asker})
        return glass.seen

    def _see(self, view: Document) -> None:
        self.views.append(view)
        self._ahead.append(view)
