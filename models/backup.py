"""Copies of an embedded database: taken online, looked through, and put back whole or not at all.

A copy is one file by itself. It holds personal data, so only its owner may read it.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL

from models.database import Database
from models.recovery import UNKNOWN, Lost, resume

BUSY_SECONDS = 20.0
"""How long a copy waits for those who write."""

_RECORDED = ("event.recorded_at", "job.created_at", "job.done_at")
"""Real moments that every change leaves behind somewhere."""


class Unusable(Exception):
    """The file is no whole database; `why` is what SQLite says of it, or what is missing."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"{file}: {why}")
        self.file = file
        self.why = why


class InUse(Exception):
    """Somebody is connected to the database."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a whole database holds: the schema's revision, how many rows each table has, and when it last recorded
    something (UTC, as SQLite writes it; empty when it never did)."""

    revision: str
    rows: dict[str, int]
    latest: str

    @property
    def total(self) -> int:
        """All rows of all tables."""
        return sum(self.rows.values())


def inspected(file: Path) -> Inventory:
    """What the file holds. Raises `Unusable` when it is not there, is damaged, or is not one of ours."""
    if not file.is_file():
        raise Unusable(file, "there is no such file")
    with _read(file) as connection:
        return _whole(file, connection)


def back_up(database: Path, file: Path) -> Inventory:
    """Write a copy of the database, as it is at one moment, to a new file. Those who use it are not held up.

    The copy is looked through before it gets its name. Raises `FileExistsError` when the name is taken, `Unusable` when
    the database is damaged, and `OSError` or `sqlite3.OperationalError` when there is no room for it.
    """
    if file.exists():
        raise FileExistsError(file)
    if not database.is_file():
        raise Unusable(database, "there is no such file")
    with _read(database) as source, _unfinished(file) as partial:
        source.execute("BEGIN")
        counted = _inventory(database, source)
        _copy(source, partial)
        source.execute("ROLLBACK")
        found = inspected(partial)
        if found != counted:
            raise Unusable(partial, "the copy does not hold what the database holds")
        partial.rename(file)
    _keep(file.parent)
    return found


def in_use(database: Path) -> bool:
    """Whether somebody is connected to the database. One that cannot be read is used by nobody."""
    try:
        with _alone(database):
            return False
    except InUse:
        return True


def differing(file: Path, database: Path) -> list[str]:
    """The tables of which two whole databases do not hold the same rows, by name. Raises `Unusable`."""
    with _read(file) as connection:
        connection.execute("ATTACH ? AS other", (_address(database),))
        here, there = _columns(connection, "main"), _columns(connection, "other")
        return [
            name
            for name in sorted(here.keys() | there.keys())
            if here.get(name) != there.get(name) or _differs(connection, name, here[name])
        ]


def restore(file: Path, database: Path, aside: Path) -> Inventory:
    """Put a copy in the database's place; what stood there is kept at `aside`. Before and after, and whatever happens
    in between, the database is whole: the old one or the new one. It goes on where the old one stopped
    (`recovery.resume`).

    Raises `Unusable` when the copy is not whole, `Unavailable` when there is no room for it, and `InUse` when somebody
    is connected: what they have in hand, and in memory, comes from another time.
    """
    with _unfinished(database) as partial:
        with _read(file) as source:
            counted = _whole(file, source)
            _copy(source, partial)
        _resume(partial, _lost(database))
        if inspected(partial) != counted:
            raise Unusable(partial, "the copy does not hold what the file holds")
        with _alone(database) if database.exists() else nullcontext():
            _move_aside(database, aside)
            partial.replace(database)
    _keep(database.parent)
    return counted


def _resume(file: Path, lost: Lost) -> None:
    resumed = Database(URL.create("sqlite", database=str(file)))
    try:
        resume(resumed, lost)
    finally:
        resumed.close()
    _keep(file)


def _lost(database: Path) -> Lost:
    """How far the database that is replaced had counted; unknown when it is gone or cannot be read."""
    if not database.exists():
        return UNKNOWN
    try:
        with _read(database) as connection:
            ids = connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
            numbers = connection.execute("SELECT id, last_number FROM organisation").fetchall()
    except (Unusable, sqlite3.OperationalError):
        return UNKNOWN
    return Lost(dict(ids), dict(numbers))


def _move_aside(database: Path, aside: Path) -> None:
    """Give what stands there a second name; what a damaged or lost database left beside it goes with it."""
    if database.exists():
        os.link(database, aside)
    for ending in ("-wal", "-shm"):
        left = database.with_name(database.name + ending)
        if left.exists():
            left.replace(aside.with_name(aside.name + ending))


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Nobody else connected while the block lasts; the write-ahead log is folded in. Raises `InUse`."""
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise InUse from error
        except sqlite3.DatabaseError:
            pass  # damaged: there is nothing to be alone with
        yield


@contextmanager
def _unfinished(file: Path) -> Iterator[Path]:
    """A place beside the file for what is not finished, empty now and gone afterwards."""
    partial = file.with_name(file.name + ".unfinished")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    try:
        yield partial
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            partial.with_name(partial.name + ending).unlink(missing_ok=True)


@contextmanager
def _read(file: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(
            sqlite3.connect(_address(file), uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        ) as connection:
            yield connection
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise Unusable(file, str(error)) from error


def _address(file: Path) -> str:
    return f"file:{quote(str(file.absolute()))}?mode=rw"


def _copy(source: sqlite3.Connection, partial: Path) -> None:
    with closing(sqlite3.connect(partial, isolation_level=None)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
    _keep(partial)


def _whole(file: Path, connection: sqlite3.Connection) -> Inventory:
    said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    if said != ["ok"]:
        raise Unusable(file, said[0])
    astray = connection.execute("PRAGMA foreign_key_check").fetchone()
    if astray is not None:
        raise Unusable(file, f"a row of {astray[0]} points at nothing")
    return _inventory(file, connection)


def _inventory(file: Path, connection: sqlite3.Connection) -> Inventory:
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    revision = None
    if "alembic_version" in tables:
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if revision is None:
        raise Unusable(file, "it is no database of konsult")
    ours = [name for name in tables if not name.startswith("sqlite_") and name != "alembic_version"]
    rows = {name: _scalar(connection, f'SELECT count(*) FROM "{name}"') for name in ours}  # noqa: S608 - its own names
    moments = [
        _scalar(connection, f"SELECT max({column}) FROM {table}")  # noqa: S608 - the constant above
        for table, column in (each.split(".") for each in _RECORDED)
        if table in rows
    ]
    return Inventory(revision[0], rows, max((moment for moment in moments if moment), default=""))


def _columns(connection: sqlite3.Connection, where: str) -> dict[str, list[str]]:
    """The names of each table's columns, in a fixed order."""
    tables = connection.execute(f"SELECT name FROM {where}.sqlite_master WHERE type = 'table'")  # noqa: S608 - a constant
    ours = [row[0] for row in tables.fetchall() if not row[0].startswith("sqlite_") and row[0] != "alembic_version"]
    columns = "SELECT name FROM pragma_table_info(?, ?) ORDER BY name"
    return {name: [row[0] for row in connection.execute(columns, (name, where))] for name in ours}


def _differs(connection: sqlite3.Connection, table: str, columns: list[str]) -> bool:
    said = ", ".join(f'"{name}"' for name in columns)
    one, other = (f'SELECT {said} FROM {where}."{table}"' for where in ("main", "other"))  # noqa: S608 - its own names
    found = f"SELECT EXISTS ({one} EXCEPT {other}) OR EXISTS ({other} EXCEPT {one})"
    return bool(_scalar(connection, found))


def _scalar(connection: sqlite3.Connection, query: str) -> Any:
    return connection.execute(query).fetchone()[0]


def _keep(place: Path) -> None:
    """See to it that a file's content, or a folder's names, outlive a power cut."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
