"""The fault tests, short: a few kills on each kind of database, and a control that must show what looking is worth.

With so few kills not every phase is met; `make chaos` plays them long.
"""

import pytest

from tests.chaos import kills
from tests.chaos.blind import blind
from tests.conftest import absent
from tests.postgres import Missing

SEED = 4
pytestmark = pytest.mark.timeout(900)


@pytest.mark.parametrize(
    ("kind", "commands"),
    [
        pytest.param("sqlite", ("run",), id="sqlite"),
        pytest.param("postgresql", ("serve", "work"), id="postgresql", marks=pytest.mark.postgres),
    ],
)
def test_nothing_is_lost_and_nothing_twice_when_processes_are_killed(kind: str, commands: tuple[str, ...]) -> None:
    try:
        outcome = kills.play(kind, kind, commands, seed=SEED, kills=6)
    except Missing as error:
        absent("postgres", str(error))
    assert outcome.verdict.problems == []
    assert outcome.verdict.duplicates == outcome.verdict.lost == 0
    assert outcome.kills == 6
    assert outcome.verdict.posts > 0


def test_workers_that_do_not_look_post_twice() -> None:
    outcome = kills.play("control", "sqlite", ("run",), seed=SEED, kills=kills.CONTROL, program=blind)
    assert outcome.verdict.reconciled == 0
    assert outcome.verdict.duplicates > 0
    assert outcome.verdict.lost == 0
