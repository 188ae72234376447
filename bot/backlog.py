"""The backlog: the queue as an operator sees it, and what can be done with a job by hand."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from bot.jobs import WAITING, standing
from bot.parking import WHY_LENGTH
from bot.queue import ENQUEUED
from bot.refusals import NotFound, TooLate
from models.case import Case
from models.job import Job, JobKind, JobState, Lane
from models.organisation import Organisation

LARGEST_ID = 2**31 - 1
"""The largest that a job's id can be."""


@dataclass(frozen=True, slots=True)
class JobSeen:
    """A job as it stands. `case` is the consultation's number; `next_at` when it may be tried again, in real time.

    `maybe_sent`: an earlier try may have reached the platform.
    """

    id: int
    organisation: str
    kind: JobKind
    name: str
    state: JobState
    surface: str | None
    receiver: str | None
    case: int | None
    tries: int
    maybe_sent: bool
    why: str
    due_at: dt.datetime | None
    next_at: dt.datetime | None
    created_at: dt.datetime
    done_at: dt.datetime | None
    key: str


@dataclass(frozen=True, slots=True)
class Page:
    """Jobs, the newest first, and how many older ones are left out."""

    jobs: tuple[JobSeen, ...]
    left_out: int


def page(
    session: Session,
    *,
    now: dt.datetime,
    organisation_id: int | None = None,
    states: Collection[JobState] = (),
    kinds: Collection[JobKind] = (),
    before: int | None = None,
    limit: int = 50,
) -> Page:
    """The newest jobs in these states, of these kinds, with an id below `before`.

    Without states, what stands in the way of an empty queue at `now` (business time): the parked, and what waits and is
    no date still to come.
    """
    here = [or_(*map(standing, states)) if states else _open(now)]
    if organisation_id is not None:
        here.append(Job.organisation_id == organisation_id)
    if kinds:
        here.append(Job.kind.in_(kinds))
    if before is not None:
        here.append(Job.id < min(before, LARGEST_ID))
    found = _seen(session, *here, limit=limit)
    return Page(found, (session.scalar(select(func.count()).select_from(Job).where(*here)) or 0) - len(found))


def seen(session: Session, job_ids: Sequence[int]) -> tuple[JobSeen, ...]:
    """These jobs. Raises `NotFound` for the first that there is not."""
    found = {job.id: job for job in _seen(session, Job.id.in_([each for each in job_ids if each <= LARGEST_ID]))}
    for job_id in job_ids:
        if job_id not in found:
            raise NotFound("job", job=job_id)
    return tuple(found[job_id] for job_id in job_ids)


def parked(session: Session, organisation_id: int | None = None, *, after: int = 0, limit: int) -> list[int]:
    """The ids of so much that is parked, in one organisation or in all; those that come after an id."""
    query = select(Job.id).where(standing(JobState.PARKED), Job.id > after).order_by(Job.id).limit(limit)
    if organisation_id is not None:
        query = query.where(Job.organisation_id == organisation_id)
    return list(session.scalars(query))


def retry(session: Session, job_id: int, real_now: dt.datetime) -> None:
    """Have what is parked or cancelled tried again, with all its tries; a message is looked for before it is posted.

    Raises `NotFound`, and `TooLate` in any other state.
    """
    job = _taken(session, job_id, (JobState.PARKED, JobState.CANCELLED), "job_retry", real_now)
    job.state, job.attempts, job.why, job.next_at, job.done_at = JobState.WAITING, 0, "", None, None
    job.maybe_sent = job.maybe_sent or job.kind is not JobKind.TIMER
    session.info[ENQUEUED] = True


def cancel(session: Session, job_id: int, real_now: dt.datetime) -> None:
    """Give up what waits or is parked. A message that mirrors state is shown again when that changes.

    Raises `NotFound`, and `TooLate` in any other state or while it is being delivered.
    """
    job = _taken(session, job_id, (JobState.WAITING, JobState.PARKED), "job_cancel", real_now)
    job.state, job.done_at = JobState.CANCELLED, real_now


def park(session: Session, job_id: int, why: str, real_now: dt.datetime) -> None:
    """Set aside what waits, so that its lane goes on without it. Nobody else is told.

    Raises `NotFound`, and `TooLate` in any other state or while it is being delivered.
    """
    job = _taken(session, job_id, (JobState.WAITING,), "job_park", real_now)
    job.state, job.why = JobState.PARKED, why[:WHY_LENGTH]


def hold(session: Session, job_ids: Sequence[int]) -> None:
    """Hold the lanes of these jobs in one order, so that two who act on many jobs cannot wait for each other."""
    lanes = select(Job.lane_id).where(Job.id.in_([each for each in job_ids if each <= LARGEST_ID]))
    session.execute(select(Lane.id).where(Lane.id.in_(lanes)).order_by(Lane.id).with_for_update(key_share=True)).all()


def _taken(session: Session, job_id: int, states: Collection[JobState], otherwise: str, real_now: dt.datetime) -> Job:
    """The job, locked after its lane as the worker does it."""
    if job_id > LARGEST_ID:
        raise NotFound("job", job=job_id)
    lane_id = session.scalar(select(Job.lane_id).where(Job.id == job_id))
    lane = session.get(Lane, lane_id, with_for_update={"key_share": True}) if lane_id is not None else None
    job = session.scalar(select(Job).where(Job.id == job_id).with_for_update(key_share=True))
    if job is None:
        raise NotFound("job", job=job_id)
    if job.state not in states:
        raise TooLate(otherwise, job=job_id, state=job.state.value)
    if lane is not None and lane.lease_until is not None and lane.lease_until > real_now and _tried(job):
        raise TooLate("job_held", job=job_id)
    return job


def _tried(job: Job) -> bool:
    """Whether it may be the one that its lane's holder has in hand."""
    return job.state is JobState.WAITING and job.attempts > 0


def _open(now: dt.datetime) -> ColumnElement[bool]:
    return or_(standing(JobState.PARKED), and_(WAITING, or_(Job.due_at.is_(None), Job.due_at <= now)))


def _seen(session: Session, *where: ColumnElement[bool], limit: int | None = None) -> tuple[JobSeen, ...]:
    rows = session.execute(
        select(Job, Organisation.name, Lane, Case.number)
        .join(Organisation, Organisation.id == Job.organisation_id)
        .outerjoin(Lane, Lane.id == Job.lane_id)
        .outerjoin(Case, Case.id == Job.case_id)
        .where(*where)
        .order_by(Job.id.desc())
        .limit(limit)
    )
    return tuple(
        JobSeen(
            id=job.id,
            organisation=organisation,
            kind=job.kind,
            name=job.name,
            state=job.state,
            surface=lane.surface if lane else None,
            receiver=lane.receiver if lane else None,
            case=number,
            tries=job.attempts,
            maybe_sent=job.maybe_sent,
            why=job.why,
            due_at=job.due_at,
            next_at=(lane.next_at if lane else job.next_at) if job.state is JobState.WAITING else None,
            created_at=job.created_at,
            done_at=job.done_at,
            key=job.key,
        )
        for job, organisation, lane, number in rows
    )
