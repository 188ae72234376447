"""What dates bring: reminders, questions that fall due, the first question asked by itself, what comes months later.

Every handler looks at what is true when its date comes: whoever has answered, paused or closed in the meantime is not
reminded. A date that has come to lie on a day off, because the quiet periods were changed, waits for the next working
day.
"""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot import digest, jobs, notices, offers, reach
from bot.actors import clock
from bot.events import locked
from bot.notes import of_offer
from bot.refusals import Invalid, NotFound
from bot.suggestions import Suggester
from bot.timers import Handler
from bot.timetable import calendar_of
from models.case import Case, CaseOutcome, Draft, Event, Feedback, Offer
from models.job import Job
from models.life import OfferStatus, Status
from models.organisation import Choosing, Organisation
from models.people import Member, RoleKind

IN_RESERVE = 2
"""How many more members than wanted are lined up when the first suggestion is asked by itself."""

_ADVISED = (CaseOutcome.ANSWERED, CaseOutcome.COMMISSION)


def timers(suggester: Suggester) -> Mapping[str, Handler]:
    """Every timer's handler by name, for the worker. `suggester` names whom to ask where nobody else chooses."""

    def distribute(session: Session, job: Job, at: dt.datetime) -> None:
        _distribute(session, job, at, suggester)

    waiting_for_working_days = {
        "offer.reminder": _offer_reminder,
        "offer.expiry": _offer_expiry,
        "triage.reminder": _triage_reminder,
        "triage.deputy": _triage_deputy,
        "clarify.reminder": _clarify_reminder,
        "distribute": distribute,
        "feedback": _feedback,
        "draft.offer": _draft_offer,
    }
    return {
        **{name: _on_a_working_day(handler) for name, handler in waiting_for_working_days.items()},
        "draft.delete": _draft_delete,
        "digest": digest.run,
    }


def _on_a_working_day(handler: Handler) -> Handler:
    def handle(session: Session, job: Job, at: dt.datetime) -> None:
        calendar = calendar_of(session.get_one(Organisation, job.organisation_id))
        today = calendar.local(at)
        if calendar.is_working_day(today.date()):
            handler(session, job, at)
        else:
            hour = calendar.local(job.due_at or at).time()
            _again(session, job, calendar.add_working_days(dt.datetime.combine(today, hour, today.tzinfo), 0))

    return handle


def _again(session: Session, job: Job, moment: dt.datetime) -> None:
    """The same date once more, later."""
    jobs.timer(
        session,
        organisation_id=job.organisation_id,
        name=job.name,
        key=f"{job.key.partition('~')[0]}~{moment:%Y%m%dT%H%M%S}",
        due_at=moment,
        case_id=job.case_id,
        subject_id=job.subject_id,
        data=job.data,
        maybe_sent=job.maybe_sent,
    )


def _offer_reminder(session: Session, job: Job, at: dt.datetime) -> None:
    offer = _waiting_offer(session, job)
    if offer is not None and at < offer.due_at:
        notices.remind(
            session,
            offer.organisation_id,
            "offer_reminder",
            f"{offer.id}:{offer.due_at:%Y%m%dT%H%M%S}",
            session.get_one(Member, offer.member_id).person_id,
            case_id=offer.case_id,
            subject_id=offer.id,
        )


def _offer_expiry(session: Session, job: Job, at: dt.datetime) -> None:
    offer = _waiting_offer(session, job)
    if offer is not None:
        offers.expire(session, offer, at)


def _triage_reminder(session: Session, job: Job, _at: dt.datetime) -> None:
    case = _case_still(session, job, Status.SUBMITTED)
    if case is None:
        return
    _tell_coordinators_channel(session, job, case, "triage_reminder")
    responsible = reach.coordinators(session, case.organisation_id)
    for person_id in [case.coordinator_id] if case.coordinator_id is not None else responsible:
        _remind(session, job, case, "triage_reminder", person_id)


def _triage_deputy(session: Session, job: Job, _at: dt.datetime) -> None:
    case = _case_still(session, job, Status.SUBMITTED)
    if case is None:
        return
    deputies = reach.coordinators(session, case.organisation_id, RoleKind.DEPUTY)
    for person_id in deputies:
        _remind(session, job, case, "triage_deputy", person_id)
    if not deputies:
        _tell_coordinators_channel(session, job, case, "triage_deputy")


def _clarify_reminder(session: Session, job: Job, _at: dt.datetime) -> None:
    case = _case_still(session, job, Status.CLARIFYING)
    if case is not None:
        _remind(session, job, case, "clarify_reminder", case.requester_id)


def _distribute(session: Session, job: Job, at: dt.datetime, suggester: Suggester) -> None:
    """Ask whom the requester wishes for, or the first suggestion, where the organisation has chosen so by then.

    The first suggestion is asked by itself only when it is clear and the case is shown in the forum; otherwise the
    coordinators are told that the choice is theirs.
    """
    case = _case_still(session, job, Status.SUBMITTED)
    if case is None:
        return
    organisation = session.get_one(Organisation, case.organisation_id)
    today = calendar_of(organisation).local(at).date()
    if organisation.choosing is Choosing.REQUESTER and case.standby:
        case.standby = [each for each in case.standby if _free(session, suggester, case, each, today)]
    elif organisation.choosing is Choosing.AUTOMATIC and case.shown:
        suggested = suggester.for_case(session, case.id, today, case.members_wanted + IN_RESERVE)
        case.standby = [each.member_id for each in suggested.members] if suggested.confidence == "clear" else []
    else:
        return
    asked = [offers.ask_next(session, case, at) for _ in range(case.members_wanted)]
    if not any(asked):
        _tell_coordinators_channel(session, job, case, "not_distributed")


def _feedback(session: Session, job: Job, _at: dt.datetime) -> None:
    case = _case_still(session, job, Status.CLOSED)
    months = int(job.data["months"])
    if case is None or case.outcome not in _ADVISED:
        return
    given = select(Feedback.id).where(Feedback.case_id == case.id, Feedback.months == months)
    if session.scalar(given) is None:
        _remind(session, job, case, "feedback_later", case.requester_id, months=months)


def _draft_offer(session: Session, job: Job, at: dt.datetime) -> None:
    """Offer an abandoned draft again, once it has lain untouched for a working day."""
    draft = _draft(session, job)
    if draft is None:
        return
    calendar = calendar_of(session.get_one(Organisation, draft.organisation_id))
    untouched = calendar.add_working_days(draft.changed_at, 1)
    if at < untouched:
        _again(session, job, untouched)
    else:
        notices.remind(
            session, draft.organisation_id, "draft_offer", f"{draft.id}", draft.person_id, subject_id=draft.id
        )


def _draft_delete(session: Session, job: Job, at: dt.datetime) -> None:
    draft = _draft(session, job)
    if draft is None:
        return
    organisation = session.get_one(Organisation, draft.organisation_id)
    ends = draft.changed_at + dt.timedelta(days=organisation.draft_days)
    if at < ends:
        _again(session, job, ends)
    else:
        session.execute(delete(Draft).where(Draft.id == draft.id))


def _waiting_offer(session: Session, job: Job) -> Offer | None:
    """The question, held, when it waits for an answer by the very date the timer was set for and nothing is paused."""
    if job.subject_id is None:
        return None
    try:
        case, offer = of_offer(session, clock(job.organisation_id), job.subject_id)
    except NotFound:
        return None
    waiting = offer.status is OfferStatus.PENDING and case.status in {Status.OFFERED, Status.ACTIVE}
    return offer if waiting and offer.due_at.isoformat() == job.data["due"] else None


def _case_still(session: Session, job: Job, status: Status) -> Case | None:
    """The case, held, when it has been in this status ever since the timer was set."""
    if job.case_id is None:
        return None
    try:
        case = locked(session, job.organisation_id, job.case_id)
    except NotFound:
        return None
    left = select(Event.id).where(Event.case_id == case.id, Event.seq > job.data["generation"], Event.after != status)
    return case if case.status is status and session.scalar(left.limit(1)) is None else None


def _free(session: Session, suggester: Suggester, case: Case, member_id: int, today: dt.date) -> bool:
    try:
        return suggester.why_not(session, case.id, member_id, today) is None
    except Invalid:
        return False


def _remind(session: Session, job: Job, case: Case, kind: str, person_id: int, **data: int) -> None:
    notices.remind(session, case.organisation_id, kind, _key(job, case), person_id, case_id=case.id, **data)


def _tell_coordinators_channel(session: Session, job: Job, case: Case, kind: str) -> None:
    notices.remind_channel(session, case.organisation_id, kind, _key(job, case), notices.COORDINATORS, case_id=case.id)


def _key(job: Job, case: Case) -> str:
    """One for each time the case has come to where it waits, and for each number of months."""
    months = job.data.get("months")
    return f"{case.id}:{job.data['generation']}" + (f":{months}" if months is not None else "")


def _draft(session: Session, job: Job) -> Draft | None:
    query = select(Draft).where(Draft.id == job.subject_id, Draft.organisation_id == job.organisation_id)
    return session.scalar(query.with_for_update(key_share=True))
