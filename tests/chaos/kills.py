"""Processes are killed at any instant while persons file, answer, accept and close; nothing is lost, nothing twice.

A control whose workers do not look whether a doubtful post has arrived must show duplicates: it proves that the rest
could have.
"""

import random
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.lanes import WORKER_WAIT
from models.organisation import Installation
from tests.chaos import cast, databases
from tests.chaos.blind import blind
from tests.chaos.deaths import Phase, phases
from tests.chaos.dialogue import Dialogue
from tests.chaos.firings import FIRED
from tests.chaos.journal import Journal
from tests.chaos.killer import Killer
from tests.chaos.lines import Line
from tests.chaos.processes import Fleet
from tests.chaos.program import Program, hurried
from tests.chaos.verdict import Verdict, judge
from tests.outside.installation import MAJ, Installed, installed

COMPANIES, MEMBERS = 4, 3
SHARES = {"limited": 0.065, "failed_after": 0.065, "dropped": 0.065}
DAY = 24 * 60 * 60
DAY_EVERY = 6
"""Business time moves on by a day after so many kills."""
LEAST_POSTS, PATIENCE = 40, 120.0
"""However few were killed, people go on until so much was posted, or so many seconds have passed."""
CONTROL = 12
"""So many kills are enough to show what happens without looking."""
INSTALLATIONS = {
    "SQLite × 1": ("sqlite", ("run",)),
    "SQLite × 3": ("sqlite", ("serve", "work", "work")),
    "PostgreSQL × 4": ("postgresql", ("serve", "serve", "work", "work")),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one installation went through, and what was left of it."""

    name: str
    deaths: Counter[Phase]
    verdict: Verdict
    receipts: int

    @property
    def kills(self) -> int:
        return self.deaths.total()


def run(seed: int, kills: int) -> list[Line]:
    """So many kills, shared by the installations; and the control."""
    share, rest = divmod(kills, len(INSTALLATIONS))
    outcomes = [
        play(name, *INSTALLATIONS[name], seed=seed, kills=share + (number < rest))
        for number, name in enumerate(INSTALLATIONS)
    ]
    control = play("control", *INSTALLATIONS["SQLite × 1"], seed=seed, kills=CONTROL, program=blind)
    return [*(line for each in outcomes for line in lines(each)), in_all(outcomes), refuted(control)]


def play(
    name: str, kind: str, commands: tuple[str, ...], *, seed: int, kills: int, program: Program = hurried
) -> Outcome:
    """One installation: its people at work, its processes killed, until everything has settled."""
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="konsult-chaos-")))
        database = held.enter_context(databases.fresh(kind, folder))
        made = held.enter_context(installed(database, folder))
        FIRED.create(database.engine)
        companies = cast.gather(made, COMPANIES, MEMBERS)
        journal = Journal()
        fleet = Fleet(made, list(commands), program)
        held.callback(made.workspace.watch(journal.see))
        fleet.start()
        killer = Killer(fleet, journal, random.Random(f"{seed} {name}"))
        with _at_work(made, journal, companies, seed):
            _kill(killer, kills)
        fleet.settle()
        fleet.stop()
        said = list(fleet.said())
        recorded = {(line["job"], line["tries"]) for line in said if "tries" in line}
        deaths = Counter(phases(killer.deaths, journal, recorded))
        return Outcome(name, deaths, judge(database, made.workspace, journal, said), len(journal.receipts))


@contextmanager
def _at_work(made: Installed, journal: Journal, companies: list[cast.Company], seed: int) -> Iterator[None]:
    """People act, and the platform misbehaves, while the block lasts. Raises what went wrong in their dialogues."""
    stop = threading.Event()
    dialogues = [Dialogue(made, journal, each, random.Random(f"{seed} {each}"), stop) for each in companies]
    crew = [threading.Thread(target=dialogue.go_on) for dialogue in dialogues]
    made.workspace.misbehave(**SHARES, seed=seed)
    try:
        for thread in crew:
            thread.start()
        yield
    finally:
        stop.set()
        for thread in crew:
            thread.join()
        made.workspace.behave()
    if journal.faults:
        raise journal.faults[0]


def _kill(killer: Killer, kills: int) -> None:
    """Kill so many, one after the other, while business time goes on; then let people go on until enough was posted."""
    made, journal = killer.fleet.installed, killer.journal
    for number in range(1, kills + 1):
        killer.strike()
        if number % DAY_EVERY == 0:
            with made.database.writing(WORKER_WAIT) as session:
                session.get_one(Installation, 1).clock_offset += DAY
    with suppress(TimeoutError):
        made.screen(MAJ).wait_for(lambda: journal.posts >= LEAST_POSTS, PATIENCE)


def lines(outcome: Outcome) -> list[Line]:
    """What is shown of an installation."""
    verdict = outcome.verdict
    told = "; ".join(verdict.problems[:5])
    posts = (
        f"posts {verdict.posts}, distinct {verdict.distinct}, reconciled {verdict.reconciled}, "
        f"duplicates {verdict.duplicates}, lost {verdict.lost}"
    )
    life = (
        f"receipts {outcome.receipts}, cases {verdict.cases}, questions accepted {verdict.accepted}, "
        f"closed {verdict.closed}, timers {verdict.timers}, overtaken {verdict.overtaken}"
        + (f". {told}" if told else "")
    )
    return [
        Line(f"{outcome.name}: kills", _counted(outcome.deaths), outcome.kills > 0),
        Line(f"{outcome.name}: posts", posts, verdict.duplicates == 0 and verdict.lost == 0),
        Line(f"{outcome.name}: promises", life, not verdict.problems),
    ]


def in_all(outcomes: list[Outcome]) -> Line:
    """The kills of all installations: none of the phases may be missing."""
    deaths = sum((each.deaths for each in outcomes), Counter[Phase]())
    return Line("kills in all", _counted(deaths), all(deaths[phase] for phase in Phase if phase is not Phase.AT_REST))


def refuted(control: Outcome) -> Line:
    """What the same workers do when they do not look: they must post twice."""
    verdict = control.verdict
    figures = (
        f"kills {control.kills}, posts {verdict.posts}, distinct {verdict.distinct}, duplicates {verdict.duplicates}"
    )
    return Line("control that does not look: duplicates", figures, verdict.duplicates > 0 and verdict.reconciled == 0)


def _counted(deaths: Counter[Phase]) -> str:
    return f"{deaths.total()}: " + ", ".join(f"{phase} {deaths[phase]}" for phase in Phase)
