"""Whether this process is well, part by part, each with a sentence that says what to do when it is not."""

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from bot import queue_age
from bot.clock import Clock
from models import schema
from models.database import Database, Unavailable
from models.schema import Standing

UNKNOWN = "Nobody can tell while the database does not answer."


@dataclass(frozen=True, slots=True)
class Part:
    """A part and how it is. `needed`: this process cannot do its work while the part is not well."""

    name: str
    well: bool
    says: str
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """How the process is."""

    parts: tuple[Part, ...]

    @property
    def well(self) -> bool:
        """Whether everything is well that the process needs."""
        return all(part.well for part in self.parts if part.needed)


class Health:
    """Looks at a process's parts whenever it is asked.

    `connection` says whether the platform is reached, and how or why not. `queue_limit` is how long something may be
    due before that is called a fault. Only a process that is to bring things out needs the queue to move: another would
    be taken out of service for a fault that it cannot mend.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        connection: Callable[[], tuple[bool, str]],
        queue_limit: dt.timedelta,
    ) -> None:
        self._database = database
        self._clock = clock
        self._connection = connection
        self._queue_limit = queue_limit
        self._worker: threading.Thread | None = None

    def watch(self, worker: threading.Thread) -> None:
        """From now on this process brings things out, and lives only as long as this thread does."""
        self._worker = worker

    def alive(self) -> Report:
        """Whether the process should go on; when not, it must be started anew."""
        if self._worker is not None and not self._worker.is_alive():
            return Report((Part("process", False, "The worker of this process has ended; restart the process."),))
        return Report((Part("process", True, "The process lives."),))

    def ready(self) -> Report:
        """Whether the process can do its work now."""
        connected, said = self._connection()
        return Report((*self._stored(), Part("slack", connected, said)))

    def _stored(self) -> tuple[Part, ...]:
        works = self._worker is not None
        try:
            migrations, room = self._migrations(), self._room()
        except (SQLAlchemyError, Unavailable, OSError):
            return (
                Part("database", False, "The database does not answer; nothing is saved, and people are told so."),
                Part("migrations", False, UNKNOWN),
                Part("queue", False, UNKNOWN, needed=works),
            )
        try:
            queue = self._queue(needed=works)
        except (SQLAlchemyError, Unavailable, OSError):
            queue = Part("queue", False, "The queue cannot be read; see migrations.", needed=works)
        return (room, migrations, queue)

    def _room(self) -> Part:
        if self._database.room():
            return Part("database", True, "The database answers.")
        if self._database.embedded:
            said = (
                "The database cannot be written to, and people are told that nothing is saved; make room on its disk."
            )
        else:
            said = (
                "The database may only be read, and people are told that nothing is saved; see whether its disk is "
                "full, and whether another server is the primary one now."
            )
        return Part("database", False, said)

    def _migrations(self) -> Part:
        found, wanted = schema.revision(self._database), schema.revisions()[-1]
        match schema.standing(found):
            case Standing.CURRENT:
                return Part("migrations", True, f"The schema is today's, {wanted}.")
            case Standing.LATER:
                return Part(
                    "migrations",
                    True,
                    f"The schema is at {found}, later than {wanted}; upgrade this process.",
                )
            case Standing.BEHIND:
                said = f"The schema is at {found or 'nothing'} and must be at {wanted}; run: konsult db upgrade"
                return Part("migrations", False, said)

    def _queue(self, *, needed: bool) -> Part:
        with self._database.reading() as session:
            age = queue_age.oldest(session, self._database.real_now(session), self._clock.now())
        seconds, limit = int(age.total_seconds()), int(self._queue_limit.total_seconds())
        if age <= self._queue_limit:
            said = f"The oldest due job has waited {seconds} s." if seconds > 0 else "Nothing has to wait."
            return Part("queue", True, said, needed)
        said = f"The oldest due job has waited {seconds} s, more than {limit} s; see to it that konsult work runs."
        return Part("queue", False, said, needed)
