"""Pickers: people and members to choose from, as one types, and the names of what was chosen before."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import Session

from bot.districts import UnitChoice
from models.database import sort_key
from models.organisation import District, Unit, University, Workspace
from models.people import Identity, Member, Person, Role, RoleKind


@dataclass(frozen=True, slots=True)
class PersonChoice:
    """A person to choose; `about` tells namesakes apart (unit, title or university; may be empty)."""

    id: int
    name: str
    about: str

    @property
    def label(self) -> str:
        """Name and what tells them apart, in one line."""
        return f"{self.name}, {self.about}" if self.about else self.name


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member in a list."""

    member_id: int
    name: str
    title: str
    university: str
    keywords: tuple[str, ...]


_UNITS = (
    select(Unit.id, Unit.name, District.name)
    .outerjoin(District, District.id == Unit.district_id)
    .where(
        Unit.organisation_id == bindparam("the_organisation"),
        Unit.id.in_(bindparam("the_units", expanding=True)),
        Unit.ended_on.is_(None),
    )
)


def units_by_id(session: Session, organisation_id: int, unit_ids: Iterable[int]) -> dict[int, UnitChoice]:
    """Those of these units that are the organisation's and still there."""
    named = {"the_organisation": organisation_id, "the_units": list(unit_ids)}
    return {row.id: UnitChoice(*row) for row in session.execute(_UNITS, named)}


def requesters(session: Session, organisation_id: int, search: str = "", limit: int = 100) -> list[PersonChoice]:
    """Requesters whose name holds every word of `search`, in Swedish order, each with their unit."""
    query = (
        select(Person.id, Person.name, Unit.name)
        .join(Role, Role.person_id == Person.id)
        .outerjoin(Unit, Unit.id == Role.unit_id)
        .where(Role.organisation_id == organisation_id, Role.kind == RoleKind.REQUESTER)
        .order_by(Person.sort_key, Person.id)
        .limit(limit)
    )
    return [PersonChoice(key, name, unit or "") for key, name, unit in session.execute(query.where(*_named(search)))]


def people(session: Session, organisation_id: int, search: str = "", limit: int = 100) -> list[PersonChoice]:
    """Everybody known to the organisation, by an account in its chat, a role or as a member, in Swedish order."""
    accounts = (
        select(Identity.person_id)
        .join(Workspace, (Workspace.platform == Identity.platform) & (Workspace.team == Identity.team))
        .where(Workspace.organisation_id == organisation_id)
    )
    roles = select(Role.person_id).where(Role.organisation_id == organisation_id)
    members_of = select(Member.person_id).where(Member.organisation_id == organisation_id)
    asks_for = (Role.person_id == Person.id) & (Role.organisation_id == organisation_id) & Role.unit_id.is_not(None)
    advises = (Member.person_id == Person.id) & (Member.organisation_id == organisation_id)
    query = (
        select(Person.id, Person.name, Unit.name, Member.title)
        .outerjoin(Role, asks_for)
        .outerjoin(Unit, Unit.id == Role.unit_id)
        .outerjoin(Member, advises)
        .where(Person.id.in_(accounts.union(roles, members_of)), *_named(search))
        .order_by(Person.sort_key, Person.id)
        .limit(limit)
    )
    return [PersonChoice(key, name, unit or title or "") for key, name, unit, title in session.execute(query)]


def person(session: Session, person_id: int) -> PersonChoice | None:
    """A person chosen before."""
    name = session.scalar(select(Person.name).where(Person.id == person_id))
    return None if name is None else PersonChoice(person_id, name, "")


def managing(session: Session, organisation_id: int) -> list[tuple[int, str, RoleKind]]:
    """Who has which role in running the organisation: coordinators, then deputies, then administrators, by name."""
    kinds = [RoleKind.COORDINATOR, RoleKind.DEPUTY, RoleKind.ADMINISTRATOR]
    query = (
        select(Person.id, Person.name, Role.kind)
        .join(Role, Role.person_id == Person.id)
        .where(Role.organisation_id == organisation_id, Role.kind.in_(kinds))
        .order_by(Person.sort_key, Person.id)
    )
    rows = [(person_id, name, kind) for person_id, name, kind in session.execute(query)]
    return sorted(rows, key=lambda row: kinds.index(row[2]))


def members(
    session: Session, organisation_id: int, search: str = "", *, first: int = 0, limit: int = 100
) -> list[MemberLine]:
    """Members who have not left and whose name holds every word of `search`, in Swedish order."""
    query = (
        select(Member.id, Person.name, Member.title, University.name, Member.keywords)
        .join(Person, Person.id == Member.person_id)
        .outerjoin(University, University.id == Member.university_id)
        .where(Member.organisation_id == organisation_id, Member.left_at.is_(None))
        .order_by(Person.sort_key, Member.id)
        .offset(first)
        .limit(limit)
    )
    return [
        MemberLine(member_id, name, title, university or "", tuple(keywords))
        for member_id, name, title, university, keywords in session.execute(query.where(*_named(search)))
    ]


def member_names(session: Session, organisation_id: int, member_ids: Collection[int]) -> dict[int, str]:
    """The names of those of these members who have not left."""
    if not member_ids:
        return {}
    query = (
        select(Member.id, Person.name)
        .join(Person, Person.id == Member.person_id)
        .where(Member.organisation_id == organisation_id, Member.left_at.is_(None), Member.id.in_(member_ids))
    )
    return dict(session.execute(query).all())


def count_members(session: Session, organisation_id: int) -> int:
    """How many members have not left."""
    query = select(func.count()).where(Member.organisation_id == organisation_id, Member.left_at.is_(None))
    return session.scalar(query.select_from(Member)) or 0


def _named(search: str) -> list[ColumnElement[bool]]:
    """Every word of the search stands in the name, in any order and however it is written."""
    return [Person.sort_key.contains(word, autoescape=True) for word in sort_key(search).split()]
