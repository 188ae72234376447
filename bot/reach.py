"""Reach: who is told on whose part, and on which platform a person is reached, if on any."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models.case import Case, CaseUnit, Offer
from models.life import OfferStatus
from models.organisation import Workspace
from models.people import Identity, Member, Role, RoleKind


def surface_of(session: Session, organisation_id: int, person_id: int) -> str | None:
    """The platform a person is reached on by this organisation, or None when they are in none of its chats."""
    query = _accounts(organisation_id).with_only_columns(Identity.platform).where(Identity.person_id == person_id)
    return session.scalar(query.order_by(Identity.id).limit(1))


def reached(session: Session, organisation_id: int, person_ids: list[int]) -> set[int]:
    """Those of the persons who are in one of the organisation's chats."""
    if not person_ids:
        return set()
    return set(session.scalars(_accounts(organisation_id).where(Identity.person_id.in_(person_ids))))


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


def other_districts(session: Session, case: Case) -> list[int]:
    """Who asks for the case's other units: each of them is told and confirms."""
    query = (
        select(Role.person_id)
        .join(CaseUnit, CaseUnit.unit_id == Role.unit_id)
        .where(
            CaseUnit.case_id == case.id,
            CaseUnit.responsible.is_(False),
            Role.organisation_id == case.organisation_id,
            Role.kind == RoleKind.REQUESTER,
            Role.confirmed_at.is_not(None),
        )
        .distinct()
        .order_by(Role.person_id)
    )
    return list(session.scalars(query))


def _accounts(organisation_id: int) -> Select[Any]:
    """The persons with an active account in one of the organisation's workspaces."""
    connected = (Workspace.platform == Identity.platform) & (Workspace.team == Identity.team)
    return (
        select(Identity.person_id)
        .join(Workspace, connected)
        .where(Workspace.organisation_id == organisation_id, Identity.active)
    )
