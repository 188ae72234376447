"""A nation: 290 organisations, 3 000 members and any number of consultations with everything that grew on them, made
from a seed, the same every time.

Cases are dated back from `NOW` at one pace, `PER_WEEK` in the whole country. A longer history is therefore the same
country later on: its last weeks are the same, and what differs is only how much lies behind them. Nothing is open for
longer than five weeks. The first organisation is a large one and has a twentieth of everything, cases, members and
requesters; the others share the rest evenly.
"""

import datetime as dt
import random

from sqlalchemy import text

from models import counters
from models.database import Database
from models.digest import Decision, Digest
from models.job import SeenEvent
from tests.bench.annals import Annals
from tests.bench.places import Place, place_of, settle
from tests.bench.rows import Rows
from tests.bench.sayings import Sayings

MONDAY = dt.datetime(2026, 11, 23, 7, 0, tzinfo=dt.UTC)
"""When every organisation's digest comes."""

NOW = MONDAY - dt.timedelta(minutes=1)
PER_WEEK = 192
BATCH = 2_000
SEED = 11
SEEN_EVENTS = 20_000

_WEEK = dt.timedelta(weeks=1)


def populate(database: Database, cases: int, real_now: dt.datetime, *, checked: bool = False) -> dict[str, int]:
    """Fill an empty database, and return how many rows each table got.

    `real_now` is what real time is when business time is `NOW`. `checked`: PostgreSQL, too, looks up what each row
    points to, as SQLite always does.
    """
    with database.engine.begin() as connection:
        rows = Rows(database, connection)
        if not (checked or database.embedded):
            rows.unchecked()
        places = settle(rows, NOW)
        annals = Annals(rows, Sayings(), NOW, real_now - NOW)
        for age in reversed(range(cases)):
            dice = random.Random(f"{SEED}/{age}")
            annals.case(place_of(places, age), dice, NOW - _WEEK * ((age + dice.random()) / PER_WEEK))
            if age % BATCH == 0:
                rows.write()
        _digests(rows, places, cases // PER_WEEK + 1)
        for number in range(SEEN_EVENTS):
            rows.add(SeenEvent, id=f"Ev{number}", seen_at=real_now - dt.timedelta(days=number * 1.1 / SEEN_EVENTS))
        rows.write()
        counters.go_on_after(connection, counters.reached(connection))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if database.embedded else "VACUUM ANALYZE"))
    return dict(rows.written)


def _digests(rows: Rows, places: list[Place], weeks: int) -> None:
    """One for each organisation and week of the history."""
    for back in reversed(range(1, weeks + 1)):
        decided_at = MONDAY - _WEEK * back
        year, week, _ = decided_at.isocalendar()
        for place in places:
            rows.new(
                Digest,
                organisation_id=place.id,
                year=year,
                week=week,
                decision=Decision.POSTED,
                covers_from=decided_at - _WEEK,
                covers_to=decided_at,
                decided_at=decided_at,
            )
