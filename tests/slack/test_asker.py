"""What becomes of a command once it is acknowledged, and of an error nobody foresaw: a sentence or a reference for the
person, and a log line without what anybody wrote."""

import re
import threading
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import Ack, BoltContext, BoltRequest
from slack_sdk import WebClient
from structlog.testing import capture_logs

from bot.clock import Clock
from bot.services import Services
from bot.suggestions import Suggester
from bot.workspace import Workspace, serve
from handlers.slack import arrivals, commands
from handlers.slack.app import build
from handlers.slack.asker import answered
from handlers.slack.manifest import manifest
from models.database import Database, Unavailable
from tests.slack.town_hall import TownHall

PATIENCE = 30.0
WRITTEN = "Hur stöttar vi Rut Alm, rut@uni.example?"


@answered
def stumbles(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
    try:
        int(WRITTEN)
    except ValueError as error:
        raise LookupError(WRITTEN) from error


def test_an_unforeseen_error_is_logged_without_what_anybody_wrote() -> None:
    said: list[str] = []
    with capture_logs() as logged:
        context = BoltContext({"respond": said.append})
        stumbles(ack=Ack(), body={"command": "/konsult"}, client=WebClient(), context=context)
    (entry,) = logged
    assert not re.search("Rut|uni.example", f"{logged!r}{said!r}")
    assert "exc_info" not in entry
    assert (entry["event"], entry["listener"], entry["error"]) == ("listener.failed", "stumbles", "LookupError")
    assert re.fullmatch(r".*test_asker\.py:\d+ stumbles", entry["frames"][-1])
    assert entry["reference"] in said[0]


@pytest.fixture
def database(embedded: Database) -> Database:
    return embedded


def test_a_command_is_acknowledged_before_anything_is_done_for_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever keeps the database or Slack busy: here nobody even looks yet who it is."""
    looked, go_on = threading.Event(), threading.Event()
    real = database.reading

    def reading() -> Any:
        looked.set()
        assert go_on.wait(PATIENCE)
        return real()

    monkeypatch.setattr(database, "reading", reading)
    workspace = Workspace(None, manifest(), signing_secret="hemlig")
    server = serve(workspace)
    try:
        client = WebClient("xoxb-workspace", base_url=server.api_url, retry_handlers=[])
        app = build(Services(database, Clock(), Suggester()), client)
        typed = {"command": "/consult", "team_id": workspace.team, "user_id": "U0ANNA", "trigger_id": "1"}
        body = urlencode({**typed, "text": "", "response_url": f"{server.url}hooks/none"})
        answer = app.dispatch(BoltRequest(body=body, mode="socket_mode"))
        assert (answer.status, answer.body) == (200, "")
        assert looked.wait(PATIENCE)
        assert not go_on.is_set()
    finally:
        go_on.set()
        app.listener_runner.listener_executor.shutdown()
        server.stop()
        workspace.close()


@pytest.mark.parametrize(
    ("error", "said"), [(Unavailable("away"), "Just nu går det inte"), (LookupError(WRITTEN), "Något gick fel hos oss")]
)
def test_what_goes_wrong_after_the_acknowledgement_is_said_in_a_message(
    hall: TownHall, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def fails(*_: Any) -> None:
        raise error

    anna = hall.screen(hall.town.requester())
    assert anna.command("/consult") == {"ok": True}
    monkeypatch.setattr(commands, "view_for", fails)
    assert anna.command("/consult") == {"ok": True}
    (message,) = [each for each in anna.messages() if each["ephemeral"]]
    assert said in message["text"]
    assert WRITTEN not in message["text"]


def test_forms_are_made_when_all_who_ask_are_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "LONGEST", PATIENCE)
    rush, begun, order = arrivals.Arrivals(), threading.Event(), []

    def form() -> None:
        begun.set()
        rush.let_pass()
        order.append("form")

    thread = threading.Thread(target=form)
    with rush:
        with rush:
            thread.start()
            assert begun.wait(PATIENCE)
        order.append("one is left")
    thread.join(PATIENCE)
    assert order == ["one is left", "form"]


def test_a_form_does_not_wait_for_ever_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "LONGEST", 0.02)
    rush = arrivals.Arrivals()
    with rush:
        rush.let_pass()
