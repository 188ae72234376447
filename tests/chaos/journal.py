"""What persons tried to have done and what they were told, and what the platform saw of it."""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from bot.workspace import Moment

Saved = Callable[[Session], bool]
"""Whether what somebody tried is saved."""

POST = "chat.postMessage"


@dataclass
class Attempt:
    """One try of somebody at one act. `saved` looks whether it has been saved.

    `handed`: when the click or form that should save it left for the bot; `acknowledged`: when the bot had answered a
    form, which it does after it has saved it, and a click before. None before, and of a click's answer always.
    `succeeded`: whether it was saved when the person had waited for it; None while they wait.
    """

    user: str
    title: str
    saved: Saved
    awaited: bool = False
    handed: float | None = None
    acknowledged: float | None = None
    succeeded: bool | None = None

    def commits(self) -> None:
        """What the person does next is what should save it."""
        self.awaited = True


@dataclass(frozen=True, slots=True)
class Step:
    """The platform carried out a call (`accepted`), or its answer left (`answered`; `good` when it said so)."""

    phase: str
    at: float
    good: bool


@dataclass
class Journal:
    """Everything that was tried, receipted and seen; times are `time.time()`. Any thread may use it.

    `receipts` are the numbers that persons read, by title; `posts` is how many posts the platform carried out.

    `aim` is called at each moment, after it is written down, on the thread that serves the platform.
    """

    receipts: dict[str, int] = field(default_factory=dict)
    posts: int = 0
    aim: Callable[[Moment], None] | None = None
    faults: list[BaseException] = field(default_factory=list)
    _open: dict[str, Attempt] = field(default_factory=dict)
    _steps: dict[str, list[Step]] = field(default_factory=lambda: defaultdict(list))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def attempt(self, user: str, title: str, saved: Saved) -> Iterator[Attempt]:
        """An attempt that is under way while the block lasts."""
        made = Attempt(user, title, saved)
        with self._lock:
            self._open[user] = made
        try:
            yield made
        finally:
            with self._lock:
                del self._open[user]

    def under_way(self) -> list[Attempt]:
        """The attempts whose click or form has left for the bot."""
        with self._lock:
            return [attempt for attempt in self._open.values() if attempt.handed is not None]

    def steps(self, key: str) -> list[Step]:
        """What the platform saw of the message (or home view) of this key."""
        with self._lock:
            return list(self._steps[key])

    def see(self, moment: Moment) -> None:
        """Write a moment down, and let `aim` know."""
        with self._lock:
            if moment.phase in ("handed", "acknowledged"):
                self._note(moment)
            elif (key := key_of(moment)) is not None:
                good = bool(moment.answer and moment.answer.get("ok"))
                self._steps[key].append(Step(moment.phase, time.time(), good))
                self.posts += moment.phase == "accepted" and moment.name == POST
        if self.aim is not None:
            self.aim(moment)

    def _note(self, moment: Moment) -> None:
        sender = moment.content.get("user")
        attempt = self._open.get(sender["id"]) if isinstance(sender, dict) else None
        if attempt is None or not attempt.awaited:
            return
        if moment.phase == "handed":
            attempt.handed = time.time()
        elif moment.content.get("type") == "view_submission":
            attempt.acknowledged = time.time()


def key_of(moment: Moment) -> str | None:
    """The key of the message that a call posts or changes; of a home view whose it is; None for every other call."""
    content = moment.content
    if moment.name == "views.publish":
        return home_key(str(content["user_id"]))
    if moment.name not in (POST, "chat.update"):
        return None
    metadata: Any = content.get("metadata")
    found = json.loads(metadata) if isinstance(metadata, str) else metadata
    return str(found["event_payload"]["key"])


def home_key(user: str) -> str:
    """What a home view is known by here: it carries no key."""
    return f"home:{user}"
