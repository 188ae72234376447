"""Lists of cases: one line a case, page by page, in a constant number of statements."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from bot import search
from bot.actors import Actor
from bot.authority import coordinates
from models.case import Case, CaseOutcome, CaseUnit, Lesson, Offer
from models.life import OfferStatus, Status
from models.organisation import District, Unit
from models.people import Member, Person


@dataclass(frozen=True, slots=True)
class Line:
    """A case as one line of a list. `waits_for` is the earliest day an asked member's answer is due."""

    id: int
    number: int
    title: str
    status: Status
    requester: str
    coordinator: str | None
    unit: str
    filed_at: dt.datetime
    changed_at: dt.datetime
    wanted_by: dt.date | None
    outcome: CaseOutcome | None
    has_lesson: bool
    waits_for: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: `first` is the place of its first line, `total` how many there are in all."""

    lines: tuple[Line, ...]
    first: int
    total: int


def requested_by(session: Session, actor: Actor, *, first: int = 0, size: int = 10) -> Page:
    """The person's own consultations, open ones first, the latest change first."""
    where = (Case.organisation_id == actor.organisation_id) & (Case.requester_id == actor.stands_for)
    return _page(session, where, first, size, open_first=True)


def advised_by(session: Session, actor: Actor, *, first: int = 0, size: int = 10) -> Page:
    """The consultations in which the person has said yes, open ones first."""
    cases = (
        select(Offer.case_id)
        .join(Member, Member.id == Offer.member_id)
        .where(Member.person_id == actor.stands_for, Offer.status == OfferStatus.ACCEPTED)
    )
    where = (Case.organisation_id == actor.organisation_id) & Case.id.in_(cases)
    return _page(session, where, first, size, open_first=True)


def to_distribute(session: Session, organisation_id: int, *, first: int = 0, size: int = 10) -> Page:
    """Consultations that nobody has been asked about (att fördela), the oldest first."""
    where = (Case.organisation_id == organisation_id) & (Case.status == Status.SUBMITTED)
    return _page(session, where, first, size, oldest_first=True)


def in_status(
    session: Session, organisation_id: int, statuses: Sequence[Status], *, first: int = 0, size: int = 10
) -> Page:
    """The organisation's consultations in some statuses, the latest change first; for coordinators."""
    where = (Case.organisation_id == organisation_id) & Case.status.in_(statuses)
    return _page(session, where, first, size)


def overdue(session: Session, organisation_id: int, today: dt.date, *, first: int = 0, size: int = 10) -> Page:
    """Open consultations whose wanted day has passed, the oldest first."""
    where = (
        (Case.organisation_id == organisation_id)
        & Case.status.in_([Status.SUBMITTED, Status.CLARIFYING, Status.OFFERED, Status.ACTIVE])
        & (Case.wanted_by < today)
    )
    return _page(session, where, first, size, oldest_first=True)


def questions_to(session: Session, actor: Actor) -> list[tuple[int, int]]:
    """The questions that wait for this member's answer, as (question, case), the one due first first."""
    query = (
        select(Offer.id, Offer.case_id)
        .join(Member, Member.id == Offer.member_id)
        .where(
            Offer.organisation_id == actor.organisation_id,
            Member.person_id == actor.stands_for,
            Offer.status == OfferStatus.PENDING,
        )
        .order_by(Offer.due_at, Offer.id)
        .limit(20)
    )
    return [(offer_id, case_id) for offer_id, case_id in session.execute(query)]


def found(session: Session, actor: Actor, text: str, *, first: int = 0, size: int = 10) -> Page:
    """What a search finds of what this person may read, the best first."""
    coordinating = coordinates(session, actor.organisation_id, actor.person_id)
    own = Case.shown.is_(False) if coordinating else Case.requester_id == actor.stands_for
    ids, total = search.find(session, actor.organisation_id, text, own=own, first=first, size=size)
    lines = {line.id: line for line in _lines(session, select(Case.id).where(Case.id.in_(ids)))}
    return Page(tuple(lines[case_id] for case_id in ids), first, total)


def lines_of(session: Session, case_ids: Sequence[int]) -> tuple[Line, ...]:
    """These cases as lines, in the order given."""
    lines = {line.id: line for line in _lines(session, select(Case.id).where(Case.id.in_(case_ids)))}
    return tuple(lines[case_id] for case_id in case_ids if case_id in lines)


_CLOSED_LAST = Case.status.in_([Status.CLOSED, Status.WITHDRAWN])


def _page(
    session: Session,
    where: ColumnElement[bool],
    first: int,
    size: int,
    *,
    open_first: bool = False,
    oldest_first: bool = False,
) -> Page:
    total = session.execute(select(func.count()).select_from(Case).where(where)).scalar_one()
    order: list[Any] = [Case.filed_at, Case.id] if oldest_first else [Case.changed_at.desc(), Case.id.desc()]
    if open_first:
        order.insert(0, _CLOSED_LAST)
    ids = session.scalars(select(Case.id).where(where).order_by(*order).offset(first).limit(size)).all()
    return Page(lines_of(session, ids), first, total)


def _lines(session: Session, cases: Select[Any]) -> list[Line]:
    requester, coordinator = aliased(Person), aliased(Person)
    waits = (
        select(func.min(Offer.due_at))
        .where(Offer.case_id == Case.id, Offer.status == OfferStatus.PENDING)
        .scalar_subquery()
    )
    query = (
        select(Case, requester.name, coordinator.name, Unit.name, District.name, Lesson.approved_at, waits)
        .join(requester, requester.id == Case.requester_id)
        .outerjoin(coordinator, coordinator.id == Case.coordinator_id)
        .outerjoin(CaseUnit, (CaseUnit.case_id == Case.id) & CaseUnit.responsible)
        .outerjoin(Unit, Unit.id == CaseUnit.unit_id)
        .outerjoin(District, District.id == Unit.district_id)
        .outerjoin(Lesson, Lesson.case_id == Case.id)
        .where(Case.id.in_(cases))
    )
    return [
        Line(
            id=case.id,
            number=case.number,
            title=case.title,
            status=case.status,
            requester=requester_name,
            coordinator=coordinator_name,
            unit=", ".join(name for name in (unit, district) if name),
            filed_at=case.filed_at,
            changed_at=case.changed_at,
            wanted_by=case.wanted_by,
            outcome=case.outcome,
            has_lesson=approved_at is not None,
            waits_for=waits_for,
        )
        for case, requester_name, coordinator_name, unit, district, approved_at, waits_for in session.execute(query)
    ]
