"""Topics to choose from: what was chosen stays, and there is room for the nearest."""

import datetime as dt

from bot import glossaries, topics
from bot.topics import Topic
from bot.wording import words
from models.database import Database
from tests.factories import Town

OWN = """
[area]
sv = "Stadens egna ord"
en = "The city's own words"

["lotsgrupp"]
en = ["pilot group"]
"""


def topic(key: str) -> Topic:
    return Topic(key, key, key.upper(), area=key.startswith("@"))


def keys(found: tuple[Topic, ...]) -> str:
    return "".join(each.key for each in found)


def test_what_was_chosen_comes_by_name_in_its_order(database: Database) -> None:
    town = Town(database)
    found = town.see(topics.chosen_topics, town.id, ["@housing", "vräkning", "@borta", "borta"])
    assert [(each.key, each.area) for each in found] == [("@housing", True), ("vräkning", False)]
    assert topics.names(words("sv"), found) == "hela området Hemlöshet och boende och vräkning"
    assert topics.names(words("en"), found[1:]) == found[1].en != "vräkning"
    assert town.see(topics.chosen_topics, town.id, []) == ()


def test_the_organisations_own_terms_can_be_chosen_and_only_there(database: Database) -> None:
    town, other = Town(database), Town(database, "Grannköping")
    town.do(glossaries.write, town.id, OWN, "egna.toml", dt.datetime.now(dt.UTC))
    found = town.see(topics.chosen_topics, town.id, ["lotsgrupp", "@own"])
    assert [each.en for each in found] == ["pilot group", "The city's own words"]
    assert other.see(topics.chosen_topics, other.id, ["lotsgrupp", "@own"]) == ()


def test_what_was_ticked_stays_where_it_stands_and_always_has_room() -> None:
    near = [topic(each) for each in "abcdefghijkl"]
    assert keys(topics.offered(near, [])) == "abcdefghij"
    assert keys(topics.offered(near, [topic("c")])) == "abcdefghij"
    assert keys(topics.offered(near, [topic("x"), topic("l")])) == "abcdefghlx"
    assert keys(topics.offered((), [topic("c")])) == "c"
