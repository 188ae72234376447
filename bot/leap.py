"""A clock that was set back: waits that nobody can have given are counted afresh, so that nothing waits for an hour.

Everything here is real time, by the database's clock. No wait that is given is longer than `LONGEST`; what lies further
ahead was given before the clock was set back.
"""

import datetime as dt
import time

import structlog
from sqlalchemy import select, update

from bot.backoff import LONGEST
from bot.jobs import WAITING
from bot.lanes import WORKER_WAIT
from models.database import Database
from models.job import Job, JobKind, Lane, Throttle

EVERY = 10.0
"""Seconds between two looks."""

log = structlog.get_logger()


class Leap:
    """Looks for waits that lie too far ahead. Any number of processes may do it at once.

    A lease is not taken from whoever holds it, who may be posting just now: it ends a `lease` from now.
    """

    def __init__(self, database: Database, lease: dt.timedelta) -> None:
        self._database = database
        self._lease = lease
        self._next_look = 0.0

    def step(self) -> bool:
        """Look when it is time to. Raises `Unavailable`."""
        if time.monotonic() < self._next_look:
            return False
        self._next_look = time.monotonic() + EVERY
        if self.look():
            log.warning("clock.set_back")
        return False

    def look(self) -> bool:
        """Look now. True: the clock was set back, and waits were counted afresh. Raises `Unavailable`."""
        with self._database.reading() as session:
            limit = self._database.real_now(session) + LONGEST
            far = (
                select(Lane.id).where(Lane.next_at > limit),
                select(Lane.id).where(Lane.lease_until > limit),
                select(Throttle.account).where(Throttle.until > limit),
                select(Job.id).where(WAITING, Job.kind == JobKind.TIMER, Job.next_at > limit),
            )
            if not any(session.execute(query.limit(1)).first() for query in far):
                return False
        with self._database.writing(WORKER_WAIT) as session:
            now = self._database.real_now(session)
            limit = now + LONGEST
            session.execute(update(Lane).where(Lane.lease_until > limit).values(lease_until=now + self._lease))
            session.execute(update(Lane).where(Lane.next_at > limit).values(next_at=now))
            session.execute(update(Throttle).where(Throttle.until > limit).values(until=now))
            timers = update(Job).where(WAITING, Job.kind == JobKind.TIMER, Job.next_at > limit)
            session.execute(timers.values(next_at=now))
        return True
