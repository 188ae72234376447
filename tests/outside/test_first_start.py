"""Several processes that start at one moment, on a database that is as new as they are."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from pydantic import SecretStr
from sqlalchemy import func, select

from bot import app
from bot.settings import Settings
from bot.workspace import Server, Workspace, serve
from handlers.slack.manifest import manifest
from models.database import Database
from models.job import Job
from models.organisation import Organisation
from models.people import Person, Role, RoleKind
from models.schema import configuration

USERS = ("U0MAJ", "U0ANNA", "U0LENA")
PROCESSES = 5


@pytest.fixture
def page() -> Iterator[Server]:
    workspace = Workspace(None, manifest(), signing_secret="")
    for user in USERS:
        workspace.add_user(id=user, name=user.lower(), real_name=user.title())
    server = serve(workspace)
    yield server
    server.stop()
    workspace.close()


def test_those_who_start_at_one_moment_agree_on_the_first_day(database: Database, page: Server) -> None:
    with database.engine.begin() as connection:
        command.stamp(configuration(connection), "head")
    settings = Settings(
        _env_file=None,
        database_url=database.url.render_as_string(hide_password=False),
        slack_bot_token=SecretStr("xoxb-workspace"),
        slack_api_url=page.api_url,
        coordinators=["U0MAJ", "U0ANNA", "U0MAJ"],
        deputies=["U0LENA"],
        first_admin="U0MAJ",
    )
    start = threading.Barrier(PROCESSES)

    def begin(_: int) -> int:
        start.wait()
        house = app.put_together(settings)
        house.services.database.close()
        return house.organisation_id

    with ThreadPoolExecutor(PROCESSES) as crew:
        assert len(set(crew.map(begin, range(PROCESSES)))) == 1
    with database.reading() as session:
        assert [session.scalar(select(func.count()).select_from(table)) for table in (Organisation, Person)] == [1, 3]
        roles = session.execute(select(Role.kind, func.count()).group_by(Role.kind))
        wanted = {RoleKind.COORDINATOR: 2, RoleKind.DEPUTY: 1, RoleKind.ADMINISTRATOR: 1}
        assert dict(roles.all()) == wanted
        assert session.scalar(select(func.count()).where(Job.name == "digest")) == 1
