"""The durable queue, as the acts see it: tell, show, and do at a date.

Everything here writes rows in the caller's transaction and never commits: what an act wants told is saved with the act
or not at all. Enqueueing the same key twice is a no-op, also when its job is long gone. Acts that enqueue for many
receivers do so in a fixed order (by key), so that two of them cannot wait for each other.
"""

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, exists, literal, select, update
from sqlalchemy.orm import Session

from bot import trail
from models.database import insert
from models.job import Job, JobKind, JobState, Lane, Posted, SpentKey

KEY_LENGTH = 90
"""The longest key, in characters."""

ENQUEUED = "konsult.enqueued"
"""What stands in `Session.info` when the session has enqueued something: the worker listens for its commit."""


def standing(state: JobState, job: type[Job] = Job) -> ColumnElement[bool]:
    """Whether a job is in this state. Written out in the SQL, so that the partial indexes serve it."""
    return job.state == literal(state, Job.state.type, literal_execute=True)


WAITING = standing(JobState.WAITING)


def tell(
    session: Session,
    *,
    organisation_id: int,
    name: str,
    key: str,
    surface: str,
    receiver: str,
    case_id: int | None = None,
    event_id: int | None = None,
    subject_id: int | None = None,
    data: dict[str, Any] | None = None,
    real_now: dt.datetime,
) -> None:
    """Tell one receiver one fact, once. `key` names fact and receiver; `receiver` is as in `Lane`."""
    _once(
        session,
        organisation_id=organisation_id,
        kind=JobKind.TELL,
        name=name,
        key=_checked(key),
        lane_id=_lane(session, organisation_id, surface, receiver),
        case_id=case_id,
        event_id=event_id,
        subject_id=subject_id,
        data=data or {},
        created_at=real_now,
    )


def show(
    session: Session,
    *,
    organisation_id: int,
    name: str,
    key: str,
    surface: str,
    receiver: str,
    case_id: int | None = None,
    subject_id: int | None = None,
    data: dict[str, Any] | None = None,
    real_now: dt.datetime,
) -> None:
    """Have a message mirror its state as it is now: posted the first time, updated in place from then on.

    `key` names the message. Changes coalesce: while one waits to be shown, the next adds nothing to the queue. One that
    was parked or skipped is tried again.
    """
    first = insert(session, Posted).values(organisation_id=organisation_id, surface=surface, key=_checked(key))
    bumped = first.on_conflict_do_update(
        index_elements=["organisation_id", "surface", "key"], set_={"wanted": Posted.wanted + 1}
    )
    shown: int = session.execute(bumped.returning(Posted.shown)).scalar_one()
    _wait_to_show(
        session,
        organisation_id=organisation_id,
        kind=JobKind.SHOW,
        name=name,
        key=_show_key(surface, key, shown),
        lane_id=_lane(session, organisation_id, surface, receiver),
        case_id=case_id,
        subject_id=subject_id,
        data=data or {},
        created_at=real_now,
    )


def timer(
    session: Session,
    *,
    organisation_id: int,
    name: str,
    key: str,
    due_at: dt.datetime,
    case_id: int | None = None,
    subject_id: int | None = None,
    data: dict[str, Any] | None = None,
    real_now: dt.datetime,
) -> None:
    """Have something done at `due_at` (business time), once. A changed date is a new key: give keys a generation."""
    _once(
        session,
        organisation_id=organisation_id,
        kind=JobKind.TIMER,
        name=name,
        key=_checked(key),
        due_at=due_at,
        case_id=case_id,
        subject_id=subject_id,
        data=data or {},
        created_at=real_now,
    )


def moved(session: Session, *, organisation_id: int, surface: str, receiver: str) -> None:
    """Forget a receiver's address: the organisation has chosen another channel, or a person has another account."""
    session.execute(
        update(Lane)
        .where(Lane.organisation_id == organisation_id, Lane.surface == surface, Lane.receiver == receiver)
        .values(address=None)
    )


def shown_key(job: Job) -> str:
    """The key of the message that a show job brings up to date."""
    return job.key.rpartition("#")[0].partition("/")[2]


def show_next(session: Session, job: Job, posted: Posted, real_now: dt.datetime) -> None:
    """Queue what has changed in a shown message since `job` rendered it. The caller holds `posted` locked."""
    _wait_to_show(
        session,
        organisation_id=job.organisation_id,
        kind=JobKind.SHOW,
        name=job.name,
        key=_show_key(posted.surface, posted.key, posted.shown),
        lane_id=job.lane_id,
        case_id=job.case_id,
        subject_id=job.subject_id,
        data=job.data,
        created_at=real_now,
    )


def _show_key(surface: str, key: str, shown: int) -> str:
    """One job waits for each message, for one key follows from what is shown: the version after it."""
    return f"{surface}/{key}#{shown + 1}"


def _wait_to_show(session: Session, **values: Any) -> None:
    """Make one job wait. One that was given up comes back, knowing still whether it may have reached the platform."""
    statement = insert(session, Job).values(**values, request=trail.current())
    fresh = {name: statement.excluded[name] for name in ("lane_id", "data", "request", "created_at")}
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["organisation_id", "key"],
            set_={**fresh, "state": JobState.WAITING, "attempts": 0, "why": "", "done_at": None},
            where=Job.state != JobState.WAITING,
        )
    )
    session.info[ENQUEUED] = True


def _once(session: Session, **values: Any) -> None:
    spent = exists().where(SpentKey.organisation_id == values["organisation_id"], SpentKey.key == values["key"])
    wanted = {**values, "request": trail.current()}
    row = select(*(literal(value, Job.__table__.c[name].type) for name, value in wanted.items())).where(~spent)
    statement = insert(session, Job).from_select(list(wanted), row)
    session.execute(statement.on_conflict_do_nothing(index_elements=["organisation_id", "key"]))
    session.info[ENQUEUED] = True


def _lane(session: Session, organisation_id: int, surface: str, receiver: str) -> int:
    query = select(Lane.id).where(
        Lane.organisation_id == organisation_id, Lane.surface == surface, Lane.receiver == receiver
    )
    known = session.scalar(query)
    if known is not None:
        return known
    new = insert(session, Lane).values(organisation_id=organisation_id, surface=surface, receiver=receiver)
    session.execute(new.on_conflict_do_nothing(index_elements=["organisation_id", "surface", "receiver"]))
    return session.scalars(query).one()


def _checked(key: str) -> str:
    if len(key) > KEY_LENGTH:
        raise ValueError(f"a job's key may have {KEY_LENGTH} characters: {key[:40]}…")
    return key
