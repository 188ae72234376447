"""A platform that wants a pause gets it from everybody who shares its limit, in whichever process."""

import datetime as dt

import pytest
from sqlalchemy import select

from bot.surfaces import NotSent, Throttled
from models.database import Database
from models.job import JobState, Throttle
from tests.jobs.stage import Platform, all_jobs, let_pass, organisation, real_now, tell, worker_of

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def platform(database: Database) -> Platform:
    organisation(database)
    for receiver in ("person:1", "person:2", "home:1"):
        tell(database, "one", receiver)
    return Platform()


def paused(database: Database) -> dt.datetime:
    """Until when there is a pause."""
    with database.reading() as session:
        return session.scalars(select(Throttle.until)).one()


def test_every_worker_of_the_same_token_waits(database: Database, platform: Platform) -> None:
    platform.faults["post"].append(Throttled(3600, "ratelimited"))
    assert worker_of(database, platform).drain() == 1
    assert worker_of(database, platform).drain() == 0
    assert platform.calls.count("post") == 1
    assert all(job.attempts == 0 and not job.maybe_sent for job in all_jobs(database))


def test_after_the_pause_everything_goes_on(database: Database, platform: Platform) -> None:
    platform.faults["post"].append(Throttled(3600, "ratelimited"))
    worker_of(database, platform).drain()
    let_pass(database, HOUR)
    worker_of(database, platform).drain()
    assert {job.state for job in all_jobs(database)} == {JobState.DONE}
    assert "find" not in platform.calls


def test_another_token_goes_on(database: Database, platform: Platform) -> None:
    platform.faults["post"].append(Throttled(3600, "ratelimited"))
    worker_of(database, platform).drain()
    platform.account = "another"
    assert worker_of(database, platform).drain() == 2
    assert (platform.said("person:1"), platform.said("person:2")) == ([], ["one"])


def test_what_certainly_was_not_sent_for_another_reason_holds_up_its_lane_alone(
    database: Database, platform: Platform
) -> None:
    platform.faults["post"].append(NotSent(3600, "connection_refused"))
    worker_of(database, platform).drain()
    assert (platform.said("person:1"), platform.said("person:2")) == ([], ["one"])


@pytest.mark.parametrize("waits", [(3600, 60), (60, 3600)])
def test_of_two_pauses_the_longer_counts(database: Database, platform: Platform, waits: tuple[int, int]) -> None:
    """The second is told to wait while the first is still under way."""
    platform.then["post"].append(worker_of(database, platform).deliver_once)
    platform.faults["post"].extend(Throttled(seconds, "ratelimited") for seconds in waits)
    worker_of(database, platform, lease=HOUR).deliver_once()
    left = paused(database) - real_now(database)
    assert HOUR - dt.timedelta(minutes=5) < left <= HOUR
