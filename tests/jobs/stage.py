"""What the queue is tried on: a platform that remembers everything, and a fate that kills at a chosen step."""

import datetime as dt
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import jobs
from bot.clock import Clock
from bot.surfaces import Delivery, Gone, Place
from bot.worker import Worker
from models.database import Database
from models.job import Job, JobState, Lane, Posted, Throttle
from models.organisation import Organisation

NOW = dt.datetime(2027, 3, 1, 8, 0, tzinfo=dt.UTC)
AT_ONCE = dt.timedelta(0)
PATIENCE = 60.0
"""Seconds for whatever is waited for."""
WORDS = "filed one two three first second before after meanwhile accepted same parked poison reminder card n"
KINDS = frozenset([*WORDS.split(), *(f"{what} {number}" for what in ("fact", "card") for number in range(40))])
"""Every notice that the tests enqueue, unless they want one that this worker does not know."""


class Killed(BaseException):
    """The process dies here: nothing catches it."""


class Fate:
    """Counts the steps of a delivery and kills at the one chosen; None spares it."""

    def __init__(self, at: int | None = None) -> None:
        self.at = at
        self.steps = 0

    def step(self) -> None:
        """One step further."""
        self.steps += 1
        if self.at is not None and self.steps > self.at:
            self.at = None
            raise Killed

    @contextmanager
    def over(self, database: Database) -> Iterator[None]:
        """Every transaction of the database can be killed: before it, before its commit, after its commit."""
        real = database.writing

        @contextmanager
        def writing(wait: dt.timedelta = AT_ONCE) -> Iterator[Session]:
            self.step()
            with real(wait) as session:
                yield session
                self.step()
            self.step()

        database.writing = writing  # type: ignore[method-assign]
        try:
            yield
        finally:
            database.writing = real  # type: ignore[method-assign]


@dataclass
class Message:
    """A message as it stands on the platform."""

    key: str
    text: str
    ts: str
    name: str


@dataclass
class Platform:
    """A surface that keeps its messages in memory. `faults[step]` are raised in turn; `then[step]` run in turn.

    A fault of "accepted" is raised when the message already stands there.
    """

    fate: Fate = field(default_factory=Fate)
    channels: dict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))
    texts: dict[str, str | None] = field(default_factory=dict)
    faults: dict[str, deque[Exception]] = field(default_factory=lambda: defaultdict(deque))
    then: dict[str, deque[Callable[[], object]]] = field(default_factory=lambda: defaultdict(deque))
    calls: list[str] = field(default_factory=list)
    kinds: Collection[str] = KINDS
    account: str = "chat"
    blind: bool = False
    busy: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def locate(self, delivery: Delivery) -> str:
        self._step("locate")
        return f"D-{delivery.receiver}"

    def render(self, delivery: Delivery) -> object | None:
        self._step("render")
        return self.texts.get(delivery.name, delivery.name)

    def find(self, delivery: Delivery, address: str) -> Place | None:
        self._step("find")
        for message in [] if self.blind else self.channels[address]:
            if message.key == delivery.key:
                return Place(address, message.ts)
        return None

    def post(self, delivery: Delivery, address: str, rendered: object) -> Place:
        with self.lock:
            assert address not in self.busy, "two posts at once in one channel"
            self.busy.add(address)
        try:
            self._step("post")
            with self.lock:
                ts = f"{len(self.calls)}.{len(self.channels[address])}"
                self.channels[address].append(Message(delivery.key, str(rendered), ts, delivery.name))
        finally:
            self.busy.discard(address)
        self._step("accepted")
        return Place(address, ts)

    def update(self, delivery: Delivery, place: Place, rendered: object) -> None:
        self._step("update")
        standing = [message for message in self.channels[place.channel] if message.ts == place.ts]
        if not standing:
            raise Gone("message_not_found")
        standing[0].text = str(rendered)

    def said(self, receiver: str) -> list[str]:
        """What stands in a receiver's channel."""
        return [message.text for message in self.channels[f"D-{receiver}"]]

    def _step(self, step: str) -> None:
        self.fate.step()
        with self.lock:
            self.calls.append(step)
        if self.then[step]:
            self.then[step].popleft()()
        if self.faults[step]:
            raise self.faults[step].popleft()


def organisation(database: Database, name: str = "Provstad") -> int:
    """An organisation to queue for."""
    with database.writing() as session:
        row = Organisation(name=name)
        session.add(row)
        session.flush()
        return row.id


def worker_of(database: Database, platform: Platform, **choices: Any) -> Worker:
    """A worker that waits for nothing: no pace, no back-off, leases that end at once."""
    wanted: dict[str, Any] = {
        "lease": AT_ONCE,
        "pace": AT_ONCE,
        "back_off": lambda tries: AT_ONCE,
        "timers": {},
        "clock": Clock(),
        **choices,
    }
    clock, timers = wanted.pop("clock"), wanted.pop("timers")
    return Worker(database, clock, {"chat": platform}, timers, **wanted)


@contextmanager
def running(worker: Worker, threads: int = 3) -> Iterator[None]:
    """The worker at work for as long as the block lasts."""
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop, threads))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def tell(database: Database, name: str, receiver: str = "person:1", *, key: str | None = None, home: int = 1) -> None:
    """Enqueue a fact in a transaction of its own; its text is its name."""
    with database.writing() as session:
        jobs.tell(
            session,
            organisation_id=home,
            name=name,
            key=key or f"{name}:{receiver}",
            surface="chat",
            receiver=receiver,
        )


def show(
    database: Database, name: str = "card", receiver: str = "channel:coordinators", *, key: str = "card:1"
) -> None:
    """Have a message mirror its state, in a transaction of its own."""
    with database.writing() as session:
        jobs.show(session, organisation_id=1, name=name, key=key, surface="chat", receiver=receiver)


def timer(database: Database, name: str, due_at: dt.datetime, *, key: str | None = None) -> None:
    """Set a date, in a transaction of its own."""
    with database.writing() as session:
        jobs.timer(session, organisation_id=1, name=name, key=key or name, due_at=due_at)


def all_jobs(database: Database, state: JobState | None = None) -> list[Job]:
    """Every job, oldest first, or those in one state."""
    query = select(Job).order_by(Job.id)
    if state is not None:
        query = query.where(Job.state == state)
    with database.reading() as session:
        return list(session.scalars(query))


def lane(database: Database, receiver: str = "person:1") -> Lane:
    """A receiver's lane."""
    with database.reading() as session:
        return session.scalars(select(Lane).where(Lane.receiver == receiver)).one()


def posted(database: Database, key: str = "card:1") -> Posted:
    """What is known of a shown message."""
    with database.reading() as session:
        return session.scalars(select(Posted).where(Posted.key == key)).one()


def real_now(database: Database) -> dt.datetime:
    """Real time, by the database's clock."""
    with database.reading() as session:
        return database.real_now(session)


def let_pass(database: Database, time: dt.timedelta) -> None:
    """Have everything that waits in real time wait so much less."""
    with database.writing() as session:
        for row in [*session.scalars(select(Lane)), *session.scalars(select(Job))]:
            row.next_at = row.next_at and row.next_at - time
        for throttle in session.scalars(select(Throttle)):
            throttle.until -= time
