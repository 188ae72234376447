"""The running demo through sixty weeks, moved by the page's own panel: both changes to and from summer time,
Ascension Day, Midsummer, Christmas and Easter, and a restart halfway. Every date below was counted by hand."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.demo import COORDINATORS, FORUM, Demo
from bot.wording import words
from bot.workspace import Person
from models.case import Case, Event, Offer
from models.digest import Decision, Digest
from models.job import Job, JobKind, JobState
from models.life import Act, OfferStatus
from models.people import Identity, Member
from models.people import Person as Known
from tests.stories.journey import ANNIKA, LEYLA, Journey, begin, running, waiting

pytestmark = pytest.mark.timeout(900)

ZONE = ZoneInfo("Europe/Stockholm")
BEGINS = dt.datetime(2026, 3, 3, 10, 0, tzinfo=ZONE)
RESTARTS = dt.datetime(2026, 9, 29, 16, 0, tzinfo=ZONE)
ENDS = dt.datetime(2027, 4, 27, 10, 0, tzinfo=ZONE)

FIRST_WEEK, LAST_WEEK = (2026, 11), (2027, 17)
QUIET_WEEKS = {*((2026, week) for week in range(25, 34)), (2026, 53), (2027, 1)}
"""From midsummer week (15 June) to the last whole week before 15 August; then 28 December and 4 January."""

AFTER_EASTER = {(2026, 15), (2027, 13)}
"""Easter Monday is no day for a letter: it comes on the Tuesday."""

MONDAY, TUESDAY = 1, 2


@dataclass(frozen=True)
class Left:
    """A day on which somebody asks, and what follows when nobody does anything: days as month-day.

    `reminder` and `deputy`: of a consultation that nobody distributes. `nudge` and `passed_on`: of a question to a
    member, reminded of and then put to the next in turn.
    """

    name: str
    day: str
    reminder: str
    deputy: str
    nudge: str
    passed_on: str


LEFT = (
    Left("en vanlig vecka", "2026-03-03", "2026-03-05", "2026-03-09", "2026-03-06", "2026-03-10"),
    Left("sommartid och påsk", "2026-03-27", "2026-03-31", "2026-04-02", "2026-04-01", "2026-04-07"),
    Left("Kristi himmelsfärd", "2026-05-12", "2026-05-18", "2026-05-20", "2026-05-19", "2026-05-21"),
    Left("midsommar", "2026-06-11", "2026-08-17", "2026-08-19", "2026-08-18", "2026-08-20"),
    Left("vintertid", "2026-10-23", "2026-10-27", "2026-10-29", "2026-10-28", "2026-10-30"),
    Left("jul", "2026-12-22", "2027-01-07", "2027-01-11", "2027-01-08", "2027-01-12"),
    Left("sommartid igen", "2027-03-25", "2027-03-31", "2027-04-02", "2027-04-01", "2027-04-05"),
)


def day_of(moment: dt.datetime) -> str:
    return moment.astimezone(ZONE).date().isoformat()


def sent_at(message: dict[str, Any]) -> dt.datetime:
    return dt.datetime.fromtimestamp(float(message["ts"]), ZONE)


def day_and_hour(moment: dt.datetime) -> tuple[int, int]:
    local = moment.astimezone(ZONE)
    return local.isoweekday(), local.hour


def week_of(moment: dt.datetime) -> tuple[int, int]:
    return moment.astimezone(ZONE).isocalendar()[:2]


@pytest.fixture(scope="module")
def travelled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, Journey]]:
    """The demo at the end of the sixty weeks, everything delivered."""
    folder = tmp_path_factory.mktemp("demo")
    begin(folder, BEGINS)
    journey = Journey()
    later = [left for left in LEFT if left.day > RESTARTS.date().isoformat()]
    with running(folder) as demo:
        for left in LEFT[: -len(later)]:
            journey.go(demo, dt.datetime.fromisoformat(f"{left.day}T11:00").replace(tzinfo=ZONE))
            journey.leave(demo, left.name)
        journey.go(demo, RESTARTS)
    with running(folder) as demo:
        for left in later:
            journey.go(demo, dt.datetime.fromisoformat(f"{left.day}T11:00").replace(tzinfo=ZONE))
            journey.leave(demo, left.name)
        journey.go(demo, ENDS)
        annika = Person(demo.page, ANNIKA)
        annika.wait_for(lambda: waiting(demo) == 0, seconds=60)
        yield demo, journey


def test_nothing_was_left_lying(travelled: tuple[Demo, Journey]) -> None:
    demo, _ = travelled
    with demo.house.services.database.reading() as session:
        now = demo.panel.now()
        late = select(Job.name).where(Job.kind == JobKind.TIMER, Job.state == JobState.WAITING, Job.due_at <= now)
        assert session.scalars(late).all() == []
        assert session.scalars(select(Job.name).where(Job.state == JobState.PARKED)).all() == []


def test_every_week_was_decided_about_exactly_once(travelled: tuple[Demo, Journey]) -> None:
    demo, _ = travelled
    with demo.house.services.database.reading() as session:
        decided = session.execute(select(Digest.year, Digest.week, Digest.decided_at).order_by(Digest.decided_at)).all()
        quiet = session.execute(select(Digest.year, Digest.week).where(Digest.why == "quiet")).all()
    assert [(each.year, each.week) for each in decided] == weeks(FIRST_WEEK, LAST_WEEK)
    assert [day_and_hour(each.decided_at) for each in decided] == [
        (TUESDAY if week in AFTER_EASTER else MONDAY, 8) for week in weeks(FIRST_WEEK, LAST_WEEK)
    ]
    assert {tuple(each) for each in quiet} == QUIET_WEEKS


def weeks(first: tuple[int, int], last: tuple[int, int]) -> list[tuple[int, int]]:
    days = (dt.date.fromisocalendar(*first, 1) + dt.timedelta(weeks=each) for each in range(70))
    return [found for day in days if (found := day.isocalendar()[:2]) <= last]


def test_the_forum_got_at_most_one_letter_a_week_and_on_its_day(travelled: tuple[Demo, Journey]) -> None:
    demo, _ = travelled
    letters = [each for each in demo.workspace.messages(FORUM) if each["user"] == demo.workspace.bot_user]
    came = [week_of(sent_at(each)) for each in letters]
    assert len(came) == len(set(came))
    with demo.house.services.database.reading() as session:
        posted = select(Digest.year, Digest.week).where(Digest.decision == Decision.POSTED)
        assert {tuple(each) for each in session.execute(posted)} == set(came)
    speaker = words("sv")
    for letter, week in zip(letters, came, strict=True):
        assert letter["text"] == speaker("digest.text", week=speaker.week(sent_at(letter)))
        assert day_and_hour(sent_at(letter)) == (TUESDAY if week in AFTER_EASTER else MONDAY, 8)
    assert not QUIET_WEEKS & set(came)
    assert (2026, 34) in came, "what happened before midsummer is told after the summer"


@pytest.mark.parametrize("left", LEFT, ids=lambda left: left.name)
def test_coordinators_were_reminded_on_the_right_days(travelled: tuple[Demo, Journey], left: Left) -> None:
    demo, journey = travelled
    case = stored(demo, Case, journey.undistributed[left.name])
    speaker = words("sv")
    about = {"number": case.number, "title": case.title, "day": speaker.day(case.filed_at)}
    channel = demo.workspace.messages(COORDINATORS)
    reminded = [each for each in channel if each["text"] == speaker("told.triage_reminder", **about)]
    assert [day_of(sent_at(each)) for each in reminded] == [left.reminder]
    direct = demo.workspace.dm(LEYLA)
    to_deputy = [each for each in direct if each["text"] == speaker("told.triage_deputy", **about)]
    assert [day_of(sent_at(each)) for each in to_deputy] == [left.deputy]
    assert due(demo, case.id, "triage.reminder") == [at_the_time_of(case.filed_at, left.reminder)]
    assert due(demo, case.id, "triage.deputy") == [at_the_time_of(case.filed_at, left.deputy)]


@pytest.mark.parametrize("left", LEFT, ids=lambda left: left.name)
def test_questions_were_reminded_of_and_passed_on_on_the_right_days(
    travelled: tuple[Demo, Journey], left: Left
) -> None:
    demo, journey = travelled
    case = stored(demo, Case, journey.asked[left.name])
    with demo.house.services.database.reading() as session:
        first, second = session.scalars(select(Offer).where(Offer.case_id == case.id).order_by(Offer.id)).all()
        events = session.execute(
            select(Event.act, Event.at).where(Event.case_id == case.id, Event.act.in_([Act.ASK, Act.EXPIRE]))
        ).all()
        language, user = session.execute(
            select(Known.language, Identity.user)
            .join(Identity, Identity.person_id == Known.id)
            .join(Member, Member.person_id == Known.id)
            .where(Member.id == first.member_id)
        ).one()
        requester = session.get_one(Known, case.requester_id).name
    assert [(act, day_of(at)) for act, at in events][:3] == [
        (Act.ASK, left.day),
        (Act.EXPIRE, left.passed_on),
        (Act.ASK, left.passed_on),
    ]
    assert first.status is OfferStatus.EXPIRED
    assert day_of(second.asked_at) == left.passed_on
    speaker = words(language)
    reminder = speaker(
        "told.offer_reminder",
        number=case.number,
        title=case.title,
        name=requester,
        day=speaker.day(dt.date.fromisoformat(left.passed_on)),
    )
    reminded = [each for each in demo.workspace.dm(user) if each["text"] == reminder]
    assert [day_of(sent_at(each)) for each in reminded] == [left.nudge]
    assert due(demo, case.id, "offer.reminder")[0] == at_the_time_of(first.asked_at, left.nudge)
    assert first.due_at == at_the_time_of(first.asked_at, left.passed_on)


def at_the_time_of(moment: dt.datetime, day: str) -> dt.datetime:
    """On that day at the same time by the clock on the wall."""
    wall = moment.astimezone(ZONE).time()
    return dt.datetime.combine(dt.date.fromisoformat(day), wall, ZONE).astimezone(dt.UTC)


def due(demo: Demo, case_id: int, name: str) -> list[dt.datetime]:
    """When this case's timers of this name were due, the earliest first."""
    query = select(Job.due_at).where(Job.case_id == case_id, Job.name == name, Job.kind == JobKind.TIMER)
    with demo.house.services.database.reading() as session:
        return [each for each in session.scalars(query.order_by(Job.due_at)) if each is not None]


def stored(demo: Demo, table: type[Case], row_id: int) -> Case:
    with demo.house.services.database.reading() as session:
        return session.get_one(table, row_id)
