"""What filing costs: from the form to a committed case with its notices queued, beside one bare insert and commit."""

import datetime as dt
import statistics
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, insert, text

from bot import drafts
from bot.clock import Clock
from bot.services import Services
from bot.suggestions import Suggester
from bot.wording import words
from handlers.slack import review
from handlers.slack.asker import Asker
from models.case import Draft
from models.database import Database
from tests.bench.academy import requests
from tests.bench.installed import Installation
from tests.factories import Inhabitant

WARM_UP, FILED = 20, 200


@dataclass(frozen=True, slots=True)
class Filing:
    """Milliseconds at the median, the statements of one filing, and how the database makes a commit last."""

    bare: float
    filed: float
    statements: float
    lasting: str


def measured(installation: Installation) -> Filing:
    """Insert and file by turns, from one thread, on the database as konsult opens it."""
    database, town = installation.town.database, installation.town
    services = Services(database, Clock(), Suggester())
    bare: list[float] = []
    filed: list[float] = []
    counted = _Counted(database)
    for number, question in enumerate(requests(WARM_UP + FILED)):
        requester = installation.requesters[number % len(installation.requesters)]
        asker = Asker(requester, words("sv", str(town.zone)), "", "")
        typed = _typed(question, town.units["Barn och unga"])
        with database.writing() as session:
            draft_id = drafts.begin(session, requester, typed, services.clock.now())
        began = time.perf_counter()
        _insert(database, requester, typed)
        bare.append(time.perf_counter() - began)
        with counted:
            began = time.perf_counter()
            review.file(services, asker, draft_id, {})
            filed.append(time.perf_counter() - began)
    return Filing(
        1000 * statistics.median(bare[WARM_UP:]),
        1000 * statistics.median(filed[WARM_UP:]),
        counted.statements / len(filed),
        _lasting(database),
    )


class _Counted:
    """Counts the statements that are sent to the database within its blocks."""

    def __init__(self, database: Database) -> None:
        self.statements = 0
        self._counting = False
        event.listen(database.engine, "before_cursor_execute", self._count)

    def __enter__(self) -> None:
        self._counting = True

    def __exit__(self, *_: object) -> None:
        self._counting = False

    def _count(self, *_: object) -> None:
        self.statements += self._counting


def _typed(question: str, unit_id: int) -> dict[str, Any]:
    about = {"title": question[:80], "question": question, "unit_id": str(unit_id)}
    return {**about, "help": "evaluation", "answer_kind": "meeting"}


def _insert(database: Database, requester: Inhabitant, typed: dict[str, Any]) -> None:
    """One row with the same text, and the commit."""
    now = dt.datetime.now(dt.UTC)
    owner = {"organisation_id": requester.organisation_id, "person_id": requester.person}
    with database.engine.begin() as connection:
        connection.execute(insert(Draft), {**owner, "form": typed, "created_at": now, "changed_at": now})


def _lasting(database: Database) -> str:
    """What the database promises at a commit, in its own words."""
    with database.engine.connect() as connection:
        if database.embedded:
            names = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}
            level = names[connection.execute(text("PRAGMA synchronous")).scalar_one()]
            return f"WAL, `synchronous = {level}`"
        shown = {
            name: connection.execute(text(f"SHOW {name}")).scalar_one() for name in ("fsync", "synchronous_commit")
        }
        return ", ".join(f"`{name} = {value}`" for name, value in shown.items())
