"""Statements: what a database is asked, and how it goes about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from models.database import Database

_PLANNED = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"})
_LOOKED_AT = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as it went to the database, with its parameters."""

    text: str
    parameters: Any


@dataclass(frozen=True, slots=True)
class Visit:
    """A table that a plan of PostgreSQL's visits: how, by which index, and how many rows of it were looked at in all
    (0 when the statement was not carried out)."""

    table: str
    how: str
    index: str
    rows: float


@contextmanager
def recorded(database: Database) -> Iterator[list[Statement]]:
    """What the database is asked in the block, by anybody."""
    asked: list[Statement] = []

    def record(_connection: object, _cursor: object, text: str, parameters: Any, *_rest: object) -> None:
        asked.append(Statement(text, parameters))

    event.listen(database.engine, "before_cursor_execute", record)
    try:
        yield asked
    finally:
        event.remove(database.engine, "before_cursor_execute", record)


def visits(database: Database, statement: Statement, *, carried_out: bool = False) -> list[Visit]:
    """How PostgreSQL goes about a statement with these parameters. `carried_out`: it does it as well, and undoes it."""
    if statement.text.split(maxsplit=1)[0] not in _PLANNED:
        return []
    options = "ANALYZE, TIMING off, FORMAT json" if carried_out else "FORMAT json"
    parameters = statement.parameters[0] if isinstance(statement.parameters, list) else statement.parameters
    with database.engine.connect() as connection:
        ((whole,),) = connection.exec_driver_sql(f"EXPLAIN ({options}) {statement.text}", parameters).scalars()
        connection.rollback()
    return list(_visits(whole["Plan"]))


def walked(database: Database, statement: Statement) -> set[str]:
    """The tables and their aliases that SQLite reads from end to end for a statement, by an index or not."""
    if statement.text.split(maxsplit=1)[0] not in _PLANNED:
        return set()
    with database.engine.connect() as connection:
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement.text}", statement.parameters).all()
    return {step.detail.split()[1] for step in steps if step.detail.startswith("SCAN")}


def _visits(node: dict[str, Any]) -> Iterator[Visit]:
    for part in node.get("Plans", []):
        yield from _visits(part)
    if "Relation Name" in node and node["Node Type"] != "ModifyTable":
        looked_at = sum(node.get(each, 0) for each in _LOOKED_AT) * node.get("Actual Loops", 0)
        yield Visit(node["Relation Name"], node["Node Type"], node.get("Index Name", ""), looked_at)
