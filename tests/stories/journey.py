"""Moving the demo's clock with the page's own panel, and what is done on the way, at the page."""

import datetime as dt
import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot import app
from bot.demo import COORDINATORS, Demo, opened
from bot.settings import Settings
from bot.workspace import Person
from models import schema
from models.case import Case, Offer
from models.database import Database
from models.job import Job, JobKind, JobState
from models.life import OfferStatus
from models.organisation import Installation
from models.people import Absence, Conflict, Identity, Member

MARTA, ANNIKA, LEYLA = "UMARTA", "UANNIKA", "ULEYLA"
"""Who asks, who coordinates, and who is the deputy."""


@contextmanager
def running(folder: Path, database_url: str | None = None) -> Iterator[Demo]:
    """The demo as `konsult demo` runs it, until the block ends; in its folder, or with a database elsewhere."""
    stop = threading.Event()
    settings = Settings(_env_file=None, demo_folder=folder, demo_database_url=database_url, port=0)
    with opened(settings) as demo, app.worker_at_work(demo.house, stop), app.connected(demo.house):
        annika = Person(demo.page, ANNIKA)
        annika.wait_for(lambda: annika._get("health")["bot_connected"], seconds=60)
        yield demo


def begin(folder: Path, begins: dt.datetime) -> None:
    """Let the demo's clock stand at this moment when it is opened for the first time."""
    database = Database(f"sqlite:///{folder / 'konsult.db'}")
    schema.upgrade(database)
    with database.writing() as session:
        ahead = begins - dt.datetime.now(dt.UTC)
        session.add(Installation(id=1, clock_offset=round(ahead.total_seconds())))
    database.close()


class Journey:
    """What is done on the way, at the page; what was filed, by the name of its day."""

    def __init__(self) -> None:
        self.undistributed: dict[str, int] = {}
        self.asked: dict[str, int] = {}

    def go(self, demo: Demo, to: dt.datetime) -> None:
        """Move the clock: by fortnights while there is far to go, Monday by Monday, the rest of the way exactly."""
        while to - demo.panel.now() > dt.timedelta(weeks=5):
            move(demo, preset="fortnight")
        while to - demo.panel.now() > dt.timedelta(days=7):
            move(demo, preset="monday")
        move(demo, to=to.isoformat())

    def leave(self, demo: Demo, name: str) -> None:
        """File two consultations: one that nobody distributes, and one that two silent members are asked in turn."""
        self.undistributed[name] = file(demo, f"Odelad: {name}")
        self.asked[name] = file(demo, f"Frågad: {name}")
        ask_in_turn(demo, self.asked[name])


def move(demo: Demo, **to: str) -> None:
    request = urllib.request.Request(
        f"{demo.page.url}page/clock", json.dumps(to).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=600) as response:
        assert response.status == 200


def file(demo: Demo, title: str) -> int:
    """Marta files over the page; returns the case's id."""
    marta = Person(demo.page, MARTA)
    assert marta.command("/consult") == {"ok": True}
    question = "Vi vill veta hur vi följer upp våra insatser och vad forskningen säger."
    filled = marta.fill(title=title, question=question, help="evaluation", answer_kind="meeting")
    assert filled["result"] == "updated", filled
    assert marta.fill()["result"] == "updated"
    with demo.house.services.database.reading() as session:
        return session.scalars(select(Case.id).where(Case.title == title)).one()


def ask_in_turn(demo: Demo, case_id: int) -> None:
    """Annika asks two members in turn, from the card."""
    annika = Person(demo.page, ANNIKA)
    card = annika.wait_for(lambda: _card(annika, demo, case_id), seconds=60)
    action, value = _button(card, "offer.ask_other")
    annika.click(COORDINATORS, card["ts"], action, value)
    annika.wait_for(annika.modal, seconds=60)
    assert annika.fill(member_ids=[str(each) for each in free_members(demo)], in_turn="true").get("errors") is None


def waiting(demo: Demo) -> int:
    """How many messages have still to be brought."""
    undelivered = select(func.count()).where(Job.kind != JobKind.TIMER, Job.state == JobState.WAITING)
    with demo.house.services.database.reading() as session:
        return session.scalar(undelivered) or 0


def _card(annika: Person, demo: Demo, case_id: int) -> dict[str, Any] | None:
    with demo.house.services.database.reading() as session:
        title = session.get_one(Case, case_id).title
    found = [each for each in annika.messages(COORDINATORS) if title in each["text"] and _has(each, "offer.ask_other")]
    return found[-1] if found else None


def _has(message: dict[str, Any], action: str) -> bool:
    return any(element.get("action_id") == action for element in _elements(message))


def _button(message: dict[str, Any], action: str) -> tuple[str, str]:
    return next((each["action_id"], each["value"]) for each in _elements(message) if each.get("action_id") == action)


def _elements(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for block in message.get("blocks") or () for each in block.get("elements", ())]


def free_members(demo: Demo) -> list[int]:
    """Two members in the chat who have been asked least and whom nothing keeps from being asked."""
    asked = select(func.count()).where(Offer.member_id == Member.id)
    live = asked.where(Offer.status.in_([OfferStatus.PENDING, OfferStatus.ACCEPTED]))
    away = select(Absence.id).where(Absence.member_id == Member.id, Absence.last_day >= demo.panel.now().date())
    query = (
        select(Member.id)
        .join(Identity, (Identity.person_id == Member.person_id) & Identity.active)
        .where(
            Member.paused_at.is_(None),
            Member.left_at.is_(None),
            Member.ask_again_from.is_(None),
            Member.capacity > live.scalar_subquery(),
            ~away.exists(),
            ~select(Conflict.id).where(Conflict.member_id == Member.id).exists(),
        )
        .order_by(asked.scalar_subquery(), Member.id)
        .limit(2)
    )
    with demo.house.services.database.reading() as session:
        return list(session.scalars(query))
