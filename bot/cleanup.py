"""Clean-up: what was done long ago leaves the queue, but its key stays used.

Everything here is real time, by the database's clock.
"""

import datetime as dt
import time

from sqlalchemy import ColumnElement, and_, delete, exists, literal, or_, select

from bot.lanes import WORKER_WAIT
from models.database import Database, insert
from models.job import Job, JobKind, JobState, SeenEvent, SpentKey

JOBS_KEPT = dt.timedelta(days=90)
"""How long what is done, skipped or cancelled can be looked up; what is parked stays."""

EVENTS_KEPT = dt.timedelta(days=1)
"""How long a platform's event is remembered. Platforms repeat within minutes; the rest is for clocks that jump."""

ROUND = dt.timedelta(hours=1)
"""The time between two rounds. A job goes one round after its key was spent: whoever enqueues it meanwhile, in however
slow a transaction, meets one or the other."""

BATCH = 500
"""Rows of each kind in one transaction, so that nobody waits long for a place to write."""

UNTRACKED = {"synchronize_session": False}


class Cleanup:
    """Clean-up in rounds. Any number of processes may do it at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._next_round = 0.0

    def step(self) -> bool:
        """Clean up a batch when it is time for a round. True: there may be more."""
        if time.monotonic() < self._next_round:
            return False
        if self.batch():
            return True
        self._next_round = time.monotonic() + ROUND.total_seconds()
        return False

    def batch(self) -> bool:
        """Clean up a batch now. False: there was nothing. Raises `Unavailable`."""
        with self._database.writing(WORKER_WAIT) as session:
            now = self._database.real_now(session)
            over = _over(now)
            settled = or_(and_(Job.kind == JobKind.SHOW, ~Job.maybe_sent), _spent(SpentKey.spent_at <= now - ROUND))
            gone = select(Job.id).where(over, settled).order_by(Job.done_at).limit(BATCH)
            stale = select(SeenEvent.id).where(SeenEvent.seen_at < now - EVENTS_KEPT).limit(BATCH)
            spent = (
                select(Job.organisation_id, Job.key, literal(now, SpentKey.__table__.c.spent_at.type))
                .where(over, Job.kind != JobKind.SHOW, ~_spent())
                .order_by(Job.done_at)
                .limit(BATCH)
            )
            spend = insert(session, SpentKey).from_select(["organisation_id", "key", "spent_at"], spent)
            changes = (
                delete(Job).where(Job.id.in_(gone), over).returning(Job.id),
                delete(SeenEvent).where(SeenEvent.id.in_(stale)).returning(SeenEvent.id),
                spend.on_conflict_do_nothing().returning(SpentKey.key),
            )
            return sum(len(session.execute(change, execution_options=UNTRACKED).all()) for change in changes) > 0


def _over(now: dt.datetime) -> ColumnElement[bool]:
    return and_(
        Job.state.in_([JobState.DONE, JobState.SKIPPED, JobState.CANCELLED]),
        Job.done_at < now - JOBS_KEPT,
    )


def _spent(*when: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a job's key stands among the spent ones. What a shown message has come to stands in `Posted`."""
    return exists().where(SpentKey.organisation_id == Job.organisation_id, SpentKey.key == Job.key, *when)
