"""Unrest: Socket Mode connections that last seconds, events that come late, again and out of order, clocks that jump or
disagree. Nothing is lost or done twice, and nothing waits for the old time to come again."""

import datetime as dt
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import func, select

from bot.advance import stored_offset
from bot.clock import Clock
from bot.workspace import Moment, Person
from models.case import Event
from models.database import Database
from models.job import Job, JobState, Posted
from models.people import Identity
from tests.chaos import databases
from tests.chaos.bustle import Bustle, bustle
from tests.chaos.lines import Line
from tests.chaos.obedient import CLOCK, an_hour_late, obedient, tell
from tests.chaos.program import Program

HOUR = dt.timedelta(hours=1)
SWITCHES = {"disconnect_every": 3.0, "late": 0.5, "late_seconds": 4.0, "repeated": 0.6, "repeated_seconds": 6.0}
AN_AGE = 600.0
"""Seconds: what is dated further from now is dated by a clock that is wrong."""
GIVING_UP = 90.0
LOOKERS = 4
"""So many persons who have nothing to do with any case open their home again and again."""


def run(seed: int, seconds: float) -> list[Line]:
    """So long on each kind of database: on SQLite the clock jumps back, on PostgreSQL the processes' clock is wrong."""
    lines: list[Line] = []
    for kind, commands, program in (
        ("sqlite", ("serve", "work", "work"), obedient),
        ("postgresql", ("serve", "serve", "work", "work"), an_hour_late),
    ):
        with ExitStack() as held:
            folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="konsult-unrest-")))
            database = held.enter_context(databases.fresh(kind, folder))
            lines += play(database, folder, commands, program, seed, seconds)
    return lines


def play(
    database: Database, folder: Path, commands: tuple[str, ...], program: Program, seed: int, seconds: float
) -> list[Line]:
    """The whole of it, on one database."""
    name = "unrest on SQLite" if database.embedded else "unrest on PostgreSQL"
    with bustle(database, folder, commands, seed, program=program) as at_work:
        lookers = _Lookers(at_work)
        at_work.made.workspace.misbehave(**SWITCHES, seed=seed)
        lookers.start()
        jumped = _jump(at_work, seconds) if database.embedded else _stand(at_work, seconds)
        at_work.made.workspace.behave()
        lookers.settle()
        inflicted = at_work.made.workspace.faults.inflicted
        steadfast = at_work.steadfast
    cuts = inflicted["disconnect_polite"] + inflicted["disconnect_hard"]
    return [
        Line(
            f"{name}: connections and events",
            f"{cuts} connections ended, {inflicted['late']} events late, {inflicted['repeated']} repeated",
            min(cuts, inflicted["late"], inflicted["repeated"]) > 0 and steadfast,
        ),
        lookers.line(name),
        jumped,
        at_work.line(name),
    ]


class _Lookers:
    """Persons who open their homes; each opening is one event, however often and whenever it is delivered.

    What nobody acknowledges is given up by the platform after four deliveries, as Slack does.
    """

    def __init__(self, at_work: Bustle) -> None:
        made = at_work.made
        self._database = made.database
        self._users = [f"U0LOOK{number}" for number in range(LOOKERS)]
        for user in self._users:
            made.workspace.add_user(id=user, name=user.lower(), real_name=f"Åskådare {user}")
        self._screens = [made.screen(user) for user in self._users]
        self._ended = threading.Event()
        self._crew = [threading.Thread(target=self._look, args=(each,)) for each in self._screens]
        self._seen: dict[str, dict[str, set[str]]] = {
            phase: {user: set() for user in self._users} for phase in ("handed", "acknowledged")
        }
        self._unwatch = made.workspace.watch(self._see)

    def start(self) -> None:
        """Begin to open homes."""
        for thread in self._crew:
            thread.start()

    def settle(self) -> None:
        """Open no more, and wait until everything is acknowledged, or would be."""
        self._ended.set()
        for thread in self._crew:
            thread.join()
        until = time.monotonic() + GIVING_UP
        while self._seen["handed"] != self._seen["acknowledged"] and time.monotonic() < until:
            time.sleep(0.5)

    def line(self, name: str) -> Line:
        """Whether each opening was taken care of once: all that were acknowledged, and none twice."""
        self._unwatch()
        wanted = self._wanted()
        counts = [
            (len(self._seen["acknowledged"][user]), wanted.get(user, 0), len(self._seen["handed"][user]))
            for user in self._users
        ]
        acknowledged, done, opened = (sum(each) for each in zip(*counts, strict=True))
        figures = f"{opened} openings of App Home, {acknowledged} acknowledged, {done} done"
        holds = acknowledged > 0 and all(least <= times <= most for least, times, most in counts)
        return Line(f"{name}: every event once", figures, holds)

    def _look(self, screen: Person) -> None:
        while not self._ended.wait(1.0):
            screen.open_home()

    def _see(self, moment: Moment) -> None:
        event = moment.content.get("event") or {}
        seen = self._seen.get(moment.phase)
        if moment.name == "events_api" and seen is not None and event.get("user") in seen:
            seen[event["user"]].add(moment.content["event_id"])

    def _wanted(self) -> dict[str, int]:
        """How often each home was to be shown."""
        with self._database.reading() as session:
            people = select(Identity.user, Identity.person_id).where(Identity.user.in_(self._users))
            keys = {f"home:{person_id}": user for user, person_id in session.execute(people)}
            homes = select(Posted.key, Posted.wanted).where(Posted.key.in_(keys))
            return {keys[key]: wanted for key, wanted in session.execute(homes)}


def _jump(at_work: Bustle, seconds: float) -> Line:
    """In the middle the clock of the machine is set back by an hour, and it stays so."""
    time.sleep(seconds / 2)
    before = _done(at_work.made.database)
    tell(at_work.made.folder, CLOCK, -HOUR.total_seconds())
    began = time.monotonic()
    time.sleep(seconds / 2)
    found = after = 0
    while not (found and after) and time.monotonic() < began + GIVING_UP:
        time.sleep(0.5)
        found, after = _looks(at_work), _done(at_work.made.database) - before
    took = time.monotonic() - began
    figures = f"found by {found} looks; {after} jobs done in the {took:.0f} s after it, {before} before"
    return Line("unrest on SQLite: the clock is set back by an hour", figures, found > 0 and after > 0)


def _looks(at_work: Bustle) -> int:
    """How often a worker has found that the clock was set back."""
    return sum(line["event"] == "clock.set_back" for line in at_work.fleet.said())


def _stand(at_work: Bustle, seconds: float) -> Line:
    """The clock of every process is an hour behind the database's."""
    database = at_work.made.database
    time.sleep(seconds)
    with database.reading() as session:
        latest = session.scalar(select(func.max(Event.at)))
        seconds_ago = (
            (Clock(stored_offset(database)).now() - latest).total_seconds() if latest else HOUR.total_seconds()
        )
    figures = f"{_done(database)} jobs done; the latest act is dated {seconds_ago:.0f} s ago by the database's clock"
    return Line("unrest on PostgreSQL: the processes' clock is an hour behind", figures, abs(seconds_ago) < AN_AGE)


def _done(database: Database) -> int:
    """How many jobs are done."""
    with database.reading() as session:
        return session.scalar(select(func.count()).where(Job.state == JobState.DONE)) or 0
