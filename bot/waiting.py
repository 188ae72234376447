"""What waits for somebody: read for App Home, each list short and in a constant number of statements."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from bot.actors import Actor
from bot.caselists import Line, lines_of
from bot.jobs import standing
from models.case import Case, Feedback, Lesson
from models.job import Job, JobState
from models.life import Status
from models.organisation import Workspace
from models.people import Identity, Member, PauseCause, Person

FEEDBACK_FOR = dt.timedelta(days=60)
"""How long after closing the two questions are offered in App Home."""

_IN_CHAT = exists().where(
    Workspace.organisation_id == Member.organisation_id,
    Identity.platform == Workspace.platform,
    Identity.team == Workspace.team,
    Identity.person_id == Member.person_id,
    Identity.active,
)
"""Whether a member has an account in one of the organisation's chats."""


@dataclass(frozen=True, slots=True)
class Named:
    """Some members by name, and how many there are in all."""

    members: tuple[tuple[int, str], ...]
    total: int


def to_complete(session: Session, actor: Actor, limit: int) -> tuple[Line, ...]:
    """The person's own consultations that the coordinators want completed."""
    return _own(session, actor, limit, Case.status == Status.CLARIFYING)


def lessons_to_approve(session: Session, actor: Actor, limit: int) -> tuple[Line, ...]:
    """The person's own consultations whose lesson waits for their approval."""
    written = exists().where(Lesson.case_id == Case.id, Lesson.approved_at.is_(None))
    return _own(session, actor, limit, Case.status == Status.CLOSED, written)


def feedback_wanted(session: Session, actor: Actor, now: dt.datetime, limit: int) -> tuple[Line, ...]:
    """The person's own consultations closed lately, about which the two questions are not answered."""
    given = exists().where(Feedback.case_id == Case.id, Feedback.months == 0)
    lately = Case.closed_at >= now - FEEDBACK_FOR
    return _own(session, actor, limit, Case.status == Status.CLOSED, lately, ~given)


def silent_members(session: Session, organisation_id: int, limit: int) -> Named:
    """Members paused because questions to them had no answer."""
    return _named(
        session, organisation_id, limit, Member.paused_by == PauseCause.UNANSWERED, Member.paused_at.is_not(None)
    )


def members_without_chat(session: Session, organisation_id: int, limit: int) -> Named:
    """Members who are in no chat: questions to them go through the coordinators (R22)."""
    return _named(session, organisation_id, limit, ~_IN_CHAT)


def addresses_without_chat(session: Session, organisation_id: int, limit: int) -> list[str]:
    """The addresses of members who are in no chat: perhaps they have an account there by now."""
    query = (
        select(Person.email)
        .join(Member, Member.person_id == Person.id)
        .where(
            Member.organisation_id == organisation_id,
            Member.left_at.is_(None),
            Person.email.is_not(None),
            ~_IN_CHAT,
        )
        .order_by(Person.id)
        .limit(limit)
    )
    return [email for email in session.scalars(query) if email is not None]


def parked(session: Session, organisation_id: int) -> int:
    """How many notices could not be delivered and need a person to look at them."""
    query = select(func.count()).select_from(Job)
    return session.scalar(query.where(Job.organisation_id == organisation_id, standing(JobState.PARKED))) or 0


def _own(session: Session, actor: Actor, limit: int, *where: ColumnElement[bool]) -> tuple[Line, ...]:
    query = (
        select(Case.id)
        .where(Case.organisation_id == actor.organisation_id, Case.requester_id == actor.stands_for, *where)
        .order_by(Case.changed_at, Case.id)
        .limit(limit)
    )
    return lines_of(session, session.scalars(query).all())


def _named(session: Session, organisation_id: int, limit: int, *where: ColumnElement[bool]) -> Named:
    here = (Member.organisation_id == organisation_id, Member.left_at.is_(None), *where)
    total = session.scalar(select(func.count()).select_from(Member).where(*here)) or 0
    query = select(Member.id, Person.name).join(Person, Person.id == Member.person_id).where(*here)
    rows = session.execute(query.order_by(Person.sort_key, Member.id).limit(limit))
    return Named(tuple((member_id, name) for member_id, name in rows), total)
