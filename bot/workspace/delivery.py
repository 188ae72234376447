"""How what a person did reaches the bot, and what it answered within three seconds."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

Document = dict[str, Any]
Kind = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True)
class Answer:
    """`error` is None when the bot acknowledged; else timeout, not_connected or http_<status>."""

    error: str | None = None
    body: Any = None
    retry: bool = True

    @property
    def document(self) -> Document:
        """What came with the acknowledgement, as an object."""
        return self.body if isinstance(self.body, dict) else {}


class Delivery(Protocol):
    async def send(self, kind: Kind, payload: Document, attempt: int = 0, reason: str = "") -> Answer: ...

    async def connected(self) -> bool: ...
