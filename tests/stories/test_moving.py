"""The demo moves from its SQLite file to PostgreSQL between two days, and goes on there as if nothing had happened."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import func, select
from typer.testing import CliRunner

from bot.cli import main
from bot.demo import COORDINATORS, Demo
from bot.workspace import Person
from models.case import Case, Offer
from models.job import Job
from tests import postgres
from tests.stories.journey import ANNIKA, Journey, begin, running, waiting
from tests.stories.stage import BEGINS

pytestmark = pytest.mark.postgres


@pytest.fixture
def elsewhere(postgres_server: postgres.Server) -> Iterator[str]:
    """An empty PostgreSQL database's address."""
    name = postgres_server.create(template="template1")
    address = sqlalchemy.make_url(postgres_server.url(name)).set(drivername="postgresql")
    yield address.render_as_string(hide_password=False)
    postgres_server.drop(name)


def settled(demo: Demo) -> list[str]:
    """The coordinators' messages when everything is brought, oldest first."""
    annika = Person(demo.page, ANNIKA)
    annika.wait_for(lambda: waiting(demo) == 0, seconds=60)
    return [message["ts"] for message in annika.messages(COORDINATORS)]


def highest(demo: Demo) -> dict[str, Any]:
    with demo.house.services.database.reading() as session:
        return {table.__tablename__: session.scalar(select(func.max(table.id))) for table in (Case, Offer, Job)}


def test_the_demo_goes_on_in_postgresql(tmp_path: Path, elsewhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(tmp_path, BEGINS)
    journey = Journey()
    with running(tmp_path) as demo:
        journey.leave(demo, "före flytten")
        before, ids = settled(demo), highest(demo)
    monkeypatch.setenv("KONSULT_DATABASE_URL", f"sqlite:///{tmp_path / 'konsult.db'}")
    moved = CliRunner().invoke(main, ["db", "copy", "--to", elsewhere])
    assert moved.exit_code == 0, moved.stderr
    (tmp_path / "konsult.db").unlink()

    with running(tmp_path, elsewhere) as demo:
        assert not demo.house.services.database.embedded
        assert settled(demo) == before
        journey.leave(demo, "efter flytten")
        assert settled(demo)[: len(before)] == before
        assert len(settled(demo)) > len(before)
        assert all(last > ids[table] for table, last in highest(demo).items())
        journey.go(demo, BEGINS + dt.timedelta(days=6))
        with demo.house.services.database.reading() as session:
            asked = select(func.count()).where(Offer.case_id == journey.asked["före flytten"])
            assert session.scalar(asked) == 1
        journey.go(demo, BEGINS + dt.timedelta(days=8))
        with demo.house.services.database.reading() as session:
            assert session.scalar(asked) == 2, "the member who was silent over the move is not asked on"
    assert not (tmp_path / "konsult.db").exists()
