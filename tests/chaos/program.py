"""The command line as the parts start it: `konsult`, forked from a process that has everything loaded, and hurried.

Each is a process of its own with the product's own code. A short lease and pace let a long story fit in minutes, and
what is loaded already lets a process that was killed be replaced at once.
"""

import datetime as dt
import multiprocessing
import os
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import IO

from bot import app, backoff, cli, lanes, reminders
from tests.chaos import firings

LEASE = dt.timedelta(seconds=4)
PACE = dt.timedelta(milliseconds=50)
TRIES, LONGEST = 30, dt.timedelta(seconds=8)
"""A job is given up after eight tries and waits for minutes before the last; where a process dies every few seconds
that says nothing about the job."""

Program = Callable[[str], None]
"""What a process does, given its command."""

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["tests.chaos.warm"])


class Forked:
    """A process that was forked to do a program, seen as `subprocess.Popen` shows one."""

    def __init__(self, program: Program, command: str, folder: Path, environment: dict[str, str]) -> None:
        reading, writing = _forking.Pipe(duplex=False)
        self._process = _forking.Process(target=_begin, args=(program, command, folder, environment, writing))
        self._process.start()
        writing.close()
        self.stderr: IO[str] | None = os.fdopen(os.dup(reading.fileno()), encoding="utf-8", errors="replace")
        reading.close()

    def poll(self) -> int | None:
        """What it ended with; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises TimeoutError."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError(f"it still ran after {timeout} s")
        return self._process.exitcode

    def terminate(self) -> None:
        """Ask it to end (SIGTERM)."""
        self._process.terminate()

    def kill(self) -> None:
        """Kill it (SIGKILL)."""
        self._process.kill()


def hurried(command: str, lease: dt.timedelta = LEASE) -> None:
    """`konsult run`, `serve` or `work`, hurried, and noting how often each date is kept."""
    lanes.TRIES = TRIES  # type: ignore[attr-defined]
    backoff._LONGEST = LONGEST
    reminders.timers = firings.noted(reminders.timers)  # type: ignore[assignment]
    app.put_together = partial(app.put_together, pace=PACE, lease=lease)
    cli.main([command])


def _begin(program: Program, command: str, folder: Path, environment: dict[str, str], log: Connection) -> None:
    os.dup2(log.fileno(), 2)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    program(command)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
