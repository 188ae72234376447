"""Reach: who is told on whose part, and on which platform a person is reached, if on any."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    exists,
    literal,
    null,
    select,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.case import Case, CaseUnit, Offer
from models.job import Posted
from models.life import OfferStatus
from models.organisation import Workspace
from models.people import Identity, Member, Role, RoleKind


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a case concerns: `asked` has the persons of the members who were ever asked, `districts` those who ask for
    its other units, each of whom is told and confirms.

    `surfaces` has the platform that a person is reached on; whoever is in none of the organisation's chats is not
    there. `homes` are those of the requester, the members asked and the coordinators who have opened a home view.
    """

    asked: dict[int, int]
    districts: list[int]
    surfaces: dict[int, str]
    homes: list[int]


def surface_of(session: Session, organisation_id: int, person_id: int) -> str | None:
    """The platform a person is reached on by this organisation, or None when they are in none of its chats."""
    return session.scalar(_platform(literal(organisation_id), literal(person_id)))


def audience_of(session: Session, case: Case, home_surface: str) -> Audience:
    """Whom the case concerns as it is saved; home views stand on `home_surface`."""
    named = {"the_organisation": case.organisation_id, "the_case": case.id, "the_surface": home_surface}
    rows = session.execute(_AUDIENCE, named).all()
    return Audience(
        {row.member_id: row.person_id for row in rows if row.member_id},
        [row.person_id for row in rows if row.of_district],
        {row.person_id: row.surface for row in rows if row.surface},
        list(dict.fromkeys(row.person_id for row in rows if row.follows and row.opened)),
    )


def members_of(session: Session, case: Case) -> list[int]:
    """The persons whose acceptance holds."""
    query = (
        select(Member.person_id)
        .join(Offer, Offer.member_id == Member.id)
        .where(Offer.case_id == case.id, Offer.status == OfferStatus.ACCEPTED)
        .order_by(Offer.id)
    )
    return list(session.scalars(query))


def coordinators(session: Session, organisation_id: int, kind: RoleKind = RoleKind.COORDINATOR) -> list[int]:
    """The organisation's coordinators, or its deputies."""
    query = select(Role.person_id).where(Role.organisation_id == organisation_id, Role.kind == kind).order_by(Role.id)
    return list(session.scalars(query))


def _platform(organisation_id: ColumnElement[int], person_id: ColumnElement[int]) -> Select[str]:
    """Where the person came first, of the organisation's workspaces in which they have an active account."""
    return (
        select(Identity.platform)
        .join(Workspace, (Workspace.platform == Identity.platform) & (Workspace.team == Identity.team))
        .where(Workspace.organisation_id == organisation_id, Identity.active, Identity.person_id == person_id)
        .order_by(Identity.id)
        .limit(1)
    )


def _concerned(
    person: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    member: InstrumentedAttribute[int] | None = None,
    *,
    of_district: bool = False,
    follows: bool = False,
) -> Select[Any, Any, Any, Any]:
    return select(
        person.label("person_id"),
        cast(null() if member is None else member, Integer).label("member_id"),
        literal(int(of_district)).label("of_district"),
        literal(int(follows)).label("follows"),
    )


_ORGANISATION = bindparam("the_organisation", type_=Integer)
_CASE = bindparam("the_case", type_=Integer)
_PERSONS = union(
    _concerned(Case.requester_id, follows=True).where(Case.id == _CASE),
    _concerned(Case.coordinator_id).where(Case.id == _CASE, Case.coordinator_id.is_not(None)),
    _concerned(Member.person_id, Member.id, follows=True)
    .join(Offer, Offer.member_id == Member.id)
    .where(Offer.case_id == _CASE),
    _concerned(Role.person_id, of_district=True)
    .join(CaseUnit, CaseUnit.unit_id == Role.unit_id)
    .where(
        CaseUnit.case_id == _CASE,
        CaseUnit.responsible.is_(False),
        Role.organisation_id == _ORGANISATION,
        Role.kind == RoleKind.REQUESTER,
        Role.confirmed_at.is_not(None),
    ),
    _concerned(Role.person_id, follows=True).where(
        Role.organisation_id == _ORGANISATION, Role.kind == RoleKind.COORDINATOR
    ),
).subquery()
_AUDIENCE = select(
    _PERSONS,
    _platform(_ORGANISATION, _PERSONS.c.person_id).scalar_subquery().label("surface"),
    exists()
    .where(
        Posted.organisation_id == _ORGANISATION,
        Posted.surface == bindparam("the_surface"),
        Posted.key == "home:" + cast(_PERSONS.c.person_id, String),
    )
    .label("opened"),
).order_by(_PERSONS.c.person_id)
