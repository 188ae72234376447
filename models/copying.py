"""A whole installation copied from one database to another, of whichever kinds: table by table, all or nothing."""

import datetime as dt
import enum
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, Table, bindparam, insert, inspect, literal, select, update
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from models import counters
from models.database import Database
from models.schema import metadata, upgrade

BATCH = 1000
WAIT = dt.timedelta(seconds=20)

Row = Mapping[str, Any]


class NotEmpty(Exception):
    """The target holds something already, in the table it names; nothing was written."""


class Rejected(Exception):
    """The target did not take the rows of the table it names, or gave other rows back; nothing was written."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A table as it stands in both: how many rows, and a checksum over all their values in any order."""

    table: str
    rows: int
    checksum: str


class _Sum:
    """Counts rows and adds up their hashes, so that the order in which a database gives them does not count."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, row: Row) -> None:
        said = json.dumps([_plain(row[name]) for name in sorted(row)], ensure_ascii=False, sort_keys=True)
        hashed = hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        self.rows += 1
        self._sum = (self._sum + int.from_bytes(hashed)) % (1 << 128)

    def of(self, table: Table) -> Copied:
        return Copied(table.name, self.rows, f"{self._sum:032x}")


def occupied(database: Database) -> str | None:
    """The first table that holds a row or is none of ours; None when the database is empty."""
    with database.engine.connect() as connection:
        for name in sorted(inspect(connection).get_table_names()):
            if name == "alembic_version":
                continue
            table = metadata.tables.get(name)
            if table is None or connection.scalar(select(literal(1)).select_from(table).limit(1)):
                return name
    return None


def copy(source: Database, target: Database) -> list[Copied]:
    """Copy every row of the source, as they are at one moment, and go on counting ids where the source stands.

    The target is brought to today's schema first. Returns what both hold. Raises `NotEmpty`, or `Rejected` with the
    name of the table, and then the target holds no row; and Alembic's `CommandError` when its schema is a later one.
    """
    name = occupied(target)
    if name is not None:
        raise NotEmpty(name)
    upgrade(target)
    with source.snapshot() as taken, target.writing(WAIT) as session:
        given = session.connection()
        counted = counters.reached(taken)
        tables: list[Copied] = []
        for table in metadata.sorted_tables:
            read = _Sum()
            try:
                _fill(given, table, _observed(_rows(taken, table), read))
            except (DataError, IntegrityError, StatementError) as error:
                raise Rejected(table.name) from error
            written = _Sum()
            for row in _rows(given, table):
                written.add(row)
            if read.of(table) != written.of(table):
                raise Rejected(table.name)
            tables.append(written.of(table))
        counters.go_on_after(given, counted)
    return tables


def checksums(database: Database) -> list[Copied]:
    """Every table of today's schema with its count and checksum, as they are at one moment."""
    with database.snapshot() as connection:
        return [_summed(connection, table) for table in metadata.sorted_tables]


def _summed(connection: Connection, table: Table) -> Copied:
    found = _Sum()
    for row in _rows(connection, table):
        found.add(row)
    return found.of(table)


def _rows(connection: Connection, table: Table) -> Iterator[Row]:
    """Every row. What a JSON column holds tells "no value" (None) from "the value null" (`JSON.NULL`)."""
    documents = [column.name for column in table.columns if isinstance(column.type, JSON)]
    absent: list[ColumnElement[bool]] = [table.c[name].is_(None).label(f"no {name}") for name in documents]
    found = connection.execute(select(table, *absent), execution_options={"yield_per": BATCH})
    for row in found.mappings():
        values = {column.name: row[column.name] for column in table.columns}
        for name in documents:
            if values[name] is None and not row[f"no {name}"]:
                values[name] = JSON.NULL
        yield values


def _fill(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Insert the rows. A row that points at another of its own table gets that reference when all are there."""
    inward = _inward(table)
    values = {
        column.name: bindparam(column.name, type_=JSON(none_as_null=True) if isinstance(column.type, JSON) else None)
        for column in table.columns
    }
    pointing: list[dict[str, Any]] = []
    for batch in _batches(rows):
        for row in batch:
            if any(row[name] is not None for name in inward):
                pointing.append({"row": row["id"], **{name: row[name] for name in inward}})
        connection.execute(insert(table).values(values), [{**row, **dict.fromkeys(inward)} for row in batch])
    if pointing:
        connection.execute(
            update(table).where(table.c.id == bindparam("row")).values({name: bindparam(name) for name in inward}),
            pointing,
        )


def _inward(table: Table) -> list[str]:
    """The columns that say which other row of the same table a row points at."""
    return [
        column.name
        for constraint in table.foreign_key_constraints
        if constraint.referred_table is table
        for column in constraint.columns
        if column.nullable
    ]


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _observed(rows: Iterable[Row], summing: _Sum) -> Iterator[Row]:
    for row in rows:
        summing.add(row)
        yield row


def _plain(value: Any) -> Any:
    """A value as both databases must give it back."""
    if value is JSON.NULL:
        return {"": None}
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return str(value.value) if isinstance(value, enum.Enum) else value
