"""How the workspace misbehaves, when it is told to: the one place where the fate of a call, an event and a
connection is decided."""

import math
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from fnmatch import fnmatchcase
from random import Random
from typing import Any, Literal

from bot.workspace.refusal import RefusedError

Trouble = Literal["limited", "failed_before", "failed_after", "dropped"]
Kind = Literal[Trouble, "slow", "late", "repeated", "disconnect_polite", "disconnect_hard"]

TROUBLES: tuple[Trouble, ...] = ("limited", "failed_before", "failed_after", "dropped")
KINDS: tuple[Kind, ...] = (*TROUBLES, "slow", "late", "repeated", "disconnect_polite", "disconnect_hard")
TURNED_AWAY: tuple[Trouble, ...] = ("limited", "failed_before")
"""The troubles of calls that are not carried out."""
DELIVERING = ("chat.*", "conversations.*", "views.*", "users.*")
"""What a bot calls to deliver: how it connects and learns who it is stays untroubled."""
SHORTEST_CONNECTION = 0.1
LONGEST = 3600.0
REPEATS = 3
"""Times that Slack delivers an event again, at most."""

_SHARES = frozenset({*TROUBLES, "slow", "late", "repeated"})
_WHOLE = frozenset({"retry_after", "seed"})
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Switches:
    """How much of what goes wrong. Shares are of calls or events, 0 (never) to 1 (always); times are seconds.

    A call meets at most one of `limited`, `failed_before`, `failed_after` and `dropped`, whose shares are therefore
    at most 1 together; `slow` comes on top. Raises ValueError, which names the switch.
    """

    limited: float = 0.0
    """Answered 429 with `Retry-After: retry_after`; certainly not carried out."""
    failed_before: float = 0.0
    """Answered 503, and not carried out."""
    failed_after: float = 0.0
    """Answered 503 although it was carried out and committed; the answer looks like `failed_before`'s."""
    dropped: float = 0.0
    """Carried out and committed; then the connection is closed without an answer."""
    slow: float = 0.0
    """Answered after `slow_seconds`, whatever the answer; what was carried out is so at once."""
    late: float = 0.0
    """Events come up to `late_seconds` late, and so after younger ones."""
    repeated: float = 0.0
    """Acknowledged events come one to three times again within `repeated_seconds`, with Slack's retry marks."""
    disconnect_every: float = 0.0
    """How long a Socket Mode connection lives, 0 for ever; half end with a goodbye and half without."""
    retry_after: int = 1
    slow_seconds: float = 5.0
    late_seconds: float = 5.0
    repeated_seconds: float = 10.0
    methods: tuple[str, ...] = DELIVERING
    """The methods whose calls meet trouble, by name or pattern (`chat.*`); `response_url` is one of them."""
    seed: int = 1
    """What becomes of the n-th call of a method, or of the n-th event, is the same for the same seed."""

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name == "methods":
                object.__setattr__(self, "methods", _patterns(value))
            elif each.name == "seed":
                _check(each.name, value, -math.inf, math.inf)
            else:
                _check(each.name, value, 0, 1 if each.name in _SHARES else LONGEST)
        if sum(getattr(self, trouble) for trouble in TROUBLES) > 1 + _ROUNDING:
            raise ValueError(f"{', '.join(TROUBLES)} are more than 1 together")
        if 0 < self.disconnect_every < SHORTEST_CONNECTION:
            raise ValueError(f"disconnect_every is 0 or at least {SHORTEST_CONNECTION}")

    @property
    def on(self) -> bool:
        """Whether anything goes wrong."""
        return self.disconnect_every > 0 or any(getattr(self, share) > 0 for share in _SHARES)


@dataclass(frozen=True)
class Fate:
    """What becomes of one call: at most one trouble, and so many seconds until it is answered."""

    trouble: Trouble | None = None
    seconds: float = 0.0
    retry_after: int = 0

    def admit(self) -> None:
        """Let the call be carried out; raises RefusedError for one that is turned away before that."""
        if self.trouble in TURNED_AWAY:
            raise RefusedError(self.error)

    @property
    def error(self) -> str:
        """What the call is told of its trouble: after it was carried out the same as before."""
        return "ratelimited" if self.trouble == "limited" else "service_unavailable"


class Faults:
    """The switches as they stand, the dice, and what was inflicted so far. Any thread may use it.

    A new one troubles nobody. `on_change` is called after every change.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._switches = Switches()
        self._inflicted: Counter[Kind] = Counter()
        self._thrown: Counter[str] = Counter()
        self._lock = threading.RLock()

    @property
    def switches(self) -> Switches:
        return self._switches

    @property
    def inflicted(self) -> dict[Kind, int]:
        """How often what was done, by kind, since the workspace began; turning everything off keeps it."""
        with self._lock:
            return {kind: self._inflicted[kind] for kind in KINDS}

    def change(self, switches: Mapping[str, Any], *, reset: bool = False) -> None:
        """Set these switches; the others stay, or are turned off first (`reset`). A seed starts the dice anew.

        Raises ValueError, which names what is wrong, and changes nothing then.
        """
        unknown = sorted(set(switches) - {each.name for each in fields(Switches)})
        if unknown:
            raise ValueError(f"there is no switch {', '.join(unknown)}")
        with self._lock:
            self._switches = replace(Switches() if reset else self._switches, **switches)
            if reset or "seed" in switches:
                self._thrown.clear()
        self._on_change()

    def call(self, method: str) -> Fate:
        """Decide what becomes of a call."""
        with self._lock:
            switches = self._switches
            if not any(fnmatchcase(method, pattern) for pattern in switches.methods):
                return Fate()
            dice = self._dice(method)
            trouble = _trouble(switches, dice.random())
            slow = dice.random() < switches.slow
            self._note(trouble, "slow" if slow else None)
            return Fate(trouble, switches.slow_seconds if slow else 0.0, switches.retry_after)

    def delay(self) -> float:
        """Decide how many seconds late an event comes."""
        with self._lock:
            dice = self._dice("late")
            if dice.random() >= self._switches.late:
                return 0.0
            self._note("late")
            return dice.uniform(0, self._switches.late_seconds)

    def repeats(self) -> list[float]:
        """Decide after how many seconds an event that was acknowledged comes again: the first time, the second ..."""
        with self._lock:
            dice = self._dice("repeated")
            if dice.random() >= self._switches.repeated:
                return []
            self._note("repeated")
            return [dice.uniform(0, self._switches.repeated_seconds) for _ in range(dice.randint(1, REPEATS))]

    def ends_politely(self) -> bool:
        """Decide whether a connection that ends now ends with a goodbye."""
        with self._lock:
            polite = self._dice("disconnect").random() < 0.5
            self._note("disconnect_polite" if polite else "disconnect_hard")
            return polite

    def shown(self) -> dict[str, Any]:
        """All of it as JSON: `on`, `switches` and `inflicted`."""
        with self._lock:
            switches = {**asdict(self._switches), "methods": list(self._switches.methods)}
            return {"on": self._switches.on, "switches": switches, "inflicted": self.inflicted}

    def _dice(self, what: str) -> Random:
        self._thrown[what] += 1
        return Random(f"{self._switches.seed} {what} {self._thrown[what]}")  # noqa: S311 - to be repeatable

    def _note(self, *kinds: Kind | None) -> None:
        self._inflicted.update(kind for kind in kinds if kind is not None)


def _trouble(switches: Switches, thrown: float) -> Trouble | None:
    for trouble in TROUBLES:
        share: float = getattr(switches, trouble)
        if thrown < share:
            return trouble
        thrown -= share
    return None


def _check(name: str, value: object, least: float, most: float) -> None:
    kind = int if name in _WHOLE else (int, float)
    if isinstance(value, bool) or not isinstance(value, kind):
        raise ValueError(f"{name} is a {'whole ' if name in _WHOLE else ''}number")
    if not least <= value <= most:
        raise ValueError(f"{name} is from {least:g} to {most:g}")


def _patterns(value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) and each for each in value):
        raise ValueError("methods is a list of names")
    return tuple(value)
