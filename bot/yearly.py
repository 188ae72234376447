"""The organisation in numbers: its year, as the yearly report counts it, and its week, for those who coordinate."""

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.news import statuses_at
from bot.timetable import calendar_of
from models.case import Case, CaseOutcome, CaseUnit, Event
from models.life import Act, Status
from models.organisation import Area, District, Organisation, Unit
from models.people import Member, PauseCause

_WEEK = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of one thing; `name` None is those without an area, or the city-wide units."""

    name: str | None
    name_en: str | None
    count: int


@dataclass(frozen=True, slots=True)
class OrganisationYear:
    """A calendar year. `under_way` counts by activity and not by filing (R22): consultations that had a member and
    were pursued at any time of the year; `by_area` and `by_district` count those, once for each district that asked.
    `by_outcome` counts what was closed during the year.
    """

    year: int
    under_way: int
    filed: int
    answers: int
    closed: int
    by_outcome: tuple[tuple[CaseOutcome, int], ...]
    by_area: tuple[Count, ...]
    by_district: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class WeekNumbers:
    """The last seven days (`new`, `answered`, `closed`) and how things stand now (the others)."""

    new: int
    waiting: int
    under_way: int
    answered: int
    closed: int
    silent_members: int
    overdue: int


def organisation_year(session: Session, organisation_id: int, year: int) -> OrganisationYear:
    """The year in numbers, from January to December in the organisation's zone."""
    zone = ZoneInfo(session.get_one(Organisation, organisation_id).zone)
    starts, ends = (dt.datetime(each, 1, 1, tzinfo=zone).astimezone(dt.UTC) for each in (year, year + 1))
    events = session.execute(
        select(Event.case_id, Event.act, Event.after, Event.data)
        .where(Event.organisation_id == organisation_id, Event.at >= starts, Event.at < ends)
        .order_by(Event.seq)
    ).all()
    under_way = _active_at(session, organisation_id, starts) | {
        event.case_id for event in events if event.after is Status.ACTIVE
    }
    acts = Counter(event.act for event in events)
    outcomes = {event.case_id: CaseOutcome(event.data["outcome"]) for event in events if event.act is Act.CLOSE}
    ended = Counter(outcomes.values())
    return OrganisationYear(
        year=year,
        under_way=len(under_way),
        filed=acts[Act.FILE],
        answers=acts[Act.ANSWER],
        closed=len(outcomes),
        by_outcome=tuple((outcome, ended[outcome]) for outcome in CaseOutcome if ended[outcome]),
        by_area=_by_area(session, under_way),
        by_district=_by_district(session, under_way),
    )


def week_in_numbers(session: Session, organisation_id: int, now: dt.datetime) -> WeekNumbers:
    """The week in numbers at `now`."""
    today = calendar_of(session.get_one(Organisation, organisation_id)).local(now).date()
    acts = Event.act.in_([Act.FILE, Act.ANSWER, Act.CLOSE])
    week = (Event.organisation_id == organisation_id) & (Event.at > now - _WEEK) & (Event.at <= now)
    happened = dict(
        session.execute(
            select(Event.act, func.count(Event.case_id.distinct())).where(week, acts).group_by(Event.act)
        ).all()
    )
    standing = dict(
        session.execute(
            select(Case.status, func.count())
            .where(Case.organisation_id == organisation_id, Case.status.in_([Status.SUBMITTED, Status.ACTIVE]))
            .group_by(Case.status)
        ).all()
    )
    awaited = Case.status.in_([Status.SUBMITTED, Status.CLARIFYING, Status.OFFERED, Status.ACTIVE])
    overdue = select(func.count()).where(Case.organisation_id == organisation_id, awaited, Case.wanted_by < today)
    silent = select(func.count()).where(
        Member.organisation_id == organisation_id,
        Member.paused_by == PauseCause.UNANSWERED,
        Member.paused_at.is_not(None),
        Member.left_at.is_(None),
    )
    return WeekNumbers(
        new=happened.get(Act.FILE, 0),
        waiting=standing.get(Status.SUBMITTED, 0),
        under_way=standing.get(Status.ACTIVE, 0),
        answered=happened.get(Act.ANSWER, 0),
        closed=happened.get(Act.CLOSE, 0),
        silent_members=session.execute(silent).scalar_one(),
        overdue=session.execute(overdue).scalar_one(),
    )


def _active_at(session: Session, organisation_id: int, moment: dt.datetime) -> set[int]:
    then = statuses_at(session, organisation_id, moment)
    now = select(Case.id).where(Case.organisation_id == organisation_id, Case.status == Status.ACTIVE)
    unchanged = set(session.scalars(now)) - then.keys()
    return unchanged | {case_id for case_id, status in then.items() if status is Status.ACTIVE}


def _by_area(session: Session, case_ids: Collection[int]) -> tuple[Count, ...]:
    query = (
        select(Area.name, Area.name_en, func.count())
        .select_from(Case)
        .outerjoin(Area, Area.id == Case.area_id)
        .where(Case.id.in_(case_ids))
        .group_by(Area.id, Area.name, Area.name_en, Area.position)
        .order_by(Area.id.is_(None), Area.position, Area.id)
    )
    return tuple(Count(name, name_en, count) for name, name_en, count in session.execute(query))


def _by_district(session: Session, case_ids: Collection[int]) -> tuple[Count, ...]:
    query = (
        select(District.name, func.count(CaseUnit.case_id.distinct()))
        .select_from(CaseUnit)
        .join(Unit, Unit.id == CaseUnit.unit_id)
        .outerjoin(District, District.id == Unit.district_id)
        .where(CaseUnit.case_id.in_(case_ids))
        .group_by(District.id, District.name, District.sort_key)
        .order_by(District.id.is_(None), District.sort_key, District.id)
    )
    return tuple(Count(name, name, count) for name, count in session.execute(query))
