"""Rows by the hundred thousand: gathered by table, and written by COPY on PostgreSQL, in batches on SQLite."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from psycopg import sql
from sqlalchemy import Column, Connection, Table, func, insert, select

from models.database import Base, Database
from models.schema import metadata

Process = Callable[[Any], Any]


class Rows:
    """Gathers rows and writes them. Within a table every row names the same columns; of the others those that the
    models have a default for get it."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self._connection = connection
        self._gathered: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._ids: dict[str, int] = defaultdict(int)
        self.written: dict[str, int] = defaultdict(int)

    def add(self, table: type[Base], **values: Any) -> None:
        """Gather a row."""
        self._gathered[table.__tablename__].append(values)

    def new(self, table: type[Base], **values: Any) -> int:
        """Gather a row with the table's next id, and return that."""
        row_id = self.number(table)
        self._gathered[table.__tablename__].append({"id": row_id, **values})
        return row_id

    def number(self, table: type[Base]) -> int:
        """The table's next id, for a row that is added later."""
        self._ids[table.__tablename__] += 1
        return self._ids[table.__tablename__]

    def unchecked(self) -> None:
        """Write on without looking up what the rows point to. For PostgreSQL, and a superuser there."""
        self._connection.execute(select(func.set_config("session_replication_role", "replica", True)))

    def write(self) -> None:
        """Write what has been gathered, parents first."""
        for table in metadata.sorted_tables:
            rows = self._gathered.pop(table.name, [])
            if rows:
                self._write(table, rows)
                self.written[table.name] += len(rows)

    def _write(self, table: Table, rows: list[dict[str, Any]]) -> None:
        if self._database.embedded:
            self._connection.execute(insert(table), rows)
            return
        named = [column for column in table.columns if column.name in rows[0]]
        others = [column for column in table.columns if column.name not in rows[0] and column.default is not None]
        shape = [(column.name, self._process(column)) for column in named]
        rest = [_plain(self._process(column), _default(column)) for column in others]
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table.name), sql.SQL(", ").join(sql.Identifier(each.name) for each in (*named, *others))
        )
        raw = self._connection.connection.driver_connection
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([row[name] if process is None else process(row[name]) for name, process in shape] + rest)

    def _process(self, column: Column[Any]) -> Process | None:
        """What SQLAlchemy makes of a column's value on its way to the database; None when it stays as it is."""
        dialect = self._connection.dialect
        return column.type.dialect_impl(dialect).bind_processor(dialect)


def _plain(process: Process | None, value: Any) -> Any:
    return value if process is None else process(value)


def _default(column: Column[Any]) -> Any:
    return column.default.arg(None) if column.default.is_callable else column.default.arg
