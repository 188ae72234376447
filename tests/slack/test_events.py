"""Slack's events, which come again: at once, after a minute, after five, and to any of the processes."""

import datetime as dt
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_bolt import BoltRequest
from sqlalchemy import select

from bot.cleanup import Cleanup
from bot.workspace import Workspace, serve, signature
from handlers.slack.app import build
from handlers.slack.manifest import manifest
from handlers.slack.surface import client
from models.database import Database
from models.job import Posted, SeenEvent
from models.people import Person
from tests.factories import Town
from tests.slack.desk import services_of

SECRET = "hemlig"
Deliver = Callable[..., None]


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database)


@pytest.fixture
def deliver(town: Town) -> Iterator[Deliver]:
    """Delivers an event to a process that has just begun, and waits until it is taken care of."""
    workspace = Workspace(None, manifest(), signing_secret=SECRET)
    server = serve(workspace)
    workspace.add_user(id="U0ANNA", name="anna", real_name="Anna Ask")
    web = client("xoxb-workspace", server.api_url)
    team = web.auth_test()["team_id"]
    town.connect(team)

    def delivered(event_id: str, **event: Any) -> None:
        app = build(services_of(town), web, SECRET)
        body = json.dumps(
            {"type": "event_callback", "team_id": team, "api_app_id": "A1", "event_id": event_id, "event": event}
        )
        now = str(int(time.time()))
        signed = {"X-Slack-Request-Timestamp": [now], "X-Slack-Signature": [signature(SECRET, now, body.encode())]}
        said = app.dispatch(BoltRequest(body=body, headers={**signed, "Content-Type": ["application/json"]}))
        assert said.status == 200
        app.listener_runner.listener_executor.shutdown()

    yield delivered
    server.stop()
    workspace.close()


def wanted(town: Town) -> list[int]:
    """How often each home was to be shown."""
    return list(town.see(lambda session: session.scalars(select(Posted.wanted)).all()))


def ten_minutes_pass(town: Town) -> None:
    """The last of Slack's repeats is long past; so is a round of clean-up."""

    def age(session: Any) -> None:
        for event in session.scalars(select(SeenEvent)):
            event.seen_at -= dt.timedelta(minutes=10)

    town.do(age)
    Cleanup(town.database).batch()


def test_an_event_that_comes_again_to_another_process_is_done_once(town: Town, deliver: Deliver) -> None:
    for _ in range(3):
        deliver("Ev1", type="app_home_opened", user="U0ANNA", tab="home")
        ten_minutes_pass(town)
        assert wanted(town) == [1]
    deliver("Ev2", type="app_home_opened", user="U0ANNA", tab="home")
    assert wanted(town) == [2]


def test_what_has_been_known_for_long_does_not_come_back_with_a_late_repeat(town: Town, deliver: Deliver) -> None:
    def changed(event_id: str, name: str) -> None:
        profile = {"real_name": name, "email": "anna@example.org"}
        deliver(event_id, type="user_change", user={"id": "U0ANNA", "profile": profile})

    def names() -> list[str]:
        return list(
            town.see(lambda session: session.scalars(select(Person.name).where(Person.name.like("Anna %"))).all())
        )

    deliver("Ev1", type="app_home_opened", user="U0ANNA", tab="home")
    changed("Ev2", "Anna Berg")
    changed("Ev3", "Anna Ceder")
    changed("Ev2", "Anna Berg")
    assert names() == ["Anna Ceder"]
