"""Arrivals: commands that have come and are not acknowledged yet.

Slack's three seconds run for each of them. When many people ask at the same instant, all are acknowledged before the
first form is made: making one takes longer than acknowledging many.
"""

import threading
import time

QUIET = 0.01
"""Seconds without an arrival that are taken for the end of a rush."""
LONGEST = 0.25
"""Seconds that a form waits for others' acknowledgements at most."""


class Arrivals:
    """A context for each acknowledgement; whoever has been acknowledged lets the others pass."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way = 0
        self._latest = 0.0

    def __enter__(self) -> None:
        with self._lock:
            self._under_way += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._under_way -= 1
            self._latest = time.monotonic()

    def let_pass(self) -> None:
        """Return when nobody has arrived for a moment, after `LONGEST` at the latest."""
        end = time.monotonic() + LONGEST
        while self._coming() and time.monotonic() < end:
            time.sleep(QUIET / 2)

    def _coming(self) -> bool:
        with self._lock:
            return self._under_way > 0 or time.monotonic() < self._latest + QUIET
