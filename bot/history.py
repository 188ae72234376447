"""History: what was done to a case, in order, with the names that belong to it."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from models.case import DeclineReason, Event, Offer
from models.life import Act
from models.people import Member, Person


@dataclass(frozen=True, slots=True)
class Happened:
    """One event. `name` is whose act it was (None: the clock's), `recorded_by` who recorded it for them and `source`
    how they knew; `member` is whom a question was about, `reason` why they declined: for coordinators only."""

    seq: int
    act: Act
    at: dt.datetime
    name: str | None
    recorded_by: str | None
    source: str
    member: str | None
    reason: DeclineReason | None


def of(session: Session, case_id: int, *, latest: int = 40) -> tuple[list[Happened], int]:
    """The latest events, oldest of them first, and how many earlier ones there are."""
    actor, stood_for, asked = aliased(Person), aliased(Person), aliased(Person)
    query = (
        select(Event, actor.name, stood_for.name, asked.name)
        .outerjoin(actor, actor.id == Event.actor_id)
        .outerjoin(stood_for, stood_for.id == Event.for_id)
        .outerjoin(Offer, Offer.id == Event.offer_id)
        .outerjoin(Member, Member.id == Offer.member_id)
        .outerjoin(asked, asked.id == Member.person_id)
        .where(Event.case_id == case_id)
        .order_by(Event.seq.desc())
        .limit(latest)
    )
    rows = session.execute(query).all()
    found = [
        Happened(
            seq=event.seq,
            act=event.act,
            at=event.at,
            name=stood_for_name or actor_name,
            recorded_by=actor_name if stood_for_name else None,
            source=event.source,
            member=asked_name,
            reason=DeclineReason(event.data["reason"]) if event.data.get("reason") else None,
        )
        for event, actor_name, stood_for_name, asked_name in reversed(rows)
    ]
    return found, found[0].seq - 1 if found else 0
