"""What pickers offer: the right people, in Swedish order, never another organisation's."""

from collections.abc import Callable

from bot import pickers
from models.database import Database
from tests.factories import Town


def test_people_come_once_each_in_swedish_order_with_what_tells_them_apart(database: Database) -> None:
    town = Town(database)
    town.requester("Åsa Ek")
    town.coordinator("Zoe Alm")
    town.member("Örjan Ek", title="Docent")
    town.member("Ada Ek", chat=False)
    found = town.see(pickers.people, town.id)
    assert [each.label for each in found] == ["Ada Ek", "Zoe Alm", "Åsa Ek, Barn och unga", "Örjan Ek, Docent"]
    assert [each.name for each in town.see(pickers.people, town.id, "ek ÖR")] == ["Örjan Ek"]
    assert town.see(pickers.people, town.id, "%") == []
    assert [each.name for each in town.see(pickers.requesters, town.id)] == ["Åsa Ek"]


def test_members_are_paged_and_counted(database: Database) -> None:
    town = Town(database)
    for name in ("Ärla", "Bo", "Åke"):
        town.member(name)
    assert town.see(pickers.count_members, town.id) == 3
    assert [each.name for each in town.see(pickers.members, town.id, first=1, limit=1)] == ["Åke"]
    assert [each.name for each in town.see(pickers.members, town.id, "ärl")] == ["Ärla"]


def test_another_organisations_are_never_offered(new_database: Callable[[], Database]) -> None:
    database = new_database()
    here, there = Town(database), Town(database, "Annanstad")
    there.requester("Bo Borta")
    there.member("Mia Borta")
    assert here.see(pickers.people, here.id) == []
    assert here.see(pickers.requesters, here.id) == []
    assert here.see(pickers.members, here.id) == []
    assert here.see(pickers.units_by_id, here.id, there.units.values()) == {}
