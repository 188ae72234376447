"""The schema as a whole: every table, and the way from an older database to today's."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from models import case, digest, job, organisation, people
from models.database import Base, Database

TABLES = (organisation, people, case, job, digest)
metadata = Base.metadata


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration for our migrations."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database to a revision, today's unless another is named. All or nothing on PostgreSQL."""
    with database.engine.begin() as connection:
        command.upgrade(configuration(connection), revision)


def is_current(database: Database) -> bool:
    """Whether the database is at today's revision."""
    with database.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory.from_config(configuration()).get_current_head()
