"""What a week brought: the content of a digest, from the events of a span and the states at its end."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.standing import OPEN
from bot.timetable import calendar_of
from bot.workdays import IsoWeek
from models.case import Case, CaseOutcome, CaseUnit, Event, Lesson, Offer
from models.life import Act, OfferStatus, Status
from models.organisation import District, Organisation, Unit
from models.people import Member, Person

CAP = 8
"""How many consultations a section names; of the others it says how many they are."""

AHEAD = dt.timedelta(days=14)
"""How far ahead wanted days are listed."""

_LOOKING = {Status.SUBMITTED, Status.OFFERED}
_UNDER_WAY = {Status.ACTIVE, Status.PAUSED}
_AWAITED = set(OPEN) - {Status.PAUSED}
_CHANGES = {Act.ACCEPT, Act.RELEASE, Act.REASSIGN, Act.NOTE, Act.PAUSE, Act.RESUME, Act.REOPEN}


@dataclass(frozen=True, slots=True)
class Entry:
    """A consultation in a digest, as it stood at the end of the span. Only what the forum may see.

    `changes` are the acts of the span in order, each once. `lesson` is empty until the requester has approved it;
    `members` are named with it when they have agreed to that.
    """

    case_id: int
    number: int
    title: str
    unit: str
    status: Status
    filed_at: dt.datetime
    wanted_by: dt.date | None
    changes: tuple[Act, ...]
    outcome: CaseOutcome | None
    lesson: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A digest's section: the first consultations, how many `more` there are, and how many only count (`hidden`)."""

    entries: tuple[Entry, ...]
    more: int
    hidden: int

    @property
    def total(self) -> int:
        """All of them."""
        return len(self.entries) + self.more + self.hidden


@dataclass(frozen=True, slots=True)
class SpanNumbers:
    """The span in numbers, what is not shown in the forum included; `looking` and `under_way` hold at its end."""

    filed: int
    accepted: int
    answers: int
    closed: int
    withdrawn: int
    looking: int
    under_way: int


@dataclass(frozen=True, slots=True)
class DigestContent:
    """What a digest tells, from `covers_from` until just before `covers_to`.

    `looking` are those filed before the span that look for a member; `under_way` those with a member where something
    changed; `answered` those answered and not closed; `lessons` lessons approved in the span of consultations closed
    before it; `coming` those with a wanted day within two weeks, the earliest first.
    """

    week: IsoWeek
    covers_from: dt.datetime
    covers_to: dt.datetime
    new: Section
    looking: Section
    under_way: Section
    answered: Section
    closed: Section
    lessons: Section
    coming: Section
    numbers: SpanNumbers

    @property
    def happened(self) -> bool:
        """Whether there is anything to tell that was not so before."""
        return any(each.total for each in (self.new, self.under_way, self.answered, self.closed, self.lessons))

    @property
    def long(self) -> bool:
        """Whether more than a week is told of, as after a quiet period or an outage."""
        return self.covers_to - self.covers_from > dt.timedelta(days=8)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A case with the status it had at the end of the span, and what was done to it in the span."""

    case: Case
    unit: str
    status: Status
    acts: tuple[Act, ...]

    @property
    def told(self) -> bool:
        """Whether the forum may read about it."""
        return self.case.shown and self.case.status is not Status.WITHDRAWN

    def did(self, *acts: Act) -> bool:
        return not set(acts).isdisjoint(self.acts)


@dataclass(frozen=True, slots=True)
class _Learned:
    text: str
    members: tuple[str, ...]


def compose(session: Session, organisation_id: int, covers_from: dt.datetime, covers_to: dt.datetime) -> DigestContent:
    """What happened in the span, and where everything stood at its end, in a constant number of statements.

    It reads the events of the span and those after it, by their index, so that it tells the same whenever it is asked.
    """
    calendar = calendar_of(session.get_one(Organisation, organisation_id))
    today = calendar.local(covers_to).date()
    acts = _acts(session, organisation_id, covers_from, covers_to)
    seen = _seen(session, organisation_id, acts, covers_to)
    learned = _learned(
        session, [each.case.id for each in seen if each.did(Act.CLOSE, Act.LESSON, Act.APPROVE)], covers_to
    )

    def section(holds: Callable[[_Seen], bool], order: Callable[[_Seen], object] | None = None) -> Section:
        return _section([each for each in seen if holds(each)], learned, order)

    def closed(each: _Seen) -> bool:
        return each.did(Act.CLOSE) and each.status is Status.CLOSED

    def new(each: _Seen) -> bool:
        return each.did(Act.FILE) and each.status is not Status.WITHDRAWN

    def answered(each: _Seen) -> bool:
        return each.did(Act.ANSWER) and each.status in OPEN

    return DigestContent(
        week=calendar.week(covers_to),
        covers_from=covers_from,
        covers_to=covers_to,
        new=section(new),
        looking=section(lambda each: each.status in _LOOKING and not each.did(Act.FILE)),
        under_way=section(
            lambda each: each.status in _UNDER_WAY and each.did(*_CHANGES) and not new(each) and not answered(each)
        ),
        answered=section(answered),
        closed=section(closed),
        lessons=section(lambda each: each.case.id in learned and each.status is Status.CLOSED and not closed(each)),
        coming=section(
            lambda each: (
                each.status in _AWAITED
                and each.case.wanted_by is not None
                and today <= each.case.wanted_by <= today + AHEAD
            ),
            lambda each: each.case.wanted_by,
        ),
        numbers=_numbers(acts, seen),
    )


def statuses_at(session: Session, organisation_id: int, moment: dt.datetime) -> dict[int, Status | None]:
    """The status at a moment of every case to which something has been done since; None: it was not filed yet.

    A case that is not here has had its present status since before the moment.
    """
    query = (
        select(Event.case_id, Event.before)
        .where(Event.organisation_id == organisation_id, Event.at >= moment)
        .order_by(Event.seq.desc())
    )
    return dict(session.execute(query).all())


def _acts(
    session: Session, organisation_id: int, covers_from: dt.datetime, covers_to: dt.datetime
) -> dict[int, list[Act]]:
    acts: dict[int, list[Act]] = {}
    query = (
        select(Event.case_id, Event.act)
        .where(Event.organisation_id == organisation_id, Event.at >= covers_from, Event.at < covers_to)
        .order_by(Event.case_id, Event.seq)
    )
    for case_id, act in session.execute(query):
        acts.setdefault(case_id, []).append(act)
    return acts


def _seen(session: Session, organisation_id: int, acts: Mapping[int, list[Act]], covers_to: dt.datetime) -> list[_Seen]:
    """The cases that something happened to, and those that were open at the end of the span, in order of number."""
    then = statuses_at(session, organisation_id, covers_to)
    wanted = Case.id.in_(acts.keys() | then.keys()) | Case.status.in_(OPEN)
    seen = []
    for case, unit, district in session.execute(_cases(organisation_id).where(wanted)):
        status = then.get(case.id, case.status)
        if status is not None and (case.id in acts or status in OPEN):
            label = ", ".join(name for name in (unit, district) if name)
            seen.append(_Seen(case, label, status, tuple(acts.get(case.id, ()))))
    return seen


def _cases(organisation_id: int) -> Select[Case, str, str]:
    return (
        select(Case, Unit.name, District.name)
        .outerjoin(CaseUnit, (CaseUnit.case_id == Case.id) & CaseUnit.responsible)
        .outerjoin(Unit, Unit.id == CaseUnit.unit_id)
        .outerjoin(District, District.id == Unit.district_id)
        .where(Case.organisation_id == organisation_id)
        .order_by(Case.number)
    )


def _learned(session: Session, case_ids: Collection[int], covers_to: dt.datetime) -> dict[int, _Learned]:
    """The lessons of these cases that were approved before the end of the span, with the members to be named."""
    lessons = session.scalars(
        select(Lesson).where(Lesson.case_id.in_(case_ids), Lesson.approved_at < covers_to).order_by(Lesson.id)
    ).all()
    named: dict[int, list[str]] = {}
    members = (
        select(Offer.case_id, Person.name)
        .join(Member, Member.id == Offer.member_id)
        .join(Person, Person.id == Member.person_id)
        .where(
            Offer.case_id.in_([each.case_id for each in lessons if each.names_members]),
            Offer.status == OfferStatus.ACCEPTED,
        )
        .order_by(Offer.id)
    )
    for case_id, name in session.execute(members):
        named.setdefault(case_id, []).append(name)
    return {each.case_id: _Learned(each.text, tuple(named.get(each.case_id, ()))) for each in lessons}


def _section(
    seen: Iterable[_Seen], learned: Mapping[int, _Learned], order: Callable[[_Seen], object] | None
) -> Section:
    listed = list(seen)
    told = [each for each in listed if each.told]
    if order is not None:
        told.sort(key=order)  # type: ignore[arg-type]
    entries = tuple(_entry(each, learned.get(each.case.id, _Learned("", ()))) for each in told[:CAP])
    return Section(entries, more=len(told) - len(entries), hidden=len(listed) - len(told))


def _entry(seen: _Seen, learned: _Learned) -> Entry:
    case = seen.case
    return Entry(
        case_id=case.id,
        number=case.number,
        title=case.title,
        unit=seen.unit,
        status=seen.status,
        filed_at=case.filed_at,
        wanted_by=case.wanted_by,
        changes=tuple(dict.fromkeys(seen.acts)),
        outcome=case.outcome if seen.status is Status.CLOSED else None,
        lesson=learned.text,
        members=learned.members,
    )


def _numbers(acts: Mapping[int, list[Act]], seen: Iterable[_Seen]) -> SpanNumbers:
    done = [act for each in acts.values() for act in each]
    statuses = [each.status for each in seen]
    return SpanNumbers(
        filed=done.count(Act.FILE),
        accepted=done.count(Act.ACCEPT),
        answers=done.count(Act.ANSWER),
        closed=done.count(Act.CLOSE),
        withdrawn=done.count(Act.WITHDRAW),
        looking=sum(status in _LOOKING for status in statuses),
        under_way=statuses.count(Status.ACTIVE),
    )
