import datetime as dt

import pytest

from bot import cases, districts, members, registration
from bot.actors import Actor
from bot.offers import conflicting
from bot.refusals import Invalid, NotAllowed
from bot.wording import words
from models.case import AnswerKind, Case, Help
from models.database import Database
from models.forms import Profile, Question
from models.organisation import District, Unit
from tests.directory.city import NOW, found_city


def test_units_stand_in_swedish_order_with_the_city_wide_ones_last(database: Database) -> None:
    with database.writing() as session:
        city = found_city(session)
        for name in ("Österby", "Ärla", "Åby", "Zonen"):
            district_id = districts.add_district(session, city.coordinator, name)
            districts.add_unit(session, city.coordinator, "Öppenvård", district_id)
            districts.add_unit(session, city.coordinator, "Ekonomiskt bistånd", district_id)
        districts.add_unit(session, city.coordinator, "Boendeenheten", None)
        choices = districts.units(session, city.organisation_id)
        headings = list(dict.fromkeys(choice.heading(words("sv")) for choice in choices))
        assert headings == ["Ekby", "Zonen", "Åby", "Ärla", "Österby", "Stadsövergripande"]
        assert [choice.name for choice in choices if choice.district == "Åby"] == ["Ekonomiskt bistånd", "Öppenvård"]
        assert choices[-1].heading(words("en")) == "City-wide"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ÖPPEN", ["Öppna insatser"]),
        ("ekby vux", ["Vuxenenheten"]),
        ("boende", ["Boendeenheten"]),
        ("100%", []),
        ("_", []),
        ("  ", ["Barn och unga", "Vuxenenheten", "Öppna insatser", "Boendeenheten"]),
    ],
)
def test_units_are_found_by_any_part(database: Database, search: str, found: list[str]) -> None:
    with database.writing() as session:
        city = found_city(session)
        districts.add_unit(session, city.coordinator, "Boendeenheten", None)
        districts.add_unit(session, city.coordinator, "Öppna insatser", city.district_id)
        searched = districts.units(session, city.organisation_id, search.replace("ÖPPEN", "ÖPPN"))
        assert [choice.name for choice in searched] == found


def test_a_list_of_units_is_never_longer_than_asked_for(database: Database) -> None:
    with database.writing() as session:
        city = found_city(session)
        for number in range(120):
            districts.add_unit(session, city.coordinator, f"Enhet {number:03}", city.district_id)
        assert len(districts.units(session, city.organisation_id)) == 100
        assert [unit.name for unit in districts.units(session, city.organisation_id, "119")] == ["Enhet 119"]


def test_names_are_there_once(database: Database) -> None:
    with database.writing() as session:
        city = found_city(session)
        for act, key in (
            (lambda: districts.add_district(session, city.coordinator, " EKBY "), "district_exists"),
            (lambda: districts.add_unit(session, city.coordinator, "barn och  unga", city.district_id), "unit_exists"),
            (lambda: districts.add_unit(session, city.coordinator, " ", None), "name_length"),
            (lambda: districts.add_unit(session, city.coordinator, "Ny", 10**6), "district_unknown"),
        ):
            with pytest.raises(Invalid, match=key):
                act()
        first = districts.add_university(session, city.coordinator, "Umeå universitet")
        assert districts.add_university(session, city.coordinator, "UMEÅ universitet") == first
        assert districts.universities(session, city.organisation_id, "umeå") == [
            districts.Choice(first, "Umeå universitet")
        ]


def test_only_those_who_manage_change_the_landscape(database: Database) -> None:
    with database.writing() as session:
        city = found_city(session)
        stranger: Actor = city.anna
        for act in (
            lambda: districts.add_district(session, stranger, "Ny"),
            lambda: districts.add_unit(session, stranger, "Ny", None),
            lambda: districts.add_university(session, stranger, "Ny"),
            lambda: districts.merge(session, stranger, city.district_id, city.district_id, NOW.date()),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_a_merger_keeps_old_cases_and_takes_people_and_ties_along(database: Database) -> None:
    with database.writing() as session:
        city = found_city(session)
        into = districts.add_district(session, city.coordinator, "Västra Ekby")
        registration.register(session, city.anna, city.unit_id, NOW)
        member_id = members.add(session, city.coordinator, "Rut Alm", None, Profile())
        members.declare_conflict(session, city.coordinator, member_id, NOW, district_id=city.district_id)
        districts.merge(session, city.coordinator, city.district_id, into, dt.date(2023, 7, 1))

        old = session.get_one(District, city.district_id)
        assert (old.successor_id, old.ended_on) == (into, dt.date(2023, 7, 1))
        assert session.get_one(Unit, city.unit_id).district_id == city.district_id
        assert {unit.district for unit in districts.units(session, city.organisation_id)} == {"Västra Ekby"}
        heir = session.get_one(Unit, registration.unit_of(session, city.anna))
        assert (heir.name, heir.district_id) == ("Barn och unga", into)
        question = Question(
            title="En fråga",
            question="Hur följer vi upp?",
            help=Help.METHOD,
            answer_kind=AnswerKind.POINTER,
            unit_id=heir.id,
        )
        case = session.get_one(Case, cases.file(session, city.anna, question, NOW).case_id)
        assert conflicting(session, case, [member_id]) == {member_id}
        for old_id, into_id, field in (
            (city.district_id, into, "old_id"),
            (into, city.district_id, "into_id"),
            (into, into, "into_id"),
        ):
            with pytest.raises(Invalid) as refused:
                districts.merge(session, city.coordinator, old_id, into_id, NOW.date())
            assert refused.value.field == field
