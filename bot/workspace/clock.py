"""The clock panel's other side: whoever runs the workspace may let a person move its time."""

from datetime import datetime
from typing import Protocol


class ClockControl(Protocol):
    """Business time as the one who runs the workspace keeps it; every datetime is aware, in UTC."""

    @property
    def zone(self) -> str:
        """The IANA zone in which the page shows times."""

    def now(self) -> datetime: ...

    def presets(self, language: str) -> list[tuple[str, str]]:
        """The jumps on offer as (id, label), in a language: "sv" or "en"."""

    def move(self, to: str | datetime) -> datetime:
        """Go to a preset or a moment, and return the new now. Called in a thread of its own; may take
        seconds. Raises ValueError for what cannot be reached."""
