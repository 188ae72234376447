"""The casebook: a whole case as it is read, in a constant number of statements."""

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from bot.actors import Actor
from bot.authority import may_read, parts_in
from bot.casefile import AnswerSeen, CaseSeen, LessonSeen, NoteSeen, OfferSeen, TextSeen, UnitSeen
from bot.refusals import NotFound
from models.case import (
    Answer,
    Case,
    CaseLink,
    CaseUnit,
    Comment,
    Lesson,
    Note,
    Offer,
)
from models.life import Part
from models.organisation import Area, District, Unit
from models.people import Member, Person


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
        topics=tuple(case.topics),
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
