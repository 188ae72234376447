"""How long something has waited that could be done now: what tells a worker that is busy from one that is not there."""

import datetime as dt
from typing import Any

from sqlalchemy import ScalarSelect, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from bot.jobs import WAITING, standing
from models.job import Job, JobKind, JobState, Lane, Throttle

NOT_DUE = dt.timedelta(0)


def oldest(session: Session, real_now: dt.datetime, now: dt.datetime) -> dt.timedelta:
    """The age of the oldest due job of any kind; zero when nothing is due."""
    return max(ages(session, real_now, now).values())


def ages(session: Session, real_now: dt.datetime, now: dt.datetime) -> dict[JobKind, dt.timedelta]:
    """The age of the oldest due job of each kind; zero when none is due. `now` is business time.

    A message is due when its lane is free: not held by a worker, not waiting for its pace or a second try, no platform
    wants a pause, and it is first in it. A lane that moves is therefore young, however long the queue in it.
    """
    found = dict.fromkeys(JobKind, NOT_DUE)
    older = aliased(Job)
    behind = exists().where(older.lane_id == Job.lane_id, older.id < Job.id, standing(JobState.WAITING, older))
    waiting = select(Job.kind, Job.created_at, _of_lane(Lane.next_at), _of_lane(Lane.lease_until)).where(
        WAITING, Job.lane_id.is_not(None), ~behind
    )
    paused = session.scalar(select(func.max(Throttle.until)))
    for kind, created_at, next_at, lease_until in session.execute(waiting):
        free_since = max(moment for moment in (created_at, next_at, lease_until, paused) if moment is not None)
        found[kind] = max(found[kind], real_now - free_since)
    due_at = session.scalar(select(func.min(Job.due_at)).where(WAITING, Job.kind == JobKind.TIMER))
    if due_at is not None:
        found[JobKind.TIMER] = max(NOT_DUE, now - due_at)
    return found


def _of_lane(column: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    """What a job's lane says, looked up job by job: of all lanes that there ever were few have one."""
    return select(column).where(Lane.id == Job.lane_id).scalar_subquery()
