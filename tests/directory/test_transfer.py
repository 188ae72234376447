import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from typer.testing import CliRunner

from bot import directory_commands, districts, landscape, members, organisations, registration, transfer
from bot.sheets import SheetRefused
from bot.transfer import Imported
from models.database import Database
from models.forms import Profile
from models.organisation import District, Unit
from models.people import Identity, Member, Person
from models.personal_number import personal_numbers
from tests.directory.city import city_in, found_city

HEADING = "name;email;title;university;keywords;bio;publications;languages;capacity;slack_user_id\n"


def sheet(*rows: str) -> bytes:
    return (HEADING + "\n".join(rows) + "\n").encode()


def problems(refused: pytest.ExceptionInfo[SheetRefused]) -> list[tuple[int, str]]:
    return [(problem.line, problem.key) for problem in refused.value.problems]


def test_members_are_imported_and_a_second_time_updated(database: Database) -> None:
    city = city_in(database)
    first = sheet(
        "Rut Alm;Rut@Uni.example;docent;Umeå universitet;DUR|LSS;Forskar.;Bok ett|Bok två;sv|en;3;URUT",
        "Bo Ek;;lektor;Lunds universitet;;;;;;",
    )
    with database.writing() as session:
        assert transfer.import_members(session, city.organisation_id, first) == Imported(added=2)
    with database.writing() as session:
        assert transfer.import_members(session, city.organisation_id, first) == Imported(unchanged=2)
        second = sheet(
            "Rut Alm Berg;rut@uni.example;professor;UMEÅ universitet;DUR;;;;;",
            "Bo Ek;bo@lu.example;lektor;Lunds universitet;etik;;;;;",
        )
        assert transfer.import_members(session, city.organisation_id, second) == Imported(updated=2)
        rut = session.scalars(
            select(Member).join(Person, Person.id == Member.person_id).where(Person.email == "rut@uni.example")
        ).one()
        assert (rut.title, rut.keywords, rut.bio, rut.publications) == ("professor", ["DUR"], "", [])
        assert (rut.languages, rut.capacity) == (["sv", "en"], 3)
        assert session.get_one(Person, rut.person_id).name == "Rut Alm Berg"
        assert session.scalars(select(Person.email).where(Person.name == "Bo Ek")).all() == ["bo@lu.example"]
        assert session.scalar(select(func.count()).select_from(Member)) == 2
        known = registration.actor_of(session, "slack", "T1", "URUT")
        assert known is not None
        assert known.person_id == rut.person_id


def test_columns_that_are_not_there_change_nothing(database: Database) -> None:
    city = city_in(database)
    with database.writing() as session:
        transfer.import_members(session, city.organisation_id, sheet("Rut Alm;;docent;Umeå universitet;DUR;B;;;;"))
        content = b"name,university,title\nRut Alm,Ume\xc3\xa5 universitet,professor\n"
        assert transfer.import_members(session, city.organisation_id, content) == Imported(updated=1)
        member = session.scalars(select(Member)).one()
        assert (member.title, member.keywords, member.bio) == ("professor", ["DUR"], "B")


def test_namesakes_with_addresses_of_their_own_stay_two(database: Database) -> None:
    city = city_in(database)
    rows = sheet("Bo Ek;bo1@lu.example;;Lunds universitet;;;;;;", "Bo Ek;bo2@lu.example;;Lunds universitet;;;;;;")
    with database.writing() as session:
        assert transfer.import_members(session, city.organisation_id, rows) == Imported(added=2)
        assert transfer.import_members(session, city.organisation_id, rows) == Imported(unchanged=2)


def test_a_new_namesake_does_not_take_over_a_member_who_has_a_row(database: Database) -> None:
    city = city_in(database)
    first = "Bo Ek;bo1@lu.example;lektor;Lunds universitet;;;;;;"
    with database.writing() as session:
        transfer.import_members(session, city.organisation_id, sheet(first))
        both = sheet(first, "Bo Ek;bo2@lu.example;docent;Lunds universitet;;;;;;")
        assert transfer.import_members(session, city.organisation_id, both) == Imported(added=1, unchanged=1)


def test_somebody_who_is_in_the_chat_already_is_the_same_person(database: Database) -> None:
    city = city_in(database)
    with database.writing() as session:
        transfer.import_members(session, city.organisation_id, sheet("Anna Hed;;;;;;;;;UANNA"))
        assert members.own(session, city.anna) is not None
        assert session.scalar(select(func.count()).select_from(Identity)) == 2


def test_everything_that_is_wrong_is_named_at_once_and_nothing_imported(database: Database) -> None:
    city = city_in(database)
    rows = sheet(
        "Rätt Rad;ratt@uni.example;;;;;;;;",
        ";;;;;;;;4;",
        "Fel Adress;fel.uni.example;;;;;;svenska språket;många;anna",
        "Rätt Igen;RATT@uni.example;;;;;;;;",
        "Lång;lang@uni.example;" + "x" * 201 + ";;;19121212-1212;;;21;",
        "Två Personer;anna@lillstad.example;;;;;;;;UCOORD",
        "Annat Konto;anna@lillstad.example;;;;;;;;UNYTT",
    )
    with pytest.raises(SheetRefused) as refused, database.writing() as session:
        transfer.import_members(session, city.organisation_id, rows)
    assert problems(refused) == [
        (3, "sheet_name"),
        (4, "sheet_email"),
        (4, "sheet_language"),
        (4, "sheet_slack_user"),
        (4, "sheet_capacity"),
        (5, "sheet_repeated"),
        (6, "sheet_long"),
        (6, "sheet_personal_number"),
        (6, "sheet_capacity"),
        (7, "sheet_two_people"),
        (8, "sheet_repeated"),
        (8, "sheet_other_account"),
    ]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Member)) == 0
        assert session.scalar(select(func.count()).select_from(Person)) == 2


def test_an_account_needs_a_workspace(database: Database) -> None:
    with database.writing() as session:
        organisation_id = organisations.found(session, "Utan chatt").id
        with pytest.raises(SheetRefused) as refused:
            transfer.import_members(session, organisation_id, sheet("Rut;;;;;;;;;URUT"))
        assert problems(refused) == [(2, "sheet_no_workspace")]


def told(longest: int) -> st.SearchStrategy[str]:
    letters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
    return st.text(letters, max_size=longest).filter(lambda text: not personal_numbers(text))


PROFILES = st.builds(
    Profile,
    title=told(20),
    keywords=st.lists(told(15), max_size=4),
    bio=told(60),
    publications=st.lists(told(20), max_size=3),
    languages=st.lists(st.sampled_from(["sv", "en", "fi"]), max_size=3, unique=True),
    capacity=st.integers(0, 20),
)


@given(profiles=st.lists(PROFILES, min_size=1, max_size=3))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_exported_is_imported_again(new_database: Callable[[], Database], profiles: list[Profile]) -> None:
    first, second = new_database(), new_database()
    with first.writing() as session:
        city = found_city(session)
        for number, profile in enumerate(profiles):
            university = districts.add_university(session, city.coordinator, f"Lärosäte {number}")
            form = profile.model_copy(update={"university_id": university})
            members.add(session, city.coordinator, f"Ledamot {number}", None, form)
        exported = transfer.export_members(session, city.organisation_id)
        assert transfer.import_members(session, city.organisation_id, exported) == Imported(unchanged=len(profiles))
    with second.writing() as session:
        other = found_city(session)
        assert transfer.import_members(session, other.organisation_id, exported) == Imported(added=len(profiles))
        assert transfer.export_members(session, other.organisation_id) == exported


def test_districts_are_imported_in_any_order_and_again(database: Database) -> None:
    with database.writing() as session:
        organisation_id = organisations.found(session, "Storstad").id
        content = (
            b"district,unit,successor,ended_on,cluster\n"
            b"Gamla byn,Barn och unga,,,\n"
            b"Gamla byn,,Nya byn,2023-06-30,\n"
            b",Boendeenheten,,,\n"
            b"Nya byn,,,,Kluster ett\n"
            b"Nya byn,Nedlagd enhet,,2024-01-31,\n"
        )
        assert landscape.import_districts(session, organisation_id, content) == Imported(
            added=4, unchanged=0, updated=1
        )
        again = landscape.import_districts(session, organisation_id, content)
        assert again == Imported(unchanged=5)
        old = districts.district_named(session, organisation_id, "gamla byn")
        new = districts.district_named(session, organisation_id, "Nya byn")
        assert old
        assert new
        assert (old.successor_id, old.ended_on) == (new.id, dt.date(2023, 6, 30))
        choices = [(unit.name, unit.district) for unit in districts.units(session, organisation_id)]
        assert choices == [("Barn och unga", "Nya byn"), ("Boendeenheten", None)]


def test_a_chain_of_mergers_ends_in_the_last(database: Database) -> None:
    with database.writing() as session:
        organisation_id = organisations.found(session, "Storstad").id
        content = b"district,unit,successor,ended_on\nB,,C,2023-06-30\nA,,B,2020-06-30\nA,Enhet,,\nC,,,\n"
        landscape.import_districts(session, organisation_id, content)
        choices = [(unit.name, unit.district) for unit in districts.units(session, organisation_id)]
        assert choices == [("Enhet", "C")]
        with pytest.raises(SheetRefused) as refused:
            landscape.import_districts(session, organisation_id, b"district,successor,ended_on\nC,A,2024-01-01\n")
        assert problems(refused) == [(2, "sheet_circle")]


def test_wrong_districts_are_named_by_line(database: Database) -> None:
    with database.writing() as session:
        organisation_id = organisations.found(session, "Storstad").id
        content = (
            b"district,unit,successor,ended_on,cluster\n"
            b",,,,Kluster\n"
            b"A,,Ingenstans,2023-06-30,\n"
            b"B,,A,,\n"
            b"C,,A,i somras,\n"
            b"D,Enhet,A,2023-06-30,\n"
            b"a,,,,\n"
            b"E,,E,2023-06-30,\n"
        )
        with pytest.raises(SheetRefused) as refused:
            landscape.import_districts(session, organisation_id, content)
        assert problems(refused) == [
            (2, "sheet_neither"),
            (3, "sheet_successor"),
            (4, "sheet_successor_day"),
            (5, "sheet_day"),
            (6, "sheet_successor_unit"),
            (7, "sheet_repeated"),
            (8, "sheet_circle"),
        ]
        assert session.scalars(select(District)).all() == []
        assert session.scalars(select(Unit)).all() == []


def command(database: Database) -> Callable[..., Any]:
    app = typer.Typer()
    app.add_typer(directory_commands.members(lambda: database), name="members")
    app.add_typer(directory_commands.districts(lambda: database), name="districts")
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_commands(database: Database, tmp_path: Path) -> None:
    run = command(database)
    there = tmp_path / "ledamöter.csv"
    there.write_bytes(sheet("Rut Alm;rut@uni.example;;;DUR;;;;;"))
    before = run("members", "import", there)
    assert (before.exit_code, before.stderr) == (2, "There is no such organisation.\n")
    city_in(database)
    done = run("members", "import", there)
    assert (done.exit_code, done.stdout) == (0, "Klart: 1 nya, 0 ändrade, 0 oförändrade.\n")
    target = tmp_path / "ut.csv"
    assert run("members", "export", target).exit_code == 0
    assert target.read_bytes().startswith(b"\xef\xbb\xbfname,email,")
    assert "Rut Alm,rut@uni.example" in run("members", "export").stdout
    wrong = tmp_path / "fel.csv"
    wrong.write_text("district,unit,colour\n", encoding="utf-8")
    refused = run("districts", "import", wrong)
    assert refused.exit_code == 2
    assert refused.stderr.startswith("Rad 1: Kolumnen ”colour” känns inte igen.")
    missing = run("members", "import", tmp_path / "finns-inte.csv")
    assert missing.exit_code == 2
    assert "Traceback" not in missing.stderr
    assert missing.stderr.count("\n") == 1
    city_in(database, "T2", "Storstad")
    assert run("members", "export").exit_code == 2
    assert run("members", "export", "--organisation", "Storstad").exit_code == 0
