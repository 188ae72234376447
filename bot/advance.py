"""Moving business time forward, deadline by deadline, so that a jump skips nothing. Only the demo does."""

import datetime as dt
import math
import time
from collections.abc import Callable

from sqlalchemy import func, or_, select

from bot.clock import Clock, zero
from bot.jobs import WAITING
from models.database import Database, insert
from models.job import Job, JobKind, Lane
from models.organisation import Installation

PATIENCE = 15.0
"""Seconds to wait at a deadline for messages that are under way; one to Slack itself gives up sooner."""

SOON = dt.timedelta(seconds=2)
"""A lane that is free again so soon is only keeping its pace; what waits longer has had a failure."""

LOOKING = 60.0
"""Seconds for which it holds how far this machine's clock is off."""

Work = Callable[[], object]
"""Does what can be done just now in this process."""


def allow(database: Database) -> None:
    """Let business time be moved in this installation: whoever opens its database from now on follows the offset."""
    with database.writing() as session:
        session.execute(insert(session, Installation).values(id=1, clock_offset=0).on_conflict_do_nothing())


def stored_offset(database: Database) -> Callable[[], dt.timedelta]:
    """An offset for `Clock`, read from the installation's row at every reading.

    Where there is no row now, business time is real time for good, and nothing is read but, now and then, the time of
    a database that has a clock of its own: with this offset the clock goes by that.
    """

    def offset() -> dt.timedelta:
        with database.reading() as session:
            moved = dt.timedelta(seconds=session.scalars(seconds).one())
        return moved + ahead()

    seconds, ahead = select(Installation.clock_offset).where(Installation.id == 1), _ahead(database)
    with database.reading() as session:
        return ahead if session.scalar(seconds) is None else offset


def _ahead(database: Database) -> Callable[[], dt.timedelta]:
    """How far the database's clock is ahead of this machine's, looked up once a minute; zero where it is the same."""
    if database.embedded:
        return zero
    found, looked = dt.timedelta(), -math.inf

    def ahead() -> dt.timedelta:
        nonlocal found, looked
        if time.monotonic() - looked > LOOKING:
            with database.reading() as session:
                found, looked = database.ahead(session), time.monotonic()
        return found

    ahead()
    return ahead


def advance(database: Database, clock: Clock, work: Work, to: dt.datetime) -> None:
    """Move business time to `to`, stopping at every deadline on the way until what is due has been done.

    `work` helps with that; workers in other processes do so by themselves. `clock` goes by `stored_offset`. A moment
    that has passed already changes nothing: time never moves backwards.
    """
    _settle(database, clock, work)
    while (deadline := _next_deadline(database, clock.now(), to)) is not None:
        _set(database, deadline)
        _settle(database, clock, work)
    _set(database, to)
    _settle(database, clock, work)


def _settle(database: Database, clock: Clock, work: Work) -> None:
    """Do everything that can be done just now, and wait for what others are doing meanwhile.

    Otherwise it would arrive after the clock has moved on, and stand in the channel at a later date than its own.
    """
    work()
    given_up = time.monotonic() + PATIENCE
    while _unsettled(database, clock.now()) and time.monotonic() < given_up:
        time.sleep(0.02)
        work()


def _unsettled(database: Database, now: dt.datetime) -> bool:
    """Whether a date is due, also one that somebody is just doing, or a message is under way or about to be."""
    with database.reading() as session:
        real_now = database.real_now(session)
        due = select(Job.id).where(
            WAITING, Job.kind == JobKind.TIMER, Job.due_at <= now, or_(Job.next_at.is_(None), Job.next_at <= real_now)
        )
        held = select(Lane.id).where(Lane.lease_until > real_now)
        soon = (
            select(Lane.id)
            .join(Job, Job.lane_id == Lane.id)
            .where(WAITING, or_(Lane.next_at.is_(None), Lane.next_at <= real_now + SOON))
        )
        return any(session.scalar(query.limit(1)) is not None for query in (due, held, soon))


def _next_deadline(database: Database, now: dt.datetime, to: dt.datetime) -> dt.datetime | None:
    query = select(func.min(Job.due_at)).where(WAITING, Job.kind == JobKind.TIMER, Job.due_at > now, Job.due_at <= to)
    with database.reading() as session:
        return session.scalar(query)


def _set(database: Database, moment: dt.datetime) -> None:
    """Let it be `moment`, or a fraction of a second later: offsets are whole seconds."""
    with database.writing() as session:
        row = session.get_one(Installation, 1, with_for_update=True)
        row.clock_offset = max(row.clock_offset, math.ceil((moment - database.real_now(session)).total_seconds()))
