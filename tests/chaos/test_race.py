"""A crowd that says yes at the same instant: exactly the wanted number wins, and everybody else is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.database import Database
from tests import postgres
from tests.chaos import crowd, race
from tests.chaos.lines import Line, table

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(postgres_server: postgres.Server) -> Iterator[Database]:
    name = postgres_server.create(template="template1")
    made = Database(postgres_server.url(name))
    yield made
    made.close()
    postgres_server.drop(name)


def all_hold(lines: list[Line]) -> None:
    assert all(line.holds for line in lines), table(lines)


def test_exactly_as_many_win_as_are_wanted(database: Database) -> None:
    all_hold(race.in_bulk(database, seed=1, cases=3, members=12))


def test_everybody_at_a_screen_is_answered(database: Database, tmp_path: Path) -> None:
    all_hold(crowd.through_the_wire(database, tmp_path, seed=1, number=1, members=12))
