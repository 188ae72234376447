"""The overview: how many consultations stand where, and what of one's own is still open."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.actors import Actor
from bot.caselists import Page, lines_of
from bot.standing import OPEN
from models.case import Case
from models.life import Status


def counts(session: Session, organisation_id: int) -> dict[Status, int]:
    """How many of the organisation's consultations stand in each status, none included; for coordinators."""
    query = (
        select(Case.status, func.count().label("many"))
        .where(Case.organisation_id == organisation_id)
        .group_by(Case.status)
    )
    found = {row.status: row.many for row in session.execute(query)}
    return {status: found.get(status, 0) for status in Status}


def open_of(session: Session, actor: Actor, *, first: int = 0, size: int = 10) -> Page:
    """The person's own consultations that have not ended, the latest change first."""
    where = (
        (Case.organisation_id == actor.organisation_id)
        & (Case.requester_id == actor.stands_for)
        & Case.status.in_(OPEN)
    )
    total = session.scalar(select(func.count()).select_from(Case).where(where)) or 0
    order = (Case.changed_at.desc(), Case.id.desc())
    ids = session.scalars(select(Case.id).where(where).order_by(*order).offset(first).limit(size)).all()
    return Page(lines_of(session, ids), first, total)
