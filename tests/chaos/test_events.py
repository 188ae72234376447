"""What befalls a whole installation, in short: no database, no room, connections and clocks that jump."""

from pathlib import Path

import pytest

from bot.workspace import events
from tests import postgres
from tests.chaos import databases, full_disk, outage, unrest
from tests.chaos.lines import Line, table
from tests.chaos.obedient import obedient
from tests.conftest import absent

SOON = (0.0, 3.0, 9.0)
"""Seconds after which Slack brings an event again that nobody acknowledged; it takes minutes otherwise."""


@pytest.fixture(autouse=True)
def soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "RETRY_AFTER", SOON)


def all_hold(lines: list[Line]) -> None:
    assert all(line.holds for line in lines), table(lines)


@pytest.mark.postgres
def test_the_database_goes_away_and_comes_back(tmp_path: Path) -> None:
    try:
        with postgres.server() as server:
            all_hold(outage.play(server, tmp_path, seed=1, away=3))
    except postgres.Missing as error:
        absent("postgres", str(error))


def test_the_disk_is_full_and_has_room_again(tmp_path: Path) -> None:
    all_hold(full_disk.play(tmp_path, seed=1, full=2))


def test_connections_drop_events_come_again_and_the_clock_jumps_back(tmp_path: Path) -> None:
    with databases.fresh("sqlite", tmp_path) as database:
        all_hold(unrest.play(database, tmp_path, ("serve", "work", "work"), obedient, seed=1, seconds=20))
