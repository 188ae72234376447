"""What it costs to grow: the screens of a nation with a thousand consultations beside those of one with a hundred
thousand, on PostgreSQL, and the Monday digest of all its organisations."""

import datetime as dt
import logging
import math
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import structlog
from sqlalchemy import func, select

from models.case import Case, Offer
from models.database import Database
from models.life import OfferStatus, Status
from models.schema import upgrade
from tests import postgres
from tests.bench.monday import THREADS, monday
from tests.bench.nation import populate
from tests.bench.screens import Open, Screens
from tests.statements import recorded

SIZES = (1_000, 100_000)
TIMES = 120
"""So often each screen is opened at each size, in turn."""

LARGE = 1
"""The large organisation's id."""


@dataclass(frozen=True, slots=True)
class Row:
    """A screen at both sizes: the most statements that it took, and milliseconds at the median."""

    name: str
    statements: tuple[int, int]
    p50: tuple[float, float]

    @property
    def ratio(self) -> float:
        """How many times as slow the larger one is."""
        return self.p50[1] / self.p50[0]


@dataclass(frozen=True, slots=True)
class Filled:
    """A nation: its database, how many rows it has and the seconds it took to fill."""

    database: Database
    cases: int
    rows: int
    seconds: float


def tables(sizes: tuple[int, int] = SIZES) -> str:
    """The tables, as Markdown."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with postgres.server() as server, filled(server, sizes[0]) as small, filled(server, sizes[1]) as large:
        databases = (small.database, large.database)
        usual = ordinary(small.database)
        own = {each: [_own(database, each) for database in databases] for each in (LARGE, usual)}
        measured = {each: compared(databases, each) for each in (LARGE, usual)}
        mondays = [monday(database)[0] for database in databases]
        version = _version(server.folder)
    filling = " and ".join(f"{each.seconds:.0f} s ({_grouped(each.rows)} rows)" for each in (small, large))
    posted = " and ".join(
        f"{seconds:.1f} s with {_grouped(size)} cases" for seconds, size in zip(mondays, sizes, strict=True)
    )
    return "\n".join(
        [
            f"Measured on {dt.datetime.now(dt.UTC).date()} with PostgreSQL {version}; each screen {TIMES} times, "
            f"the two sizes in turn. Filled in {filling}.",
            "",
            *_table("The large organisation", own[LARGE], sizes, measured[LARGE]),
            "",
            *_table("An ordinary organisation", own[usual], sizes, measured[usual]),
            "",
            "The Monday digests of all organisations, from the moment when they fall due until the last one stands in "
            f"its forum, by one worker with {THREADS} threads: {posted}.",
        ]
    )


@contextmanager
def filled(server: postgres.Server, cases: int) -> Iterator[Filled]:
    """A nation with so many cases, in a database of its own."""
    name = server.create_swedish()
    database = Database(server.url(name))
    upgrade(database)
    started = time.perf_counter()
    rows = populate(database, cases, dt.datetime.now(dt.UTC))
    yield Filled(database, cases, sum(rows.values()), time.perf_counter() - started)
    database.close()
    server.drop(name)


def compared(databases: tuple[Database, Database], organisation_id: int) -> list[Row]:
    """Every screen of an organisation, at both sizes, opened for those that both have."""
    small, large = (Screens(database, organisation_id).every() for database in databases)
    rows = []
    for name in small:
        pairs = list(zip(small[name], large[name], strict=False))
        first, last = ([pair[place] for pair in pairs] for place in (0, 1))
        rows.append(Row(name, (_statements(databases[0], first), _statements(databases[1], last)), _p50(pairs)))
    return rows


def ordinary(database: Database) -> int:
    """An organisation of the usual size in which every screen has something to show."""
    lately = select(Case.organisation_id).where(Case.status.in_([Status.SUBMITTED, Status.OFFERED]))
    asked = select(Offer.organisation_id).where(Offer.status.in_([OfferStatus.PENDING, OfferStatus.ACCEPTED]))
    with database.reading() as session:
        query = select(func.min(Case.organisation_id)).where(
            Case.organisation_id != LARGE, Case.organisation_id.in_(lately), Case.organisation_id.in_(asked)
        )
        return session.execute(query).scalar_one()


def _statements(database: Database, opens: Sequence[Open]) -> int:
    """The most that one opening takes, when it is not the first."""
    most = 0
    for each in opens:
        each()
        with recorded(database) as asked:
            each()
        most = max(most, len(asked))
    return most


def _p50(pairs: Sequence[tuple[Open, Open]]) -> tuple[float, float]:
    """Milliseconds at the median, both opened in turn."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(math.ceil(TIMES / len(pairs))):
        for pair in pairs:
            for open_it, times in zip(pair, taken, strict=True):
                started = time.perf_counter()
                open_it()
                times.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken[0]), statistics.median(taken[1])


def _own(database: Database, organisation_id: int) -> int:
    with database.reading() as session:
        return session.execute(select(func.count()).where(Case.organisation_id == organisation_id)).scalar_one()


def _table(title: str, own: Sequence[int], sizes: tuple[int, int], rows: Sequence[Row]) -> Iterator[str]:
    first, last = (_grouped(size) for size in sizes)
    share = " and ".join(map(_grouped, own))
    yield f"| {title} ({share} of the cases) | Statements | p50 at {first} | p50 at {last} | |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for row in rows:
        said = str(row.statements[0]) if len(set(row.statements)) == 1 else " and ".join(map(str, row.statements))
        yield f"| {row.name} | {said} | {row.p50[0]:.1f} ms | {row.p50[1]:.1f} ms | {row.ratio:.2f} × |"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _version(folder: Path) -> str:
    with psycopg.connect(host=str(folder), user=postgres.USER, dbname="postgres") as connection:
        return str(connection.info.parameter_status("server_version")).split()[0]
