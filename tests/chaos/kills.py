"""Processes are killed at any instant while persons file, answer, accept and close; nothing is lost, nothing twice."""

from tests.chaos.lines import Line


def run(seed: int, kills: int) -> list[Line]:
    """Play it, over SQLite with one process and three, and PostgreSQL with four."""
    return []
