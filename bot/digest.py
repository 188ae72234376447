"""The weekly digest (veckobrev): when it comes, and exactly one decision about it for each ISO week."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import jobs, notices
from bot.actors import Actor
from bot.authority import coordinates
from bot.news import DigestContent, compose
from bot.refusals import NotAllowed, NotFound, TooLate
from bot.timetable import calendar_of
from bot.workdays import Calendar, IsoWeek
from models.digest import Decision, Digest
from models.job import Job
from models.organisation import Organisation, Silence

__all__ = [
    "DigestContent",
    "Edition",
    "compose",
    "decide",
    "edition",
    "ensure_timer",
    "next_moment",
    "post_now",
    "preview",
    "run",
]

FIRST_SPAN = dt.timedelta(days=7)
"""What the very first digest tells of."""

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Edition:
    """A week's digest as decided. With `why` `silent` or `quiet` a posted one is a friendly line and nothing more.

    `person_id` is who posted it by hand.
    """

    digest_id: int
    week: IsoWeek
    decision: Decision
    why: str
    person_id: int | None
    content: DigestContent


def run(session: Session, job: Job, at: dt.datetime) -> None:
    """The timer: decide about this week when its moment has come, and set the next timer."""
    organisation = _held(session, job.organisation_id)
    calendar = calendar_of(organisation)
    if _moment_in(organisation, calendar, calendar.week(at)) <= at:
        decide(session, organisation, at)
    ensure_timer(session, organisation, at)


def ensure_timer(session: Session, organisation: Organisation, now: dt.datetime) -> None:
    """See to it that the next digest has its timer: at every start, and whenever weekday, hour or days off change."""
    moment = next_moment(organisation, now)
    week = calendar_of(organisation).week(moment)
    jobs.timer(
        session,
        organisation_id=organisation.id,
        name="digest",
        key=f"digest.timer:{week.year}-{week.week}:{moment:%Y%m%dT%H%M}",
        due_at=moment,
    )


def next_moment(organisation: Organisation, now: dt.datetime) -> dt.datetime:
    """The next moment after `now`, in UTC, at which a week's digest is decided."""
    calendar = calendar_of(organisation)
    this_week = calendar.week(now)
    moment = _moment_in(organisation, calendar, this_week)
    return moment if moment > now else _moment_in(organisation, calendar, calendar.week(this_week.end))


def decide(session: Session, organisation: Organisation, now: dt.datetime, *, by: Actor | None = None) -> Digest:
    """Decide about the digest of the week that `now` falls in, once: posted, or skipped with why.

    It tells of everything since the last one, so that after an outage one late digest covers the gap; the weeks in
    between are put on record as skipped (`late`). Without `by` a week in which nothing happened (`silent`) and a
    quiet period (`quiet`) are skipped or get a friendly line, as the organisation has set; in a quiet period that line
    comes once. What happens in a quiet period is told after it. By hand (`by`) the digest is posted whatever the week,
    also one that was skipped; raises `TooLate` when the week's digest stands in the forum already.
    """
    organisation = _held(session, organisation.id)
    week = calendar_of(organisation).week(now)
    decided = session.scalar(
        select(Digest).where(
            Digest.organisation_id == organisation.id, Digest.year == week.year, Digest.week == week.week
        )
    )
    if decided is not None and by is None:
        return decided
    if decided is not None and decided.decision is Decision.POSTED:
        raise TooLate("digest_posted", week=week.week)
    covered_to = _covered_to(session, organisation, now)
    if decided is None:
        _record_missed(session, organisation, week, covered_to, now)
        decided = _new(session, organisation, week, covered_to, now)
        session.flush()
    decided.decided_at = now
    if by is not None:
        decided.decision, decided.why, decided.person_id, decided.covers_to = Decision.POSTED, "", by.person_id, now
    else:
        _decide_unasked(session, organisation, decided, now)
    session.flush()
    if decided.decision is Decision.POSTED:
        key = f"{week.year}-{week.week}"
        notices.remind_channel(session, organisation.id, "digest", key, notices.FORUM, subject_id=decided.id)
    return decided


def post_now(session: Session, actor: Actor, at: dt.datetime) -> Digest:
    """Post this week's digest by hand. Raises `NotAllowed` for who does not coordinate, `TooLate` as `decide` does."""
    _coordinating(session, actor)
    return decide(session, session.get_one(Organisation, actor.organisation_id), at, by=actor)


def preview(session: Session, actor: Actor, at: dt.datetime) -> DigestContent:
    """What the digest would tell if it were posted now. Raises `NotAllowed` for somebody who does not coordinate."""
    _coordinating(session, actor)
    organisation = session.get_one(Organisation, actor.organisation_id)
    return compose(session, organisation.id, _covered_to(session, organisation, at), at)


def edition(session: Session, digest_id: int) -> Edition:
    """A decided digest as it is told, whenever that is: the same span, and states as they were at its end.

    What has been taken out of the forum since is not told any more. Raises `NotFound`.
    """
    decided = session.get(Digest, digest_id)
    if decided is None:
        raise NotFound("digest")
    calendar = calendar_of(session.get_one(Organisation, decided.organisation_id))
    return Edition(
        digest_id=decided.id,
        week=IsoWeek(decided.year, decided.week, calendar.zone),
        decision=decided.decision,
        why=decided.why,
        person_id=decided.person_id,
        content=compose(session, decided.organisation_id, decided.covers_from, decided.covers_to),
    )


def _decide_unasked(session: Session, organisation: Organisation, decided: Digest, now: dt.datetime) -> None:
    calendar = calendar_of(organisation)
    line = organisation.digest_silence is Silence.LINE
    if _day_off(calendar, calendar.local(now).date()):
        decided.why = "quiet"
        line = line and _decision_before(session, decided) != "quiet"
    else:
        decided.covers_to = now
        if not compose(session, organisation.id, decided.covers_from, now).happened:
            decided.why = "silent"
    decided.decision = Decision.POSTED if line or not decided.why else Decision.SKIPPED


def _new(
    session: Session,
    organisation: Organisation,
    week: IsoWeek,
    covered_to: dt.datetime,
    now: dt.datetime,
    why: str = "",
) -> Digest:
    """A week's decision that covers nothing yet."""
    decided = Digest(
        organisation_id=organisation.id,
        year=week.year,
        week=week.week,
        decision=Decision.SKIPPED,
        why=why,
        covers_from=covered_to,
        covers_to=covered_to,
        decided_at=now,
    )
    session.add(decided)
    return decided


def _record_missed(
    session: Session, organisation: Organisation, week: IsoWeek, covered_to: dt.datetime, now: dt.datetime
) -> None:
    calendar = calendar_of(organisation)
    missed = _last_week(session, organisation, calendar)
    while missed is not None and (missed := calendar.week(missed.end)) < week:
        _new(session, organisation, missed, covered_to, now, "late")


def _last_week(session: Session, organisation: Organisation, calendar: Calendar) -> IsoWeek | None:
    last = session.execute(
        select(Digest.year, Digest.week)
        .where(Digest.organisation_id == organisation.id)
        .order_by(Digest.year.desc(), Digest.week.desc())
        .limit(1)
    ).one_or_none()
    return IsoWeek(last.year, last.week, calendar.zone) if last is not None else None


def _decision_before(session: Session, decided: Digest) -> str | None:
    """Why the latest decision before this one was as it was."""
    query = (
        select(Digest.why)
        .where(Digest.organisation_id == decided.organisation_id, Digest.id != decided.id)
        .order_by(Digest.year.desc(), Digest.week.desc())
        .limit(1)
    )
    return session.scalar(query)


def _covered_to(session: Session, organisation: Organisation, now: dt.datetime) -> dt.datetime:
    """The end of the span that digests have told of so far."""
    query = (
        select(Digest.covers_to)
        .where(Digest.organisation_id == organisation.id)
        .order_by(Digest.year.desc(), Digest.week.desc())
        .limit(1)
    )
    return session.scalar(query) or now - FIRST_SPAN


def _held(session: Session, organisation_id: int) -> Organisation:
    """The organisation, held, so that two processes cannot decide at once."""
    query = select(Organisation).where(Organisation.id == organisation_id).with_for_update(key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _moment_in(organisation: Organisation, calendar: Calendar, week: IsoWeek) -> dt.datetime:
    """When the week's digest is decided: on its weekday, or when that is a holiday the next working day of the week."""
    just_before = week.start - dt.timedelta.resolution
    chosen = calendar.local(calendar.next_weekly(just_before, organisation.digest_weekday, organisation.digest_hour))
    day = chosen.date()
    if _day_off(calendar, day) and not calendar.is_quiet(day):
        later = [day + _DAY * step for step in range(1, 7 - day.weekday())]
        day = next((each for each in later if calendar.is_working_day(each)), day)
    return calendar.next_weekly(just_before, day.weekday(), organisation.digest_hour)


def _day_off(calendar: Calendar, day: dt.date) -> bool:
    """Whether the day is quiet or a holiday; an organisation may have chosen a weekend day on purpose."""
    return calendar.is_quiet(day) or (day.weekday() < 5 and not calendar.is_working_day(day))


def _coordinating(session: Session, actor: Actor) -> None:
    if not coordinates(session, actor.organisation_id, actor.person_id):
        raise NotAllowed("digest")
