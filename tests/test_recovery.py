"""A database put back from a copy goes on where the lost one stopped: nothing of the lost time is mistaken for now."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import func, select

from bot import digest, notices, reminders
from bot.clock import Clock
from bot.suggestions import Suggester
from bot.surfaces import MaybeSent
from bot.worker import Worker
from models import backup, counters, recovery
from models.case import Case
from models.database import Database
from models.job import Job, JobKind, JobState, Lane
from models.organisation import Organisation, Silence
from models.schema import configuration
from tests import postgres
from tests.factories import Town
from tests.jobs.stage import AT_ONCE, Platform, all_jobs

KINDS = frozenset(
    [
        "filed",
        "card",
        "unit_named",
        "offer",
        "asking",
        "asking_on",
        "expired",
        "offer_reminder",
        "relay",
        "triage_reminder",
        "triage_deputy",
        "digest",
        "home",
        "room",
        "not_distributed",
    ]
)
DAY = dt.timedelta(days=1)
DAY_OFF = {"name": {"sv": "uppehåll", "en": "break"}, "from": "03-05", "to": "03-05"}


class Kept:
    """A town whose database can be copied and put back; afterwards it lives in what was put back."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.platform = Platform(kinds=KINDS)
        self.ahead = town.now - dt.datetime.now(dt.UTC)

    def copy(self) -> None:
        """Take the copy."""
        raise NotImplementedError

    def put_back(self) -> None:
        """Put the copy back, and say so."""
        raise NotImplementedError

    def work(self, days: int = 0) -> None:
        """Let a worker do everything, after so many more days."""
        self.ahead += days * DAY
        Worker(
            self.town.database,
            Clock(lambda: self.ahead),
            {"slack": self.platform},
            reminders.timers(Suggester()),
            lease=AT_ONCE,
            pace=AT_ONCE,
            back_off=lambda tries: AT_ONCE,
        ).drain()

    def said(self) -> dict[str, list[str]]:
        """What stands on the platform."""
        return {channel: [message.text for message in all_] for channel, all_ in self.platform.channels.items() if all_}

    def jobs(self) -> list[Job]:
        """Every job."""
        return all_jobs(self.town.database)


class KeptInFile(Kept):
    """On SQLite, with the commands' means."""

    def __init__(self, town: Town, folder: Path) -> None:
        super().__init__(town)
        self._copy = folder / "copy.db"
        self._aside = folder / "aside.db"

    def copy(self) -> None:
        """Take the copy."""
        assert self.town.database.file is not None
        backup.back_up(self.town.database.file, self._copy)

    def put_back(self) -> None:
        """Put the copy back."""
        file = self.town.database.file
        assert file is not None
        self.town.database.close()
        backup.restore(self._copy, file, self._aside)
        self.town.database = Database(f"sqlite:///{file}")


class KeptOnServer(Kept):
    """On PostgreSQL: into another database, as `pg_restore` does."""

    def __init__(self, town: Town, server: postgres.Server) -> None:
        super().__init__(town)
        self._server = server
        self._copy = ""

    def copy(self) -> None:
        """Take the copy."""
        self.town.database.close()
        name = self.town.database.url.database
        assert name is not None
        self._copy = self._server.create(template=name)

    def put_back(self) -> None:
        """Put the copy back."""
        self.town.database.close()
        self.town.database = Database(self._server.url(self._server.create(template=self._copy)))
        recovery.resume(self.town.database)


@pytest.fixture
def stamped(database: Database) -> Database:
    """A database that says which revision it is at."""
    with database.engine.begin() as connection:
        command.stamp(configuration(connection), "head")
    return database


@pytest.fixture
def kept(stamped: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Kept]:
    """A town, on either database."""
    town = Town(stamped, digest_silence=Silence.LINE, digest_weekday=3)
    if stamped.embedded:
        made: Kept = KeptInFile(town, tmp_path)
    else:
        made = KeptOnServer(town, request.getfixturevalue("postgres_server"))
    yield made
    made.town.database.close()


def numbers(town: Town) -> list[int]:
    return town.see(lambda session: list(session.scalars(select(Case.number).order_by(Case.id))))


def test_a_lost_message_is_not_taken_for_a_new_one(kept: Kept) -> None:
    """A doubtful try looks for the message; what was posted in the lost time must not be found."""
    town, platform = kept.town, kept.platform
    anna = town.requester()
    town.coordinator()
    town.file(anna)
    kept.work()
    kept.copy()
    platform.texts |= {"filed": "receipt that was lost", "card": "card that was lost"}
    town.file(anna)
    kept.work()
    kept.put_back()
    platform.texts |= {"filed": "a new receipt", "card": "a new card"}
    town.file(anna)
    platform.faults["post"].extend([MaybeSent("timeout"), MaybeSent("timeout")])
    kept.work()
    assert {job.state for job in kept.jobs() if job.kind is not JobKind.TIMER} == {JobState.DONE}
    assert platform.said(f"person:{anna.person}") == ["filed", "receipt that was lost", "a new receipt"]
    assert platform.said("channel:coordinators") == ["card", "card that was lost", "a new card"]


def test_no_id_is_given_out_again(kept: Kept) -> None:
    town = kept.town
    anna = town.requester()
    kept.copy()
    lost = town.file(anna)
    with town.database.reading() as session:
        given = counters.reached(session.connection())
    kept.put_back()
    with town.database.reading() as session:
        goes_on = counters.reached(session.connection())
    again = {name for name, last in given.items() if goes_on[name] <= last}
    if town.database.embedded:
        again -= {
            name for name, each in counters.numbering().items() if not each.dialect_options["sqlite"]["autoincrement"]
        }
    assert again == set()
    assert town.file(anna).case_id > lost.case_id


def test_no_number_of_a_case_is_given_out_again(kept: Kept) -> None:
    """A case's own channel is found by its number: another case would come into it."""
    town = kept.town
    anna = town.requester()
    town.file(anna)
    kept.copy()
    lost = [town.file(anna).number for _ in range(2)]
    kept.put_back()
    assert town.file(anna).number == (4 if town.database.embedded else 1 + recovery.NUMBERS_LEFT_OUT + 1)
    assert not set(lost) & set(numbers(town))


def test_a_copy_without_what_came_after_leaves_a_gap(kept: Kept) -> None:
    """On a new machine nobody knows how far the lost database had come."""
    town = kept.town
    anna = town.requester()
    first = town.file(anna)
    recovery.resume(town.database)
    then = town.file(anna)
    assert then.case_id > first.case_id + recovery.IDS_LEFT_OUT
    assert then.number == first.number + recovery.NUMBERS_LEFT_OUT + 1
    recovery.resume(town.database)
    assert town.file(anna).case_id > then.case_id + recovery.IDS_LEFT_OUT


def test_what_had_come_less_far_does_not_count(kept: Kept) -> None:
    """What is replaced may never have been the lost one, but a new installation."""
    town = kept.town
    anna = town.requester()
    town.file(anna)
    kept.copy()
    with town.database.writing() as session:
        session.get_one(Organisation, town.id).last_number = 0
    kept.put_back()
    assert town.file(anna).number == 1 + recovery.NUMBERS_LEFT_OUT + 1


def test_a_claim_of_the_lost_time_is_late(kept: Kept) -> None:
    town = kept.town
    town.file(town.requester())
    tokens = select(func.max(Lane.token))
    kept.work()
    kept.copy()
    kept.work()
    had = town.see(lambda session: session.scalar(tokens))
    kept.put_back()
    assert town.see(lambda session: session.scalar(select(func.min(Lane.token)))) > had


def test_what_was_given_up_is_looked_for_when_it_comes_back(kept: Kept) -> None:
    """A card that waited parked, and was brought out in the lost time after all."""
    town = kept.town
    anna = town.requester()
    filed = town.file(anna)
    with town.database.writing() as session:
        for job in session.scalars(select(Job).where(Job.name == "card")):
            job.state = JobState.PARKED
    kept.copy()
    with town.database.writing() as session:
        for job in session.scalars(select(Job).where(Job.name == "card")):
            job.state = JobState.WAITING
    kept.work()
    kept.put_back()
    town.do(notices.mirror, town.see(lambda session: session.get_one(Case, filed.case_id)), ())
    kept.work()
    assert kept.platform.said("channel:coordinators") == ["card"]


def test_dates_that_came_in_the_lost_time_are_told_once(kept: Kept) -> None:
    """Reminders of every kind and the weekly digest, all of them due since the copy."""
    town = kept.town
    anna, maj, lena = town.requester(), town.coordinator(), town.member()
    town.coordinator(deputy=True)
    town.file(anna)
    town.ask(maj, town.file(anna).case_id, lena)
    town.do(lambda session: digest.ensure_timer(session, session.get_one(Organisation, town.id), town.now))
    kept.work()
    kept.copy()
    kept.work(days=4)
    told = kept.said()
    brought = {text for texts in told.values() for text in texts}
    assert brought >= {"triage_reminder", "triage_deputy", "offer_reminder", "digest"}
    kept.put_back()
    kept.work()
    assert kept.said() == told
    assert {job.state for job in kept.jobs() if job.lane_id is not None} == {JobState.DONE}


def test_dates_that_come_after_a_restore_are_told(kept: Kept) -> None:
    """In doubt, but nothing is found."""
    town = kept.town
    anna, maj, lena = town.requester(), town.coordinator(), town.member()
    town.ask(maj, town.file(anna).case_id, lena)
    kept.work()
    kept.copy()
    kept.put_back()
    kept.work(days=4)
    assert "offer_reminder" in kept.platform.said(f"person:{lena.person}")


def test_a_question_that_expired_in_the_lost_time_is_passed_on_anew(kept: Kept) -> None:
    """The next member gets the question once more, for the one that stands there belongs to nothing; who was told that
    it was passed on is not told again."""
    town = kept.town
    anna, maj, lena, karin = town.requester(), town.coordinator(), town.member(), town.member()
    town.ask(maj, town.file(anna).case_id, lena, karin, in_turn=True)
    kept.work()
    kept.copy()
    kept.work(days=8)
    told = kept.said()
    assert {"asking", "asking_on"} <= set(kept.platform.said(f"person:{anna.person}"))
    assert "expired" in kept.platform.said(f"person:{maj.person}")
    assert kept.platform.said(f"person:{karin.person}") == ["offer"]
    kept.put_back()
    kept.work()
    assert kept.platform.said(f"person:{karin.person}") == ["offer", "offer"]
    assert kept.said() == {**told, f"D-person:{karin.person}": ["offer", "offer"]}


def test_a_date_put_off_to_a_working_day_stays_in_doubt(kept: Kept) -> None:
    """It was told on Wednesday, and Thursday has become a day off: on Friday it must be looked for."""
    town = kept.town
    anna = town.requester()
    town.coordinator()
    town.file(anna)
    kept.work()
    kept.copy()
    kept.work(days=2)
    told = kept.said()
    assert "triage_reminder" in kept.platform.said("channel:coordinators")
    kept.put_back()
    with town.database.writing() as session:
        session.get_one(Organisation, town.id).quiet_periods = [DAY_OFF]
    kept.work(days=1)
    assert [job.key for job in kept.jobs() if "~" in job.key] != []
    kept.work(days=1)
    told["D-channel:coordinators"].append("triage_deputy")
    assert kept.said() == told, "and what Friday brings"


def test_doubt_ends_with_the_dates_that_had_come(kept: Kept) -> None:
    """Each digest sets the date of the next one, which was not lived through."""
    town = kept.town
    town.do(lambda session: digest.ensure_timer(session, session.get_one(Organisation, town.id), town.now))
    recovery.resume(town.database)
    kept.work(days=7)
    dates = [job.maybe_sent for job in kept.jobs() if job.kind is JobKind.TIMER]
    assert dates == [True, False]
