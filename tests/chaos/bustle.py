"""Persons at work in an installation while something happens to it, and what is left when all has settled."""

import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.database import Database
from tests.chaos import cast
from tests.chaos.cast import Company
from tests.chaos.dialogue import Dialogue
from tests.chaos.firings import FIRED
from tests.chaos.journal import Journal
from tests.chaos.lines import Line
from tests.chaos.obedient import steady
from tests.chaos.processes import Fleet
from tests.chaos.program import Program
from tests.chaos.verdict import Verdict, judge
from tests.outside.installation import Installed, installed

COMPANIES, MEMBERS = 2, 3


@dataclass
class Bustle:
    """The installation and its processes. `quiet` is a company that does nothing by itself: it is for the story.

    When the block has ended, `verdict` says what was left.
    """

    made: Installed
    fleet: Fleet
    journal: Journal
    quiet: Company
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def steadfast(self) -> bool:
        """Whether every process is the one that was started, and lives."""
        return all(process.alive for process in self.fleet.running)

    def ready(self) -> list[int]:
        """What `/readyz` of each process answers."""
        return [process.get("/readyz")[0] for process in self.fleet.running]

    def line(self, name: str) -> Line:
        """What was left, as a line of the table."""
        found, told = self.verdict, "; ".join(self.verdict.problems[:5])
        figures = (
            f"receipts {len(self.journal.receipts)}, cases {found.cases}, questions accepted {found.accepted}, "
            f"posts {found.posts}, distinct {found.distinct}, reconciled {found.reconciled}, lost {found.lost}"
        )
        return Line(f"{name}: what is left", f"{figures}. {told}" if told else figures, not found.problems)


@contextmanager
def bustle(
    database: Database,
    folder: Path,
    commands: Sequence[str],
    seed: int,
    *,
    program: Program = steady,
    away: bool = False,
) -> Iterator[Bustle]:
    """Persons file, ask, answer and close while the block lasts; then everything settles and is judged.

    `away`: workers may say in their logs that the database was away.
    """
    with installed(database, folder) as made:
        FIRED.create(database.engine)
        *busy, quiet = cast.gather(made, COMPANIES + 1, MEMBERS)
        journal, stop = Journal(), threading.Event()
        at_work = Bustle(made, Fleet(made, list(commands), program), journal, quiet)
        end = made.workspace.watch(journal.see)
        at_work.fleet.start()
        crew = [
            threading.Thread(target=Dialogue(made, journal, each, random.Random(f"{seed} {each}"), stop).go_on)
            for each in busy
        ]
        for thread in crew:
            thread.start()
        try:
            yield at_work
        finally:
            stop.set()
            for thread in crew:
                thread.join()
            made.workspace.behave()
        if journal.faults:
            raise journal.faults[0]
        at_work.fleet.settle()
        at_work.fleet.stop()
        end()
        said = [line for line in at_work.fleet.said() if not (away and _says_so(line))]
        at_work.verdict = judge(database, made.workspace, journal, said)


def _says_so(line: dict[str, Any]) -> bool:
    return (line["event"], line.get("error")) == ("worker.failed", "Unavailable")
