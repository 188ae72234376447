"""Notices: what must be told or shown to whom, as facts — a kind and ids, never text or blocks.

`publish` reads one table for every event. A person without a chat identity is told through the coordinators, who get
the text to send (R22: members may be anywhere and many have no account in the city's chat).
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import String, bindparam, cast, literal, select, union
from sqlalchemy.orm import Session

from bot import jobs
from bot.reach import Audience, audience_of, surface_of
from models.case import Case, Event, Offer
from models.job import Job, Lane, Posted
from models.life import Act, OfferStatus
from models.people import Role, RoleKind

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


def publish(
    session: Session, case: Case, event: Event, offers: Collection[Offer], offer: Offer | None, *, mirrored: bool = True
) -> None:
    """Enqueue what is told of an event, the notices of `TOLD`, and when it is `mirrored` what shows the case.

    `offers` are all questions of the case, `offer` the one that the event is about.
    """
    audience = audience_of(session, case, SURFACE)
    with jobs.together(session):
        for kind, receiver in _told(case, event, offers, offer, audience):
            if isinstance(receiver, int):
                _tell(session, event, kind, receiver, audience.surfaces.get(receiver))
            else:
                _tell_channel(session, event, kind, receiver)
        if mirrored:
            _mirror(session, case, offers, [offer] if offer else [], audience)


def mirror(session: Session, case: Case, offers: Collection[Offer], changed: Collection[Offer] = ()) -> None:
    """Bring every message that shows the case up to date: card, live questions, room, and the homes of those concerned.

    `offers` are all its questions, `changed` those that may be live no longer but must be shown as they ended.
    """
    with jobs.together(session):
        _mirror(session, case, offers, changed, audience_of(session, case, SURFACE))


def _told(
    case: Case, event: Event, offers: Collection[Offer], offer: Offer | None, audience: Audience
) -> Iterator[tuple[str, int | str]]:
    """The notices of an event, each with a person or a channel."""
    told = TOLD.get(event.act, Told())
    acted = {event.actor_id} - {None}
    if told.requester and (case.requester_id not in acted or told.requester in ALSO_TO_ACTOR):
        yield told.requester, case.requester_id
    if told.asked and offer is not None:
        yield told.asked, audience.asked[offer.member_id]
    if told.members:
        members = [audience.asked[each.member_id] for each in offers if each.status is OfferStatus.ACCEPTED]
        yield from ((told.members, person_id) for person_id in members if person_id not in acted)
    if told.coordinator and (case.coordinator_id is None or case.coordinator_id not in acted):
        yield told.coordinator, COORDINATORS if case.coordinator_id is None else case.coordinator_id
    if told.room:
        yield told.room, f"room:{case.id}"
    if told.districts:
        yield from ((told.districts, person_id) for person_id in audience.districts if person_id not in acted)


def _mirror(
    session: Session, case: Case, offers: Collection[Offer], changed: Collection[Offer], audience: Audience
) -> None:
    _show(session, case, "card", case.id, COORDINATORS)
    for offer in offers:
        person_id = audience.asked[offer.member_id]
        if offer.status not in LIVE and offer not in changed:
            continue
        if person_id in audience.surfaces:
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
    if any(offer.status in {OfferStatus.ACCEPTED, OfferStatus.RELEASED} for offer in offers):
        _show(session, case, "room", case.id, f"room:{case.id}")
    for person_id in audience.homes:
        open_home(session, case.organisation_id, person_id)


def _tell(session: Session, event: Event, kind: str, person_id: int, surface: str | None) -> None:
    """Tell one person of an event; through the coordinators when the person is not in the chat."""
    jobs.tell(
        session,
        organisation_id=event.organisation_id,
        name=kind if surface else "relay",
        key=f"{kind}:{_fact(event)}:person:{person_id}",
        surface=surface or SURFACE,
        receiver=f"person:{person_id}" if surface else COORDINATORS,
        case_id=event.case_id,
        event_id=event.id,
        subject_id=event.offer_id,
        data={} if surface else {"notice": kind, "person": person_id},
    )


def _fact(event: Event) -> str:
    """What is told of once: the act. What a date brought by itself is named by what it is about: when a restored
    database comes to the same date again, the act has another id."""
    if event.actor_id is None and event.act is Act.EXPIRE:
        return f"offer:{event.offer_id}"
    if event.actor_id is None and event.act is Act.ASK:
        return f"case:{event.case_id}.{event.seq}:{event.data['member']}"
    return f"{event.id}"


def _tell_channel(session: Session, event: Event, kind: str, receiver: str) -> None:
    """Tell a channel of an event."""
    jobs.tell(
        session,
        organisation_id=event.organisation_id,
        name=kind,
        key=f"{kind}:{_fact(event)}:{receiver}",
        surface=SURFACE,
        receiver=receiver,
        case_id=event.case_id,
        event_id=event.id,
        subject_id=event.offer_id,
        data={},
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
    )


_HOMES = select(Posted.key).where(
    Posted.organisation_id == bindparam("the_organisation"), Posted.surface == literal(SURFACE)
)
_OPENED = union(
    _HOMES.where(Posted.key.in_(bindparam("the_homes", expanding=True))),
    select(_HOMES.where(Posted.key == "home:" + cast(Role.person_id, String)).scalar_subquery()).where(
        Role.organisation_id == bindparam("the_organisation"), Role.kind == RoleKind.COORDINATOR
    ),
)
"""The homes that stand somewhere, of these persons and of the coordinators, and None when one of those has none."""


def homes(session: Session, organisation_id: int, person_ids: Iterable[int] = ()) -> None:
    """Bring the home views of these persons and of the coordinators up to date, for those who have opened theirs."""
    named = {"the_organisation": organisation_id, "the_homes": [f"home:{person_id}" for person_id in person_ids]}
    with jobs.together(session):
        for key in sorted(filter(None, session.scalars(_OPENED, named))):
            open_home(session, organisation_id, int(key.removeprefix("home:")))


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
    )
