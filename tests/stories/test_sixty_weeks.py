"""Sixty weeks in the running demo: both clock changes, Christmas, summer and a restart; what was told, and when.

The days off stand here as a table of their own, so that the calendar is not held against itself.
"""

import datetime as dt
import json
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot import app, cases, offers
from bot.actors import Actor
from bot.demo import FORUM, Demo, opened
from bot.settings import Settings
from models import schema
from models.case import AnswerKind, Case, Event, Help, Offer
from models.database import Database
from models.digest import Decision, Digest
from models.forms import Asking, Question
from models.job import Job, JobKind, JobState
from models.life import Act, OfferStatus, Status
from models.organisation import Installation
from models.people import Member, Role, RoleKind

ZONE = ZoneInfo("Europe/Stockholm")
BEGINS = dt.datetime(2026, 8, 31, 9, 30, tzinfo=ZONE)
WEEKS = 60

HOLIDAYS = {
    *(dt.date(2027, 3, day) for day in (26, 29)),  # Good Friday, Easter Monday
    dt.date(2027, 5, 6),  # Ascension
    dt.date(2027, 5, 7),  # the squeezed Friday after it
}
QUIET = [(dt.date(2026, 12, 24), dt.date(2027, 1, 6)), (dt.date(2027, 6, 21), dt.date(2027, 8, 15))]
ASKED = [
    "2026-09-07",  # an ordinary week
    "2026-10-22",  # the clocks go back on the way
    "2026-12-18",  # Christmas to Epiphany lies between
    "2027-03-24",  # Easter and the clocks going forward
    "2027-05-04",  # Ascension and its squeezed Friday
    "2027-06-16",  # midsummer week to mid-August
]
"""When a member who stays silent is asked, each time somebody else standing by."""


def works(day: dt.date) -> bool:
    quiet = any(first <= day <= last for first, last in QUIET)
    return day.weekday() < 5 and day not in HOLIDAYS and not quiet


def working_day(start: dt.date, count: int) -> dt.date:
    """So many working days later, by the table above."""
    day = start
    while count:
        day += dt.timedelta(days=1)
        count -= works(day)
    return day


@contextmanager
def running(folder: Path) -> Iterator[Demo]:
    """The demo at work, on a free port."""
    stop = threading.Event()
    settings = Settings(_env_file=None, demo_folder=folder, port=0)
    with opened(settings) as demo, app.worker_at_work(demo.house, stop), app.connected(demo.house):
        yield demo


@pytest.mark.timeout(1500)
def test_sixty_weeks_of_the_demo(tmp_path: Path) -> None:
    _begin(tmp_path)
    asked = [dt.datetime.fromisoformat(f"{day} 10:00").replace(tzinfo=ZONE) for day in ASKED]
    end = BEGINS + dt.timedelta(weeks=WEEKS)
    half = BEGINS + dt.timedelta(weeks=WEEKS // 2)
    offer_ids: list[int] = []
    for until in (half, end):
        with running(tmp_path) as demo:
            _live(demo, until, asked, offer_ids)
    with running(tmp_path) as demo:
        _one_digest_a_week(demo, end)
        _reminded_and_passed_on(demo, asked, offer_ids)


def _live(demo: Demo, until: dt.datetime, asked: list[dt.datetime], offer_ids: list[int]) -> None:
    """Move the clock a week at a time with the page's own panel; on the way a question is put to somebody silent."""
    while (now := demo.panel.now()) < until:
        nearest = min([until, now + dt.timedelta(weeks=1), *(moment for moment in asked if moment > now)])
        _move(demo, nearest)
        if nearest in asked:
            offer_ids.append(_ask(demo))
        elif nearest.isocalendar().week % 2:
            _file(demo)


def _move(demo: Demo, to: dt.datetime) -> None:
    body = json.dumps({"to": to.astimezone(dt.UTC).isoformat()}).encode()
    request = urllib.request.Request(
        f"{demo.page.url}page/clock", data=body, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=600) as answer:
        assert "now" in json.load(answer)


def _file(demo: Demo) -> None:
    """A contact person asks something."""
    services, organisation_id = demo.house.services, demo.house.organisation_id
    with services.database.writing() as session:
        role = session.scalars(select(Role).where(Role.kind == RoleKind.REQUESTER, Role.unit_id.is_not(None))).first()
        assert role is not None
        form = Question(
            title="Hur vet vi att det hjälper?",
            question="Vi vill följa upp våra öppna insatser på ett enkelt sätt.",
            help=Help.EVALUATION,
            answer_kind=AnswerKind.MEETING,
            unit_id=role.unit_id or 0,
        )
        cases.file(session, Actor(organisation_id, role.person_id), form, services.clock.now())


def _ask(demo: Demo) -> int:
    """A coordinator asks two members in turn about a consultation that nobody is asked about."""
    services, organisation_id = demo.house.services, demo.house.organisation_id
    with services.database.writing() as session:
        coordinator = session.scalars(
            select(Role.person_id).where(Role.organisation_id == organisation_id, Role.kind == RoleKind.COORDINATOR)
        ).first()
        actor = Actor(organisation_id, coordinator)
        waiting = session.scalars(select(Case).where(Case.status == Status.SUBMITTED).order_by(Case.id)).all()
        for case in waiting:
            been = select(Offer.member_id).where(Offer.case_id == case.id)
            free = session.scalars(
                select(Member.id).where(Member.id.not_in(been), Member.left_at.is_(None)).order_by(Member.id)
            ).all()
            free = [member for member in free if not offers.conflicting(session, case, [member])]
            if len(free) < 2:
                continue
            offers.ask(session, actor, case.id, Asking(member_ids=free[-2:], in_turn=True), services.clock.now())
            return session.scalars(select(Offer.id).where(Offer.case_id == case.id).order_by(Offer.id.desc())).first()
    raise AssertionError("there is always something to distribute in the sample")


def _one_digest_a_week(demo: Demo, end: dt.datetime) -> None:
    posts = [
        message
        for message in demo.workspace.messages(FORUM)
        if message.get("metadata") and message.get("user") == demo.workspace.bot_user
    ]
    weeks = Counter(_week(dt.datetime.fromtimestamp(float(message["ts"]), ZONE)) for message in posts)
    assert weeks.most_common(1)[0][1] == 1
    with demo.house.services.database.reading() as session:
        decisions = session.scalars(select(Digest).order_by(Digest.decided_at)).all()
        decided = Counter((digest.year, digest.week) for digest in decisions)
        posted = {(digest.year, digest.week) for digest in decisions if digest.decision is Decision.POSTED}
    passed = {_week(BEGINS + dt.timedelta(weeks=number)) for number in range(1, WEEKS)}
    assert passed <= set(decided)
    assert set(decided.values()) == {1}
    assert posted == set(weeks)
    assert (2026, 53) not in posted  # between Christmas and Epiphany
    assert len(posted) > WEEKS // 4


def _reminded_and_passed_on(demo: Demo, asked: list[dt.datetime], offer_ids: list[int]) -> None:
    assert len(offer_ids) == len(asked)
    with demo.house.services.database.reading() as session:
        for moment, offer_id in zip(asked, offer_ids, strict=True):
            offer = session.get_one(Offer, offer_id)
            assert offer.status is OfferStatus.EXPIRED
            expired = session.scalars(select(Event).where(Event.offer_id == offer_id, Event.act == Act.EXPIRE)).one()
            assert expired.at.astimezone(ZONE).date() == working_day(moment.date(), 5)
            reminders = session.scalars(
                select(Job).where(Job.kind == JobKind.TIMER, Job.name == "offer.reminder", Job.subject_id == offer_id)
            ).all()
            assert [job.due_at.astimezone(ZONE).date() for job in reminders if job.due_at] == [
                working_day(moment.date(), 3)
            ]
            assert [job.state for job in reminders] == [JobState.DONE]
            following = session.scalars(
                select(Event).where(Event.case_id == offer.case_id, Event.seq > expired.seq).order_by(Event.seq)
            ).first()
            assert following is not None
            assert following.act is Act.ASK
            assert following.at == expired.at


def _week(moment: dt.datetime) -> tuple[int, int]:
    year, week, _ = moment.astimezone(ZONE).isocalendar()
    return year, week


def _begin(folder: Path) -> None:
    database = Database(f"sqlite:///{folder / 'konsult.db'}")
    schema.upgrade(database)
    with database.writing() as session:
        ahead = BEGINS - dt.datetime.now(dt.UTC)
        session.add(Installation(id=1, clock_offset=round(ahead.total_seconds())))
    database.close()
