import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import sample
from bot.sample import scripts
from bot.timetable import calendar_of
from models.case import Case, CaseOutcome, CaseUnit, Event, Feedback, Lesson, Offer
from models.database import Database
from models.job import Job, JobKind, JobState
from models.life import OfferStatus, Status
from models.organisation import District, Organisation, Unit
from models.people import Absence, Conflict, Identity, Member
from models.personal_number import personal_numbers
from models.schema import metadata
from tests import postgres

NOW = dt.datetime(2026, 11, 22, 13, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def sample_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path: Path = tmp_path_factory.mktemp("sample") / "konsult.db"
    database = Database(f"sqlite:///{path}")
    metadata.create_all(database.engine)
    sample.fill(database, NOW)
    yield database
    database.close()


@pytest.fixture
def filled(sample_database: Database) -> Iterator[Session]:
    with sample_database.reading() as session:
        yield session


def test_cases_are_in_every_status_and_have_every_outcome(filled: Session) -> None:
    statuses = Counter(filled.scalars(select(Case.status)))
    assert set(statuses) == set(Status)
    assert sum(statuses.values()) >= 24
    assert set(filled.scalars(select(Case.outcome))) >= {
        CaseOutcome.ANSWERED,
        CaseOutcome.COMMISSION,
        CaseOutcome.NOT_POSSIBLE,
    }
    assert filled.scalar(select(func.count()).where(Case.shown.is_(False))) == 2
    assert set(filled.scalars(select(Offer.status))) >= {
        OfferStatus.PENDING,
        OfferStatus.ACCEPTED,
        OfferStatus.DECLINED,
        OfferStatus.EXPIRED,
        OfferStatus.RETRACTED,
    }
    assert filled.scalar(select(func.count()).select_from(Feedback)) >= 8
    approved = Counter(filled.scalars(select(Lesson.approved_at.is_not(None))))
    assert approved[True] >= 8
    assert approved[False] >= 1


def test_numbers_follow_filing_and_events_follow_time(filled: Session) -> None:
    filed = filled.scalars(select(Case.filed_at).order_by(Case.number)).all()
    assert list(filed) == sorted(filed)
    for case_id in filled.scalars(select(Case.id)):
        events = filled.scalars(select(Event).where(Event.case_id == case_id).order_by(Event.seq)).all()
        moments = [event.at for event in events]
        assert moments == sorted(moments)
        assert max(moments) < NOW


def test_everything_happened_in_working_hours(filled: Session) -> None:
    calendar = calendar_of(filled.scalars(select(Organisation)).one())
    for moment in filled.scalars(select(Event.at)):
        local = calendar.local(moment)
        assert calendar.is_working_day(local.date()), local
        assert 8 <= local.hour < 17, local


def test_the_landscape_has_eleven_districts_and_the_former_ones(filled: Session) -> None:
    current = filled.scalars(select(District).where(District.ended_on.is_(None))).all()
    former = filled.scalars(select(District).where(District.ended_on.is_not(None))).all()
    assert len(current) == 11
    assert former
    assert all(district.successor_id for district in former)
    for district in current:
        count = filled.scalar(select(func.count()).where(Unit.district_id == district.id, Unit.ended_on.is_(None)))
        assert count is not None
        assert count >= 5
    assert filled.scalar(select(func.count()).where(Unit.district_id.is_(None))) >= 5
    oldest = filled.scalars(
        select(District.name)
        .join(Unit, Unit.district_id == District.id)
        .join(CaseUnit, CaseUnit.unit_id == Unit.id)
        .join(Case, Case.id == CaseUnit.case_id)
        .where(Case.number == 1)
    ).one()
    assert oldest == "Älvsjö"


def test_the_academy_is_varied(filled: Session) -> None:
    members = filled.scalars(select(Member)).all()
    assert len(members) >= 26
    assert len({member.university_id for member in members}) >= 12
    assert sum(member.languages[0] == "en" for member in members) >= 5
    in_chat = set(filled.scalars(select(Identity.person_id)))
    assert sum(member.person_id not in in_chat for member in members) >= 6
    assert [member for member in members if member.paused_at]
    assert filled.scalar(select(func.count()).select_from(Absence)) == 1
    assert filled.scalar(select(func.count()).where(Conflict.case_id.is_(None))) == 3
    taken = Counter(
        filled.scalars(
            select(Offer.member_id)
            .join(Case, Case.id == Offer.case_id)
            .where(Offer.status == OfferStatus.ACCEPTED, Case.status == Status.ACTIVE)
        )
    )
    assert [member for member in members if taken[member.id] >= member.capacity]


def test_the_demo_starts_calm(filled: Session) -> None:
    waiting = filled.scalars(select(Job).where(Job.state == JobState.WAITING)).all()
    assert {job.kind for job in waiting} == {JobKind.TELL, JobKind.SHOW, JobKind.TIMER}
    assert all(job.due_at > NOW for job in waiting if job.kind is JobKind.TIMER and job.due_at)
    assert {job.name for job in waiting if job.kind is JobKind.TELL} == {"relay"}
    open_cases = set(filled.scalars(select(Case.id).where(Case.status.not_in([Status.CLOSED, Status.WITHDRAWN]))))
    assert {job.case_id for job in waiting if job.name == "card"} == open_cases
    assert {job.case_id for job in waiting if job.kind is JobKind.SHOW} <= open_cases


def test_people_for_the_workspace() -> None:
    script = scripts.city()
    keys = [person.key for person in script.person] + [member.key for member in scripts.members()]
    emails = [person.email for person in script.person] + [member.email for member in scripts.members()]
    assert len(set(keys)) == len(keys)
    assert len(set(emails)) == len(emails)
    assert all(email.isascii() and ".example." in email for email in emails)
    assert sum(bool(person.unit) for person in script.person) >= 14


def test_filling_twice_is_filling_once(sample_database: Database) -> None:
    people = sample.fill(sample_database, NOW + dt.timedelta(days=1))
    assert sample.fill(sample_database, NOW) == people
    assert people[0].coordinates
    assert {"UMARTA", "UANNIKA", "UOMID"} <= {person.user for person in people}
    assert "UEOIN" not in {person.user for person in people}
    assert len({person.handle for person in people}) == len(people)
    assert people[0].as_user()["id"] == people[0].user
    with sample_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Organisation)) == 1


@pytest.mark.parametrize("now", ["2026-07-15T12:00", "2028-01-07T06:00"])
def test_the_sample_fits_any_day(tmp_path: Path, now: str) -> None:
    database = Database(f"sqlite:///{tmp_path / 'konsult.db'}")
    metadata.create_all(database.engine)
    moment = dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)
    sample.fill(database, moment)
    with database.reading() as session:
        latest = session.scalar(select(func.max(Event.at)))
        assert latest is not None
        assert latest < moment
        assert set(session.scalars(select(Case.status))) == set(Status)
    database.close()


def test_the_sample_holds_no_personal_numbers() -> None:
    for path in (Path(scripts.__file__).parent / "data").iterdir():
        assert not personal_numbers(path.read_text(encoding="utf-8")), path.name


@pytest.mark.postgres
def test_the_sample_on_postgresql(postgres_server: postgres.Server) -> None:
    name = postgres_server.create()
    database = Database(postgres_server.url(name))
    assert sample.fill(database, NOW, team="T9")
    database.close()
    postgres_server.drop(name)
