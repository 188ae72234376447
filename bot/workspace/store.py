"""Durable documents: everything the workspace accepted, in one SQLite file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Engine, MetaData, String, Table, Text, create_engine, delete, event, select
from sqlalchemy.dialects.sqlite import insert

Document = dict[str, Any]

metadata = MetaData()
documents = Table(
    "document",
    metadata,
    Column("kind", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("body", Text, nullable=False),
)


class Store:
    """Documents by kind and key. `put` and `drop` gather; `flush` commits them together.

    Without a path nothing is written and nothing is read back.
    """

    def __init__(self, path: Path | None) -> None:
        self._waiting: dict[tuple[str, str], Document | None] = {}
        self._engine: Engine | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._engine = create_engine(f"sqlite:///{path}")
            event.listen(self._engine, "connect", _prepare)
            metadata.create_all(self._engine)

    def put(self, kind: str, key: str, body: Document) -> None:
        if self._engine is not None:
            self._waiting[kind, key] = body

    def drop(self, kind: str, key: str) -> None:
        if self._engine is not None:
            self._waiting[kind, key] = None

    def read(self, kind: str) -> Iterator[tuple[str, Document]]:
        """Every stored document of a kind, in the order of the keys."""
        if self._engine is None:
            return
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(documents.c.key, documents.c.body).where(documents.c.kind == kind).order_by(documents.c.key)
            ).all()
        for key, body in rows:
            yield key, json.loads(body)

    def flush(self) -> None:
        """Commit what was gathered; returns when it is on the disk's side of a crash of this process."""
        if self._engine is None or not self._waiting:
            return
        written = [
            {"kind": kind, "key": key, "body": json.dumps(body, ensure_ascii=False)}
            for (kind, key), body in self._waiting.items()
            if body is not None
        ]
        dropped = [place for place, body in self._waiting.items() if body is None]
        upsert = insert(documents)
        with self._engine.begin() as connection:
            if written:
                connection.execute(
                    upsert.on_conflict_do_update(index_elements=["kind", "key"], set_={"body": upsert.excluded.body}),
                    written,
                )
            for kind, key in dropped:
                connection.execute(delete(documents).where(documents.c.kind == kind, documents.c.key == key))
        self._waiting.clear()

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
