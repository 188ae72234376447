"""The sample's town: its landscape and its people, made before anybody asks anything."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import availability, districts, members, organisations, registration
from bot.actors import Actor
from bot.sample.scripts import City, MemberEntry, PersonEntry
from models.forms import Away, Profile
from models.organisation import Cluster, District
from models.people import Identity, Member, Role, RoleKind

PLATFORM = "slack"


@dataclass(slots=True)
class Town:
    """What was made, by the scripts' keys: persons and members by key, units as "District/Unit"."""

    organisation_id: int
    people: dict[str, int] = field(default_factory=dict)
    members: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    districts: dict[str, int] = field(default_factory=dict)
    areas: dict[str, int] = field(default_factory=dict)

    def actor(self, key: str) -> Actor:
        """The person of this key, acting."""
        return Actor(self.organisation_id, self.people[key])


def build(session: Session, script: City, academy: list[MemberEntry], team: str, founded: dt.datetime) -> Town:
    """Make the organisation as it was when it was founded: former districts are still there, nobody is away."""
    organisation = organisations.found(session, script.name)
    organisation.terms, organisation.terms_en = script.terms, script.terms_en
    organisations.connect(session, organisation.id, PLATFORM, team, script.name)
    town = Town(organisation.id)
    town.areas = {area.code: area.id for area in districts.areas(session, organisation.id)}
    _landscape(session, script, town)
    for person in script.person:
        _person(session, person, town, team, founded)
    manager = next(town.actor(person.key) for person in script.person if RoleKind.COORDINATOR in person.roles)
    for member in academy:
        _member(session, manager, member, town, team)
    return town


def merge_former(session: Session, script: City, town: Town) -> None:
    """The former districts go up in those of today."""
    for entry in script.district:
        if entry.ended_on is not None:
            old = session.get_one(District, town.districts[entry.name])
            heir = session.get_one(District, town.districts[entry.successor])
            districts.succeed(session, old, heir, entry.ended_on)


def settle_members(
    session: Session, academy: list[MemberEntry], town: Town, now: dt.datetime, ago: Callable[[int], dt.datetime]
) -> None:
    """Absences, pauses and ties as they stand today."""
    for entry in academy:
        member_id = town.members[entry.key]
        themself = town.actor(entry.key)
        if entry.away is not None:
            first, last = (now.date() + dt.timedelta(days=days) for days in entry.away)
            availability.away(session, themself, member_id, Away(first_day=first, last_day=last), now)
        if entry.paused is not None:
            availability.pause(session, themself, member_id, ago(entry.paused))
        for tie in entry.ties:
            if tie in town.districts:
                members.declare_conflict(session, themself, member_id, now, district_id=town.districts[tie])
            else:
                members.declare_conflict(session, themself, member_id, now, person_id=town.people[tie])


def _landscape(session: Session, script: City, town: Town) -> None:
    for name, theme in script.clusters.items():
        session.add(Cluster(organisation_id=town.organisation_id, name=name, theme=theme))
    session.flush()
    for entry in script.district:
        district = districts.make_district(session, town.organisation_id, entry.name, entry.cluster)
        town.districts[entry.name] = district.id
        for name in entry.units:
            unit = districts.make_unit(session, town.organisation_id, name, district.id)
            town.units[f"{entry.name}/{name}"] = unit.id
    for name in script.city_wide:
        town.units[f"/{name}"] = districts.make_unit(session, town.organisation_id, name, None).id


def _person(session: Session, entry: PersonEntry, town: Town, team: str, founded: dt.datetime) -> None:
    registration.arrive(session, PLATFORM, team, entry.key, entry.name, entry.email, entry.locale)
    account = select(Identity.person_id).where(Identity.team == team, Identity.user == entry.key)
    person_id = town.people[entry.key] = session.scalars(account).one()
    for kind in entry.roles:
        _role(session, town, person_id, kind, founded)
    if entry.unit:
        confirmed = founded if entry.confirmed else None
        _role(session, town, person_id, RoleKind.REQUESTER, confirmed, town.units[entry.unit])


def _role(
    session: Session,
    town: Town,
    person_id: int,
    kind: RoleKind,
    confirmed_at: dt.datetime | None,
    unit_id: int | None = None,
) -> None:
    session.add(
        Role(
            organisation_id=town.organisation_id,
            person_id=person_id,
            kind=kind,
            unit_id=unit_id,
            confirmed_at=confirmed_at,
        )
    )
    session.flush()


def _member(session: Session, manager: Actor, entry: MemberEntry, town: Town, team: str) -> None:
    university = districts.make_university(session, town.organisation_id, entry.university)
    form = Profile(
        title=entry.title,
        university_id=university.id,
        keywords=entry.keywords,
        bio=entry.bio,
        publications=entry.publications,
        languages=entry.languages,
        capacity=entry.capacity,
    )
    town.members[entry.key] = members.add(session, manager, entry.name, entry.email, form)
    if entry.chat:
        registration.arrive(session, PLATFORM, team, entry.key, entry.name, entry.email, entry.locale)
    person = select(Member.person_id).where(Member.id == town.members[entry.key])
    town.people[entry.key] = session.scalars(person).one()
