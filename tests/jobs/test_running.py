"""The running worker: woken by commits, stopped gracefully, not killed by a fault."""

import datetime as dt
import threading
from contextlib import nullcontext

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot import worker as module
from bot.bell import Bell
from bot.lanes import Claim
from models.database import Database, Unavailable
from models.job import Job, JobState
from tests.jobs.stage import NOW, PATIENCE, Platform, all_jobs, lane, organisation, running, tell, timer, worker_of


def test_a_commit_wakes_the_worker(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Polling cannot be what does it: it comes once in an hour here."""
    monkeypatch.setattr(module, "POLL", 3600.0)
    monkeypatch.setattr(module, "WATCH", 3600.0)
    organisation(database)
    platform = Platform()
    rendered, delivered, rung = threading.Event(), threading.Event(), threading.Event()
    platform.then["render"].append(rendered.set)
    platform.then["accepted"].extend([lambda: None, delivered.set])
    with running(worker_of(database, platform, timers={"ring": lambda session, job, now: rung.set()})):
        tell(database, "one", "person:1")
        assert rendered.wait(PATIENCE)
        tell(database, "two", "person:2")
        assert delivered.wait(PATIENCE)
        timer(database, "ring", NOW - NOW.resolution)
        timer_due(database)
        tell(database, "three", "person:3")
        assert rung.wait(PATIENCE)
    assert platform.said("person:2") == ["two"]


def test_what_another_process_enqueues_is_found(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """No bell rings here for it; a lane that waited is found so too."""
    monkeypatch.setattr(Bell, "hung", nullcontext)
    organisation(database)
    platform, looked = Platform(), threading.Event()
    told = [threading.Event(), threading.Event()]
    platform.then["accepted"].extend(each.set for each in told)
    worker = worker_of(database, platform, pace=dt.timedelta(milliseconds=50))
    claim = worker._lanes.claim

    def look() -> Claim | None:
        found = claim()
        if found is None:
            looked.set()
        return found

    monkeypatch.setattr(worker._lanes, "claim", look)
    with running(worker):
        assert looked.wait(PATIENCE)
        tell(database, "one")
        tell(database, "two")
        assert all(each.wait(PATIENCE) for each in told)
    assert platform.said("person:1") == ["one", "two"]


def test_stopping_finishes_what_is_held_and_lets_go(database: Database) -> None:
    organisation(database)
    platform = Platform()
    stop, posting = threading.Event(), threading.Event()

    def slow() -> None:
        posting.set()
        stop.wait(PATIENCE)

    platform.then["post"].append(slow)
    tell(database, "one")
    tell(database, "two")
    thread = threading.Thread(target=worker_of(database, platform).run, args=(stop, 1))
    thread.start()
    assert posting.wait(PATIENCE)
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert [job.state for job in all_jobs(database)] == [JobState.DONE, JobState.WAITING]
    assert lane(database).lease_until is None


def test_stopping_does_not_wait_for_every_date_that_is_due(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    organisation(database)
    stop, closing = threading.Event(), threading.Event()

    class Knell(Bell):
        def ring(self) -> None:
            super().ring()
            if stop.is_set():
                closing.set()

    def ring(session: Session, job: Job, now: dt.datetime) -> None:
        stop.set()
        assert closing.wait(PATIENCE)

    monkeypatch.setattr(module, "Bell", Knell)
    for number in range(3):
        timer(database, "ring", NOW, key=f"ring {number}")
    timer_due(database)
    worker_of(database, Platform(), timers={"ring": ring}).run(stop, 1)
    assert [job.state for job in all_jobs(database)] == [JobState.DONE, JobState.WAITING, JobState.WAITING]


def test_the_worker_outlives_a_database_that_goes_away(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL", 0.01)
    organisation(database)
    platform = Platform()
    real, failures, delivered = database.reading, iter(range(5)), threading.Event()

    def reading() -> object:
        if next(failures, None) is not None:
            raise Unavailable("gone")
        return real()

    monkeypatch.setattr(database, "reading", reading)
    platform.then["accepted"].append(delivered.set)
    tell(database, "one")
    with running(worker_of(database, platform)):
        assert delivered.wait(PATIENCE)


def timer_due(database: Database) -> None:
    """Make every date due now."""
    with database.writing() as session:
        session.execute(update(Job).where(Job.due_at.is_not(None)).values(due_at=database.real_now(session)))
