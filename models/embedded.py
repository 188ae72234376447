"""SQLite, served: how its connections are prepared, when its transactions begin, and what its refusals mean."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError

LEAST_ROOM = 2_000_000
"""Bytes left on an embedded database's disk below which it counts as full."""

_BEGUN = "konsult.begun"
_WAITS = "konsult.waits"
"""How long a connection waits for others that write, in milliseconds, when it has been told."""


class TransactionEnded(Exception):
    """SQLite has rolled the transaction back by itself; what comes after would be saved alone."""


def has_room(file: Path) -> bool:
    """Whether the disk that the database lies on has room for more."""
    return shutil.disk_usage(file.parent).free >= LEAST_ROOM


def unwritable(error: BaseException | None) -> bool:
    """Whether SQLite could not write: the disk is full, broken, or may only be read."""
    said = error.orig if isinstance(error, DBAPIError) else None
    busy = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    return isinstance(said, sqlite3.OperationalError) and said.sqlite_errorcode & 0xFF not in busy


def serve(engine: Engine) -> None:
    """Write-ahead log, foreign keys, and transactions that begin when we say so.

    SQLite ends a transaction by itself when the disk is full. Nothing that comes after in the same block is carried out
    then: it would be saved without what came before.
    """

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 5000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        wait = connection.get_execution_options().get("konsult_wait")
        if wait is None:
            connection.exec_driver_sql("BEGIN")
        else:
            if connection.info.get(_WAITS) != wait:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(wait)}")
                connection.info[_WAITS] = wait
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.info[_BEGUN] = True

    def end(connection: Connection, *_: Any) -> None:
        connection.info[_BEGUN] = False

    event.listen(engine, "commit", end)
    event.listen(engine, "rollback", end)

    @event.listens_for(engine, "before_cursor_execute")
    def check(connection: Connection, cursor: Any, *_: Any) -> None:
        if connection.info.get(_BEGUN) and not cursor.connection.in_transaction:
            raise TransactionEnded("the transaction has ended")
