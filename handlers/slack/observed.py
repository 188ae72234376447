"""The app, seen from outside: every payload gets an id, and it is counted how long its answer took and what it was."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from http import HTTPStatus
from typing import Any

import structlog
from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.listener.listener_start_handler import ListenerStartHandler

from bot import logs, metrics, trail
from bot.commands import Command, Guess, parse
from handlers.slack.arrivals import Arrivals
from handlers.slack.asker import FINISHED, OUTCOME
from handlers.slack.ids import Action, View
from handlers.slack.manifest import COMMAND, EVENTS

log = structlog.get_logger()

LISTENERS = 20
"""How many payloads are worked on at a time. Each waits for Slack's Web API for most of the time; more of them than the
database has connections for would wait for those."""
PATIENCE = 2.5
"""Seconds that an event may take; Slack waits three."""

_ACTIONS = frozenset(Action)
_VIEWS = frozenset(View)


class Observed(App):
    """Bolt's app, whose payloads are followed from here on, and whose commands are acknowledged before others' forms
    are made."""

    def __init__(self, **choices: Any) -> None:
        super().__init__(listener_executor=ThreadPoolExecutor(LISTENERS, "listener"), **choices)
        self.error(_failed)
        self._arrivals = Arrivals()
        self.listener_runner.listener_start_handler = _AfterYou(self._arrivals)

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        """Answer one payload, whichever way it came."""
        began = time.perf_counter()
        req.context[trail.NAME] = trail.new_id()
        with trail.followed(req.context[trail.NAME]):
            with self._arrivals if _is_command(req) else nullcontext():
                response = self._taken_in(req)
            seconds = time.perf_counter() - began
            outcome = _outcome(req, response)
            command = "unsigned" if outcome == "unsigned" else named(req.body)
            metrics.ACKS.labels(command, outcome).observe(seconds)
            log.info("payload.answered", command=command, outcome=outcome, milliseconds=round(seconds * 1000))
        return response

    def _taken_in(self, req: BoltRequest) -> BoltResponse:
        """Bolt acknowledges an event before anybody has looked at it. Here it is acknowledged once it is taken care of.
        One that takes too long, or comes while the database is away, is not: Slack brings it again."""
        if req.body.get("type") != "event_callback":
            return super().dispatch(req)
        req.context[FINISHED] = threading.Event()
        response = super().dispatch(req)
        if response.status != HTTPStatus.OK:
            return response
        done = req.context[FINISHED].wait(PATIENCE) and req.context.get(OUTCOME) != "unavailable"
        return response if done else BoltResponse(status=HTTPStatus.SERVICE_UNAVAILABLE)


def _failed(error: Exception) -> None:
    """What nobody has answered for. Bolt would log its text, which may hold what somebody wrote."""
    log.error("payload.failed", error=type(error).__name__, frames=logs.frames(error))


class _AfterYou(ListenerStartHandler):
    """Lets others' acknowledgements pass before a command that has been acknowledged is worked on."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals

    def handle(self, request: BoltRequest, response: BoltResponse | None) -> None:  # noqa: ARG002
        if _is_command(request):
            self._arrivals.let_pass()


def named(body: Mapping[str, Any]) -> str:
    """What a payload asks for, in a word of ours: the command's word, a button's or a form's id, an event's type."""
    if "command" in body:
        return _word(str(body.get("text") or "")) if body["command"] == COMMAND else "other"
    kind = body.get("type")
    if kind == "block_actions" and body.get("actions"):
        action = str(body["actions"][0].get("action_id")).partition(":")[0]
        return f"click {action}" if action in _ACTIONS else "click"
    if kind in ("view_submission", "view_closed"):
        view = str((body.get("view") or {}).get("callback_id"))
        return f"form {view}" if view in _VIEWS else "form"
    if kind == "event_callback":
        event = str((body.get("event") or {}).get("type"))
        return f"event {event}" if event in EVENTS else "event"
    return "options" if kind == "block_suggestion" else "other"


def _word(text: str) -> str:
    match parse(text):
        case Command(word=word):
            return f"{COMMAND} {word}"
        case Guess():
            return f"{COMMAND} guess"
        case _:
            return f"{COMMAND} ask"


def _is_command(req: BoltRequest) -> bool:
    return "command" in req.body


def _outcome(req: BoltRequest, response: BoltResponse) -> str:
    """How the person was answered. A command is only acknowledged by then; whether it fails later is counted there."""
    if response.status == HTTPStatus.UNAUTHORIZED:
        return "unsigned"
    if response.status != HTTPStatus.OK:
        return "unanswered"
    return "answered" if _is_command(req) else str(req.context.get(OUTCOME, "answered"))
