"""The migrations lead to exactly the tables of the models, on both databases, and back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Integer, MetaData, Table, inspect, text

from bot import app
from bot.settings import Misconfigured, Settings
from models.database import Database
from models.schema import configuration, is_current, metadata, upgrade
from tests import postgres
from tests.conftest import KINDS

REVISIONS = [script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()][::-1]


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without a table, once of each kind."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield database
        database.close()
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    name = server.create(template="template1")
    database = Database(server.url(name))
    yield database
    database.close()
    server.drop(name)


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def differences(database: Database, wanted: MetaData = metadata) -> list[object]:
    """What the database lacks or has too much, compared with the models."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, wanted))


def test_an_upgrade_makes_exactly_the_tables_of_the_models(empty: Database) -> None:
    assert not is_current(empty)
    upgrade(empty)
    assert is_current(empty)
    assert tables(empty) == set(metadata.tables)
    assert differences(empty) == []


def test_an_id_is_never_used_again(empty: Database) -> None:
    upgrade(empty)
    if empty.embedded:  # a sequence of PostgreSQL's never goes back
        with empty.engine.connect() as connection:
            counted = set(connection.scalars(text("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")))
        assert counted == {
            name for name, table in metadata.tables.items() if {"id", "organisation_id"} <= {*table.c.keys()}
        }


def test_a_difference_would_be_seen(empty: Database) -> None:
    upgrade(empty)
    with empty.engine.begin() as connection:
        connection.execute(text("ALTER TABLE cluster ADD COLUMN forgotten INTEGER"))
    assert len(differences(empty)) == 1
    more = MetaData()
    for table in metadata.tables.values():
        table.to_metadata(more)
    Table("never_migrated", more, Column("id", Integer, primary_key=True))
    assert len(differences(empty, more)) == 2


def test_upgrading_again_changes_nothing(empty: Database) -> None:
    upgrade(empty)
    with empty.engine.begin() as connection:
        connection.execute(text("INSERT INTO installation (id, clock_offset) VALUES (1, 7)"))
    upgrade(empty)
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT clock_offset FROM installation")).scalar_one() == 7


def test_every_step_can_be_taken_back(empty: Database) -> None:
    for revision in REVISIONS:
        upgrade(empty, revision)
    assert is_current(empty)
    for _ in REVISIONS:
        with empty.engine.begin() as connection:
            command.downgrade(configuration(connection), "-1")
    assert tables(empty) == set()
    upgrade(empty)
    assert differences(empty) == []


@pytest.fixture
def with_tables(empty: Database) -> Callable[[str | None], Settings]:
    """Settings for a database that stands at a revision."""

    def standing_at(revision: str | None) -> Settings:
        upgrade(empty)
        with empty.engine.begin() as connection:
            connection.execute(text("DELETE FROM alembic_version"))
            if revision is not None:
                connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
        return Settings(database_url=empty.url.render_as_string(hide_password=False))

    return standing_at


@pytest.mark.parametrize("revision", [None, "0000"])
def test_a_database_of_another_day_is_refused(
    with_tables: Callable[[str | None], Settings], revision: str | None
) -> None:
    with pytest.raises(Misconfigured, match=r"^The database is not up to date; run: konsult db upgrade$"):
        app.open_database(with_tables(revision))
