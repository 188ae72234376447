"""Registration: who a chat user is to the organisation, and which unit a requester asks for."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot import jobs, notices
from bot.actors import Actor
from bot.authority import coordinates
from bot.refusals import Invalid, NotAllowed, NotFound
from bot.wording.catalogues import spoken
from models.database import sort_key
from models.organisation import District, Unit, Workspace
from models.people import Identity, Person, Role, RoleKind


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A requester whose unit nobody has vouched for yet. `district` is None for a city-wide unit."""

    person_id: int
    name: str
    unit: str
    district: str | None


def actor_of(session: Session, platform: str, team: str, user: str) -> Actor | None:
    """The acting person behind a chat user; None for somebody who never arrived, has left, or whose workspace is
    not connected."""
    row = session.execute(
        select(Workspace.organisation_id, Identity.person_id)
        .join(Identity, (Identity.platform == Workspace.platform) & (Identity.team == Workspace.team))
        .where(Workspace.platform == platform, Workspace.team == team, Identity.user == user, Identity.active)
    ).one_or_none()
    return Actor(row.organisation_id, row.person_id) if row else None


def arrive(session: Session, platform: str, team: str, user: str, name: str, email: str | None, language: str) -> Actor:
    """Know a chat user from now on, or bring what is known of them up to date; they count as active again.

    `language` is the platform's locale ("sv-SE", "en-GB"; empty leaves the language as it is). Somebody already known
    by the same e-mail address, whatever its case, and without an account of their own in this workspace is the same
    person: so are members found who were imported before they came. Guests may have no address.
    Raises `NotFound` when the workspace is not connected to an organisation.
    """
    organisation_id = session.scalar(
        select(Workspace.organisation_id).where(Workspace.platform == platform, Workspace.team == team)
    )
    if organisation_id is None:
        raise NotFound("workspace")
    address = plain_email(email)
    identity = _identity(session, platform, team, user)
    if identity is None:
        identity = _admit(session, platform, team, user, name, address)
        _reached_anew(session, identity)
    elif not identity.active:
        _reached_anew(session, identity)
    _keep_person(session, session.get_one(Person, identity.person_id), name, address, language)
    return Actor(organisation_id, identity.person_id)


def departed(session: Session, platform: str, team: str, user: str) -> None:
    """The account was deactivated: from now on the person is told things through the coordinators."""
    identity = _identity(session, platform, team, user)
    if identity is not None:
        identity.active = False
        session.flush()


def changed(session: Session, platform: str, team: str, user: str, name: str, email: str | None, language: str) -> None:
    """An account was made, or something about it changed: it counts as active, and what is known is brought up to
    date. Of newcomers only those are let in who were known by their e-mail address before (imported members); nobody
    else is kept who has not turned to us."""
    known = _identity(session, platform, team, user) is not None
    if known or _person_waiting(session, platform, team, plain_email(email)) is not None:
        arrive(session, platform, team, user, name, email, language)


def unit_of(session: Session, actor: Actor) -> int | None:
    """The unit that the person asks for; None when they must be asked which, also because it has ended since."""
    query = (
        select(Unit.id)
        .join(Role, Role.unit_id == Unit.id)
        .where(
            Role.organisation_id == actor.organisation_id,
            Role.person_id == actor.stands_for,
            Role.kind == RoleKind.REQUESTER,
            Unit.ended_on.is_(None),
        )
    )
    return session.scalar(query)


def register(session: Session, actor: Actor, unit_id: int, at: dt.datetime) -> None:
    """Make the person a requester for a unit, and tell the coordinators, who confirm it.

    Who registers again changes unit, which is confirmed anew; the same unit twice is nothing new. What a coordinator
    registers is confirmed at once. Raises `Invalid` when there is no such unit any more, `NotAllowed` when somebody
    else than a coordinator registers another person.
    """
    vouched = coordinates(session, actor.organisation_id, actor.person_id)
    if actor.behalf is not None and not vouched:
        raise NotAllowed("behalf")
    if actor.stands_for is None:
        raise NotAllowed("stranger")
    _current_unit(session, actor.organisation_id, unit_id)
    hold(session, actor.stands_for)
    role = _requester(session, actor.organisation_id, actor.stands_for)
    if role is None:
        role = Role(organisation_id=actor.organisation_id, person_id=actor.stands_for, kind=RoleKind.REQUESTER)
        session.add(role)
    elif role.unit_id == unit_id:
        return
    role.unit_id = unit_id
    role.confirmed_at = at if vouched else None
    session.flush()
    if not vouched:
        notices.remind_channel(
            session,
            actor.organisation_id,
            "requester_new",
            f"{role.id}:{unit_id}:{at:%Y%m%dT%H%M%S}",
            notices.COORDINATORS,
            subject_id=role.person_id,
            unit=unit_id,
        )
    _refresh(session, actor.organisation_id, role.person_id)


def hold(session: Session, person_id: int) -> None:
    """Until the session ends let nobody else give the person a role: what is sent twice at one moment is one."""
    session.scalar(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


def confirm_requester(
    session: Session, actor: Actor, person_id: int, at: dt.datetime, *, unit_id: int | None = None
) -> None:
    """Vouch for a requester's unit, or correct it with `unit_id`. Confirming twice is confirming once.

    Raises `NotAllowed` for anybody but a coordinator, `NotFound` when the person is no requester here, `Invalid` when
    the unit is not there.
    """
    if not coordinates(session, actor.organisation_id, actor.person_id):
        raise NotAllowed("confirm_requester")
    role = _requester(session, actor.organisation_id, person_id)
    if role is None:
        raise NotFound("requester")
    if unit_id is not None and unit_id != role.unit_id:
        role.unit_id = _current_unit(session, actor.organisation_id, unit_id)
        role.confirmed_at = at
    role.confirmed_at = role.confirmed_at or at
    session.flush()
    _refresh(session, actor.organisation_id, person_id)


def unconfirmed(session: Session, organisation_id: int, limit: int = 20) -> list[Newcomer]:
    """Requesters whose unit a coordinator has still to confirm, the first to come first."""
    rows = session.execute(
        select(Person.id, Person.name, Unit.name, District.name)
        .select_from(Role)
        .join(Person, Person.id == Role.person_id)
        .join(Unit, Unit.id == Role.unit_id)
        .outerjoin(District, District.id == Unit.district_id)
        .where(
            Role.organisation_id == organisation_id,
            Role.kind == RoleKind.REQUESTER,
            Role.confirmed_at.is_(None),
        )
        .order_by(Role.id)
        .limit(limit)
    ).all()
    return [Newcomer(*row) for row in rows]


def plain_email(email: str | None) -> str | None:
    """An address as it is kept and compared: trimmed and casefolded; None when there is none."""
    return (email or "").strip().casefold() or None


def _admit(session: Session, platform: str, team: str, user: str, name: str, address: str | None) -> Identity:
    """A new account; of two that arrive at once the later finds what the earlier has made."""
    try:
        with session.begin_nested():
            person = _person_waiting(session, platform, team, address)
            if person is None:
                person = Person(name=_name(name, user), sort_key=sort_key(_name(name, user)))
                session.add(person)
                session.flush()
            identity = Identity(person_id=person.id, platform=platform, team=team, user=user)
            session.add(identity)
        return identity
    except IntegrityError:
        there = _identity(session, platform, team, user)
        if there is None:
            raise
        return there


def _person_waiting(session: Session, platform: str, team: str, address: str | None) -> Person | None:
    """Somebody known by the address who has no active account in the workspace yet."""
    if address is None:
        return None
    here = select(Identity.person_id).where(Identity.platform == platform, Identity.team == team, Identity.active)
    return session.scalar(select(Person).where(Person.email == address, Person.id.not_in(here)))


def _reached_anew(session: Session, identity: Identity) -> None:
    """The account is in use from now on; where the person was reached before is forgotten."""
    identity.active = True
    organisations = select(Workspace.organisation_id).where(
        Workspace.platform == identity.platform, Workspace.team == identity.team
    )
    for organisation_id in session.scalars(organisations).all():
        receiver = f"person:{identity.person_id}"
        jobs.moved(session, organisation_id=organisation_id, surface=identity.platform, receiver=receiver)
    session.flush()


def _keep_person(session: Session, person: Person, name: str, address: str | None, language: str) -> None:
    if name.strip() and name.strip() != person.name:
        person.name = _name(name, "")
        person.sort_key = sort_key(person.name)
    if language:
        person.language = spoken(language)
    if address is not None and address != person.email:
        taken = session.scalar(select(Person.id).where(Person.email == address))
        person.email = person.email if taken else address
    session.flush()


def _identity(session: Session, platform: str, team: str, user: str) -> Identity | None:
    return session.scalar(
        select(Identity).where(Identity.platform == platform, Identity.team == team, Identity.user == user)
    )


def _requester(session: Session, organisation_id: int, person_id: int) -> Role | None:
    return session.scalar(
        select(Role)
        .where(
            Role.organisation_id == organisation_id,
            Role.person_id == person_id,
            Role.kind == RoleKind.REQUESTER,
        )
        .with_for_update(key_share=True)
    )


def _current_unit(session: Session, organisation_id: int, unit_id: int) -> int:
    found = session.scalar(
        select(Unit.id).where(Unit.organisation_id == organisation_id, Unit.id == unit_id, Unit.ended_on.is_(None))
    )
    if found is None:
        raise Invalid("unit_unknown", field="unit_id")
    return found


def _refresh(session: Session, organisation_id: int, person_id: int) -> None:
    notices.homes(session, organisation_id, [person_id])


def _name(name: str, user: str) -> str:
    return (name.strip() or user)[:200]
