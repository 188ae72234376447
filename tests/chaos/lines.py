"""The lines of the table: what was shown, with which figures, and whether it holds."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One thing shown: its name, its figures in words, and whether what was promised holds."""

    name: str
    figures: str
    holds: bool


def table(lines: Iterable[Line]) -> str:
    """The lines as a table of Markdown."""
    rows = [("shown", "figures", "holds"), ("---", "---", "---")]
    rows += [(line.name, line.figures, "yes" if line.holds else "**NO**") for line in lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
