"""The durable queue, as the acts see it: tell, show, and do at a date.

Everything here writes rows in the caller's transaction and never commits: what an act wants told is saved with the act
or not at all. Enqueueing the same key twice is a no-op, also when its job is long gone. Acts that enqueue for many
receivers do so in a fixed order (by key), so that two of them cannot wait for each other.
"""

import datetime as dt
import hashlib
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, bindparam, exists, literal, select, update
from sqlalchemy.orm import Session

from bot import trail
from models.database import dialect_of, insert_in
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
    message = {"organisation_id": organisation_id, "surface": surface, "key": _checked(key)}
    shown: int = session.execute(_want_shown(dialect_of(session)), message).scalar_one()
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


def opaque(organisation_id: int, surface: str, kind: JobKind, key: str) -> str:
    """What a job's message carries to be found again: the platform shows it to others, so it tells nothing."""
    return hashlib.blake2b(f"{organisation_id}/{surface}/{kind}/{key}".encode(), digest_size=16).hexdigest()


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
    session.execute(_wait(dialect_of(session)), {**values, "request": trail.current()})
    session.info[ENQUEUED] = True


def _once(session: Session, **values: Any) -> None:
    wanted = {**dict.fromkeys(_ONCE), **values, "request": trail.current()}
    session.execute(_add(dialect_of(session)), {f"new_{name}": value for name, value in wanted.items()})
    session.info[ENQUEUED] = True


def _lane(session: Session, organisation_id: int, surface: str, receiver: str) -> int:
    wanted = {"organisation_id": organisation_id, "surface": surface, "receiver": receiver}
    find, make = _find_lane(), _make_lane(dialect_of(session))
    asked = {f"the_{name}": value for name, value in wanted.items()}
    known = session.scalar(find, asked)
    if known is not None:
        return known
    session.execute(make, wanted)
    return session.scalars(find, asked).one()


_ONCE = (
    "organisation_id",
    "kind",
    "name",
    "key",
    "lane_id",
    "case_id",
    "event_id",
    "subject_id",
    "data",
    "due_at",
    "created_at",
    "request",
)
"""What is given for a job that is enqueued once."""

# Every act enqueues: the statements are made once for each dialect, which takes longer than sending them.


@cache
def _add(dialect: str) -> Executable:
    job, spent_key = Job.__table__, SpentKey.__table__.c
    new = {name: bindparam(f"new_{name}", type_=job.c[name].type) for name in _ONCE}
    spent = exists().where(spent_key.organisation_id == new["organisation_id"], spent_key.key == new["key"])
    statement = insert_in(dialect, Job).from_select(list(_ONCE), select(*new.values()).where(~spent))
    return statement.on_conflict_do_nothing(index_elements=["organisation_id", "key"])


@cache
def _wait(dialect: str) -> Executable:
    job = Job.__table__
    statement = insert_in(dialect, Job)
    fresh = {name: statement.excluded[name] for name in ("lane_id", "data", "request", "created_at")}
    return statement.on_conflict_do_update(
        index_elements=["organisation_id", "key"],
        set_={**fresh, "state": JobState.WAITING, "attempts": 0, "why": "", "done_at": None},
        where=job.c.state != JobState.WAITING,
    )


@cache
def _want_shown(dialect: str) -> Executable:
    posted = Posted.__table__
    return (
        insert_in(dialect, Posted)
        .on_conflict_do_update(
            index_elements=["organisation_id", "surface", "key"], set_={"wanted": posted.c.wanted + 1}
        )
        .returning(posted.c.shown)
    )


@cache
def _find_lane() -> Select[int]:
    lane = Lane.__table__.c
    names = ("organisation_id", "surface", "receiver")
    return select(lane.id).where(*(lane[name] == bindparam(f"the_{name}") for name in names))


@cache
def _make_lane(dialect: str) -> Executable:
    columns = ["organisation_id", "surface", "receiver"]
    return insert_in(dialect, Lane).on_conflict_do_nothing(index_elements=columns)


def _checked(key: str) -> str:
    if len(key) > KEY_LENGTH:
        raise ValueError(f"a job's key may have {KEY_LENGTH} characters: {key[:40]}…")
    return key
