"""Kills processes, some at any instant and some aimed, and starts others in their places."""

import random
import threading
import time
from dataclasses import dataclass, field

from bot.workspace import Moment
from tests.chaos.deaths import Death, observe
from tests.chaos.journal import POST, Journal, key_of
from tests.chaos.processes import Fleet
from tests.outside.installation import Process

AIMS = ("any instant", "handed", "accepted", "answered")
"""When to kill: at a random instant, some milliseconds after something was handed over, or right when the platform has
carried a post out, or has answered."""
LONGEST_WAIT, SOON, PATIENCE = 2.5, 0.06, 5.0
"""Seconds: until a random instant, after something was handed over, and until a killer that waits for a sign strikes
anyway."""
MOST_SPARED = 5
"""So many such moments are let pass before one, at most."""


@dataclass
class Killer:
    """Kills the fleet's processes one after another; the dice choose which, and when."""

    fleet: Fleet
    journal: Journal
    dice: random.Random
    deaths: list[Death] = field(default_factory=list)

    def strike(self) -> None:
        """Kill one, look at what it leaves, and start another."""
        aim = self.dice.choice(AIMS)
        places = [place for place, command in enumerate(self.fleet.commands) if _fits(aim, command)]
        place = self.dice.choice(places)
        process = self.fleet.ready(place)
        if aim == "any instant":
            threading.Event().wait(self.dice.uniform(0, LONGEST_WAIT))
            at = _now(process)
        elif aim == "handed":
            self._await(aim, process, self.dice.uniform(0, SOON))
            at = _now(process)
        else:
            at = self._await(aim, process, None) or _now(process)
        self.fleet.kill(place)
        self.deaths.append(observe(self.fleet.installed.database, self.journal, self.fleet.commands[place], at))
        self.fleet.replace(place)

    def _await(self, phase: str, process: Process, delay: float | None) -> float | None:
        """Wait for a moment of this phase, and so long after it; without a delay, kill in the moment itself."""
        struck: list[float] = []
        seen = threading.Event()
        spared = iter(range(self.dice.randint(0, MOST_SPARED)))

        def on(moment: Moment) -> None:
            if seen.is_set() or not _worth(moment, phase) or next(spared, None) is not None:
                return
            if delay is None:
                struck.append(_now(process))
            seen.set()

        self.journal.aim = on
        try:
            if seen.wait(PATIENCE) and delay is not None:
                threading.Event().wait(delay)
        finally:
            self.journal.aim = None
        return struck[0] if struck else None


def _fits(aim: str, command: str) -> bool:
    """Whether a process of this command can be caught so."""
    return {"any instant": True, "handed": command != "work"}.get(aim, command != "serve")


def _worth(moment: Moment, phase: str) -> bool:
    """Whether to strike now: when a form or click was handed over, or a post was carried out or answered."""
    if moment.phase != phase:
        return False
    if phase == "handed":
        return moment.name == "interactive" and moment.content.get("type") in ("view_submission", "block_actions")
    return moment.name == POST and key_of(moment) is not None and bool((moment.answer or {}).get("ok"))


def _now(process: Process) -> float:
    """Kill it; when that was."""
    process.strike()
    return time.time()
