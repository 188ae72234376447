"""The database is away: whoever did something is told in a sentence, a form stays as it is, and Slack brings its events
again."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from slack_bolt import BoltRequest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.workspace import Person, signature
from handlers.slack.app import build
from handlers.slack.surface import client
from models.database import Database, Unavailable
from models.job import Posted
from tests.slack.desk import services_of
from tests.slack.town_hall import TownHall, texts

UNSAVED = "Inget har sparats: just nu går det inte att spara. Det du har skrivit står kvar här."
UNCHANGED = "Just nu går det inte att komma åt det som är sparat, och inget har ändrats."
REQUEST = {
    "title": "Uppföljning av boendestöd",
    "question": "Hur följer vi upp boendestöd för unga vuxna på ett bra sätt?",
    "help": "evaluation",
    "answer_kind": "meeting",
}


@pytest.fixture
def database(embedded: Database) -> Database:
    return embedded


@pytest.fixture
def anna(hall: TownHall) -> Person:
    return hall.screen(hall.town.requester())


def patiently(act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What comes of it, once it is answered in time: a busy machine can be slower than three seconds."""
    for _ in range(20):
        answer = act()
        if "timeout" not in (answer.get("error"), answer.get("result")):
            break
    return answer


@contextmanager
def away(database: Database) -> Iterator[None]:
    """The database does not answer while the block lasts."""

    @contextmanager
    def nobody(*_: object) -> Iterator[Session]:
        raise Unavailable("connection refused")
        yield

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(database, "reading", nobody)
        patched.setattr(database, "writing", nobody)
        yield


def test_a_command_is_answered_with_a_sentence(hall: TownHall, anna: Person) -> None:
    with away(hall.town.database):
        assert patiently(lambda: anna.command("/consult Hur mäter vi livskvalitet?")) == {"ok": True}
    assert anna.modal() is None
    assert anna.messages()[-1]["text"].startswith(UNCHANGED)
    patiently(lambda: anna.command("/consult Hur mäter vi livskvalitet?"))
    anna.wait_for(anna.modal)


def test_a_form_stays_open_with_what_was_typed(hall: TownHall, anna: Person) -> None:
    anna.command("/consult")
    anna.wait_for(anna.modal)
    with away(hall.town.database):
        answer = patiently(lambda: anna.fill(**REQUEST))
    assert [said.startswith(UNSAVED) for said in answer["errors"].values()] == [True]
    answer = patiently(lambda: anna.fill(**REQUEST))
    assert answer["result"] == "updated"
    assert REQUEST["question"] in texts(anna.modal())


def test_the_last_step_stays_below_what_is_said_of_it(hall: TownHall, anna: Person) -> None:
    """Nobody is suggested here, so the view has no field that it could be said at."""
    anna.command("/consult")
    anna.wait_for(anna.modal)
    patiently(lambda: anna.fill(**REQUEST))
    with away(hall.town.database):
        assert patiently(anna.fill)["result"] == "pushed"
    assert UNSAVED in texts(anna.modal())
    anna.close()
    assert patiently(anna.fill)["result"] == "updated"
    assert "konsultation nr 1" in texts(anna.modal())


def test_a_click_is_answered_in_a_view(hall: TownHall, anna: Person) -> None:
    anna.command("/consult hjälp")
    with away(hall.town.database):
        assert anna.press("file.open") == {"ok": True}
        anna.wait_for(lambda: UNCHANGED in texts(anna.modal()))
    anna.close()
    anna.press("file.open")
    anna.wait_for(lambda: anna.modal() and anna.modal()["callback_id"] == "file")


def test_an_event_is_taken_care_of_when_slack_brings_it_again(hall: TownHall, anna: Person) -> None:
    town = hall.town
    web = client("xoxb-workspace", f"{anna._url}/api/")
    app = build(services_of(town), web, "hemlig")

    def delivered() -> int:
        event = {"type": "app_home_opened", "user": anna.user, "tab": "home"}
        body = json.dumps({"type": "event_callback", "team_id": town.team, "event_id": "Ev1", "event": event})
        now = str(int(time.time()))
        signed = {"X-Slack-Request-Timestamp": [now], "X-Slack-Signature": [signature("hemlig", now, body.encode())]}
        return app.dispatch(BoltRequest(body=body, headers={**signed, "Content-Type": ["application/json"]})).status

    def homes() -> list[Any]:
        return list(town.see(lambda session: session.scalars(select(Posted.wanted)).all()))

    with away(town.database):
        assert delivered() == 503
    assert homes() == []
    assert delivered() == 200
    assert homes() == [1]
    app.listener_runner.listener_executor.shutdown()


def test_somebody_of_a_workspace_that_is_not_connected_is_told_so(hall: TownHall, anna: Person) -> None:
    hall.town.connect("T0ELSEWHERE")
    assert anna.command("/consult") == {"ok": True}
    assert anna.messages()[-1]["text"] != ""
