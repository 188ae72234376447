"""Notices: what must be told or shown to whom, as facts — a kind and ids, never text or blocks.

`follow` reads one table for every event. A person without a chat identity is told through the coordinators, who get
the text to send (R22: members may be anywhere and many have no account in the city's chat).
"""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import jobs
from bot.reach import coordinators, members_of, other_districts, reached, surface_of
from models.case import Case, Event, Offer
from models.job import Job, Lane, Posted
from models.life import Act, OfferStatus
from models.people import Member

LIVE = frozenset({OfferStatus.PENDING, OfferStatus.ACCEPTED})
"""Questions that wait for an answer or have a yes."""

SURFACE = "slack"
"""The platform that organisation-wide channels stand on."""

COORDINATORS = "channel:coordinators"
FORUM = "channel:forum"


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told of an act, each with a kind of notice: the requester, the member asked, the members and so on."""

    requester: str | None = None
    asked: str | None = None
    members: str | None = None
    coordinator: str | None = None
    room: str | None = None
    districts: str | None = None


TOLD: dict[Act, Told] = {
    Act.FILE: Told(requester="filed", districts="unit_named"),
    Act.CLARIFY: Told(requester="clarify"),
    Act.COMPLETE: Told(coordinator="completed"),
    Act.ASK: Told(requester="asking"),
    Act.ACCEPT: Told(requester="accepted", coordinator="accepted_coordinator"),
    Act.DECLINE: Told(requester="asking_on", coordinator="declined"),
    Act.EXPIRE: Told(requester="asking_on", coordinator="expired"),
    Act.RETRACT: Told(asked="retracted"),
    Act.RELEASE: Told(requester="released", coordinator="released_coordinator", asked="released_member"),
    Act.REASSIGN: Told(requester="released", asked="released_member"),
    Act.QUERY: Told(requester="query", coordinator="query"),
    Act.REPLY: Told(asked="reply"),
    Act.NOTE: Told(room="note"),
    Act.LINK: Told(room="link"),
    Act.ANSWER: Told(requester="answer", room="answer", coordinator="answered"),
    Act.COMMENT: Told(room="comment"),
    Act.PAUSE: Told(requester="paused", members="paused", coordinator="paused"),
    Act.RESUME: Told(requester="resumed", members="resumed", coordinator="resumed"),
    Act.WITHDRAW: Told(requester="withdrawn", members="withdrawn", coordinator="withdrawn"),
    Act.CLOSE: Told(requester="closed", members="closed", coordinator="closed", room="closed"),
    Act.LESSON: Told(requester="lesson", members="lesson_name"),
    Act.REOPEN: Told(requester="reopened", members="reopened", coordinator="reopened"),
    Act.FEEDBACK: Told(coordinator="feedback"),
}
"""For each act the notices it brings; an act that is not here changes only what is shown."""


ALSO_TO_ACTOR = frozenset({"filed", "closed"})
"""What the requester is told even of their own act: the receipt, and the questions after closing."""


def follow(session: Session, case: Case, event: Event, offer: Offer | None) -> None:
    """Enqueue what is told of an event: the notices of `TOLD`."""
    told = TOLD.get(event.act, Told())
    acted = {event.actor_id} - {None}
    if told.requester and (case.requester_id not in acted or told.requester in ALSO_TO_ACTOR):
        tell(session, event, told.requester, case.requester_id)
    if told.asked and offer is not None:
        tell(session, event, told.asked, session.get_one(Member, offer.member_id).person_id)
    if told.members:
        for person_id in members_of(session, case):
            if person_id not in acted:
                tell(session, event, told.members, person_id)
    if told.coordinator and (case.coordinator_id is None or case.coordinator_id not in acted):
        if case.coordinator_id is None:
            tell_channel(session, event, told.coordinator, COORDINATORS)
        else:
            tell(session, event, told.coordinator, case.coordinator_id)
    if told.room:
        tell_channel(session, event, told.room, f"room:{case.id}")
    if told.districts:
        for person_id in other_districts(session, case):
            if person_id not in acted:
                tell(session, event, told.districts, person_id)


def mirror(session: Session, case: Case, changed: Collection[Offer] = ()) -> None:
    """Bring every message that shows the case up to date: card, live questions, room, and the homes of those concerned.

    `changed` are questions that may be live no longer but must be shown as they ended.
    """
    _show(session, case, "card", case.id, COORDINATORS)
    rows = session.execute(
        select(Offer, Member.person_id)
        .join(Member, Member.id == Offer.member_id)
        .where(Offer.case_id == case.id)
        .order_by(Offer.id)
    ).all()
    in_chat = reached(session, case.organisation_id, [person_id for _, person_id in rows])
    for offer, person_id in rows:
        if offer.status not in LIVE and offer not in changed:
            continue
        if person_id in in_chat:
            _show(session, case, "offer", offer.id, f"person:{person_id}")
        elif offer.status is OfferStatus.PENDING:
            remind_channel(
                session,
                case.organisation_id,
                "relay",
                f"offer:{offer.id}",
                COORDINATORS,
                case_id=case.id,
                subject_id=offer.id,
                notice="offer",
                person=person_id,
            )
    if any(offer.status in {OfferStatus.ACCEPTED, OfferStatus.RELEASED} for offer, _ in rows):
        _show(session, case, "room", case.id, f"room:{case.id}")
    concerned = {case.requester_id, *(person_id for _, person_id in rows)}
    homes(session, case.organisation_id, concerned | set(coordinators(session, case.organisation_id)))


def tell(session: Session, event: Event, kind: str, person_id: int) -> None:
    """Tell one person of an event; through the coordinators when the person is not in the chat."""
    surface = surface_of(session, event.organisation_id, person_id)
    jobs.tell(
        session,
        organisation_id=event.organisation_id,
        name=kind if surface else "relay",
        key=f"{kind}:{event.id}:person:{person_id}",
        surface=surface or SURFACE,
        receiver=f"person:{person_id}" if surface else COORDINATORS,
        case_id=event.case_id,
        event_id=event.id,
        subject_id=event.offer_id,
        data={} if surface else {"notice": kind, "person": person_id},
        real_now=dt.datetime.now(dt.UTC),
    )


def tell_channel(session: Session, event: Event, kind: str, receiver: str) -> None:
    """Tell a channel of an event."""
    jobs.tell(
        session,
        organisation_id=event.organisation_id,
        name=kind,
        key=f"{kind}:{event.id}:{receiver}",
        surface=SURFACE,
        receiver=receiver,
        case_id=event.case_id,
        event_id=event.id,
        subject_id=event.offer_id,
        data={},
        real_now=dt.datetime.now(dt.UTC),
    )


def remind(
    session: Session,
    organisation_id: int,
    kind: str,
    key: str,
    person_id: int,
    *,
    case_id: int | None = None,
    subject_id: int | None = None,
    **data: int | str,
) -> None:
    """Tell one person something that a date brought, not an event; `key` makes it happen once."""
    surface = surface_of(session, organisation_id, person_id)
    jobs.tell(
        session,
        organisation_id=organisation_id,
        name=kind if surface else "relay",
        key=f"{kind}:{key}:person:{person_id}",
        surface=surface or SURFACE,
        receiver=f"person:{person_id}" if surface else COORDINATORS,
        case_id=case_id,
        subject_id=subject_id,
        data=dict(data) if surface else {**data, "notice": kind, "person": person_id},
        real_now=dt.datetime.now(dt.UTC),
    )


def remind_channel(
    session: Session,
    organisation_id: int,
    kind: str,
    key: str,
    receiver: str,
    *,
    case_id: int | None = None,
    subject_id: int | None = None,
    **data: int | str,
) -> None:
    """Tell a channel something that a date brought; `key` makes it happen once."""
    jobs.tell(
        session,
        organisation_id=organisation_id,
        name=kind,
        key=f"{kind}:{key}:{receiver}",
        surface=SURFACE,
        receiver=receiver,
        case_id=case_id,
        subject_id=subject_id,
        data=dict(data),
        real_now=dt.datetime.now(dt.UTC),
    )


def homes(session: Session, organisation_id: int, person_ids: Iterable[int]) -> None:
    """Bring home views up to date, for those who have opened theirs."""
    keys = {f"home:{person_id}": person_id for person_id in person_ids}
    opened = session.scalars(
        select(Posted.key).where(Posted.organisation_id == organisation_id, Posted.key.in_(keys))
    ).all()
    for key in sorted(opened):
        open_home(session, organisation_id, keys[key])


def open_home(session: Session, organisation_id: int, person_id: int) -> None:
    """Show a person's home view as it is now, from now on kept up to date."""
    jobs.show(
        session,
        organisation_id=organisation_id,
        name="home",
        key=f"home:{person_id}",
        surface=SURFACE,
        receiver=f"home:{person_id}",
        subject_id=person_id,
        real_now=dt.datetime.now(dt.UTC),
    )


def parked(session: Session, job: Job) -> None:
    """Show the coordinators that something could not be delivered; not when their own channel is what failed."""
    lane = session.get(Lane, job.lane_id) if job.lane_id is not None else None
    if lane is None or lane.receiver != COORDINATORS:
        remind_channel(
            session, job.organisation_id, "parked", f"{job.id}", COORDINATORS, case_id=job.case_id, subject_id=job.id
        )


def _show(session: Session, case: Case, name: str, subject_id: int, receiver: str) -> None:
    jobs.show(
        session,
        organisation_id=case.organisation_id,
        name=name,
        key=f"{name}:{subject_id}",
        surface=SURFACE,
        receiver=receiver,
        case_id=case.id,
        subject_id=subject_id,
        real_now=dt.datetime.now(dt.UTC),
    )
