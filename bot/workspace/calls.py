"""The calls the bot has made, as tests and the curious want to see them."""

from collections import deque
from dataclasses import dataclass
from typing import Any

from bot.workspace.faults import TURNED_AWAY, Trouble

KEPT = 2000


@dataclass(frozen=True)
class Call:
    """One call: its method, and the error it ended with (None when it was carried out).

    `fault` names the trouble that it met, see `Switches`.
    """

    method: str
    error: str | None
    problems: tuple[str, ...] = ()
    fault: Trouble | None = None


class Calls:
    """The latest calls, oldest first; texts are not kept."""

    def __init__(self) -> None:
        self._all: deque[Call] = deque(maxlen=KEPT)

    def note(self, method: str, answer: dict[str, Any], fault: Trouble | None = None) -> None:
        details = answer.get("response_metadata") or {}
        error = None if answer.get("ok") else str(answer.get("error"))
        self._all.append(Call(method, error, tuple(details.get("messages") or ()), fault))

    @property
    def all(self) -> list[Call]:
        return list(self._all)

    def of(self, method: str) -> list[Call]:
        return [call for call in self._all if call.method == method]

    @property
    def refused(self) -> list[Call]:
        """Those that were refused for what they were, and not turned away by a fault."""
        return [call for call in self._all if call.error is not None and call.fault not in TURNED_AWAY]

    def __len__(self) -> int:
        return len(self._all)
