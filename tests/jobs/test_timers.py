"""Dates: once, in order, deadline by deadline."""

import datetime as dt
import threading
from collections import deque

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from bot import jobs
from bot import worker as module
from bot.advance import advance, allow, stored_offset
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
    running,
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
            surface="none", receiver="person:1"
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
        jobs.tell(session, organisation_id=1, name="n", key="k", surface="chat", receiver="person:1")
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
    allow(database)
    clock = Clock(stored_offset(database))
    started = clock.now()
    fired: list[tuple[str, dt.datetime]] = []

    def ring(session: Session, job: Job, now: dt.datetime) -> None:
        fired.append((job.key, now))
        if job.key == "weekly 1":
            jobs.timer(session, organisation_id=1, name="ring", key="weekly 2", due_at=now + 7 * DAY)

    platform = Platform()
    worker = worker_of(database, platform, clock=clock, timers={"ring": ring})
    tell(database, "before")
    timer(database, "ring", started + 30 * DAY, key="after the jump")
    timer(database, "ring", started + 9 * DAY, key="day 9")
    timer(database, "ring", started + DAY, key="weekly 1")
    timer(database, "ring", started - DAY, key="long due")
    advance(database, clock, worker.drain, started + 14 * DAY)
    assert [key for key, _ in fired] == ["long due", "weekly 1", "weekly 2", "day 9"]
    assert platform.said("person:1") == ["before"]
    for (_, moment), days in zip(fired[1:], (1, 8, 9), strict=True):
        assert dt.timedelta(0) <= moment - started - days * DAY < dt.timedelta(minutes=1)
    assert clock.now() >= started + 14 * DAY


def test_a_jump_waits_for_a_date_that_another_worker_is_doing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL", 0.01)
    allow(database)
    clock = Clock(stored_offset(database))
    started = clock.now()
    under_way, enough = threading.Event(), threading.Event()
    meanwhile: list[dt.datetime] = []

    def ring(session: Session, job: Job, now: dt.datetime) -> None:
        under_way.set()
        assert enough.wait(60)

    def look_on() -> None:
        if clock.now() >= started + DAY:
            assert under_way.wait(60)
            meanwhile.append(clock.now())
            if len(meanwhile) == 3:
                enough.set()

    timer(database, "ring", started + DAY, key="first")
    timer(database, "ring", started + 5 * DAY, key="second")
    with running(worker_of(database, Platform(), clock=clock, timers={"ring": ring})):
        advance(database, clock, look_on, started + 5 * DAY)
    assert all(moment < started + 2 * DAY for moment in meanwhile[:3])
    assert [job.state for job in all_jobs(database)] == [JobState.DONE, JobState.DONE]


def test_a_jump_leaves_the_work_to_other_processes(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL", 0.01)
    allow(database)
    clock = Clock(stored_offset(database))
    started = clock.now()
    delivered: list[dt.datetime] = []

    def ring(session: Session, job: Job, now: dt.datetime) -> None:
        for number in range(3):
            fact = f"fact {number}"
            jobs.tell(
                session, organisation_id=1, name=fact, key=f"{job.key} {fact}", surface="chat", receiver="person:1",
            )  # fmt: skip

    platform = Platform()
    platform.then["accepted"].extend([lambda: delivered.append(clock.now())] * 6)
    timer(database, "ring", started + DAY, key="first")
    timer(database, "ring", started + 3 * DAY, key="second")
    pace = dt.timedelta(milliseconds=300)
    with running(worker_of(database, platform, clock=clock, timers={"ring": ring}, pace=pace)):
        advance(database, clock, lambda: None, started + 5 * DAY)
    assert [(moment - started).days for moment in delivered] == [1, 1, 1, 3, 3, 3]


def test_a_clock_moved_by_one_process_is_moved_for_all(database: Database) -> None:
    allow(database)
    other = Database(database.url.render_as_string(hide_password=False))
    clock, their_clock = Clock(stored_offset(database)), Clock(stored_offset(other))
    advance(database, clock, lambda: None, clock.now() + 10 * DAY)
    assert their_clock.now() >= their_clock.real() + 9 * DAY
    other.close()


def test_where_time_cannot_be_moved_nobody_asks_the_database_what_time_it_is(database: Database) -> None:
    clock = Clock(stored_offset(database))
    asked: list[object] = []
    event.listen(database.engine, "before_cursor_execute", lambda *statement: asked.append(statement))
    assert abs(clock.now() - clock.real()) < DAY
    assert asked == []


def test_time_never_moves_backwards(database: Database) -> None:
    allow(database)
    clock = Clock(stored_offset(database))
    worker = worker_of(database, Platform(), clock=clock)
    assert stored_offset(database)() == dt.timedelta(0)
    advance(database, clock, worker.drain, clock.real() + 10 * DAY)
    advance(database, clock, worker.drain, clock.real() + 5 * DAY)
    assert clock.now() >= clock.real() + 9 * DAY


def test_a_failing_date_does_not_hold_up_a_jump(database: Database) -> None:
    allow(database)
    clock = Clock(stored_offset(database))
    to = clock.now() + 3 * DAY
    worker = worker_of(database, Platform(), clock=clock, timers={"fail": fail}, back_off=lambda tries: DAY)
    timer(database, "fail", clock.now() + DAY)
    advance(database, clock, worker.drain, to)
    assert clock.now() >= to
    assert [(job.state, job.attempts) for job in all_jobs(database)] == [(JobState.WAITING, 1)]


def fail(session: Session, job: Job, now: dt.datetime) -> None:
    """A date whose doing is a fault every time."""
    raise KeyError("a secret")
