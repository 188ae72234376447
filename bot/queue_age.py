"""How long something has waited that could be done now: what tells a worker that is busy from one that is not there."""

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.jobs import WAITING
from models.job import Job, JobKind, Lane

NOT_DUE = dt.timedelta(0)


def oldest(session: Session, real_now: dt.datetime, now: dt.datetime) -> dt.timedelta:
    """The age of the oldest due job of any kind; zero when nothing is due."""
    return max(ages(session, real_now, now).values())


def ages(session: Session, real_now: dt.datetime, now: dt.datetime) -> dict[JobKind, dt.timedelta]:
    """The age of the oldest due job of each kind; zero when none is due. `now` is business time.

    A message is due when its lane is free: not held by a worker, not waiting for its pace or a second try, and it is
    first in it. A lane that moves is therefore young, however long the queue in it.
    """
    found = dict.fromkeys(JobKind, NOT_DUE)
    first = (
        select(func.min(Job.id).label("id"), Job.lane_id)
        .where(WAITING, Job.lane_id.is_not(None))
        .group_by(Job.lane_id)
        .subquery()
    )
    waiting = (
        select(Job.kind, Job.created_at, Lane.next_at, Lane.lease_until)
        .join(first, first.c.id == Job.id)
        .join(Lane, Lane.id == first.c.lane_id)
    )
    for kind, created_at, next_at, lease_until in session.execute(waiting):
        free_since = max(moment for moment in (created_at, next_at, lease_until) if moment is not None)
        found[kind] = max(found[kind], real_now - free_since)
    due_at = session.scalar(select(func.min(Job.due_at)).where(WAITING, Job.kind == JobKind.TIMER))
    if due_at is not None:
        found[JobKind.TIMER] = max(NOT_DUE, now - due_at)
    return found
