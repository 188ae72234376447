"""The processes of an installation under attack: started, killed, started again, and waited for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import func, or_, select

from bot.advance import stored_offset
from bot.clock import Clock
from models.job import Job, JobKind, JobState
from tests.chaos.program import Forked, Program, hurried
from tests.outside.installation import MAJ, Installed, Process

SETTLING = 180.0
"""Seconds until everything that was wanted must have been brought."""


@dataclass
class Fleet:
    """The processes of one installation, by place: `commands` are `run`, `serve` or `work`, one for each place.

    `program` is what they do.
    """

    installed: Installed
    commands: list[str]
    program: Program = hurried
    running: list[Process] = field(default_factory=list)
    ended: list[Process] = field(default_factory=list)

    def start(self) -> None:
        """Start one in every place, and return when all are at work."""
        self.running = [self._launched(command) for command in self.commands]
        for place in range(len(self.running)):
            self.ready(place)

    def kill(self, place: int) -> None:
        """Kill the one in a place, if it still lives, and keep what it has logged."""
        process = self.running[place]
        process.kill()
        self.ended.append(process)

    def replace(self, place: int) -> None:
        """Start another in the place; it is at work when `ready` says so."""
        self.running[place] = self._launched(self.commands[place])

    def ready(self, place: int) -> Process:
        """The one in the place, when it is at work. Raises AssertionError with its log when it ended instead."""
        process = self.running[place]
        process.logged("health.listening" if self.commands[place] == "work" else "socket.connected")
        return process

    def said(self) -> Iterator[dict[str, Any]]:
        """Every log line of every process, living and dead."""
        for process in [*self.ended, *self.running]:
            yield from process.said()

    def settle(self) -> None:
        """Wait until nothing is left to bring and no date has come that was not kept. Raises TimeoutError."""
        self.installed.screen(MAJ).wait_for(lambda: not self.left(), SETTLING)

    def left(self) -> int:
        """How many jobs wait that could be done by now."""
        database = self.installed.database
        now = Clock(stored_offset(database)).now()
        with database.reading() as session:
            due = or_(Job.kind != JobKind.TIMER, Job.due_at <= now)
            return session.scalar(select(func.count()).where(Job.state == JobState.WAITING, due)) or 0

    def stop(self) -> None:
        """End them all, in order."""
        for process in self.running:
            process.stop()

    def _launched(self, command: str) -> Process:
        return self.installed.launch(partial(Forked, self.program, command, self.installed.folder))
