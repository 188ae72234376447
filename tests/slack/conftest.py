"""The town's chat, for the tests of what is done in it."""

from collections.abc import Iterator

import pytest

from models.database import Database
from tests.slack.town_hall import TownHall, town_hall


@pytest.fixture
def hall(database: Database) -> Iterator[TownHall]:
    """The town with the whole app connected, on the database of the test."""
    with town_hall(database) as made:
        yield made
