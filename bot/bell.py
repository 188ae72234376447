"""The bell that wakes the worker as soon as something is enqueued in its own process; across processes it polls."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.orm import Session

from bot.queue import ENQUEUED


class Bell:
    """Counts its rings, so that one that comes while nobody waits is not lost."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._rings = 0

    def rings(self) -> int:
        """How often it has rung."""
        with self._changed:
            return self._rings

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._changed:
            self._rings += 1
            self._changed.notify_all()

    def wait(self, heard: int, seconds: float | None) -> None:
        """Wait until it has rung more often than `heard`, or for so many seconds of real time when they are given."""
        with self._changed:
            self._changed.wait_for(lambda: self._rings != heard, seconds)

    @contextmanager
    def hung(self) -> Iterator[None]:
        """Ring at every commit, in this process, of a session that has enqueued something."""

        def committed(session: Session) -> None:
            if ENQUEUED in session.info:
                self.ring()

        event.listen(Session, "after_commit", committed)
        try:
            yield
        finally:
            event.remove(Session, "after_commit", committed)
