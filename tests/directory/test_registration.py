import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from bot import members, organisations, registration
from bot.refusals import Invalid, NotAllowed, NotFound
from models.database import Database
from models.forms import Profile
from models.job import Job
from models.organisation import Unit
from models.people import Identity, Member, Person, Role, RoleKind
from tests.directory.city import NOW, city_in


def test_a_chat_user_is_one_person_however_often_they_arrive(database: Database) -> None:
    city = city_in(database)
    with database.writing() as session:
        again = registration.arrive(session, "slack", "T1", "UANNA", "Anna Hed Ek", "ANNA@lillstad.example", "en-GB")
        assert again == city.anna == registration.actor_of(session, "slack", "T1", "UANNA")
        person = session.get_one(Person, city.anna.person_id)
        assert (person.name, person.email, person.language) == ("Anna Hed Ek", "anna@lillstad.example", "en")
        assert session.scalar(select(func.count()).select_from(Person)) == 2


def test_nobody_is_known_in_a_workspace_that_is_not_connected(database: Database) -> None:
    city_in(database)
    with database.writing() as session:
        assert registration.actor_of(session, "slack", "T2", "UANNA") is None
        assert registration.actor_of(session, "slack", "T1", "UNOBODY") is None
        with pytest.raises(NotFound, match="workspace"):
            registration.arrive(session, "slack", "T2", "UANNA", "Anna", None, "sv")


def test_an_imported_member_is_found_by_address_whatever_its_case(database: Database) -> None:
    city = city_in(database)
    with database.writing() as session:
        person = Person(name="Rut Alm", sort_key="rut alm", email="rut@uni.example")
        session.add(person)
        session.flush()
        session.add(Member(organisation_id=city.organisation_id, person_id=person.id))
        actor = registration.arrive(session, "slack", "T1", "URUT", "Rut Alm", " Rut@UNI.example ", "sv-SE")
        assert actor.person_id == person.id


def test_an_address_that_somebody_here_uses_makes_nobody_the_same(database: Database) -> None:
    city = city_in(database)
    with database.writing() as session:
        other = registration.arrive(session, "slack", "T1", "UOTHER", "Anna Hed", "anna@lillstad.example", "sv-SE")
        assert other.person_id != city.anna.person_id
        assert session.get_one(Person, other.person_id).email is None


def test_a_new_account_after_a_deactivated_one_is_the_same_person(database: Database) -> None:
    city = city_in(database)
    with database.writing() as session:
        registration.departed(session, "slack", "T1", "UANNA")
        assert registration.actor_of(session, "slack", "T1", "UANNA") is None
        again = registration.arrive(session, "slack", "T1", "UANNA2", "Anna Hed", "anna@lillstad.example", "sv-SE")
        assert again == city.anna
        registration.changed(session, "slack", "T1", "UANNA", "Anna Hed", "anna@lillstad.example", "")
        assert session.scalars(select(Identity.active).where(Identity.person_id == again.person_id)).all() == [
            True,
            True,
        ]


def test_only_those_known_before_are_let_in_by_a_new_account(database: Database) -> None:
    city = city_in(database)
    with database.writing() as session:
        registration.changed(session, "slack", "T1", "UNOBODY", "Ny Kollega", "ny@lillstad.example", "sv-SE")
        assert registration.actor_of(session, "slack", "T1", "UNOBODY") is None
        member_id = members.add(session, city.coordinator, "Rut Alm", "rut@uni.example", Profile())
        registration.changed(session, "slack", "T1", "URUT", "Rut Alm", "rut@uni.example", "en-US")
        rut = registration.actor_of(session, "slack", "T1", "URUT")
        assert rut is not None
        assert members.own(session, rut) == member_id


def test_one_person_in_two_cities_has_an_account_in_each(database: Database) -> None:
    city = city_in(database)
    other = city_in(database, "T2", "Storstad")
    assert other.anna.person_id == city.anna.person_id
    assert other.anna.organisation_id != city.anna.organisation_id


def test_guests_without_name_and_address_are_people_too(database: Database) -> None:
    city_in(database)
    with database.writing() as session:
        actor = registration.arrive(session, "slack", "T1", "UGUEST", " ", None, "")
        person = session.get_one(Person, actor.person_id)
        assert (person.name, person.email, person.language) == ("UGUEST", None, "sv")


def test_a_requester_is_asked_once_and_the_coordinators_told_once(database: Database) -> None:
    city = city_in(database)
    with database.writing() as session:
        assert registration.unit_of(session, city.anna) is None
        registration.register(session, city.anna, city.unit_id, NOW)
        registration.register(session, city.anna, city.unit_id, NOW + dt.timedelta(minutes=1))
        assert registration.unit_of(session, city.anna) == city.unit_id
        told = session.scalars(select(Job).where(Job.name == "requester_new")).all()
        assert [(job.subject_id, job.data) for job in told] == [(city.anna.person_id, {"unit": city.unit_id})]
        (newcomer,) = registration.unconfirmed(session, city.organisation_id)
        assert (newcomer.name, newcomer.unit, newcomer.district) == ("Anna Hed", "Barn och unga", "Ekby")


def test_what_is_sent_twice_at_one_moment_is_one_role(database: Database) -> None:
    city, start = city_in(database), threading.Barrier(4)

    def register(_: int) -> None:
        start.wait()
        with database.writing() as session:
            registration.register(session, city.anna, city.unit_id, NOW)
            organisations.appoint(session, city.coordinator, city.anna.person_id or 0, RoleKind.DEPUTY, NOW)

    with ThreadPoolExecutor(4) as crew:
        list(crew.map(register, range(4)))
    with database.reading() as session:
        kinds = session.scalars(select(Role.kind).where(Role.person_id == city.anna.person_id)).all()
    assert sorted(kinds) == [RoleKind.DEPUTY, RoleKind.REQUESTER]


def test_a_coordinator_confirms_and_corrects(database: Database) -> None:
    city = city_in(database)
    with database.writing() as session:
        registration.register(session, city.anna, city.unit_id, NOW)
        assert city.anna.person_id is not None
        with pytest.raises(NotAllowed):
            registration.confirm_requester(session, city.anna, city.anna.person_id, NOW)
        registration.confirm_requester(session, city.coordinator, city.anna.person_id, NOW, unit_id=city.other_unit_id)
        assert registration.unit_of(session, city.anna) == city.other_unit_id
        assert registration.unconfirmed(session, city.organisation_id) == []
        with pytest.raises(NotFound):
            registration.confirm_requester(session, city.coordinator, city.coordinator.person_id or 0, NOW)


def test_a_changed_unit_is_confirmed_anew(database: Database) -> None:
    city = city_in(database)
    with database.writing() as session:
        registration.register(session, city.anna, city.unit_id, NOW)
        registration.confirm_requester(session, city.coordinator, city.anna.person_id or 0, NOW)
        registration.register(session, city.anna, city.other_unit_id, NOW)
        assert session.scalars(select(Role.confirmed_at).where(Role.person_id == city.anna.person_id)).one() is None


def test_only_a_coordinator_registers_somebody_else(database: Database) -> None:
    city = city_in(database)
    with database.writing() as session:
        assert city.coordinator.person_id is not None
        assert city.anna.person_id is not None
        with pytest.raises(NotAllowed, match="behalf"):
            registration.register(session, city.anna.for_person(city.coordinator.person_id, "phone"), city.unit_id, NOW)
        registration.register(session, city.coordinator.for_person(city.anna.person_id, "phone"), city.unit_id, NOW)
        assert registration.unconfirmed(session, city.organisation_id) == []


@pytest.mark.parametrize("which", ["ended", "unknown", "another city's"])
def test_a_unit_that_is_not_there_is_refused_at_its_field(database: Database, which: str) -> None:
    city = city_in(database)
    other = city_in(database, "T2", "Storstad")
    with database.writing() as session:
        session.get_one(Unit, city.other_unit_id).ended_on = dt.date(2023, 7, 1)
        unit_id = {"ended": city.other_unit_id, "unknown": 10**6, "another city's": other.unit_id}[which]
        with pytest.raises(Invalid, match="unit_unknown") as refused:
            registration.register(session, city.anna, unit_id, NOW)
        assert refused.value.field == "unit_id"


def test_whose_unit_has_ended_is_asked_again(database: Database) -> None:
    city = city_in(database)
    with database.writing() as session:
        registration.register(session, city.anna, city.unit_id, NOW)
        session.get_one(Unit, city.unit_id).ended_on = dt.date(2026, 3, 1)
        session.flush()
        assert registration.unit_of(session, city.anna) is None
