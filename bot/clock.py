"""Business time and real time.

Business time rules due dates, working days and digests; leases, back-off, pacing and signatures go by real
time. They differ by an offset that only the demo writes.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def zero() -> timedelta:
    """The offset outside the demo: business time is real time."""
    return timedelta()


class Clock:
    """Two clocks, both in aware UTC.

    `offset` is asked at every reading, so that a stored offset moved by one process holds in all at once.
    """

    def __init__(self, offset: Callable[[], timedelta] = zero) -> None:
        self._offset = offset

    def real(self) -> datetime:
        """The time it is, in UTC."""
        return datetime.now(UTC)

    def now(self) -> datetime:
        """The time the business goes by, in UTC: real time plus the offset."""
        return self.real() + self._offset()
