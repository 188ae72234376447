"""Counters: the id that each table gave out last, and going on after it. What was given out is never used again."""

from collections.abc import Mapping

from sqlalchemy import (
    Boolean,
    Connection,
    Integer,
    String,
    Table,
    column,
    delete,
    func,
    inspect,
    literal_column,
    select,
    table,
)

from models.database import Base

_SEQUENCE = table("sqlite_sequence", column("name", String), column("seq", Integer))
"""Where SQLite keeps how far it has counted."""


def numbering() -> dict[str, Table]:
    """The tables that number their rows."""
    return {name: each for name, each in Base.metadata.tables.items() if each.autoincrement_column is not None}


def reached(connection: Connection) -> dict[str, int]:
    """The id that each table gave out last, also when its row is gone; 0 when it never gave one. A database of an
    earlier revision says so of the tables that it has."""
    there = set(inspect(connection).get_table_names())
    tables = {name: each for name, each in numbering().items() if name in there}
    given = _given_out(connection, tables)
    return {
        name: max(given.get(name, 0), connection.scalar(select(func.max(each.c.id))) or 0)
        for name, each in tables.items()
    }


def go_on_after(connection: Connection, last: Mapping[str, int]) -> None:
    """Go on counting each table's ids after these; 0 leaves a counter alone.

    On SQLite a table that does not number for itself (`owned` tables do) goes on after its highest row.
    """
    for name, number in last.items():
        if not number:
            continue
        if connection.dialect.name != "sqlite":
            connection.execute(select(func.setval(f'"{name}_id_seq"', number)))
        elif Base.metadata.tables[name].dialect_options["sqlite"]["autoincrement"]:
            connection.execute(delete(_SEQUENCE).where(_SEQUENCE.c.name == name))
            connection.execute(_SEQUENCE.insert().values(name=name, seq=number))


def _given_out(connection: Connection, tables: Mapping[str, Table]) -> dict[str, int]:
    if connection.dialect.name == "sqlite":
        return {name: int(last) for name, last in connection.execute(select(_SEQUENCE.c.name, _SEQUENCE.c.seq))}
    last_value, is_called = literal_column("last_value", Integer), literal_column("is_called", Boolean)
    given: dict[str, int] = {}
    for name in tables:
        last, called = connection.execute(select(last_value, is_called).select_from(table(f"{name}_id_seq"))).one()
        given[name] = last if called else 0
    return given
