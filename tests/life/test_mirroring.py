"""One act, however many questions it puts or draws back, brings each message of the case up to date once."""

import pytest
from sqlalchemy import select

from bot import offers
from models.database import Database
from models.job import Posted
from tests.factories import Inhabitant, Town


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database)


def wanted(town: Town) -> dict[str, int]:
    """How often each message was to be shown."""
    return dict(town.see(lambda session: [(row.key, row.wanted) for row in session.scalars(select(Posted))]))


def asked(town: Town, number: int) -> tuple[list[Inhabitant], int]:
    """Members who were asked about a case that wants one of them, five at a time, and the first question."""
    members = [town.member() for _ in range(number)]
    case_id, coordinator = town.file(town.requester()).case_id, town.coordinator()
    for first in range(0, number, 5):
        town.ask(coordinator, case_id, *members[first : first + 5])
    return members, town.latest_offer(case_id) - number + 1


def test_several_who_are_asked_at_once(town: Town) -> None:
    asked(town, 5)
    assert set(wanted(town).values()) == {1, 2}
    assert [key for key, times in wanted(town).items() if times == 2] == ["card:1"]


def test_the_rest_who_are_told_that_the_place_is_taken(town: Town) -> None:
    members, first_offer = asked(town, 10)
    before = wanted(town)
    town.do(offers.accept, members[0], first_offer, town.now)
    after = wanted(town)
    assert {key: after[key] - before.get(key, 0) for key in after} == dict.fromkeys([*before, "room:1"], 1)
    assert len(town.told("retracted")) == 9
