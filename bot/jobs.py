"""The durable queue, as the acts see it: tell, show, and do at a date.

Everything here writes rows in the caller's transaction and never commits: what an act wants told is saved with the act
or not at all. Enqueueing the same key twice is a no-op, also when its job is long gone. Acts that enqueue for many
receivers do so together or in a fixed order (by key), so that two of them cannot wait for each other.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, literal, update
from sqlalchemy.orm import Session

from bot.queue import Wanted, enqueue, show_key, wait_to_show
from models.job import Job, JobKind, JobState, Lane, Posted

KEY_LENGTH = 90
"""The longest key, in characters."""

_WANTED = "konsult.wanted"
"""Where `Session.info` holds what the block of `together` has wanted so far."""


_DOUBT = "konsult.doubt"
"""Where it holds up to which moment (business time) the block of `in_doubt` may have been lived through before."""


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
) -> None:
    """Tell one receiver one fact, once. `key` names fact and receiver; `receiver` is as in `Lane`."""
    _want(
        session,
        lane=(surface, receiver),
        organisation_id=organisation_id,
        kind=JobKind.TELL,
        name=name,
        key=_checked(key),
        case_id=case_id,
        event_id=event_id,
        subject_id=subject_id,
        data=data or {},
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
) -> None:
    """Have a message mirror its state as it is now: posted the first time, updated in place from then on.

    `key` names the message. Changes coalesce: while one waits to be shown, the next adds nothing to the queue. One that
    was parked or skipped is tried again.
    """
    _want(
        session,
        lane=(surface, receiver),
        message=(surface, _checked(key)),
        organisation_id=organisation_id,
        kind=JobKind.SHOW,
        name=name,
        case_id=case_id,
        subject_id=subject_id,
        data=data or {},
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
    maybe_sent: bool = False,
) -> None:
    """Have something done at `due_at` (business time), once. A changed date is a new key: give keys a generation.

    `maybe_sent`: it may have been done before, in a time that a restored database knows nothing of.
    """
    _want(
        session,
        maybe_sent=maybe_sent,
        organisation_id=organisation_id,
        kind=JobKind.TIMER,
        name=name,
        key=_checked(key),
        due_at=due_at,
        case_id=case_id,
        subject_id=subject_id,
        data=data or {},
    )


@contextmanager
def together(session: Session) -> Iterator[None]:
    """Enqueue what the block wants told, shown and done at a date when it ends, in that order and with few statements.

    All of it is one organisation's. A block in a block is part of it. A block that raises enqueues nothing.
    """
    if _WANTED in session.info:
        yield
        return
    wanted: list[Wanted] = []
    session.info[_WANTED] = wanted
    try:
        yield
    finally:
        del session.info[_WANTED]
    if wanted:
        enqueue(session, wanted)


@contextmanager
def in_doubt(session: Session, at: dt.datetime) -> Iterator[None]:
    """What the block enqueues may have been enqueued before, and have been told: it is looked for before it is posted.
    Of dates that holds for those that had come at `at`, and for what they enqueue in turn."""
    session.info[_DOUBT] = at
    try:
        yield
    finally:
        del session.info[_DOUBT]


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


def show_next(session: Session, job: Job, posted: Posted) -> None:
    """Queue what has changed in a shown message since `job` rendered it. The caller holds `posted` locked."""
    again = {
        "organisation_id": job.organisation_id,
        "kind": JobKind.SHOW,
        "name": job.name,
        "key": show_key(posted.surface, posted.key, posted.shown),
        "lane_id": job.lane_id,
        "case_id": job.case_id,
        "subject_id": job.subject_id,
        "data": job.data,
    }
    wait_to_show(session, [again])


def _want(
    session: Session,
    *,
    lane: tuple[str, str] | None = None,
    message: tuple[str, str] | None = None,
    **columns: Any,
) -> None:
    doubt, due_at = session.info.get(_DOUBT), columns.get("due_at")
    again = doubt is not None and (due_at is None or due_at <= doubt)
    columns["maybe_sent"] = again or columns.get("maybe_sent", False)
    with together(session):
        session.info[_WANTED].append(Wanted(columns, lane, message))


def _checked(key: str) -> str:
    if len(key) > KEY_LENGTH:
        raise ValueError(f"a job's key may have {KEY_LENGTH} characters: {key[:40]}…")
    return key
