"""Dates: once, in order, deadline by deadline."""

import datetime as dt
import threading
from collections import deque

import pytest
from sqlalchemy.orm import Session

from bot import jobs
from bot.advance import advance, stored_offset
from bot.backoff import TRIES
from bot.clock import Clock
from models.database import Database
from models.job import Job, JobState
from tests.jobs.stage import (
    NOW,
    Fate,
    Killed,
    Platform,
    all_jobs,
    let_pass,
    organisation,
    real_now,
    tell,
    timer,
    worker_of,
)

DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def somewhere(database: Database) -> None:
    organisation(database)


def test_dates_come_oldest_first_and_once(database: Database) -> None:
    fired: list[str] = []
    worker = worker_of(database, Platform(), timers={"ring": lambda session, job, now: fired.append(job.key)})
    for key, days in (("late", 3), ("early", 1), ("first of two", 2), ("second of two", 2), ("not yet", 9)):
        timer(database, "ring", NOW + days * DAY, key=key)
    assert worker.run_due(NOW) == 0
    assert worker.run_due(NOW + 3 * DAY) == 4
    assert worker.run_due(NOW + 3 * DAY) == 0
    assert fired == ["early", "first of two", "second of two", "late"]


def test_the_handler_gets_the_business_moment(database: Database) -> None:
    moments: list[dt.datetime] = []
    worker = worker_of(database, Platform(), timers={"ring": lambda session, job, now: moments.append(now)})
    timer(database, "ring", NOW)
    worker.run_due(NOW + DAY)
    assert moments == [NOW + DAY]


def test_effect_and_done_are_one_transaction_wherever_the_worker_dies(database: Database) -> None:
    def ring(session: Session, job: Job, now: dt.datetime) -> None:
        jobs.tell(
            session, organisation_id=1, name=job.key, key=f"{now}:{job.attempts}:{job.key}",
            surface="none", receiver="person:1", real_now=NOW,
        )  # fmt: skip

    for step in range(20):
        timer(database, "ring", NOW, key=f"ring {step}")
        fate = Fate(step)
        worker = worker_of(database, Platform(), timers={"ring": ring})
        try:
            with fate.over(database):
                worker.run_due(NOW)
        except Killed:
            worker.run_due(NOW)
        else:
            break
    else:
        pytest.fail("never survived")
    told = [job.name for job in all_jobs(database, JobState.WAITING)]
    assert told == [f"ring {number}" for number in range(step + 1)]
    assert step >= 3


def test_a_failing_date_leaves_no_trace_is_put_off_and_stops_nobody(database: Database) -> None:
    fired: list[str] = []

    def half(session: Session, job: Job, now: dt.datetime) -> None:
        jobs.tell(session, organisation_id=1, name="n", key="k", surface="chat", receiver="person:1", real_now=NOW)
        session.flush()
        raise KeyError("a secret")

    worker = worker_of(
        database,
        Platform(),
        timers={"fail": half, "ring": lambda session, job, now: fired.append(job.key)},
        back_off=lambda tries: DAY,
    )
    timer(database, "fail", NOW)
    timer(database, "ring", NOW)
    assert worker.run_due(NOW) == 1
    assert worker.run_due(NOW + 2 * DAY) == 0
    assert fired == ["ring"]
    failed, _ = all_jobs(database)
    assert (failed.state, failed.attempts, failed.why, failed.due_at) == (JobState.WAITING, 1, "KeyError", NOW)
    assert failed.next_at is not None
    assert real_now(database) < failed.next_at <= real_now(database) + DAY


def test_a_date_that_was_put_off_comes_again_when_its_wait_is_over(database: Database) -> None:
    fired: list[str] = []
    faults = deque([KeyError("a secret")])

    def ring(session: Session, job: Job, now: dt.datetime) -> None:
        if faults:
            raise faults.popleft()
        fired.append(job.key)

    worker = worker_of(database, Platform(), timers={"ring": ring}, back_off=lambda tries: DAY)
    timer(database, "ring", NOW)
    assert worker.run_due(NOW) == 0
    let_pass(database, DAY)
    assert worker.run_due(NOW) == 1
    assert fired == ["ring"]


def test_a_date_that_always_fails_is_parked(database: Database) -> None:
    parked: list[int] = []
    worker = worker_of(
        database, Platform(), timers={"fail": fail}, on_parked=lambda session, job: parked.append(job.id)
    )
    timer(database, "fail", NOW)
    assert worker.run_due(NOW) == 0
    (job,) = all_jobs(database)
    assert (job.state, job.attempts, parked) == (JobState.PARKED, TRIES, [job.id])


def test_two_workers_do_each_date_once(database: Database) -> None:
    fired: list[str] = []
    start = threading.Barrier(2)
    for number in range(20):
        timer(database, "ring", NOW, key=f"ring {number}")

    def work() -> None:
        worker = worker_of(database, Platform(), timers={"ring": lambda session, job, now: fired.append(job.key)})
        start.wait()
        worker.run_due(NOW)

    crew = [threading.Thread(target=work) for _ in range(2)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    assert sorted(fired) == sorted(f"ring {number}" for number in range(20))


def test_a_jump_stops_at_every_deadline(database: Database) -> None:
    clock = Clock(stored_offset(database))
    started = clock.now()
    fired: list[tuple[str, dt.datetime]] = []

    def ring(session: Session, job: Job, now: dt.datetime) -> None:
        fired.append((job.key, now))
        if job.key == "weekly 1":
            jobs.timer(session, organisation_id=1, name="ring", key="weekly 2", due_at=now + 7 * DAY, real_now=NOW)

    platform = Platform()
    worker = worker_of(database, platform, clock=clock, timers={"ring": ring})
    tell(database, "before")
    timer(database, "ring", started + 30 * DAY, key="after the jump")
    timer(database, "ring", started + 9 * DAY, key="day 9")
    timer(database, "ring", started + DAY, key="weekly 1")
    timer(database, "ring", started - DAY, key="long due")
    advance(database, clock, worker, started + 14 * DAY)
    assert [key for key, _ in fired] == ["long due", "weekly 1", "weekly 2", "day 9"]
    assert platform.said("person:1") == ["before"]
    for (_, moment), days in zip(fired[1:], (1, 8, 9), strict=True):
        assert dt.timedelta(0) <= moment - started - days * DAY < dt.timedelta(minutes=1)
    assert clock.now() >= started + 14 * DAY


def test_time_never_moves_backwards(database: Database) -> None:
    clock = Clock(stored_offset(database))
    worker = worker_of(database, Platform(), clock=clock)
    assert stored_offset(database)() == dt.timedelta(0)
    advance(database, clock, worker, clock.real() + 10 * DAY)
    advance(database, clock, worker, clock.real() + 5 * DAY)
    assert clock.now() >= clock.real() + 9 * DAY


def test_a_failing_date_does_not_hold_up_a_jump(database: Database) -> None:
    clock = Clock(stored_offset(database))
    to = clock.now() + 3 * DAY
    worker = worker_of(database, Platform(), clock=clock, timers={"fail": fail}, back_off=lambda tries: DAY)
    timer(database, "fail", clock.now() + DAY)
    advance(database, clock, worker, to)
    assert clock.now() >= to
    assert [(job.state, job.attempts) for job in all_jobs(database)] == [(JobState.WAITING, 1)]


def fail(session: Session, job: Job, now: dt.datetime) -> None:
    """A date whose doing is a fault every time."""
    raise KeyError("a secret")
