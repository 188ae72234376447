"""The calls the bot has made, as tests and the curious want to see them."""

from collections import deque
from dataclasses import dataclass
from typing import Any

KEPT = 2000


@dataclass(frozen=True)
class Call:
    """One call: its method, and the error it was answered (None when it was carried out)."""

    method: str
    error: str | None
    problems: tuple[str, ...] = ()


class Calls:
    """The latest calls, oldest first; texts are not kept."""

    def __init__(self) -> None:
        self._all: deque[Call] = deque(maxlen=KEPT)

    def note(self, method: str, answer: dict[str, Any]) -> None:
        details = answer.get("response_metadata") or {}
        error = None if answer.get("ok") else str(answer.get("error"))
        self._all.append(Call(method, error, tuple(details.get("messages") or ())))

    @property
    def all(self) -> list[Call]:
        return list(self._all)

    def of(self, method: str) -> list[Call]:
        return [call for call in self._all if call.method == method]

    @property
    def refused(self) -> list[Call]:
        return [call for call in self._all if call.error is not None]

    def __len__(self) -> int:
        return len(self._all)
