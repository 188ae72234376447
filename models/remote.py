"""PostgreSQL, reached: how long a host that is gone is waited for."""

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
