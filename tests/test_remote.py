"""PostgreSQL when it cannot be written to, and when all connections to it are taken: nothing is saved, and whoever
asks is told so."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from bot import app
from bot.settings import Settings
from handlers.slack.observed import LISTENERS
from models.database import Database, Unavailable
from models.organisation import Organisation
from tests import postgres

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(postgres_server: postgres.Server) -> Iterator[Database]:
    name = postgres_server.create()
    made = Database(postgres_server.url(name))
    yield made
    made.close()
    postgres_server.drop(name)


def found(database: Database, *names: str) -> None:
    with database.writing() as session:
        session.add_all([Organisation(name=each) for each in names])


def count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Organisation)) or 0


@pytest.fixture
def may_only_be_read(database: Database) -> Callable[[bool], None]:
    """Has PostgreSQL take no more changes, as a managed server does when its disk is full, or take them again."""

    def may(only: bool) -> None:
        name = database.url.database
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET default_transaction_read_only = off"))
            connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {only}'))
        database.close()

    return may


def test_what_may_only_be_read_saves_nothing_and_says_so_until_it_may_be_written(
    database: Database, may_only_be_read: Callable[[bool], None]
) -> None:
    assert database.room()
    may_only_be_read(True)
    with pytest.raises(Unavailable):
        found(database, "Provstad")
    assert not database.room()
    assert count(database) == 0
    may_only_be_read(False)
    assert database.room()
    found(database, "Provstad")
    assert count(database) == 1


def test_a_row_that_somebody_else_holds_is_given_up_in_time(database: Database) -> None:
    found(database, "Provstad")
    held = select(Organisation).with_for_update()
    with database.writing() as first:
        first.scalars(held).one()
        with pytest.raises(Unavailable), database.writing(dt.timedelta(milliseconds=50)) as second:
            second.scalars(held).one()


def test_a_fault_of_ours_is_no_refusal(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(text("INSERT INTO job (organisation_id) VALUES (NULL)"))


def test_whoever_gets_no_connection_is_told_that_nothing_was_saved(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Database(database.url.render_as_string(hide_password=False), connections=2)
    monkeypatch.setattr(few.engine.pool, "_timeout", 0.05)
    with ExitStack() as taken:
        for _ in range(2):
            taken.enter_context(few.reading()).scalar(select(1))
        with pytest.raises(Unavailable), few.reading() as session:
            session.scalar(select(1))
        with pytest.raises(Unavailable):
            found(few, "Provstad")
        with pytest.raises(Unavailable):
            few.room()
    assert few.room()
    few.close()


def test_a_process_may_use_a_connection_for_each_that_works_in_it(database: Database) -> None:
    address = database.url.render_as_string(hide_password=False)
    opened = app.open_database(Settings(database_url=address, worker_threads=50), current=False)
    with ExitStack() as taken:
        for _ in range(LISTENERS + 50):
            taken.enter_context(opened.reading()).scalar(select(1))
    opened.close()
