"""The timetable: which dates an organisation's cases and questions bring with them."""

import datetime as dt

from sqlalchemy.orm import Session

from bot import jobs
from bot.workdays import Calendar, quiet_periods
from models.case import Case, Offer
from models.organisation import Organisation


def calendar_of(organisation: Organisation) -> Calendar:
    """The organisation's working days and quiet periods."""
    if organisation.quiet_periods is None:
        return Calendar(organisation.zone)
    return Calendar(organisation.zone, quiet_periods(organisation.quiet_periods))


def due(session: Session, organisation_id: int, at: dt.datetime, working_days: int) -> dt.datetime:
    """The moment so many working days after `at`, quiet periods left out."""
    organisation = session.get_one(Organisation, organisation_id)
    return calendar_of(organisation).add_working_days(at, working_days)


def offer_dates(session: Session, offer: Offer, since: dt.datetime) -> None:
    """Set when a question falls due and is reminded of, counted from `since`; its earlier dates become void."""
    organisation = session.get_one(Organisation, offer.organisation_id)
    calendar = calendar_of(organisation)
    offer.due_at = calendar.add_working_days(since, organisation.offer_days)
    session.flush()
    reminder = calendar.add_working_days(since, organisation.reminder_days)
    if reminder < offer.due_at:
        _offer_timer(session, offer, "offer.reminder", reminder)
    _offer_timer(session, offer, "offer.expiry", offer.due_at)


def triage_dates(session: Session, case: Case, since: dt.datetime) -> None:
    """When the coordinators are reminded of a case nobody has distributed, and when the deputies are."""
    organisation = session.get_one(Organisation, case.organisation_id)
    calendar = calendar_of(organisation)
    for name, days in (
        ("triage.reminder", organisation.triage_reminder_days),
        ("triage.deputy", organisation.triage_deputy_days),
    ):
        _case_timer(session, case, name, calendar.add_working_days(since, days), generation=case.version)


def clarify_dates(session: Session, case: Case, since: dt.datetime) -> None:
    """When the requester is reminded of a completion."""
    organisation = session.get_one(Organisation, case.organisation_id)
    moment = calendar_of(organisation).add_working_days(since, organisation.offer_days)
    _case_timer(session, case, "clarify.reminder", moment, generation=case.version)


def feedback_dates(session: Session, case: Case, since: dt.datetime) -> None:
    """When the requester is asked what came of the advice: so many calendar months on, on a working day."""
    organisation = session.get_one(Organisation, case.organisation_id)
    calendar = calendar_of(organisation)
    for months in organisation.feedback_months:
        moment = calendar.add_working_days(_months_on(since, months), 0)
        _case_timer(session, case, "feedback", moment, generation=case.version, months=months)


def distribution_now(session: Session, case: Case, at: dt.datetime) -> None:
    """Have the first suggestion or the next one in turn asked, outside the transaction that found it due."""
    _case_timer(session, case, "distribute", at, generation=case.version)


def _months_on(moment: dt.datetime, months: int) -> dt.datetime:
    years, month = divmod(moment.month - 1 + months, 12)
    day = min(moment.day, 28)
    return moment.replace(year=moment.year + years, month=month + 1, day=day)


def _offer_timer(session: Session, offer: Offer, name: str, moment: dt.datetime) -> None:
    jobs.timer(
        session,
        organisation_id=offer.organisation_id,
        name=name,
        key=f"{name}:{offer.id}:{offer.due_at:%Y%m%dT%H%M%S}",
        due_at=moment,
        case_id=offer.case_id,
        subject_id=offer.id,
        data={"due": offer.due_at.isoformat()},
    )


def _case_timer(session: Session, case: Case, name: str, moment: dt.datetime, *, generation: int, **data: int) -> None:
    suffix = "".join(f":{value}" for value in data.values())
    jobs.timer(
        session,
        organisation_id=case.organisation_id,
        name=name,
        key=f"{name}:{case.id}:{generation}{suffix}",
        due_at=moment,
        case_id=case.id,
        data={"generation": generation, **data},
    )
