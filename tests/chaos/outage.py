"""The database goes away while persons are at work, and comes back: PostgreSQL, stopped and started."""

import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import Database, Unavailable
from tests import postgres
from tests.chaos.bustle import Bustle, bustle
from tests.chaos.lines import Line
from tests.chaos.story import Story, lines

COMMANDS = ("serve", "serve", "work", "work")
BEFORE = 5.0
"""Seconds that all are at work before it goes away."""
RECOVERING = 60.0
AWAY = "The database does not answer; nothing is saved, and people are told so."


class Patient(Database):
    """The database of whoever looks on: while it is away they wait."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.in_use = threading.RLock()
        """Held while somebody looks, and by whoever takes it away."""

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads, as soon as there is one."""
        while True:
            with self.in_use:
                if self._answers():
                    with super().reading() as session:
                        yield session
                    return
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with super().reading() as session:
                session.scalar(select(1))
        except Unavailable:
            return False
        return True


def run(seed: int, away: float) -> list[Line]:
    """Away for so many seconds."""
    with (
        tempfile.TemporaryDirectory(prefix="konsult-outage-") as folder,
        postgres.server() as server,
    ):
        return play(server, Path(folder), seed, away)


def play(server: postgres.Server, folder: Path, seed: int, away: float) -> list[Line]:
    """The whole of it, on a server of its own."""
    database = Patient(server.url(server.create(template="template1")))
    with bustle(database, folder, COMMANDS, seed, away=True) as at_work:
        story = Story(at_work.made, at_work.quiet)
        story.begin()
        time.sleep(BEFORE)
        with database.in_use:
            server.stop()
        gone = time.monotonic()
        seen = story.tries()
        said = _said(at_work)
        while time.monotonic() < gone + away:
            said += _said(at_work)
            time.sleep(0.5)
        lives = [process.get("/healthz")[0] for process in at_work.fleet.running]
        server.start()
        back = time.monotonic()
        while set(at_work.ready()) != {200} and time.monotonic() < back + RECOVERING:
            time.sleep(0.1)
        recovered = time.monotonic() - back
        again = story.goes_on()
        steadfast = at_work.steadfast
    database.close()
    asked = len(said)
    honest = sum(each == (503, AWAY) for each in said)
    name = f"PostgreSQL away for {away:g} s"
    return [
        *lines(name, seen, again),
        Line(
            f"{name}: /readyz",
            f"{honest} of {asked} answers say so; well again after {recovered:.1f} s",
            honest == asked and recovered < RECOVERING,
        ),
        Line(f"{name}: the processes", f"{len(lives)} live, none was restarted", set(lives) == {200} and steadfast),
        at_work.line(name),
    ]


def _said(at_work: Bustle) -> list[tuple[int, str]]:
    """What `/readyz` of each process says of the database."""
    answers = [process.get("/readyz") for process in at_work.fleet.running]
    return [(status, json.loads(text)["parts"]["database"]["says"]) for status, text in answers]
