"""Events: locking a case, and putting on record what was done to it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import notices
from bot.actors import Actor
from bot.refusals import NotFound
from models.case import Case, Event, Offer
from models.life import Act, Status, status_after


@dataclass(frozen=True, slots=True)
class Done:
    """What an act left behind; enough to answer the person who acted."""

    case_id: int
    number: int
    status: Status
    version: int
    event_id: int


def locked(session: Session, organisation_id: int, case_id: int) -> Case:
    """The case, held by this transaction: every act takes the case first, then its questions.

    Raises `NotFound` when there is none in the organisation.
    """
    case = session.scalar(
        select(Case)
        .where(Case.organisation_id == organisation_id, Case.id == case_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if case is None:
        raise NotFound("case")
    return case


def offers_of(session: Session, case: Case) -> list[Offer]:
    """The case's questions to members, oldest first, held by this transaction."""
    query = select(Offer).where(Offer.case_id == case.id).order_by(Offer.id)
    return list(session.scalars(query.with_for_update(key_share=True).execution_options(populate_existing=True)))


def record(
    session: Session,
    case: Case,
    actor: Actor,
    act: Act,
    at: dt.datetime,
    *,
    offer: Offer | None = None,
    mirrored: bool = True,
    **data: Any,
) -> Event:
    """Move the case to where the act leads, append the event and enqueue what must be told and shown.

    The act must have been authorised. `at` is business time; `data` holds ids and enumerations only. Who records many
    at once lets only the last be `mirrored`, or mirrors the case when all are recorded.
    """
    session.flush()
    before, offers = (None, []) if act is Act.FILE else (case.status, offers_of(session, case))
    if before is not None:
        case.status = status_after(act, before, [each.status for each in offers])
        case.version += 1
    case.changed_at = at
    event = Event(
        organisation_id=case.organisation_id,
        case_id=case.id,
        seq=case.version,
        act=act,
        at=at,
        recorded_at=dt.datetime.now(dt.UTC),
        before=before,
        after=case.status,
        actor_id=actor.person_id,
        for_id=actor.behalf.person_id if actor.behalf else None,
        source=actor.behalf.source.strip() if actor.behalf else "",
        offer_id=offer.id if offer else None,
        data=data,
    )
    session.add(event)
    session.flush()
    notices.publish(session, case, event, offers, offer, mirrored=mirrored)
    return event


def done(case: Case, event: Event) -> Done:
    """The answer to whoever acted."""
    return Done(case.id, case.number, case.status, case.version, event.id)
