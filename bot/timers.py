"""Timers: what is done at a date of business time. Claim, effect and done are one transaction for each.

A date that waited in a restored database may have come before (`Job.maybe_sent`): what it brings is looked for before
it is posted.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import nullcontext

import structlog
from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from bot import jobs, trail
from bot.backoff import TRIES
from bot.lanes import WORKER_WAIT
from bot.parking import WHY_LENGTH, Parked, park
from models.database import Database, UTCDateTime
from models.job import Job, JobKind, JobState
from models.moment import real_moment

Handler = Callable[[Session, Job, dt.datetime], None]
"""What a timer does, given the business moment it is done at, which after an outage is later than `Job.due_at`.

It looks at state as it is now and does nothing when the date has lost its meaning. It never commits, and nothing slow
happens in it.
"""

log = structlog.get_logger()


class Timers:
    """The dates that have come, oldest first. `back_off` says how long a failed one is put off, in real time.

    A date that no handler is named for waits for a worker of another version.
    """

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, Handler],
        *,
        back_off: Callable[[int], dt.timedelta],
        on_parked: Parked | None,
    ) -> None:
        self._database = database
        self._handlers = handlers
        self._back_off = back_off
        self._on_parked = on_parked
        self._due = self._oldest_due()
        self._due_to_take = self._due.with_for_update(skip_locked=True)

    def run_due(self, now: dt.datetime) -> int:
        """Do everything due at `now`, also what falls due by doing it. Returns how many were done."""
        done = 0
        while (worked := self.run_oldest(now)) is not None:
            done += worked
        return done

    def run_oldest(self, now: dt.datetime) -> bool | None:
        """Whether the oldest one due was done (False: it failed); None when nothing is due. Raises `Unavailable`."""
        with self._database.reading() as session:
            if session.scalar(self._due, {"now": now}) is None:
                return None
        with trail.followed(trail.new_id()):
            return self._run(now)

    def _run(self, now: dt.datetime) -> bool | None:
        """On a trail of its own; the log says which one it comes after, once it is saved."""
        with self._database.writing(WORKER_WAIT) as session:
            job = session.scalar(self._due_to_take, {"now": now})
            if job is None:
                return None
            done = self._handle(session, job, now)
        if done:
            log.info("timer.done", job=job.id, name=job.name, case=job.case_id, after=job.request)
        return done

    def _handle(self, session: Session, job: Job, now: dt.datetime) -> bool:
        try:
            doubt = jobs.in_doubt(session, now) if job.maybe_sent else nullcontext()
            with session.begin_nested(), doubt:
                self._handlers[job.name](session, job, now)
        except Exception as error:  # noqa: BLE001 - one timer's fault must not stop the others
            why = type(error).__name__
            log.error("timer.failed", job=job.id, name=job.name, error=why)
            self._put_off(session, job, why)
            return False
        job.state, job.done_at = JobState.DONE, self._database.real_now(session)
        return True

    def _put_off(self, session: Session, job: Job, why: str) -> None:
        job.attempts += 1
        if job.attempts >= TRIES:
            park(session, job, why, self._on_parked)
            return
        job.why = why[:WHY_LENGTH]
        job.next_at = self._database.real_now(session) + self._back_off(job.attempts)

    def _oldest_due(self) -> Select[Job]:
        """The oldest date that has come at `now` (business time). Made once: every worker asks it every second."""
        free = or_(Job.next_at.is_(None), Job.next_at <= real_moment(self._database.engine.dialect.name))
        due = select(Job).where(
            jobs.WAITING, Job.kind == JobKind.TIMER, Job.due_at <= bindparam("now", type_=UTCDateTime()), free
        )
        return due.where(Job.name.in_(self._handlers)).order_by(Job.due_at, Job.id).limit(1)
