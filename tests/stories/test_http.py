"""The same bot over signed HTTP: a signing secret instead of an app token, and nothing else is different."""

import socket
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from bot import app, districts, members
from bot.actors import Actor
from bot.settings import load
from bot.workspace import Person, Workspace, serve, signature
from handlers.slack.manifest import COMMAND, manifest
from models import schema
from models.case import Case
from models.database import Database
from models.forms import Profile
from models.people import Role, RoleKind
from tests.slack.town_hall import texts

SECRET = "hemlig"
MAJ, ANNA, LENA = "U0MAJ", "U0ANNA", "U0LENA"
QUESTION = "Hur följer vi upp boendestöd för unga vuxna på ett bra sätt?"
TOO_OLD = 60 * 5 + 5
"""Seconds; Slack's own limit is five minutes."""


@dataclass
class Office:
    """The house with its workspace. While `slow` is set, nothing is acknowledged."""

    house: app.House
    workspace: Workspace
    url: str
    screen: Callable[[str], Person]
    unit_id: int
    folder: Path
    slow: threading.Event = field(default_factory=threading.Event)
    wake: threading.Event = field(default_factory=threading.Event)

    def count_cases(self) -> int:
        with self.house.services.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Case)) or 0


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    port = _free_port()
    url = f"http://127.0.0.1:{port}/slack/events"
    workspace = Workspace(None, manifest(f"http://127.0.0.1:{port}"), signing_secret=SECRET, request_url=url)
    for user, name in ((MAJ, "Maj Moberg"), (ANNA, "Anna Ask"), (LENA, "Lena Lind")):
        workspace.add_user(id=user, name=user.lower(), real_name=name, email=f"{user.lower()}@example.org")
    bot = workspace.bot_user
    forum = workspace.add_channel(name="forum", members=[MAJ, ANNA, LENA, bot])["id"]
    desk = workspace.add_channel(name="samordnare", private=True, members=[MAJ, bot])["id"]
    server = serve(workspace)
    environment = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'konsult.db'}",
        "SLACK_BOT_TOKEN": "xoxb-workspace",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": server.api_url,
        "PORT": str(port),
        "COORDINATORS": f'["{MAJ}"]',
        "COORDINATORS_CHANNEL": desk,
        "FORUM_CHANNEL": forum,
    }
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KONSULT_SLACK_APP_TOKEN", raising=False)
    monkeypatch.delenv("PORT", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(f"KONSULT_{name}", value)
    settings = load()
    database = Database(settings.database_url)
    schema.upgrade(database)
    database.close()
    house = app.put_together(settings)
    made = Office(house, workspace, url, lambda user: Person(server, user), _furnished(house), tmp_path)
    house.slack.middleware(_slowing(made))
    stop = threading.Event()
    try:
        with app.worker_at_work(house, stop), app.connected(house):
            made.screen(MAJ).wait_for(lambda: made.screen(MAJ)._get("health")["bot_connected"])
            yield made
    finally:
        made.wake.set()
        server.stop()
        workspace.close()
        house.services.database.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _furnished(house: app.House) -> int:
    """A unit that asks and a member who knows; returns the unit's id."""
    with house.services.database.writing() as session:
        coordinating = session.scalars(select(Role.person_id).where(Role.kind == RoleKind.COORDINATOR)).one()
        maj = Actor(house.organisation_id, coordinating)
        district_id = districts.add_district(session, maj, "Farsta")
        about = Profile(title="docent", keywords=["boendestöd", "uppföljning"])
        members.add(session, maj, "Lena Lind", f"{LENA.lower()}@example.org", about)
        return districts.add_unit(session, maj, "Barn och unga", district_id)


def _slowing(office: Office) -> Callable[..., Any]:
    def slowing(next: Callable[[], None]) -> None:
        if office.slow.is_set():
            office.wake.wait(20)
        next()

    return slowing


def posted(url: str, body: bytes, timestamp: int, secret: str) -> int:
    """The status that a request signed with this secret at this moment gets."""
    signed = signature(secret, str(timestamp), body)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": str(timestamp),
        "X-Slack-Signature": signed,
    }
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def command(workspace: Workspace, text: str) -> bytes:
    """A command as Slack sends it."""
    fields = {"command": COMMAND, "text": text, "team_id": workspace.team, "user_id": ANNA, "trigger_id": "1.2.x"}
    return urlencode(fields).encode()


def sees(person: Person, said: str, channel: str | None = None) -> dict[str, Any]:
    return person.wait_for(
        lambda: next((each for each in person.messages(channel) if said in texts(each)), None), seconds=30
    )


def button(message: dict[str, Any], label: str) -> tuple[str, str]:
    """The ids of the message's button with this label."""
    for block in message["blocks"]:
        for element in [*block.get("elements", ()), block.get("accessory") or {}]:
            if element.get("type") == "button" and element["text"]["text"] == label:
                return element["action_id"], element["value"]
    raise LookupError(label)


def test_from_the_command_to_the_case_under_way(office: Office) -> None:
    anna, maj, lena = office.screen(ANNA), office.screen(MAJ), office.screen(LENA)
    lena.open_home()
    assert "Hej" in texts(lena.wait_for(lena.home))

    # Anna asks, over three forms: her unit, the request, and what is shown before it is sent.
    assert anna.command(f"/consult {QUESTION}") == {"ok": True}
    assert anna.options("value", "barn")["options"][0]["text"]["text"] == "Barn och unga, Farsta"
    assert anna.fill(unit_id=str(office.unit_id))["result"] == "updated"
    request = {"title": "Boendestöd för unga", "question": QUESTION, "help": "evaluation", "answer_kind": "meeting"}
    assert list(anna.fill(**request, wanted_by="2001-01-01")["errors"]) == ["wanted_by"]
    assert anna.fill(**request, wanted_by=None)["result"] == "updated"
    assert "Lena Lind" in texts(anna.modal())
    assert anna.fill()["result"] == "updated"
    assert "konsultation nr 1" in texts(anna.modal())
    assert office.count_cases() == 1

    # Maj reads the card and asks, Lena says yes, and the card and Anna are told.
    card = sees(maj, "Lena Lind", "samordnare")
    maj.click("samordnare", card["ts"], *button(card, "Fråga"))
    question = sees(lena, "Tacka ja")
    lena.click(lena.dm(), question["ts"], *button(question, "Tacka ja"))
    sees(maj, "Pågår", "samordnare")
    sees(anna, "har tackat ja")
    lena.wait_for(lambda: any(each["name"] == "konsultation-1" for each in lena.channels()), seconds=30)


def test_a_wrong_or_old_signature_is_refused(office: Office) -> None:
    body, now = command(office.workspace, "hjälp"), int(time.time())
    assert posted(office.url, body, now, SECRET) == 200
    assert posted(office.url, body, now, "gissad") == 401
    assert posted(office.url, body, now - TOO_OLD, SECRET) == 401
    assert posted(office.url, body, now + TOO_OLD, SECRET) == 401
    forged = urllib.request.Request(office.url, body, {"Content-Type": "application/x-www-form-urlencoded"})
    with pytest.raises(urllib.error.HTTPError) as unsigned:
        urllib.request.urlopen(forged, timeout=10)
    unsigned.value.close()
    assert unsigned.value.code == 401


def test_a_slow_handler_shows_the_time_out_and_the_next_try_works(office: Office) -> None:
    anna = office.screen(ANNA)
    office.slow.set()
    answer = anna.command("/consult hjälp")
    assert answer["error"] == "timeout"
    assert answer["message"] == "konsult svarade inte i tid. Försök igen om en stund."
    assert anna.modal() is None
    office.slow.clear()
    office.wake.set()
    assert anna.command("/consult hjälp") == {"ok": True}
    assert "/consult" in texts(anna.modal())


def test_a_busy_database_is_said_in_time_and_no_form_is_lost(office: Office) -> None:
    anna = office.screen(ANNA)
    assert anna.command(f"/consult {QUESTION}") == {"ok": True}
    with sqlite3.connect(office.folder / "konsult.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = anna.fill(unit_id=str(office.unit_id))
        other.execute("ROLLBACK")
    other.close()
    assert list(answer["errors"]) == ["unit_id"]
    assert anna.fill(unit_id=str(office.unit_id))["result"] == "updated"
