"""Where members stand towards a request: ties, days away, what they have on their hands, what they have said."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from bot.matching.profiles import State
from models.case import AnswerKind, Case, CaseUnit, Offer
from models.life import OfferStatus, Status
from models.organisation import Unit, University, Workspace
from models.people import Absence, Conflict, Identity, Member, Person

OPEN = (Status.SUBMITTED, Status.CLARIFYING, Status.OFFERED, Status.ACTIVE, Status.PAUSED)
"""The statuses of a consultation that has not ended."""

_BEEN_ASKED = (OfferStatus.PENDING, OfferStatus.ACCEPTED, OfferStatus.EXPIRED, OfferStatus.RELEASED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member who might be asked."""

    member_id: int
    person_id: int
    name: str
    title: str
    university: str
    in_chat: bool
    capacity: int
    paused: bool
    ask_again_from: dt.date | None


@dataclass(frozen=True, slots=True)
class Asked:
    """The request that members are looked for: a case, or a text that is being written (`case_id` None). `review` says
    that a draft is to be reviewed: then it matters who has advised the same requester before."""

    organisation_id: int
    case_id: int | None
    requester_id: int | None
    unit_ids: tuple[int, ...]
    wanted_by: dt.date | None
    review: bool = False


def candidates(session: Session, organisation_id: int) -> dict[int, Candidate]:
    """The organisation's members who have not left, by id."""
    in_chat = (
        select(Identity.id)
        .join(Workspace, (Workspace.platform == Identity.platform) & (Workspace.team == Identity.team))
        .where(Workspace.organisation_id == organisation_id, Identity.person_id == Member.person_id, Identity.active)
        .exists()
    )
    query = (
        select(Member, Person.name, University.name, in_chat)
        .join(Person, Person.id == Member.person_id)
        .outerjoin(University, University.id == Member.university_id)
        .where(Member.organisation_id == organisation_id, Member.left_at.is_(None))
    )
    return {
        member.id: Candidate(
            member_id=member.id,
            person_id=member.person_id,
            name=name,
            title=member.title,
            university=university or "",
            in_chat=chat,
            capacity=member.capacity,
            paused=member.paused_at is not None,
            ask_again_from=member.ask_again_from,
        )
        for member, name, university, chat in session.execute(query)
    }


def states(session: Session, asked: Asked, members: Iterable[Candidate], today: dt.date) -> dict[str, State]:
    """Where each member stands, by the matcher's ids, in a constant number of statements.

    `today` is a day in the organisation's zone. A member counts as away on the days they have given, both today and on
    the day the answer is wanted, and until the day from which they want to be asked again.
    """
    tied = _tied(session, asked)
    away = _away(session, asked, today)
    said = _said(session, asked)
    open_cases = _open_cases(session, asked.organisation_id)
    last_asked = _last_asked(session, asked.organisation_id)
    advised = _advised(session, asked)
    return {
        str(each.member_id): State(
            id=str(each.member_id),
            conflict="declared" if each.member_id in tied or each.person_id == asked.requester_id else None,
            away_until=_later(away.get(each.member_id), _day_before(each.ask_again_from, today)),
            paused=each.paused,
            open_cases=open_cases.get(each.member_id, 0),
            capacity=each.capacity,
            asked_days_ago=_days_since(last_asked.get(each.member_id), today),
            declined=said.get(each.member_id) is OfferStatus.DECLINED,
            asked=said.get(each.member_id) in _BEEN_ASKED,
            advised_before=each.member_id in advised,
        )
        for each in members
    }


def _tied(session: Session, asked: Asked) -> set[int]:
    """The members with a declared tie; only what was declared counts, nothing is guessed from a shared university."""
    districts = select(Unit.district_id).where(Unit.id.in_(asked.unit_ids), Unit.district_id.is_not(None))
    ties: list[ColumnElement[bool]] = [Conflict.district_id.in_(districts)]
    if asked.case_id is not None:
        ties.append(Conflict.case_id == asked.case_id)
    if asked.requester_id is not None:
        ties.append(Conflict.person_id == asked.requester_id)
    query = select(Conflict.member_id).where(Conflict.organisation_id == asked.organisation_id, or_(*ties))
    return set(session.scalars(query))


def _away(session: Session, asked: Asked, today: dt.date) -> dict[int, dt.date]:
    days = [today] if asked.wanted_by is None else [today, asked.wanted_by]
    covering = [(Absence.first_day <= day) & (Absence.last_day >= day) for day in days]
    query = (
        select(Absence.member_id, func.max(Absence.last_day))
        .where(Absence.organisation_id == asked.organisation_id, or_(*covering))
        .group_by(Absence.member_id)
    )
    return dict(session.execute(query).all())


def _said(session: Session, asked: Asked) -> dict[int, OfferStatus]:
    """What became of the latest question to each member in this case; a question drawn back counts for nothing."""
    query = (
        select(Offer.member_id, Offer.status)
        .where(Offer.case_id == asked.case_id, Offer.status != OfferStatus.RETRACTED)
        .order_by(Offer.id)
    )
    return dict(session.execute(query).all())


def _open_cases(session: Session, organisation_id: int) -> dict[int, int]:
    query = (
        select(Offer.member_id, func.count())
        .join(Case, Case.id == Offer.case_id)
        .where(Case.organisation_id == organisation_id, Case.status.in_(OPEN), Offer.status == OfferStatus.ACCEPTED)
        .group_by(Offer.member_id)
    )
    return dict(session.execute(query).all())


def _last_asked(session: Session, organisation_id: int) -> dict[int, dt.datetime]:
    """When each member was asked last, looked up one by one: most of what was ever asked is not read."""
    latest = select(func.max(Offer.asked_at)).where(Offer.member_id == Member.id).scalar_subquery()
    query = select(Member.id, latest).where(Member.organisation_id == organisation_id)
    return {member_id: moment for member_id, moment in session.execute(query) if moment is not None}


def _advised(session: Session, asked: Asked) -> set[int]:
    """The members who have advised the same requester in another consultation, when a review is wanted."""
    if not asked.review:
        return set()
    query = (
        select(Offer.member_id)
        .join(Case, Case.id == Offer.case_id)
        .where(
            Case.organisation_id == asked.organisation_id,
            Case.requester_id == asked.requester_id,
            Case.id != asked.case_id,
            Offer.status == OfferStatus.ACCEPTED,
        )
    )
    return set(session.scalars(query))


def asked_in(session: Session, case: Case) -> Asked:
    """The request that a case is."""
    units: Sequence[int] = session.scalars(select(CaseUnit.unit_id).where(CaseUnit.case_id == case.id)).all()
    review = case.answer_kind is AnswerKind.REVIEW
    return Asked(case.organisation_id, case.id, case.requester_id, tuple(units), case.wanted_by, review)


def _day_before(ask_again_from: dt.date | None, today: dt.date) -> dt.date | None:
    if ask_again_from is None or ask_again_from <= today:
        return None
    return ask_again_from - dt.timedelta(days=1)


def _later(first: dt.date | None, second: dt.date | None) -> dt.date | None:
    if first is None or second is None:
        return first or second
    return max(first, second)


def _days_since(moment: dt.datetime | None, today: dt.date) -> int | None:
    return None if moment is None else max(0, (today - moment.date()).days)
