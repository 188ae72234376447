"""What pickers offer while one types: members by name, then members who know about what is typed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from bot.services import Services
from bot.wording import words
from handlers.slack import limits
from handlers.slack.asker import Asker
from handlers.slack.blocks import option
from handlers.slack.options import SOURCES
from models.database import Database
from tests.factories import Inhabitant, Town
from tests.slack.desk import services_of


@pytest.fixture
def town(sqlite_template: Path, tmp_path: Path) -> Iterator[Town]:
    shutil.copyfile(sqlite_template, tmp_path / "konsult.db")
    database = Database(f"sqlite:///{tmp_path / 'konsult.db'}")
    yield Town(database)
    database.close()


class Picker:
    """The picker of members, as a coordinator types in it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.services: Services = services_of(town)
        self.asker = Asker(town.coordinator(), words("sv"), "U1", "T1")

    def typed(self, text: str) -> list[str]:
        found = self.town.see(SOURCES["member_ids"], self.services, self.asker, text)
        assert len({each.value for each in found}) == len(found)
        return [option(each)["text"]["text"] for each in found]


def others(town: Town, count: int = 4) -> list[Inhabitant]:
    return [town.member(f"Annan {number}", keywords=["registerstudier"]) for number in range(count)]


def test_names_come_first_and_then_who_knows_about_it(town: Town) -> None:
    town.member("Lena Ek", keywords=["vräkning"], title="docent")
    town.member("Vrä Kningsson", title="professor")
    others(town)
    picker = Picker(town)
    assert picker.typed("vräkning") == ["Lena Ek, docent – vräkning"]
    assert picker.typed("vrä") == ["Vrä Kningsson, professor"]
    assert picker.typed("lena") == ["Lena Ek, docent"]


def test_nobody_comes_twice(town: Town) -> None:
    town.member("Hem Hemsson", keywords=["hemlöshet"])
    town.member("Ada Ek", keywords=["hemlöshet"])
    others(town)
    assert Picker(town).typed("hem") == ["Hem Hemsson"]
    town.member("Hemlöshet Hemsson", keywords=["hemlöshet"])
    assert Picker(town).typed("hemlöshet")[0] == "Hemlöshet Hemsson"
    assert sorted(Picker(town).typed("hemlöshet")[1:]) == ["Ada Ek – hemlöshet", "Hem Hemsson – hemlöshet"]


def test_one_or_two_letters_are_a_name(town: Town) -> None:
    town.member("Lena Ek", keywords=["ASI"])
    others(town)
    assert Picker(town).typed("as") == []
    assert Picker(town).typed("ASI") == ["Lena Ek – ASI"]
    assert len(Picker(town).typed("")) == 5


def test_what_they_write_about_has_room_beside_a_long_name_and_title(town: Town) -> None:
    town.member("Lena Ek", keywords=["vräkning"], title="D" * 90)
    town.member("L" * 90, keywords=["vräkning"])
    town.member("Bo " + "B" * 60, keywords=["att bo kvar trots vräkning och hyresskulder i en stor stad"])
    others(town, 6)
    found = Picker(town).typed("vräkning")
    assert "Lena Ek – vräkning" in found
    assert sum(text.endswith("– vräkning") for text in found) == 2
    assert any(" – att bo kvar trots vräkning" in text for text in found)
    assert all(len(text) <= limits.OPTION_TEXT for text in found)


def test_typing_costs_the_same_number_of_statements_however_many_there_are(town: Town) -> None:
    picker = Picker(town)
    town.member("Lena Ek", keywords=["vräkning"])
    picker.typed("vräkning")

    def cost() -> int:
        said: list[str] = []
        event.listen(town.database.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
        picker.typed("vräkning")
        return len(said)

    small = cost()
    for number in range(8):
        town.member(f"Ledamot {number}", keywords=["vräkning"])
    picker.typed("vräkning")
    assert cost() == small <= 14
