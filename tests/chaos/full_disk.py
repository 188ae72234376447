"""The disk of an embedded database is full while persons are at work, and has room again.

The disk is a small one of its own, mounted for this; where that may not be done, no process may make a file larger.
"""

import json
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import func, select

from models.case import Case, Event
from models.database import Database
from tests.chaos.bustle import Bustle, bustle
from tests.chaos.lines import Line
from tests.chaos.obedient import LARGEST, obedient, tell
from tests.chaos.story import Story, lines

COMMANDS = ("run",)
SIZE = 24_000_000
"""Bytes of the small disk."""
WITHOUT_END = 1 << 40
BEFORE, RECOVERING = 5.0, 60.0
FULL = "The database cannot be written to, and people are told that nothing is saved; make room on its disk."


def run(seed: int, full: float) -> list[Line]:
    """Full for so many seconds."""
    with tempfile.TemporaryDirectory(prefix="konsult-disk-") as folder:
        return play(Path(folder), seed, full)


def play(folder: Path, seed: int, full: float, *, mounting: bool = True) -> list[Line]:
    """The whole of it, on a disk of its own where one may be mounted."""
    disk = _mounted(folder / "disk") if mounting else None
    try:
        return _play(folder, disk, seed, full)
    finally:
        if disk is not None:
            subprocess.run(["umount", "--lazy", str(disk)], check=True)


def _play(folder: Path, disk: Path | None, seed: int, full: float) -> list[Line]:
    database = Database(f"sqlite:///{(disk or folder) / 'konsult.db'}")
    name = f"{'disk' if disk else 'files'} full for {full:g} s"
    with bustle(database, folder, COMMANDS, seed, program=obedient, away=True) as at_work:
        story = Story(at_work.made, at_work.quiet)
        story.begin()
        time.sleep(BEFORE)
        with _filled(database, folder, disk):
            begun = time.monotonic()
            while set(at_work.ready()) == {200} and time.monotonic() < begun + RECOVERING:
                time.sleep(0.1)
            seen = [each for each in story.tries() if each.what != "a command"]
            said = _said(at_work)
            saved = _saved(database)
            while time.monotonic() < begun + full:
                said += _said(at_work)
                time.sleep(0.5)
            still = _saved(database)
        back = time.monotonic()
        while set(at_work.ready()) != {200} and time.monotonic() < back + RECOVERING:
            time.sleep(0.1)
        recovered = time.monotonic() - back
        again = story.goes_on()
        steadfast = at_work.steadfast
    halves = _halves(database)
    database.close()
    honest = sum(each == (503, FULL) for each in said)
    return [
        *lines(name, seen, again),
        Line(
            f"{name}: /readyz",
            f"{honest} of {len(said)} answers say so; well again after {recovered:.1f} s",
            honest == len(said) and recovered < RECOVERING and steadfast,
        ),
        Line(
            f"{name}: nothing half-written",
            f"{still - saved} acts saved meanwhile; {halves or 'every row of every case is whole'}",
            still == saved and not halves,
        ),
        at_work.line(name),
    ]


def _mounted(place: Path) -> Path | None:
    """A small disk of its own; None where none may be mounted."""
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "konsult", str(place)]
    try:
        done = subprocess.run(mounting, capture_output=True, check=False)
    except OSError:
        return None
    return place if done.returncode == 0 else None


@contextmanager
def _filled(database: Database, folder: Path, disk: Path | None) -> Iterator[None]:
    """No room while the block lasts."""
    if disk is None:
        tell(folder, LARGEST, 0)
        try:
            yield
        finally:
            tell(folder, LARGEST, WITHOUT_END)
        return
    ballast = disk / "ballast"
    try:
        _fill(database, disk, ballast)
        yield
    finally:
        ballast.unlink()


def _fill(database: Database, disk: Path, ballast: Path) -> None:
    """Take all the room there is, also what the log of SQLite has kept for itself."""
    log = disk / "konsult.db-wal"
    while shutil.disk_usage(disk).free or log.stat().st_size:
        with closing(sqlite3.connect(str(database.file), timeout=20)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with ballast.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                continue


def _said(at_work: Bustle) -> list[tuple[int, str]]:
    """What `/readyz` says of the database."""
    answers = [process.get("/readyz") for process in at_work.fleet.running]
    return [(status, json.loads(text)["parts"]["database"]["says"]) for status, text in answers]


def _saved(database: Database) -> int:
    """How many acts are saved."""
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Event)) or 0


def _halves(database: Database) -> str:
    """What is not whole: the file, or a case whose acts do not lead to where it stands."""
    with closing(sqlite3.connect(str(database.file))) as connection:
        said = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        astray = connection.execute("PRAGMA foreign_key_check").fetchall()
    if said != ["ok"] or astray:
        return f"{said[0]}, {len(astray)} rows point at nothing"
    counted = (
        select(Case.number, Case.version, func.count(Event.id), func.max(Event.seq))
        .outerjoin(Event, Event.case_id == Case.id)
        .group_by(Case.id)
    )
    with database.reading() as session:
        wrong = [number for number, *counts in session.execute(counted) if len(set(counts)) != 1]
    return f"the acts of nr {wrong[0]} do not lead to where it stands" if wrong else ""
