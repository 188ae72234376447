"""Places: the organisations of a nation with their districts and units, and the people who are there."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from models.case import Draft
from models.database import sort_key
from models.job import Lane, Posted
from models.organisation import Area, District, Organisation, Unit, University, Workspace
from models.people import Absence, Conflict, Identity, Member, PauseCause, Person, Role, RoleKind
from tests.bench.academy import members
from tests.bench.rows import Rows

ORGANISATIONS = 290
MEMBERS = 3_000
REQUESTERS = 10_000
LARGE = 20
"""Every so many-th case, member and requester is the first organisation's."""

_DAY = dt.timedelta(days=1)


@dataclass(slots=True)
class Place:
    """An organisation and who is there. `number` is that of its latest case; `requesters` are persons with their units,
    `members` member ids with persons."""

    id: int
    number: int = 0
    units: list[int] = field(default_factory=list)
    areas: list[int] = field(default_factory=list)
    districts: list[int] = field(default_factory=list)
    coordinators: list[int] = field(default_factory=list)
    requesters: list[tuple[int, int]] = field(default_factory=list)
    members: list[tuple[int, int]] = field(default_factory=list)


def settle(rows: Rows, now: dt.datetime) -> list[Place]:
    """Found every organisation, and bring its people."""
    places = [_founded(rows) for _ in range(ORGANISATIONS)]
    for place in places:
        _coordinators(rows, place, now, large=place is places[0])
    for number in range(REQUESTERS):
        _requester(rows, place_of(places, number), number, now)
    for number, profile in enumerate(members(MEMBERS)):
        place = place_of(places, number)
        person_id = _person(rows, place, profile.name, chat=number % 16 != 5)
        silent = number % 60 == 11
        member_id = rows.new(
            Member,
            organisation_id=place.id,
            person_id=person_id,
            title=profile.title,
            university_id=place.id,
            keywords=list(profile.keywords),
            bio=profile.bio,
            publications=list(profile.publications),
            paused_at=now - _DAY if silent else None,
            paused_by=PauseCause.UNANSWERED if silent else None,
        )
        place.members.append((member_id, person_id))
        _ties(rows, place, member_id, number, now)
    return places


def place_of(places: Sequence[Place], number: int) -> Place:
    """Whose the case, member or requester of this number is."""
    if number % LARGE == 0:
        return places[0]
    return places[1 + (number - number // LARGE - 1) % (len(places) - 1)]


def _founded(rows: Rows) -> Place:
    place = Place(rows.number(Organisation))
    rows.add(Organisation, id=place.id, name=f"Kommun {place.id}")
    rows.new(
        Workspace,
        organisation_id=place.id,
        platform="slack",
        team=f"T{place.id}",
        coordinators_channel=f"C{place.id}S",
        forum_channel=f"C{place.id}F",
    )
    for name in ("Norra stadsdelen", "Södra stadsdelen"):
        place.districts.append(_named(rows, District, place, name))
        place.units.extend(
            _named(rows, Unit, place, unit, district_id=place.districts[-1])
            for unit in ("Barn och unga", "Vuxenenheten", "Boendestödet")
        )
    _named(rows, University, place, "Norra universitetet")
    for code, name, english in (("barn", "Barn och unga", "Children"), ("vuxna", "Vuxna", "Adults")):
        place.areas.append(rows.new(Area, organisation_id=place.id, code=code, name=name, name_en=english))
    return place


def _named(rows: Rows, table: type[District | Unit | University], place: Place, name: str, **columns: int) -> int:
    return rows.new(table, organisation_id=place.id, name=name, sort_key=sort_key(name), **columns)


def _coordinators(rows: Rows, place: Place, now: dt.datetime, *, large: bool) -> None:
    for kind, count in ((RoleKind.COORDINATOR, 3 if large else 1), (RoleKind.DEPUTY, 2 if large else 1)):
        for number in range(count):
            person_id = _person(rows, place, f"Samordnare {place.id} {kind} {number}")
            rows.new(
                Role, organisation_id=place.id, person_id=person_id, kind=kind, unit_id=None, confirmed_at=now - _DAY
            )
            if kind is RoleKind.COORDINATOR:
                place.coordinators.append(person_id)


def _requester(rows: Rows, place: Place, number: int, now: dt.datetime) -> None:
    """One of two hundred waits for the unit to be confirmed, one of ten has begun a form."""
    person_id, unit_id = _person(rows, place, f"Kontakt {number}"), place.units[number % len(place.units)]
    rows.new(
        Role,
        organisation_id=place.id,
        person_id=person_id,
        kind=RoleKind.REQUESTER,
        unit_id=unit_id,
        confirmed_at=None if number % 200 == 0 else now - _DAY,
    )
    place.requesters.append((person_id, unit_id))
    if number % 10 == 0:
        form = {"title": "Påbörjad fråga"}
        rows.new(
            Draft,
            organisation_id=place.id,
            person_id=person_id,
            form=form,
            created_at=now - _DAY,
            changed_at=now - _DAY,
        )


def _ties(rows: Rows, place: Place, member_id: int, number: int, now: dt.datetime) -> None:
    """Days away in the coming weeks, and a declared tie to a district."""
    first = now.date() + _DAY * (number % 50)
    rows.new(Absence, organisation_id=place.id, member_id=member_id, first_day=first, last_day=first + _DAY * 7)
    district_id = place.districts[number % 2]
    rows.new(Conflict, organisation_id=place.id, member_id=member_id, district_id=district_id, declared_at=now - _DAY)


def _person(rows: Rows, place: Place, name: str, *, chat: bool = True) -> int:
    """Somebody who, if they are in the chat, has opened their home."""
    person_id = rows.new(Person, name=name, sort_key=sort_key(name))
    if chat:
        user, home = f"U{person_id}", f"home:{person_id}"
        shared = {"organisation_id": place.id, "surface": "slack"}
        rows.new(Identity, person_id=person_id, platform="slack", team=f"T{place.id}", user=user)
        rows.new(Lane, receiver=home, address=user, **shared)
        rows.new(Posted, key=home, channel=user, ts="home", shown=1, **shared)
    return person_id
