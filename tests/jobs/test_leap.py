"""A clock that jumps back: what waits does not wait until the old time has come again, and nothing is posted twice."""

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.backoff import LONGEST
from bot.leap import Leap
from bot.surfaces import MaybeSent, Throttled
from models.database import Database
from models.job import Job, JobState, Lane, Throttle
from tests.jobs.stage import (
    AT_ONCE,
    NOW,
    Fate,
    Killed,
    Platform,
    all_jobs,
    lane,
    let_pass,
    organisation,
    real_now,
    tell,
    timer,
    worker_of,
)

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


@pytest.fixture
def platform(database: Database) -> Platform:
    organisation(database)
    return Platform()


def set_back(database: Database, time: dt.timedelta = HOUR) -> None:
    """Have the clock that everybody goes by be set back: all that it was asked for lies that much further ahead."""
    let_pass(database, -time)
    with database.writing() as session:
        for held in session.scalars(select(Lane).where(Lane.lease_until.is_not(None))):
            held.lease_until = held.lease_until and held.lease_until + time


def looked(database: Database, lease: dt.timedelta = MINUTE) -> bool:
    """Whether a look found waits that nobody can have given."""
    return Leap(database, lease).look()


@pytest.mark.parametrize("what", ["pace", "back-off", "pause"])
def test_what_waits_goes_on(database: Database, platform: Platform, what: str) -> None:
    tell(database, "one")
    tell(database, "two")
    worker = worker_of(database, platform, pace=MINUTE, back_off=lambda tries: MINUTE)
    faults = {"pace": [], "back-off": [MaybeSent("timeout")], "pause": [Throttled(60, "ratelimited")]}
    platform.faults["post"].extend(faults[what])
    assert worker.deliver_once()
    set_back(database)
    assert not worker.deliver_once()
    assert looked(database)
    worker_of(database, platform).drain()
    assert platform.said("person:1") == ["one", "two"]


def test_a_date_that_was_put_off_comes(database: Database, platform: Platform) -> None:
    done: list[int] = []

    def ring(session: Session, job: Job, now: dt.datetime) -> None:
        done.append(job.id)
        if len(done) == 1:
            raise KeyError("once")

    worker = worker_of(database, platform, timers={"ring": ring}, back_off=lambda tries: MINUTE)
    timer(database, "ring", NOW)
    worker.run_due(NOW)
    set_back(database)
    worker.run_due(NOW)
    assert len(done) == 1
    assert looked(database)
    worker.run_due(NOW)
    assert [job.state for job in all_jobs(database)] == [JobState.DONE]


def test_whoever_holds_a_lane_is_not_disturbed(database: Database, platform: Platform) -> None:
    """They may be posting just now, and nobody could find yet what they post."""
    tell(database, "one")
    other = worker_of(database, platform, lease=MINUTE)

    def meanwhile() -> None:
        set_back(database)
        assert looked(database)
        assert not other.deliver_once()

    platform.then["post"].append(meanwhile)
    assert worker_of(database, platform, lease=MINUTE).deliver_once()
    assert platform.said("person:1") == ["one"]
    assert platform.calls.count("post") == 1


def test_the_lane_of_somebody_who_died_is_free_after_an_ordinary_lease(database: Database, platform: Platform) -> None:
    tell(database, "one")
    platform.fate = Fate(2)
    with pytest.raises(Killed):
        worker_of(database, platform, lease=MINUTE).deliver_once()
    platform.fate = Fate()
    set_back(database)
    assert looked(database)
    left = lane(database).lease_until - real_now(database)
    assert AT_ONCE < left <= MINUTE
    with database.writing() as session:
        session.execute(update(Lane).values(lease_until=None))
    worker_of(database, platform).drain()
    assert platform.said("person:1") == ["one"]


def test_the_longest_wait_that_is_given_is_kept(database: Database, platform: Platform) -> None:
    tell(database, "one")
    platform.faults["post"].append(Throttled(LONGEST.total_seconds(), "ratelimited"))
    worker_of(database, platform).deliver_once()
    assert not looked(database)
    assert not worker_of(database, platform).deliver_once()
    with database.reading() as session:
        assert session.scalars(select(Throttle.until)).one() > real_now(database)


@pytest.fixture
def machine() -> Iterator[time_machine.Traveller]:
    """This machine's clock."""
    with time_machine.travel(dt.datetime.now(dt.UTC)) as traveller:
        yield traveller


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
def test_a_worker_finds_out_by_itself(
    database: Database, platform: Platform, machine: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock of the machine jumps while a lane is paced: the next message comes, without anybody's help."""
    monkeypatch.setattr("bot.leap.EVERY", 0.0)
    monkeypatch.setattr("bot.worker.POLL", 0.01)
    told, stop = threading.Event(), threading.Event()
    tell(database, "one")
    tell(database, "two")
    platform.then["accepted"].extend([lambda: None, told.set])
    worker = worker_of(database, platform, lease=MINUTE, pace=dt.timedelta(minutes=9))
    thread = threading.Thread(target=worker.run, args=(stop, 1))
    thread.start()
    try:
        while lane(database).next_at is None:
            assert thread.is_alive()
        machine.shift(-HOUR)
        assert told.wait(30)
    finally:
        stop.set()
        thread.join()
    assert platform.said("person:1") == ["one", "two"]
