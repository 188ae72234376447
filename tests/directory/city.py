"""A small invented city for the tests of who belongs to it."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot import organisations, registration
from bot.actors import Actor
from models.database import Database, sort_key
from models.organisation import District, Unit
from models.people import Role, RoleKind

NOW = dt.datetime(2026, 3, 10, 9, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class City:
    """Ids of what every test needs; `coordinator` may do everything, `anna` is known and nothing more."""

    organisation_id: int
    district_id: int
    unit_id: int
    other_unit_id: int
    coordinator: Actor
    anna: Actor


def found_city(session: Session, team: str = "T1", name: str = "Lillstad") -> City:
    organisation = organisations.found(session, name)
    organisations.connect(session, organisation.id, "slack", team, "Lillstad")
    district = District(organisation_id=organisation.id, name="Ekby", sort_key=sort_key("Ekby"))
    session.add(district)
    session.flush()
    units = [
        Unit(organisation_id=organisation.id, name=name, sort_key=sort_key(name), district_id=district.id)
        for name in ("Barn och unga", "Vuxenenheten")
    ]
    session.add_all(units)
    session.flush()
    coordinator = registration.arrive(session, "slack", team, "UCOORD", "Cecilia Ros", None, "sv-SE")
    session.add(
        Role(
            organisation_id=organisation.id,
            person_id=coordinator.person_id,
            kind=RoleKind.COORDINATOR,
            confirmed_at=NOW,
        )
    )
    session.flush()
    anna = registration.arrive(session, "slack", team, "UANNA", "Anna Hed", "anna@lillstad.example", "sv-SE")
    return City(organisation.id, district.id, units[0].id, units[1].id, coordinator, anna)


def city_in(database: Database, team: str = "T1", name: str = "Lillstad") -> City:
    with database.writing() as session:
        return found_city(session, team, name)
