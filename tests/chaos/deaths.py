"""What a killed process was in the midst of, by what the rows and the platform show right after its death."""

import datetime as dt
import enum
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.jobs import opaque, shown_key
from models.database import Database
from models.job import Job, JobKind, JobState, Lane
from tests.chaos.dialogue import case_of
from tests.chaos.journal import Attempt, Journal, home_key
from tests.chaos.program import LEASE


class Phase(enum.StrEnum):
    """How far the killed process had come with what it had in hand; of several things, the one that came farthest."""

    BEFORE_RECORD = "before the record"
    AFTER_ACCEPTANCE = "after acceptance"
    BEFORE_COMMIT = "before commit"
    AFTER_COMMIT = "after commit"
    AT_REST = "at rest"


RECENT = 1.5
"""Seconds within which a click that was handed over has been dealt with, unless its process died."""

Try = tuple[int, int]
"""A job's id, and which try it was."""


@dataclass(frozen=True, slots=True)
class Held:
    """A job in somebody's hands when the process died, since `since`; `key` is its message's."""

    tried: Try
    key: str
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class Caught:
    """An attempt that had been handed over when the process died; `saved` then, and perhaps with notices `unsent`."""

    attempt: Attempt
    saved: bool
    unsent: bool


@dataclass(frozen=True, slots=True)
class Death:
    """A killed process: which command, when (`time.time()`), and what was under way right after it."""

    command: str
    at: float
    held: tuple[Held, ...]
    caught: tuple[Caught, ...]


def observe(database: Database, journal: Journal, command: str, at: float) -> Death:
    """Look at the rows right after a death."""
    attempts = [each for each in journal.under_way() if each.handed is not None and each.handed <= at]
    with database.reading() as session:
        held = [_held(lane, job) for lane, job in _in_hand(session, database.real_now(session))]
        caught = [_caught(session, journal, attempt) for attempt in attempts] if command != "work" else []
    return Death(command, at, tuple(held) if command != "serve" else (), tuple(caught))


def phases(deaths: Iterable[Death], journal: Journal, recorded: set[Try]) -> list[Phase]:
    """The phase of each death. `recorded` are the tries whose outcome some process lived to log: not the dead one."""
    found, known = [], set(recorded)
    for death in deaths:
        lost = [held for held in death.held if held.tried not in known]
        known.update(held.tried for held in lost)
        seen = {_come_to(held, journal, death.at) for held in lost} | {
            _left(caught, death.at) for caught in death.caught
        }
        found.append(next((phase for phase in Phase if phase in seen), Phase.AT_REST))
    return found


def _in_hand(session: Session, now: dt.datetime) -> list[tuple[Lane, Job]]:
    """The lanes that are held, each with the job that is tried."""
    lanes = session.scalars(select(Lane).where(Lane.lease_until > now)).all()
    found = []
    for lane in lanes:
        waiting = select(Job).where(Job.lane_id == lane.id, Job.state == JobState.WAITING)
        job = session.scalar(waiting.order_by(Job.id).limit(1))
        if job is not None and job.maybe_sent:
            found.append((lane, job))
    return found


def _held(lane: Lane, job: Job) -> Held:
    assert lane.lease_until is not None
    return Held((job.id, job.attempts), key_of_job(lane, job), lane.lease_until - LEASE)


def key_of_job(lane: Lane, job: Job) -> str:
    """What the message of a job is known by on the platform."""
    if job.name == "home":
        return home_key(lane.address or "")
    key = shown_key(job) if job.kind is JobKind.SHOW else job.key
    return opaque(job.organisation_id, lane.surface, job.kind, key)


def _caught(session: Session, journal: Journal, attempt: Attempt) -> Caught:
    saved = attempt.saved(session)
    case = case_of(session, attempt.title)
    unsent = saved and case is not None and _unsent(session, journal, case.id)
    return Caught(attempt, saved, unsent)


def _unsent(session: Session, journal: Journal, case_id: int) -> bool:
    """Whether a notice of the case waits that the platform has not seen."""
    query = (
        select(Lane, Job)
        .join(Job, Job.lane_id == Lane.id)
        .where(Job.case_id == case_id, Job.state == JobState.WAITING, Job.attempts == 0)
    )
    return any(not journal.steps(key_of_job(lane, job)) for lane, job in session.execute(query))


def _come_to(held: Held, journal: Journal, at: float) -> Phase:
    """How far the platform saw a try come before the death."""
    steps = [step for step in journal.steps(held.key) if held.since.timestamp() <= step.at <= at]
    if any(step.phase == "answered" and step.good for step in steps):
        return Phase.BEFORE_RECORD
    if any(step.phase == "accepted" for step in steps):
        return Phase.AFTER_ACCEPTANCE
    return Phase.AFTER_COMMIT


def _left(caught: Caught, at: float) -> Phase:
    """What became of an attempt that was under way: what was answered before, or long ago, was not interrupted."""
    attempt = caught.attempt
    assert attempt.handed is not None
    answered = attempt.acknowledged is not None and attempt.acknowledged <= at
    if at - attempt.handed > RECENT:
        return Phase.AT_REST
    if not caught.saved and attempt.succeeded is False and not answered:
        return Phase.BEFORE_COMMIT
    if caught.saved and caught.unsent and not answered:
        return Phase.AFTER_COMMIT
    return Phase.AT_REST
