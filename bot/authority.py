"""Authority: the one place where an act is allowed or refused."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.actors import Actor
from bot.refusals import NotAllowed, NotFound, TooLate
from models.case import Case, CaseUnit, Offer
from models.life import ACTS, Act, OfferStatus, Part, Status
from models.organisation import Choosing, Organisation
from models.people import Member, Role, RoleKind

_COORDINATING = {RoleKind.COORDINATOR, RoleKind.DEPUTY}
_ROLES = select(Role.kind).where(
    Role.organisation_id == bindparam("the_organisation"), Role.person_id == bindparam("the_person")
)


def roles_of(session: Session, organisation_id: int, person_id: int | None) -> frozenset[RoleKind]:
    """What a person is to the organisation."""
    return frozenset(session.scalars(_ROLES, {"the_organisation": organisation_id, "the_person": person_id}))


def coordinates(session: Session, organisation_id: int, person_id: int | None) -> bool:
    """Whether the person is a coordinator or a deputy."""
    return bool(roles_of(session, organisation_id, person_id) & _COORDINATING)


def parts_in(session: Session, case: Case, person_id: int | None, offer: Offer | None = None) -> frozenset[Part]:
    """The parts a person has in a case. With `offer`, `ASKED` and `MEMBER` mean that question and no other.

    A unit that somebody named themselves gives no part before a coordinator has confirmed it.
    """
    if person_id is None:
        return frozenset({Part.CLOCK})
    parts = set()
    mine = (Role.organisation_id == case.organisation_id) & (Role.person_id == person_id)
    roles = session.execute(select(Role.kind, Role.unit_id, Role.confirmed_at).where(mine)).all()
    if case.requester_id == person_id:
        parts.add(Part.REQUESTER)
    if any(kind in _COORDINATING for kind, _, _ in roles):
        parts.add(Part.COORDINATOR)
    units = {unit for kind, unit, confirmed in roles if kind is RoleKind.REQUESTER and unit and confirmed}
    others = select(CaseUnit.unit_id).where(CaseUnit.case_id == case.id, CaseUnit.responsible.is_(False))
    if units & set(session.scalars(others)):
        parts.add(Part.DISTRICT)
    questions = session.execute(
        select(Offer.id, Offer.status)
        .join(Member, Member.id == Offer.member_id)
        .where(Offer.case_id == case.id, Member.person_id == person_id)
    ).all()
    for offer_id, status in questions:
        if offer is None or offer.id == offer_id:
            if status is OfferStatus.PENDING:
                parts.add(Part.ASKED)
            elif status is OfferStatus.ACCEPTED:
                parts.add(Part.MEMBER)
    if not parts and (roles or _belongs_as_member(session, case.organisation_id, person_id)):
        parts.add(Part.FORUM)
    return frozenset(parts)


def _belongs_as_member(session: Session, organisation_id: int, person_id: int) -> bool:
    query = select(Member.id).where(
        Member.organisation_id == organisation_id, Member.person_id == person_id, Member.left_at.is_(None)
    )
    return session.scalar(query) is not None


def may_read(case: Case, parts: frozenset[Part]) -> bool:
    """Whether somebody with these parts may read the case: everybody in it, and the forum when it is shown there."""
    return bool(parts - {Part.FORUM}) or (Part.FORUM in parts and case.shown and case.status is not Status.WITHDRAWN)


def authorise(session: Session, case: Case, actor: Actor, act: Act, offer: Offer | None = None) -> None:
    """Let the act pass, or raise.

    Raises `NotFound` when the case is not this person's to see, `NotAllowed` when their part does not allow the act,
    `TooLate` when the case or the question has moved on. Who coordinates may act on anybody's behalf (R22: members
    may be anywhere and need no account), and must say how they know.
    """
    _authorise_behalf(session, actor)
    parts = parts_in(session, case, actor.stands_for, offer)
    rule = ACTS[act]
    if not parts & rule.by:
        if offer is not None and _was_asked(session, actor, offer) and Part.ASKED in rule.by:
            raise TooLate(f"offer_{offer.status.value}", number=case.number)
        if not may_read(case, parts):
            raise NotFound("case")
        raise NotAllowed("act", number=case.number)
    if case.status not in rule.within:
        raise TooLate(f"case_{case.status.value}", number=case.number)
    if act is Act.ASK and not parts & {Part.COORDINATOR, Part.CLOCK} and not _requesters_choose(session, case):
        raise NotAllowed("choosing", number=case.number)


def authorise_filing(session: Session, actor: Actor) -> int:
    """The person who files: the actor, or whom a coordinator files for.

    Raises `NotAllowed` for somebody who is nothing to the organisation.
    """
    _authorise_behalf(session, actor)
    person_id = actor.stands_for
    if person_id is None or not (
        roles_of(session, actor.organisation_id, person_id) or _is_member(session, actor.organisation_id, person_id)
    ):
        raise NotAllowed("stranger")
    return person_id


def _authorise_behalf(session: Session, actor: Actor) -> None:
    if actor.behalf is None:
        return
    if not coordinates(session, actor.organisation_id, actor.person_id):
        raise NotAllowed("behalf")
    if not actor.behalf.source.strip():
        raise NotAllowed("behalf_source", field="source")


def _is_member(session: Session, organisation_id: int, person_id: int) -> bool:
    query = select(Member.id).where(
        Member.organisation_id == organisation_id, Member.person_id == person_id, Member.left_at.is_(None)
    )
    return session.scalar(query) is not None


def _was_asked(session: Session, actor: Actor, offer: Offer) -> bool:
    member = session.get_one(Member, offer.member_id)
    return member.person_id == actor.stands_for


def _requesters_choose(session: Session, case: Case) -> bool:
    return session.get_one(Organisation, case.organisation_id).choosing is Choosing.REQUESTER
