"""When a member can be asked: their pauses, and the days they are away; by themselves or by a coordinator."""

import datetime as dt
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import members
from bot.actors import Actor
from bot.refusals import Invalid, NotFound
from models.forms import Away
from models.organisation import Organisation
from models.people import Absence, PauseCause


def absences(session: Session, member_id: int, today: dt.date) -> list[tuple[int, Away]]:
    """The member's present and coming absences with their ids, the first first."""
    query = select(Absence).where(Absence.member_id == member_id, Absence.last_day >= today)
    rows = session.scalars(query.order_by(Absence.first_day, Absence.id))
    return [(row.id, Away(first_day=row.first_day, last_day=row.last_day)) for row in rows]


def pause(session: Session, actor: Actor, member_id: int, at: dt.datetime) -> None:
    """Ask the member nothing until they are resumed; questions already put stay. Pausing twice is pausing once."""
    member = members.authorised(session, actor, member_id)
    if member.paused_at is None:
        member.paused_at = at
        member.paused_by = PauseCause.OWN if members.is_own(actor, member) else PauseCause.COORDINATOR
        members.record_change(session, member)


def resume(session: Session, actor: Actor, member_id: int, at: dt.datetime) -> None:
    """Be asked again from now on, whatever the pause came from; a "not now" ends too."""
    member = members.authorised(session, actor, member_id)
    if member.paused_at is not None or member.ask_again_from is not None:
        member.paused_at = member.paused_by = member.ask_again_from = None
        member.resumed_at = at
        members.record_change(session, member)


def away(session: Session, actor: Actor, member_id: int, form: Away, at: dt.datetime) -> int:
    """Be away for some days, both included, in the organisation's zone; nobody asks why. Returns the absence's id.

    Days that touch an earlier absence make it longer. Raises `Invalid` when all the days have passed.
    """
    member = members.authorised(session, actor, member_id)
    if form.last_day < _today(session, actor, at):
        raise Invalid("days_passed", field="last_day")
    first, last = form.first_day, form.last_day
    day = dt.timedelta(days=1)
    touching = session.scalars(
        select(Absence)
        .where(Absence.member_id == member.id, Absence.first_day <= last + day, Absence.last_day >= first - day)
        .order_by(Absence.id)
    ).all()
    kept = touching[0] if touching else Absence(organisation_id=member.organisation_id, member_id=member.id)
    kept.first_day = min(first, *(row.first_day for row in touching)) if touching else first
    kept.last_day = max(last, *(row.last_day for row in touching)) if touching else last
    session.add(kept)
    for row in touching[1:]:
        session.delete(row)
    members.record_change(session, member)
    return kept.id


def end_absence(session: Session, actor: Actor, absence_id: int, at: dt.datetime) -> None:
    """Be back: an absence that has begun ends yesterday, one to come is taken away. Raises `NotFound` when there is
    no such absence."""
    absence = session.get(Absence, absence_id)
    if absence is None or absence.organisation_id != actor.organisation_id:
        raise NotFound("absence")
    member = members.authorised(session, actor, absence.member_id)
    yesterday = _today(session, actor, at) - dt.timedelta(days=1)
    if absence.first_day > yesterday:
        session.delete(absence)
    else:
        absence.last_day = min(absence.last_day, yesterday)
    members.record_change(session, member)


def _today(session: Session, actor: Actor, at: dt.datetime) -> dt.date:
    zone = session.get_one(Organisation, actor.organisation_id).zone
    return at.astimezone(ZoneInfo(zone)).date()
