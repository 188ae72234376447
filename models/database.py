"""The database: one engine, sessions that read and sessions that write.

Everything in which SQLite and PostgreSQL differ stands in this module or close by: how SQLite is served stands in
`models/embedded.py`, what PostgreSQL is told and says in `models/remote.py`, how far either has counted its rows in
`models/counters.py`, what is done with SQLite's file in `models/backup.py`.
"""

import datetime as dt
import enum
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar, cast

from sqlalchemy import (
    JSON,
    URL,
    Connection,
    DateTime,
    Dialect,
    Enum,
    ForeignKeyConstraint,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    column,
    create_engine,
    func,
    make_url,
    select,
    table,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as AllTaken
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from models.embedded import TransactionEnded, has_room, serve, unwritable
from models.remote import VANISHED, later, read_only

LISTENER_WAIT = dt.timedelta(seconds=2)
"""How long a person's click may wait for a place to write: Slack wants its answer within three seconds."""

CONNECTIONS = 40
"""To the database at a time, for whoever does not say how many of them."""

_KEPT_EMBEDDED, _KEPT_REMOTE = 20, 10
"""Connections that stay open while nobody uses them."""


class Unavailable(Exception):
    """The database did not answer or had no place to write in time; nothing was saved."""


class UTCDateTime(TypeDecorator[dt.datetime]):
    """An aware moment, stored in UTC. Binding a naive one raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        moment = value.astimezone(dt.UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


SortKey = String(400).with_variant(String(400, collation="C"), "postgresql")
"""A text compared byte by byte on both databases; filled by `sort_key`."""

_SWEDISH_LAST = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}"})


def sort_key(text: str) -> str:
    """The text as Swedish sorts it: case-blind, å ä ö after z, other accents dropped."""
    letters = unicodedata.normalize("NFC", text).casefold().translate(_SWEDISH_LAST)
    return "".join(each for each in unicodedata.normalize("NFD", letters) if not unicodedata.combining(each))[:400]


def values_of(enumeration: type[enum.Enum]) -> list[str]:
    """What is stored for an enumeration: its values, never its names."""
    return [str(member.value) for member in enumeration]


class Base(DeclarativeBase):
    """Every table's parent."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        dt.datetime: UTCDateTime(),
        enum.StrEnum: Enum(enum.StrEnum, native_enum=False, length=40, values_callable=values_of),
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[int]: JSON,
        list[dict[str, Any]]: JSON,
    }


class Owned:
    """A row that belongs to one organisation, and that others point to together with it."""

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(index=True)


def owned(*constraints: Any) -> tuple[Any, ...]:
    """The constraints of a table of `Owned` rows: the organisation exists, and (organisation, id) can be pointed at.

    An id is never used again: a case remembers its draft when that is gone, an old button what it was for.
    """
    return (
        ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        UniqueConstraint("organisation_id", "id"),
        *constraints,
        {"sqlite_autoincrement": True},
    )


def within(column: str, table: str) -> ForeignKeyConstraint:
    """A reference that cannot leave the organisation."""
    return ForeignKeyConstraint(["organisation_id", column], [f"{table}.organisation_id", f"{table}.id"])


def insert(session: Session, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, in the dialect of the session's database."""
    return sqlite.insert(table) if dialect_of(session) == "sqlite" else postgresql.insert(table)


def insert_in(dialect: str, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """The same past the mapping, for statements that are made once for a dialect and kept."""
    return sqlite.insert(plain(table)) if dialect == "sqlite" else postgresql.insert(plain(table))


def plain(table: type[Base]) -> Table:
    """The table past the mapping: what is written to it that way takes less time, and no object hears of it."""
    return cast(Table, table.__table__)


def dialect_of(session: Session) -> str:
    """The name of the dialect of the session's database."""
    return session.get_bind().dialect.name


class Database:
    """One database, reached through `reading()` and `writing()` sessions.

    `url` is an SQLAlchemy URL; `sqlite:///var/konsult.db` and `postgresql+psycopg://…` are the two kinds served
    (a bare `postgres://` or `postgresql://` is understood too). At most `connections` are used at a time; more are
    waited for as long as a click may wait. An error's text never holds what was to be written.
    """

    def __init__(self, url: str | URL, connections: int = CONNECTIONS) -> None:
        address = make_url(url)
        if address.drivername in {"postgres", "postgresql"}:
            address = address.set(drivername="postgresql+psycopg")
        if address.get_backend_name() not in {"sqlite", "postgresql"}:
            raise ValueError("KONSULT_DATABASE_URL must name an SQLite or a PostgreSQL database")
        self.url = address
        self.embedded = address.get_backend_name() == "sqlite"
        self._refused = False
        if self.embedded:
            if address.database and address.database != ":memory:":
                Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            self.engine = create_engine(address, **_choices(connections, _KEPT_EMBEDDED))
            serve(self.engine)
        else:
            choices = _choices(connections, _KEPT_REMOTE)
            self.engine = create_engine(address, pool_pre_ping=True, connect_args=VANISHED, **choices)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads. Raises `Unavailable` when the database does not answer."""
        with _spoken(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self, wait: dt.timedelta = LISTENER_WAIT) -> Iterator[Session]:
        """A session that writes, committed at the end of the block and rolled back on any exception.

        Waits at most `wait` for other writers, then raises `Unavailable`: nothing was saved.
        """
        milliseconds = int(wait.total_seconds() * 1000)
        engine = self.engine.execution_options(konsult_wait=milliseconds)
        try:
            with _spoken(), Session(engine, expire_on_commit=False) as session, session.begin():
                if not self.embedded:
                    session.connection().exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")
                yield session
        except Unavailable as error:
            self._refused = self._refused or unwritable(error.__cause__)
            raise
        self._refused = False

    def room(self) -> bool:
        """Whether there is room to write: on the disk of an embedded database, and as far as the last try tells: after
        one that was refused another, which changes nothing, is made here. PostgreSQL is asked whether it may be written
        to; raises `Unavailable` when it does not answer.
        """
        if not self.embedded:
            with _spoken(), self.engine.connect() as connection:
                return not read_only(connection)
        if self.file is not None and not has_room(self.file):
            return False
        if self._refused:
            with suppress(Unavailable), self.writing() as session:
                session.connection().exec_driver_sql("PRAGMA user_version = 0")
        return not self._refused

    def alone(self, session: Session, number: int) -> None:
        """Let only one writing session at a time be past this place, known by its number, until it ends.

        The others wait as for a row. On SQLite they do so already.
        """
        if not self.embedded:
            session.execute(select(func.pg_advisory_xact_lock(number)))

    def real_now(self, session: Session) -> dt.datetime:
        """Real time: the database's own on PostgreSQL, where hosts may disagree, this machine's on SQLite."""
        if self.embedded:
            return dt.datetime.now(dt.UTC)
        moment: dt.datetime = session.execute(select(func.clock_timestamp())).scalar_one()
        return moment.astimezone(dt.UTC)

    def ahead(self, session: Session) -> dt.timedelta:
        """How far the database's real time is ahead of this machine's, in whole seconds."""
        return dt.timedelta(seconds=round((self.real_now(session) - dt.datetime.now(dt.UTC)).total_seconds()))

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection that reads everything as it is at one moment, however long that takes."""
        level: dict[str, Any] = {} if self.embedded else {"isolation_level": "REPEATABLE READ"}
        with _spoken(), self.engine.connect().execution_options(**level) as connection:
            yield connection

    @property
    def file(self) -> Path | None:
        """Where an embedded database lies; None for one in memory, and for PostgreSQL."""
        inside = self.url.database if self.embedded else None
        return Path(inside) if inside and inside != ":memory:" else None

    def sessions(self) -> int:
        """How many others are connected to a PostgreSQL database just now."""
        activity = table("pg_stat_activity", column("datname"), column("pid"), column("backend_type"))
        others = select(func.count()).where(
            activity.c.datname == func.current_database(),
            activity.c.pid != func.pg_backend_pid(),
            activity.c.backend_type == "client backend",
        )
        with _spoken(), self.engine.connect() as connection:
            return connection.scalar(others) or 0

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def _choices(connections: int, most_kept: int) -> dict[str, Any]:
    kept = min(most_kept, connections)
    wait = LISTENER_WAIT.total_seconds()
    return {"pool_size": kept, "max_overflow": connections - kept, "pool_timeout": wait, "hide_parameters": True}


@contextmanager
def _spoken() -> Iterator[None]:
    try:
        yield
    except (TransactionEnded, AllTaken) as error:
        raise Unavailable(str(error)) from error
    except DBAPIError as error:
        if isinstance(error, OperationalError) or error.connection_invalidated or later(error):
            raise Unavailable(str(error.orig)) from error
        raise
