"""Moving business time forward, deadline by deadline, so that a jump skips nothing. Only the demo does."""

import datetime as dt
import math
import time
from collections.abc import Callable

from sqlalchemy import func, select

from bot.clock import Clock
from bot.jobs import WAITING
from bot.worker import Worker
from models.database import Database
from models.job import Job, JobKind, Lane
from models.organisation import Installation

PATIENCE = 15.0
"""Seconds to wait at a deadline for messages that are under way; one to Slack itself gives up sooner."""


def stored_offset(database: Database) -> Callable[[], dt.timedelta]:
    """An offset for `Clock`, read from the installation's row at every reading; zero while there is none."""

    def offset() -> dt.timedelta:
        with database.reading() as session:
            seconds = session.scalar(select(Installation.clock_offset).where(Installation.id == 1))
        return dt.timedelta(seconds=seconds or 0)

    return offset


def advance(database: Database, clock: Clock, worker: Worker, to: dt.datetime) -> None:
    """Move business time to `to`, stopping at every deadline on the way for the worker to do what is due.

    `clock` goes by `stored_offset`. A moment that has passed already changes nothing: time never moves backwards.
    """
    _settle(database, worker)
    while (deadline := _next_deadline(database, clock.now(), to)) is not None:
        _set(database, clock, deadline)
        _settle(database, worker)
    _set(database, clock, to)
    _settle(database, worker)


def _settle(database: Database, worker: Worker) -> None:
    """Do everything that can be done just now, and wait for what the worker's threads are bringing meanwhile.

    Otherwise it would arrive after the clock has moved on, and stand in the channel at a later date than its own.
    """
    worker.drain()
    given_up = time.monotonic() + PATIENCE
    while _on_the_way(database) and time.monotonic() < given_up:
        time.sleep(0.02)
        worker.drain()


def _on_the_way(database: Database) -> bool:
    with database.reading() as session:
        held = select(Lane.id).where(Lane.lease_until > database.real_now(session))
        return session.scalar(held.limit(1)) is not None


def _next_deadline(database: Database, now: dt.datetime, to: dt.datetime) -> dt.datetime | None:
    query = select(func.min(Job.due_at)).where(WAITING, Job.kind == JobKind.TIMER, Job.due_at > now, Job.due_at <= to)
    with database.reading() as session:
        return session.scalar(query)


def _set(database: Database, clock: Clock, moment: dt.datetime) -> None:
    """Let it be `moment`, or a fraction of a second later: offsets are whole seconds."""
    with database.writing() as session:
        row = session.get(Installation, 1, with_for_update=True)
        if row is None:
            row = Installation(id=1, clock_offset=0)
            session.add(row)
        row.clock_offset = max(row.clock_offset, math.ceil((moment - clock.real()).total_seconds()))
