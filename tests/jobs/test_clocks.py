"""Hosts whose clocks disagree: waits go by PostgreSQL's own clock, so none of them acts too early."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from sqlalchemy.orm import Session

from bot import seen
from bot.advance import stored_offset
from bot.cleanup import Cleanup
from bot.clock import Clock
from bot.surfaces import MaybeSent, Throttled
from models.database import Database
from models.job import Job, JobState
from tests.jobs.stage import NOW, Fate, Killed, Platform, all_jobs, organisation, tell, timer, worker_of

HOUR = dt.timedelta(hours=1)
pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)]


@pytest.fixture
def platform(database: Database) -> Platform:
    organisation(database)
    return Platform()


@pytest.fixture
def ahead() -> Iterator[time_machine.Traveller]:
    """A host that is two days ahead of everybody else; not so before it is moved there."""
    with time_machine.travel(dt.datetime.now(dt.UTC)) as traveller:
        yield traveller


def two_days(traveller: time_machine.Traveller) -> None:
    traveller.shift(dt.timedelta(days=2))


@pytest.mark.parametrize("what", ["lease", "pace", "back-off", "pause"])
def test_a_lane_that_waits_is_left_alone(
    database: Database, platform: Platform, ahead: time_machine.Traveller, what: str
) -> None:
    tell(database, "one")
    tell(database, "two")
    worker = worker_of(database, platform, lease=HOUR, pace=HOUR, back_off=lambda tries: HOUR)
    if what == "lease":
        platform.fate = Fate(1)
        with pytest.raises(Killed):
            worker.deliver_once()
        platform.fate = Fate()
    else:
        faults = {"pace": [], "back-off": [MaybeSent("timeout")], "pause": [Throttled(3600, "ratelimited")]}
        platform.faults["post"].extend(faults[what])
        assert worker.deliver_once()
    two_days(ahead)
    assert not worker_of(database, platform).deliver_once()


def test_a_date_that_was_put_off_waits(database: Database, platform: Platform, ahead: time_machine.Traveller) -> None:
    def fail(session: Session, job: Job, now: dt.datetime) -> None:
        raise KeyError("a secret")

    worker = worker_of(database, platform, timers={"ring": fail}, back_off=lambda tries: HOUR)
    timer(database, "ring", NOW)
    worker.run_due(NOW)
    two_days(ahead)
    worker.run_due(NOW)
    assert [(job.state, job.attempts) for job in all_jobs(database)] == [(JobState.WAITING, 1)]


def test_an_event_is_not_forgotten(database: Database, platform: Platform, ahead: time_machine.Traveller) -> None:
    for first in (True, False):
        with database.writing() as session:
            assert seen.first_time(session, "Ev1", database.real_now(session)) is first
        two_days(ahead)
        Cleanup(database).batch()


def test_business_time_is_the_same_on_every_host(
    database: Database, platform: Platform, ahead: time_machine.Traveller
) -> None:
    here = Clock(stored_offset(database)).now()
    two_days(ahead)
    assert Clock(stored_offset(database)).now() - here < HOUR
