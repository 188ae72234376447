"""An embedded database without room: nothing is half saved, it says so, and it goes on when there is room again."""

import shutil
import sqlite3
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from models.database import Database, Unavailable
from models.embedded import LEAST_ROOM
from models.organisation import Organisation

MUCH = "x" * 200_000


@pytest.fixture
def database(embedded: Database) -> Database:
    return embedded


@pytest.fixture
def room(database: Database) -> dict[str, int]:
    """How many pages every connection may use from now on, under "pages"."""
    with sqlite3.connect(database.file or "") as looking:
        wanted = {"pages": looking.execute("PRAGMA page_count").fetchone()[0] + 10}
    looking.close()

    @event.listens_for(database.engine, "checkout")
    def limit(connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {wanted['pages']}")

    return wanted


def found(session: Session, name: str) -> None:
    session.add(Organisation(name=name))
    session.flush()


def write(database: Database, *names: str) -> None:
    with database.writing() as session:
        for name in names:
            found(session, name)


def names(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(func.substr(Organisation.name, 1, 10)).order_by(Organisation.id)))


def test_what_does_not_fit_is_not_saved(database: Database, room: dict[str, int]) -> None:
    with pytest.raises(Unavailable):
        write(database, "Provstad", MUCH)
    assert names(database) == []


def test_nothing_is_saved_by_itself_after_sqlite_has_ended_the_transaction(
    database: Database, room: dict[str, int]
) -> None:
    def write_on() -> None:
        with database.writing() as session:
            connection = session.connection()
            connection.exec_driver_sql("INSERT INTO seen_event VALUES ('before', '2026-01-01')")
            with suppress(OperationalError):
                connection.exec_driver_sql("INSERT INTO seen_event VALUES (?, '2026-01-01')", (MUCH,))
            connection.exec_driver_sql("INSERT INTO seen_event VALUES ('after', '2026-01-01')")

    with pytest.raises(Unavailable):
        write_on()
    with sqlite3.connect(database.file or "") as looking:
        assert looking.execute("SELECT id FROM seen_event").fetchall() == []
    looking.close()


def test_it_says_that_there_is_no_room_until_there_is(database: Database, room: dict[str, int]) -> None:
    assert database.room()
    with pytest.raises(Unavailable):
        write(database, MUCH)
    room["pages"] = 1_000_000
    assert database.room()
    write(database, MUCH)
    assert names(database) == [MUCH[:10]]


def test_a_write_that_is_refused_again_leaves_it_so(database: Database) -> None:
    @event.listens_for(database.engine, "checkout")
    def may_only_be_read(connection: Any, *_: Any) -> None:
        connection.execute("PRAGMA query_only = ON")

    with pytest.raises(Unavailable):
        write(database, "Provstad")
    assert not database.room()
    event.remove(database.engine, "checkout", may_only_be_read)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = OFF")
    assert database.room()


def test_a_busy_database_has_room(database: Database) -> None:
    with sqlite3.connect(database.file or "", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            write(database, "Provstad")
        assert database.room()
        other.execute("ROLLBACK")
    other.close()


def test_a_disk_with_hardly_any_room_counts_as_full(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    left = shutil.disk_usage(database.file.parent if database.file else ".")._replace(free=LEAST_ROOM - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: left)
    assert not database.room()
