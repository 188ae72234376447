"""Counters: how far each table has counted its rows, so that an id that was given out once is never used again."""

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
    literal_column,
    select,
    table,
)

from models.database import Base

_SEQUENCE = table("sqlite_sequence", column("name", String), column("seq", Integer))
"""Where SQLite keeps how far it has counted."""


def counters(connection: Connection) -> dict[str, int]:
    """The id that each table gave out last, also when its row is gone; 0 when it never gave one."""
    given = _given_out(connection)
    return {
        name: max(given.get(name, 0), connection.scalar(select(func.max(each.c.id))) or 0)
        for name, each in _counting().items()
    }


def count_on(connection: Connection, last_ids: Mapping[str, int]) -> None:
    """Go on counting each table's ids after these."""
    for name, last in last_ids.items():
        if not last:
            continue
        if not _embedded(connection):
            connection.execute(select(func.setval(f'"{name}_id_seq"', last)))
        elif Base.metadata.tables[name].dialect_options["sqlite"]["autoincrement"]:
            connection.execute(delete(_SEQUENCE).where(_SEQUENCE.c.name == name))
            connection.execute(_SEQUENCE.insert().values(name=name, seq=last))


def _given_out(connection: Connection) -> dict[str, int]:
    if _embedded(connection):
        return {name: int(last) for name, last in connection.execute(select(_SEQUENCE.c.name, _SEQUENCE.c.seq))}
    last_value, is_called = literal_column("last_value", Integer), literal_column("is_called", Boolean)
    given: dict[str, int] = {}
    for name in _counting():
        last, called = connection.execute(select(last_value, is_called).select_from(table(f"{name}_id_seq"))).one()
        given[name] = last if called else 0
    return given


def _embedded(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _counting() -> dict[str, Table]:
    """The tables that number their rows."""
    return {name: each for name, each in Base.metadata.tables.items() if each.autoincrement_column is not None}
