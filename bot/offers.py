"""Questions to members: whom to ask, what they say, and who is asked next."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import jobs, notices, timetable
from bot.actors import Actor, clock
from bot.authority import authorise
from bot.events import Done, done, locked, offers_of, record
from bot.notes import of_offer
from bot.refusals import Invalid, TooLate
from models.case import Case, CaseUnit, DeclineReason, Event, Offer
from models.forms import Asking, Declining
from models.life import Act, OfferStatus, Status
from models.organisation import Organisation, Unit
from models.people import Absence, Conflict, Member, PauseCause


def ask(session: Session, actor: Actor, case_id: int, form: Asking, at: dt.datetime) -> Done:
    """Put the question to one or several members, all at once or in turn.

    Raises `Invalid` when a member has left, has a conflict, or is in the case already, and `TooLate` when every place
    is filled.
    """
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.ASK)
    _place_left(session, case)
    now, later = (form.member_ids[:1], form.member_ids[1:]) if form.in_turn else (form.member_ids, [])
    for member_id in form.member_ids:
        _askable(session, case, member_id)
    case.standby = list(later)
    event, chosen = None, list(dict.fromkeys(now))
    for member_id in chosen:
        last = member_id == chosen[-1]
        event = _put(session, case, actor, member_id, at, note=form.note, hours=form.hours, mirrored=last)
    if event is None:
        raise Invalid("member_missing", field="member_ids")
    if case.coordinator_id is None and actor.person_id is not None:
        case.coordinator_id = actor.person_id
    return done(case, event)


def ask_next(session: Session, case: Case, at: dt.datetime) -> Event | None:
    """Ask the next member in turn, when somebody coordinating has said who that is; None when nobody is left to ask.

    Whoever has since paused, gone away or asked for a later day is passed over: nobody looks before this question goes.
    """
    waiting = list(case.standby)
    while waiting:
        member_id = waiting.pop(0)
        case.standby = list(waiting)
        try:
            _askable(session, case, member_id)
        except Invalid:
            continue
        if not _available(session, case, member_id, at):
            continue
        return _put(session, case, clock(case.organisation_id), member_id, at)
    return None


def accept(session: Session, actor: Actor, offer_id: int, at: dt.datetime) -> Done:
    """Tack ja. The first acceptances fill the places; the rest of the questions are drawn back and told.

    Raises `TooLate` when the places were filled a moment before.
    """
    case, offer = of_offer(session, actor, offer_id)
    authorise(session, case, actor, Act.ACCEPT, offer)
    _place_left(session, case)
    offer.status = OfferStatus.ACCEPTED
    offer.decided_at = at
    session.flush()
    filled = _places_taken(session, case) >= case.members_wanted
    event = record(session, case, actor, Act.ACCEPT, at, offer=offer, mirrored=not filled)
    if filled:
        case.standby = []
        retract_pending(session, case, at)
    return done(case, event)


def decline(session: Session, actor: Actor, offer_id: int, form: Declining, at: dt.datetime) -> Done:
    """Tack nej, with a reason that may be withheld; the next one in turn is asked.

    A conflict of interest is remembered for this case, "not now" until the day named.
    """
    case, offer = of_offer(session, actor, offer_id)
    authorise(session, case, actor, Act.DECLINE, offer)
    offer.status = OfferStatus.DECLINED
    offer.decided_at = at
    offer.reason = form.reason
    offer.ask_again_from = form.ask_again_from
    if form.reason is DeclineReason.CONFLICT:
        session.add(
            Conflict(organisation_id=case.organisation_id, member_id=offer.member_id, case_id=case.id, declared_at=at)
        )
    elif form.reason is DeclineReason.NOT_NOW:
        session.get_one(Member, offer.member_id).ask_again_from = form.ask_again_from
    with jobs.together(session):
        event = record(session, case, actor, Act.DECLINE, at, offer=offer, reason=form.reason.value)
        _pass_on(session, case, at)
    return done(case, event)


def expire(session: Session, offer: Offer, at: dt.datetime) -> None:
    """No answer in time: the question ends, the next in turn is asked, and a member who has been silent
    three questions in a row is paused with a friendly message."""
    actor = clock(offer.organisation_id)
    case, offer = of_offer(session, actor, offer.id)
    authorise(session, case, actor, Act.EXPIRE, offer)
    offer.status = OfferStatus.EXPIRED
    offer.decided_at = at
    with jobs.together(session):
        record(session, case, actor, Act.EXPIRE, at, offer=offer)
        _pause_if_silent(session, offer, at)
        _pass_on(session, case, at)


def retract(session: Session, actor: Actor, offer_id: int, at: dt.datetime) -> Done:
    """Draw a question back. Raises `TooLate` when it has been answered or has ended.

    With the last question drawn back the case is to be distributed anew, and the coordinators are reminded of it.
    """
    case, offer = of_offer(session, actor, offer_id)
    authorise(session, case, actor, Act.RETRACT)
    _still(offer, OfferStatus.PENDING, case)
    event = _retract(session, case, actor, offer, at)
    if case.status is Status.SUBMITTED:
        timetable.triage_dates(session, case, at)
    return done(case, event)


def release(session: Session, actor: Actor, offer_id: int, at: dt.datetime) -> Done:
    """Let a member leave the case after having said yes; the next one in turn is asked."""
    case, offer = of_offer(session, actor, offer_id)
    authorise(session, case, actor, Act.RELEASE, offer)
    event = _release(session, case, actor, Act.RELEASE, offer, at)
    _pass_on(session, case, at)
    return done(case, event)


def reassign(session: Session, actor: Actor, offer_id: int, form: Asking, at: dt.datetime) -> Done:
    """Change members (byt ledamot): the one leaves, and another is asked."""
    case, offer = of_offer(session, actor, offer_id)
    authorise(session, case, actor, Act.REASSIGN)
    _release(session, case, actor, Act.REASSIGN, offer, at)
    return ask(session, actor, case.id, form, at)


def retract_pending(session: Session, case: Case, at: dt.datetime) -> None:
    """Draw back every question that still waits for an answer; each member is told."""
    every = offers_of(session, case)
    pending = [offer for offer in every if offer.status is OfferStatus.PENDING]
    for offer in pending:
        _retract(session, case, clock(case.organisation_id), offer, at, mirrored=False)
    notices.mirror(session, case, every, pending)


def restart_dates(session: Session, case: Case, at: dt.datetime) -> None:
    """Count the days of every waiting question afresh."""
    for offer in offers_of(session, case):
        if offer.status is OfferStatus.PENDING:
            timetable.offer_dates(session, offer, at)


def _put(
    session: Session,
    case: Case,
    actor: Actor,
    member_id: int,
    at: dt.datetime,
    *,
    note: str = "",
    hours: int | None = None,
    mirrored: bool = True,
) -> Event:
    organisation = session.get_one(Organisation, case.organisation_id)
    offer = Offer(
        organisation_id=case.organisation_id,
        case_id=case.id,
        member_id=member_id,
        status=OfferStatus.PENDING,
        asked_by=actor.person_id,
        asked_at=at,
        due_at=at,
        note=note,
        hours=hours or organisation.hours_usual,
    )
    session.add(offer)
    session.flush()
    timetable.offer_dates(session, offer, at)
    return record(session, case, actor, Act.ASK, at, offer=offer, mirrored=mirrored, member=member_id)


def _retract(
    session: Session, case: Case, actor: Actor, offer: Offer, at: dt.datetime, *, mirrored: bool = True
) -> Event:
    offer.status = OfferStatus.RETRACTED
    offer.decided_at = at
    return record(session, case, actor, Act.RETRACT, at, offer=offer, mirrored=mirrored)


def _release(session: Session, case: Case, actor: Actor, act: Act, offer: Offer, at: dt.datetime) -> Event:
    _still(offer, OfferStatus.ACCEPTED, case)
    offer.status = OfferStatus.RELEASED
    offer.decided_at = at
    return record(session, case, actor, act, at, offer=offer)


def _pass_on(session: Session, case: Case, at: dt.datetime) -> None:
    """After a no or a silence: ask the next in turn; when nobody is left the coordinator distributes again."""
    open_for_asking = case.status in {Status.SUBMITTED, Status.OFFERED, Status.ACTIVE}
    if not open_for_asking or _places_taken(session, case) >= case.members_wanted:
        return
    if ask_next(session, case, at) is None and case.status is Status.SUBMITTED:
        timetable.triage_dates(session, case, at)


def _pause_if_silent(session: Session, offer: Offer, at: dt.datetime) -> None:
    limit = session.get_one(Organisation, offer.organisation_id).unanswered_limit
    member = session.get_one(Member, offer.member_id)
    since = () if member.resumed_at is None else (Offer.asked_at >= member.resumed_at,)
    latest = session.scalars(
        select(Offer.status)
        .where(
            Offer.member_id == offer.member_id,
            Offer.status.not_in([OfferStatus.PENDING, OfferStatus.RETRACTED]),
            *since,
        )
        .order_by(Offer.decided_at.desc(), Offer.id.desc())
        .limit(limit)
    ).all()
    if len(latest) == limit and set(latest) == {OfferStatus.EXPIRED} and member.paused_at is None:
        member.paused_at = at
        member.paused_by = PauseCause.UNANSWERED
        notices.remind(session, offer.organisation_id, "member_paused", f"{offer.id}", member.person_id)


def _place_left(session: Session, case: Case) -> None:
    if _places_taken(session, case) >= case.members_wanted:
        raise TooLate("taken", number=case.number)


def _places_taken(session: Session, case: Case) -> int:
    query = select(func.count()).where(Offer.case_id == case.id, Offer.status == OfferStatus.ACCEPTED)
    return session.execute(query).scalar_one()


def _still(offer: Offer, status: OfferStatus, case: Case) -> None:
    if offer.status is not status:
        raise TooLate(f"offer_{offer.status.value}", number=case.number)


def _askable(session: Session, case: Case, member_id: int) -> None:
    member = session.get(Member, member_id)
    if member is None or member.organisation_id != case.organisation_id or member.left_at is not None:
        raise Invalid("member_unknown", field="member_ids")
    if session.scalar(
        select(Offer.id).where(Offer.case_id == case.id, Offer.member_id == member_id, Offer.status.in_(notices.LIVE))
    ):
        raise Invalid("member_asked", field="member_ids")
    if conflicting(session, case, [member_id]):
        raise Invalid("member_conflict", field="member_ids")


def _available(session: Session, case: Case, member_id: int, at: dt.datetime) -> bool:
    """Whether the member can be asked on this day without anybody looking: not paused, not away."""
    member = session.get_one(Member, member_id)
    zone = session.get_one(Organisation, case.organisation_id).zone
    today = at.astimezone(ZoneInfo(zone)).date()
    away = select(Absence.id).where(
        Absence.member_id == member_id, Absence.first_day <= today, Absence.last_day >= today
    )
    later = member.ask_again_from is not None and member.ask_again_from > today
    return member.paused_at is None and not later and session.scalar(away.limit(1)) is None


def conflicting(session: Session, case: Case, member_ids: Sequence[int]) -> set[int]:
    """Those of the members who have declared a tie to the case, to its requester, or to a district that asks.

    Only what was declared counts; nothing is guessed from a shared university.
    """
    districts = (
        select(Unit.district_id)
        .join(CaseUnit, CaseUnit.unit_id == Unit.id)
        .where(CaseUnit.case_id == case.id, Unit.district_id.is_not(None))
    )
    query = select(Conflict.member_id).where(
        Conflict.member_id.in_(member_ids),
        (Conflict.case_id == case.id) | (Conflict.person_id == case.requester_id) | Conflict.district_id.in_(districts),
    )
    own = select(Member.id).where(Member.id.in_(member_ids), Member.person_id == case.requester_id)
    return set(session.scalars(query)) | set(session.scalars(own))
