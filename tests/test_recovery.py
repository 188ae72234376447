"""A database put back from a copy goes on where the lost one stopped: nothing of the lost time is mistaken for now."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import func, select

from bot import notices, reminders
from bot.clock import Clock
from bot.suggestions import Suggester
from bot.surfaces import MaybeSent
from bot.worker import Worker
from models import backup, counters, recovery
from models.case import Case
from models.database import Database
from models.job import Job, JobState, Lane
from models.organisation import Organisation
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


class Kept:
    """A town whose database can be copied and put back; afterwards it lives in what was put back."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.platform = Platform(kinds=KINDS)
        self.ahead = AT_ONCE

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
        backup.restore(self._copy, file, self._aside, live=False)
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
    """A town, on either database, in the present."""
    town = Town(stamped)
    town.at(f"{dt.datetime.now(dt.UTC):%Y-%m-%d} 09:00")
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
    assert {job.state for job in kept.jobs() if job.kind != "timer"} == {JobState.DONE}
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
    owned = {name: last for name, last in given.items() if name not in {"person", "identity", "organisation"}}
    again = {name for name, last in owned.items() if name != "installation" and goes_on[name] <= last}
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
