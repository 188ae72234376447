"""PostgreSQL, reached: how long a host that is gone is waited for, and what its refusals mean."""

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

VANISHED = {
    "connect_timeout": 2,
    "tcp_user_timeout": 2000,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
"""libpq's settings for a PostgreSQL host that is gone without a word: seconds to connect and milliseconds for what was
sent to be received, so that whoever clicked is still told in time. A connection nobody uses is given up in a minute.
"""

_NOTHING_SAVED = frozenset({"25006", "25P03", "25P04", "55P03"})
"""SQL states in which PostgreSQL has saved nothing and may do so later: it may only be read (a full disk, a standby),
the transaction took too long, somebody else holds the row."""


def later(error: DBAPIError) -> bool:
    """Whether PostgreSQL says that nothing was saved for a reason that passes."""
    return getattr(error.orig, "sqlstate", None) in _NOTHING_SAVED


def read_only(connection: Connection) -> bool:
    """Whether PostgreSQL may only be read just now."""
    return bool(connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on")
