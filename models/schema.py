"""The schema as a whole: every table, and the way from an older database to today's.

Alembic is imported where it is needed: a command that only looks at tables should not wait for it.
"""

import enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from models import case, digest, job, organisation, people, word
from models.database import Base, Database

if TYPE_CHECKING:
    from alembic.config import Config

TABLES = (organisation, people, case, word, job, digest)
metadata = Base.metadata


def configuration(connection: Connection | None = None) -> "Config":
    """Alembic's configuration for our migrations."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database to a revision, today's unless another is named. All or nothing on PostgreSQL."""
    from alembic import command  # noqa: PLC0415

    with database.engine.begin() as connection:
        command.upgrade(configuration(connection), revision)


class Standing(enum.StrEnum):
    """How a database's revision stands to today's: `LATER` is one that this version does not know."""

    BEHIND = "behind"
    CURRENT = "current"
    LATER = "later"


@cache
def revisions() -> tuple[str, ...]:
    """Every revision that this version knows, the first one first; the last is today's."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return tuple(each.revision for each in ScriptDirectory.from_config(configuration()).walk_revisions())[::-1]


def revision(database: Database) -> str | None:
    """The revision that the database stands at; None when it has no table of ours."""
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def standing(found: str | None) -> Standing:
    """How a database at this revision stands."""
    if found == revisions()[-1]:
        return Standing.CURRENT
    return Standing.BEHIND if found is None or found in revisions() else Standing.LATER


def serves(database: Database) -> bool:
    """Whether this version can work on the database: at today's revision or a later one, which lets the version before
    go on working while processes are renewed one by one."""
    return standing(revision(database)) is not Standing.BEHIND
