"""Databases for the tests: everything about storage is tested on SQLite and on PostgreSQL."""

import datetime as dt
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from bot import logs, sample
from models.database import Database
from models.schema import metadata, upgrade
from tests import postgres

KINDS = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgres),
]


LONG = {
    "tests/stories/test_in_the_browser.py",
    "tests/chaos/test_chaos.py",
    "tests/chaos/test_events.py",
    "tests/chaos/test_race.py",
    "tests/outside/test_operations.py",
}
"""The modules in which a test takes half a minute or more."""

SAMPLED_AT = dt.datetime(2026, 11, 22, 13, 0, tzinfo=dt.UTC)
"""When the sample organisation's latest days were."""


def absent(what: str, reason: str) -> None:
    """Skip a test for want of `what`; fail where KONSULT_TEST_REQUIRE names it, or says `all`."""
    required = os.environ.get("KONSULT_TEST_REQUIRE", "").split(",")
    if what in required or "all" in required:
        pytest.fail(f"{what} is required here: {reason}")
    pytest.skip(reason)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long tests come first: where several run side by side, nobody waits for them in the end."""
    items.sort(key=lambda item: _module_of(item.nodeid) not in LONG)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Side by side, a module's tests stay together, but each of the long ones goes to whoever is free."""
    return _Scheduling(config, log)


class _Scheduling(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        module = _module_of(nodeid)
        return nodeid if module in LONG else module


def _module_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


@pytest.fixture(autouse=True)
def log_of_its_own() -> Iterator[None]:
    """The log that a command opens for its process ends with the test that called the command."""
    yield
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(handler)


@pytest.fixture
def log_as_json() -> Iterator[Callable[[], None]]:
    """Has the log written as a process writes it, from `info` on; what tests after this one capture is as before."""
    before = structlog.get_config()

    def begin() -> None:
        logs.configure("json", "info")
        structlog.configure(cache_logger_on_first_use=False)

    yield begin
    structlog.configure(**before)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A throw-away PostgreSQL with a template database that has every table."""
    try:
        with postgres.server() as server:
            server.create(postgres.TEMPLATE, "template1")
            _make(server.url(postgres.TEMPLATE))
            yield server
    except postgres.Missing as error:
        absent("postgres", str(error))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with every table, to be copied."""
    path = tmp_path_factory.mktemp("template") / "konsult.db"
    _make(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def sample_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the sample organisation, made by migrations and real acts; to be copied."""
    path = tmp_path_factory.mktemp("sample") / "konsult.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    sample.fill(database, SAMPLED_AT)
    database.close()
    return path


@pytest.fixture(params=KINDS)
def new_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Database]]:
    """Makes as many fresh databases as a test needs, of the kind it runs on."""
    opened: list[tuple[Database, Callable[[], None]]] = []

    def sqlite() -> Database:
        path = tmp_path_factory.mktemp("database") / "konsult.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        opened.append((Database(f"sqlite:///{path}"), path.unlink))
        return opened[-1][0]

    def postgresql() -> Database:
        server: postgres.Server = request.getfixturevalue("postgres_server")
        name = server.create()
        opened.append((Database(server.url(name)), lambda: server.drop(name)))
        return opened[-1][0]

    yield sqlite if request.param == "sqlite" else postgresql
    for database, remove in opened:
        database.close()
        remove()


@pytest.fixture
def database(new_database: Callable[[], Database]) -> Database:
    """A fresh database with every table and no rows; the test runs once on each kind."""
    return new_database()


@pytest.fixture
def embedded(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh SQLite database, for what is no matter of storage."""
    shutil.copyfile(sqlite_template, tmp_path / "konsult.db")
    made = Database(f"sqlite:///{tmp_path / 'konsult.db'}")
    yield made
    made.close()


def _make(url: str) -> None:
    database = Database(url)
    metadata.create_all(database.engine)
    database.close()
