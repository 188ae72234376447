"""Databases for the parts, fresh and of either kind."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.database import Database
from tests import postgres


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[Database]:
    """An empty database: an SQLite file in the folder, or a PostgreSQL that lasts as long as the block.

    Raises `postgres.Missing` where there is none.
    """
    if kind == "sqlite":
        database = Database(f"sqlite:///{folder / 'konsult.db'}")
        try:
            yield database
        finally:
            database.close()
        return
    with postgres.server() as server:
        database = Database(server.url(server.create(template="template1")))
        try:
            yield database
        finally:
            database.close()
