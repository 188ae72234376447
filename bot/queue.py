"""The rows of the queue: lanes, messages and jobs, each kind of them written at once however many an act wants."""

from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Executable, Select, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from bot import trail
from models.database import dialect_of, insert_in, plain
from models.job import Job, JobKind, JobState, Lane, Posted, SpentKey
from models.moment import real_moment

ENQUEUED = "konsult.enqueued"
"""What stands in `Session.info` when the session has enqueued something: the worker listens for its commit."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A job to be: the columns that are given, its lane by surface and receiver, and the message that it shows."""

    columns: dict[str, Any]
    lane: tuple[str, str] | None
    message: tuple[str, str] | None


def enqueue(session: Session, wanted: list[Wanted]) -> None:
    """Lanes and messages are taken in one order, and before the jobs, so that no two acts wait for each other."""
    organisation_id = wanted[0].columns["organisation_id"]
    lanes = _lanes(session, organisation_id, {each.lane for each in wanted if each.lane})
    shown = _want_shown(session, organisation_id, {each.message for each in wanted if each.message})
    jobs = [
        each.columns
        | ({"lane_id": lanes[each.lane]} if each.lane else {})
        | ({"key": show_key(*each.message, shown[each.message])} if each.message else {})
        for each in wanted
    ]
    for shows, alike in groupby(jobs, lambda job: job["kind"] is JobKind.SHOW):
        put = wait_to_show if shows else _once
        put(session, list(alike))


def _lanes(session: Session, organisation_id: int, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The lanes by surface and receiver; those that are missing are made."""
    if not wanted:
        return {}
    surfaces, receivers = zip(*wanted, strict=True)
    asked = {"the_organisation": organisation_id, "the_surfaces": surfaces, "the_receivers": receivers}
    known = {(surface, receiver): lane_id for surface, receiver, lane_id in session.execute(_find_lanes(), asked)}
    if missing := wanted - known.keys():
        new = [
            {"organisation_id": organisation_id, "surface": surface, "receiver": receiver}
            for surface, receiver in sorted(missing)
        ]
        session.execute(_make_lane(dialect_of(session)), new)
        return _lanes(session, organisation_id, wanted)
    return known


def _want_shown(session: Session, organisation_id: int, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Which version of each message, by surface and key, is shown; a newer one is wanted from now on."""
    if not wanted:
        return {}
    messages = [{"organisation_id": organisation_id, "surface": surface, "key": key} for surface, key in sorted(wanted)]
    rows = session.execute(_want_newer(dialect_of(session)), messages)
    return {(surface, key): shown for surface, key, shown in rows}


def show_key(surface: str, key: str, shown: int) -> str:
    """One job waits for each message, for one key follows from what is shown: the version after it."""
    return f"{surface}/{key}#{shown + 1}"


def wait_to_show(session: Session, jobs: list[dict[str, Any]]) -> None:
    """Make one job wait for each. One that was given up comes back, knowing still whether it may have been posted."""
    request = trail.current()
    session.execute(_wait(dialect_of(session)), [{**job, "request": request} for job in jobs])
    session.info[ENQUEUED] = True


def _once(session: Session, jobs: list[dict[str, Any]]) -> None:
    wanted = {**dict.fromkeys(_ONCE), "request": trail.current()}
    rows = [{f"new_{name}": value for name, value in (wanted | job).items()} for job in jobs]
    session.execute(_add(dialect_of(session)), rows)
    session.info[ENQUEUED] = True


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
    "request",
    "maybe_sent",
)
"""What is given for a job that is enqueued once; when that was is the database's to say."""

# Every act enqueues: the statements are made once for each dialect, which takes longer than sending them.


@cache
def _add(dialect: str) -> Executable:
    job, spent_key = Job.__table__, SpentKey.__table__.c
    new = {name: bindparam(f"new_{name}", type_=job.c[name].type) for name in _ONCE}
    spent = exists().where(spent_key.organisation_id == new["organisation_id"], spent_key.key == new["key"])
    rows = select(*new.values(), real_moment(dialect)).where(~spent)
    statement = insert_in(dialect, Job).from_select([*_ONCE, "created_at"], rows)
    return statement.on_conflict_do_nothing(index_elements=["organisation_id", "key"])


@cache
def _wait(dialect: str) -> Executable:
    job = Job.__table__
    statement = insert_in(dialect, Job).values(created_at=real_moment(dialect))
    fresh = {name: statement.excluded[name] for name in ("lane_id", "data", "request", "created_at")}
    return statement.on_conflict_do_update(
        index_elements=["organisation_id", "key"],
        set_={
            **fresh,
            "state": JobState.WAITING,
            "attempts": 0,
            "why": "",
            "done_at": None,
            "maybe_sent": or_(job.c.maybe_sent, statement.excluded.maybe_sent),
        },
        where=job.c.state != JobState.WAITING,
    )


@cache
def _want_newer(dialect: str) -> Executable:
    posted = Posted.__table__
    return (
        insert_in(dialect, Posted)
        .on_conflict_do_update(
            index_elements=["organisation_id", "surface", "key"], set_={"wanted": posted.c.wanted + 1}
        )
        .returning(posted.c.surface, posted.c.key, posted.c.shown)
    )


@cache
def _find_lanes() -> Select[str, str, int]:
    lane = plain(Lane).c
    return select(lane.surface, lane.receiver, lane.id).where(
        lane.organisation_id == bindparam("the_organisation"),
        lane.surface.in_(bindparam("the_surfaces", expanding=True)),
        lane.receiver.in_(bindparam("the_receivers", expanding=True)),
    )


@cache
def _make_lane(dialect: str) -> Executable:
    columns = ["organisation_id", "surface", "receiver"]
    return insert_in(dialect, Lane).on_conflict_do_nothing(index_elements=columns)
