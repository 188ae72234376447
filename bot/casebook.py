"""The casebook: cases as they are read, whole or in lists, in a constant number of statements."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from bot import search
from bot.actors import Actor
from bot.authority import coordinates, may_read, parts_in
from bot.refusals import NotFound
from models.case import (
    Answer,
    AnswerKind,
    Case,
    CaseLink,
    CaseOutcome,
    CaseUnit,
    Comment,
    DeclineReason,
    Help,
    Lesson,
    Note,
    NoteKind,
    Offer,
    Phase,
)
from models.life import OfferStatus, Part, Status
from models.organisation import Area, District, Unit
from models.people import Member, Person


@dataclass(frozen=True, slots=True)
class UnitSeen:
    """A unit in a case, with its district (None: city-wide)."""

    id: int
    name: str
    district: str | None
    responsible: bool
    dnr: str
    confirmed: bool

    @property
    def label(self) -> str:
        """Unit and district in one line."""
        return f"{self.name}, {self.district}" if self.district else self.name


@dataclass(frozen=True, slots=True)
class OfferSeen:
    """A question to a member as coordinators see it."""

    id: int
    member_id: int
    person_id: int
    name: str
    status: OfferStatus
    asked_at: dt.datetime
    due_at: dt.datetime
    decided_at: dt.datetime | None
    reason: DeclineReason | None
    ask_again_from: dt.date | None
    note: str
    hours: int


@dataclass(frozen=True, slots=True)
class TextSeen:
    """A text that somebody wrote in a case."""

    id: int
    person_id: int
    name: str
    text: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class NoteSeen(TextSeen):
    """A note; `offer_id` when it belongs to a question to a member."""

    kind: NoteKind
    offer_id: int | None


@dataclass(frozen=True, slots=True)
class AnswerSeen(TextSeen):
    """An answer with what was said about it."""

    links: tuple[str, ...]
    comments: tuple[TextSeen, ...]


@dataclass(frozen=True, slots=True)
class LessonSeen:
    """The lesson; `approved` when the requester has let the forum read it."""

    text: str
    approved: bool
    names_members: bool
    person_id: int


@dataclass(frozen=True, slots=True)
class CaseSeen:
    """A whole case. What of it somebody may read is told by `parts`."""

    id: int
    organisation_id: int
    number: int
    version: int
    status: Status
    title: str
    question: str
    area_id: int | None
    area: str | None
    area_en: str | None
    help: Help
    answer_kind: AnswerKind
    phase: Phase
    wanted_by: dt.date | None
    shown: bool
    members_wanted: int
    standby: tuple[int, ...]
    wishes: tuple[int, ...]
    requester_id: int
    requester: str
    coordinator_id: int | None
    coordinator: str | None
    filed_at: dt.datetime
    changed_at: dt.datetime
    closed_at: dt.datetime | None
    outcome: CaseOutcome | None
    hours: float | None
    units: tuple[UnitSeen, ...]
    offers: tuple[OfferSeen, ...]
    answers: tuple[AnswerSeen, ...]
    notes: tuple[NoteSeen, ...]
    links: tuple[tuple[str, str], ...]
    lesson: LessonSeen | None

    @property
    def members(self) -> tuple[OfferSeen, ...]:
        """The members whose acceptance holds."""
        return tuple(offer for offer in self.offers if offer.status is OfferStatus.ACCEPTED)

    @property
    def pending(self) -> tuple[OfferSeen, ...]:
        """The questions that wait for an answer."""
        return tuple(offer for offer in self.offers if offer.status is OfferStatus.PENDING)

    @property
    def unit(self) -> UnitSeen | None:
        """The responsible unit."""
        return next((unit for unit in self.units if unit.responsible), None)


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


def read(session: Session, case_id: int) -> CaseSeen:
    """The whole case, whoever asks; callers that show it to a person use `read_as`. Raises `NotFound`."""
    requester, coordinator = aliased(Person), aliased(Person)
    row = session.execute(
        select(Case, requester.name, coordinator.name, Area.name, Area.name_en)
        .join(requester, requester.id == Case.requester_id)
        .outerjoin(coordinator, coordinator.id == Case.coordinator_id)
        .outerjoin(Area, Area.id == Case.area_id)
        .where(Case.id == case_id)
    ).one_or_none()
    if row is None:
        raise NotFound("case")
    case, requester_name, coordinator_name, area, area_en = row
    lesson = session.scalar(select(Lesson).where(Lesson.case_id == case_id))
    return CaseSeen(
        id=case.id,
        organisation_id=case.organisation_id,
        number=case.number,
        version=case.version,
        status=case.status,
        title=case.title,
        question=case.question,
        area_id=case.area_id,
        area=area,
        area_en=area_en,
        help=case.help,
        answer_kind=case.answer_kind,
        phase=case.phase,
        wanted_by=case.wanted_by,
        shown=case.shown,
        members_wanted=case.members_wanted,
        standby=tuple(case.standby),
        wishes=tuple(case.wishes),
        requester_id=case.requester_id,
        requester=requester_name,
        coordinator_id=case.coordinator_id,
        coordinator=coordinator_name,
        filed_at=case.filed_at,
        changed_at=case.changed_at,
        closed_at=case.closed_at,
        outcome=case.outcome,
        hours=case.hours,
        units=_units(session, case_id),
        offers=_offers(session, case_id),
        answers=_answers(session, case_id),
        notes=_notes(session, case_id),
        links=tuple(
            (url, title)
            for url, title in session.execute(
                select(CaseLink.url, CaseLink.title).where(CaseLink.case_id == case_id).order_by(CaseLink.id)
            )
        ),
        lesson=None
        if lesson is None
        else LessonSeen(lesson.text, lesson.approved_at is not None, lesson.names_members, lesson.person_id),
    )


def without_pending_names(case: CaseSeen) -> CaseSeen:
    """The case as the requester and the forum read it: who has been asked and not yet answered is not named."""
    offers = (replace(offer, name="") if offer.status is OfferStatus.PENDING else offer for offer in case.offers)
    return replace(case, offers=tuple(offers))


def read_as(session: Session, actor: Actor, case_id: int) -> tuple[CaseSeen, frozenset[Part]]:
    """The case as this person may read it, with their parts in it. Raises `NotFound` when it is not theirs to see."""
    case = session.get(Case, case_id)
    if case is None or case.organisation_id != actor.organisation_id:
        raise NotFound("case")
    parts = parts_in(session, case, actor.stands_for)
    if not may_read(case, parts):
        raise NotFound("case")
    return read(session, case_id), parts


def by_number(session: Session, actor: Actor, number: int) -> int:
    """The id of the case with this number, when the person may see it. Raises `NotFound` otherwise."""
    case = session.scalar(select(Case).where(Case.organisation_id == actor.organisation_id, Case.number == number))
    if case is None or not may_read(case, parts_in(session, case, actor.stands_for)):
        raise NotFound("number", number=number)
    return case.id


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
    if coordinates(session, actor.organisation_id, actor.person_id):
        own: Sequence[int] = session.scalars(
            select(Case.id).where(Case.organisation_id == actor.organisation_id, Case.shown.is_(False))
        ).all()
    else:
        own = session.scalars(
            select(Case.id).where(Case.organisation_id == actor.organisation_id, Case.requester_id == actor.stands_for)
        ).all()
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


def _units(session: Session, case_id: int) -> tuple[UnitSeen, ...]:
    query = (
        select(CaseUnit, Unit.name, District.name)
        .join(Unit, Unit.id == CaseUnit.unit_id)
        .outerjoin(District, District.id == Unit.district_id)
        .where(CaseUnit.case_id == case_id)
        .order_by(CaseUnit.responsible.desc(), Unit.sort_key, CaseUnit.id)
    )
    return tuple(
        UnitSeen(row.unit_id, name, district, row.responsible, row.dnr, row.confirmed_at is not None)
        for row, name, district in session.execute(query)
    )


def _offers(session: Session, case_id: int) -> tuple[OfferSeen, ...]:
    query = (
        select(Offer, Member.person_id, Person.name)
        .join(Member, Member.id == Offer.member_id)
        .join(Person, Person.id == Member.person_id)
        .where(Offer.case_id == case_id)
        .order_by(Offer.id)
    )
    return tuple(
        OfferSeen(
            id=offer.id,
            member_id=offer.member_id,
            person_id=person_id,
            name=name,
            status=offer.status,
            asked_at=offer.asked_at,
            due_at=offer.due_at,
            decided_at=offer.decided_at,
            reason=offer.reason,
            ask_again_from=offer.ask_again_from,
            note=offer.note,
            hours=offer.hours,
        )
        for offer, person_id, name in session.execute(query)
    )


def _answers(session: Session, case_id: int) -> tuple[AnswerSeen, ...]:
    comments: dict[int, list[TextSeen]] = {}
    for comment, name in session.execute(
        select(Comment, Person.name)
        .join(Person, Person.id == Comment.person_id)
        .where(Comment.case_id == case_id)
        .order_by(Comment.id)
    ):
        seen = TextSeen(comment.id, comment.person_id, name, comment.text, comment.written_at)
        comments.setdefault(comment.answer_id, []).append(seen)
    query = (
        select(Answer, Person)
        .join(Member, Member.id == Answer.member_id)
        .join(Person, Person.id == Member.person_id)
        .where(Answer.case_id == case_id)
        .order_by(Answer.id)
    )
    return tuple(
        AnswerSeen(
            answer.id,
            person.id,
            person.name,
            answer.text,
            answer.given_at,
            links=tuple(answer.links),
            comments=tuple(comments.get(answer.id, ())),
        )
        for answer, person in session.execute(query)
    )


def _notes(session: Session, case_id: int) -> tuple[NoteSeen, ...]:
    query = (
        select(Note, Person.name)
        .join(Person, Person.id == Note.person_id)
        .where(Note.case_id == case_id)
        .order_by(Note.id)
    )
    return tuple(
        NoteSeen(note.id, note.person_id, name, note.text, note.written_at, kind=note.kind, offer_id=note.offer_id)
        for note, name in session.execute(query)
    )
