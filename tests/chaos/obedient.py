"""Programs of processes that are not killed: their lease is longer than anything takes on a busy machine.

`obedient` ones do as files in their folder say: how far their clock is off, and how large a file may be. Such a file
holds one number and is looked at several times a second. It is put in its place whole, by `tell`.
"""

import datetime as dt
import resource
import threading
from pathlib import Path

import time_machine

from tests.chaos.program import hurried

LEASE = dt.timedelta(seconds=20)
CLOCK, LARGEST = "clock-is-off", "largest-file"
"""The files' names: seconds that the clock of all processes is ahead (behind when negative), and bytes."""
EVERY = 0.05


def steady(command: str) -> None:
    """`konsult run`, `serve` or `work`."""
    hurried(command, lease=LEASE)


def obedient(command: str) -> None:
    """The same, obedient from its first moment on."""
    threading.Thread(target=_Obedience().go_on, daemon=True).start()
    steady(command)


def an_hour_late(command: str) -> None:
    """The same on a machine whose clock is an hour behind from the first moment on."""
    time_machine.travel(dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)).start()
    steady(command)


def tell(folder: Path, what: str, number: float) -> None:
    """Have the processes of a folder obey from now on."""
    fresh = folder / f"{what}.new"
    fresh.write_text(str(number), "utf-8")
    fresh.replace(folder / what)


class _Obedience:
    def __init__(self) -> None:
        self._off = 0.0
        self._clock: time_machine.Traveller | None = None

    def go_on(self) -> None:
        waiting = threading.Event()
        while not waiting.wait(EVERY):
            off, largest = _told(CLOCK), _told(LARGEST)
            if off is not None and off != self._off:
                self._set_clock(off)
            if largest is not None:
                hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
                resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), hard))

    def _set_clock(self, off: float) -> None:
        if self._clock is None:
            self._clock = time_machine.travel(dt.datetime.now(dt.UTC)).start()
        self._clock.shift(dt.timedelta(seconds=off - self._off))
        self._off = off


def _told(what: str) -> float | None:
    file = Path(what)
    return float(file.read_text("utf-8")) if file.exists() else None
