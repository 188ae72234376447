"""Real time as a part of a statement."""

import datetime as dt

from sqlalchemy import ColumnElement, bindparam, func

from models.database import UTCDateTime


def real_moment(dialect: str) -> ColumnElement[dt.datetime]:
    """Real time when the statement is sent: the database's own on PostgreSQL, where hosts may disagree, this machine's
    on SQLite."""
    if dialect == "sqlite":
        return bindparam(None, type_=UTCDateTime(), unique=True, callable_=lambda: dt.datetime.now(dt.UTC))
    return func.statement_timestamp(type_=UTCDateTime())
