"""The migrations lead to exactly the tables of the models, on both databases, and back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Integer, MetaData, Table, insert, inspect, select, text

from bot import app
from bot.settings import Misconfigured, Settings
from models import copying
from models.database import Database
from models.schema import Standing, configuration, metadata, standing, upgrade
from models.schema import revision as revision_of
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
    assert standing(revision_of(empty)) is Standing.BEHIND
    upgrade(empty)
    assert standing(revision_of(empty)) is Standing.CURRENT
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
    assert standing(revision_of(empty)) is Standing.CURRENT
    for _ in REVISIONS:
        with empty.engine.begin() as connection:
            command.downgrade(configuration(connection), "-1")
    assert tables(empty) == set()
    upgrade(empty)
    assert differences(empty) == []


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_an_upgrade_from_every_earlier_revision_keeps_what_is_there(
    empty: Database, sample_template: Path, revision: str
) -> None:
    """The sample organisation, as it stood at that revision, and as it stands after the way up."""
    _sampled(empty, sample_template)
    with empty.engine.begin() as connection:
        command.downgrade(configuration(connection), revision)
    before = _everything(empty)
    assert sum(map(len, before.values())) > 1000
    upgrade(empty)
    assert standing(revision_of(empty)) is Standing.CURRENT
    assert differences(empty) == []
    after = _everything(empty, before)
    assert after == before
    assert all(each.rows == len(after[each.table]) - 1 for each in copying.checksums(empty) if each.table in after)


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_what_an_earlier_version_writes_meanwhile_is_taken(
    empty: Database, sample_template: Path, revision: str
) -> None:
    """Upgrades are made while processes of the version before still write: they name no column that came later."""
    _sampled(empty, sample_template)
    with empty.engine.begin() as connection:
        command.downgrade(configuration(connection), revision)
    earlier = _reflected(empty)
    upgrade(empty)
    for table in (earlier.tables[name] for name in ("job", "event", "person", "lane")):
        with empty.engine.begin() as connection:
            row = dict(connection.execute(select(table).order_by(table.c.id.desc()).limit(1)).mappings().one())
            own = {"key": "another", "receiver": "another", "email": "another@example.org", "seq": 9999}
            row |= {name: value for name, value in own.items() if name in row}
            del row["id"]
            connection.execute(insert(table).values(row))


def _sampled(database: Database, template: Path) -> None:
    source = Database(f"sqlite:///{template}")
    copying.copy(source, database)
    source.close()


def _reflected(database: Database) -> MetaData:
    found = MetaData()
    found.reflect(database.engine)
    return found


def _everything(database: Database, wanted: dict[str, list[str]] | None = None) -> dict[str, list[str]]:
    """Every row of every table as it is read without our models; of today's columns only those that `wanted` has."""
    found: dict[str, list[str]] = {}
    with database.engine.connect() as connection:
        for name, table in _reflected(database).tables.items():
            if name == "alembic_version" or (wanted is not None and name not in wanted):
                continue
            rows = connection.execute(select(table)).mappings().all()
            known = wanted[name] if wanted else None
            columns = known[0].split(",") if known else sorted(table.c.keys())
            found[name] = [",".join(columns), *sorted(repr([row[each] for each in columns]) for row in rows)]
    return found


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


@pytest.mark.parametrize("revision", [None, REVISIONS[0]])
def test_a_database_of_an_earlier_day_is_refused(
    with_tables: Callable[[str | None], Settings], revision: str | None
) -> None:
    with pytest.raises(Misconfigured, match=r"^The database is not up to date; run: konsult db upgrade$"):
        app.open_database(with_tables(revision))
