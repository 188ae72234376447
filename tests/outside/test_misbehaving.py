"""A platform that misbehaves, and two workers in processes of their own: every notice stands once."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import func, select

from bot import jobs
from bot.workspace import Moment
from models.database import Database, sort_key
from models.job import Job, JobKind, JobState
from models.organisation import Organisation
from models.people import Identity, Member, PauseCause, Person
from models.schema import configuration
from tests.outside.installation import ANNA, Installed, installed

MEMBERS = 12
THREADS = 4
"""Of a worker; more members than two workers have threads."""
PATIENCE = 120.0


@dataclass
class Crowd:
    """Members who are to be told something, by what they are in the chat."""

    installation: Installed
    people: dict[str, int] = field(default_factory=dict)

    def tell(self, *keys: str) -> None:
        """Enqueue a notice to each of them for each key."""
        database = self.installation.database
        with database.writing() as session:
            home = session.scalars(select(Organisation.id)).one()
            for key in keys:
                for person in self.people.values():
                    jobs.tell(
                        session,
                        organisation_id=home,
                        name="member_paused",
                        key=f"{key}:{person}",
                        surface="slack",
                        receiver=f"person:{person}",
                    )

    def wait(self) -> None:
        """Until nothing is left to be delivered."""
        self.installation.screen(ANNA).wait_for(lambda: self._left() == 0, PATIENCE)

    def stands_once(self, each: int) -> bool:
        """Whether so many notices, all different, stand in everybody's direct messages."""
        for user in self.people:
            messages = self.installation.workspace.dm(user)
            if len(messages) != each or len({str(message["metadata"]) for message in messages}) != each:
                return False
        return True

    def _left(self) -> int:
        undelivered = select(func.count()).where(Job.kind != JobKind.TIMER, Job.state == JobState.WAITING)
        with self.installation.database.reading() as session:
            return session.scalar(undelivered) or 0


@pytest.fixture
def crowd(database: Database, tmp_path: Path) -> Iterator[Crowd]:
    """Members whom two workers, which run already, bring what they are told. On both databases."""
    with database.engine.begin() as connection:
        command.stamp(configuration(connection), "head")
    with installed(database, tmp_path) as installation:
        made = Crowd(installation)
        for number in range(MEMBERS):
            user = f"U0M{number}"
            installation.workspace.add_user(id=user, name=user.lower(), real_name=f"Ledamot {number}")
            made.people[user] = _member(database, installation.workspace.team, user)
        for _ in range(2):
            installation.start("work", WORKER_THREADS=str(THREADS))
        yield made


def _member(database: Database, team: str, user: str) -> int:
    """A member who is not asked just now, which the notice is about."""
    with database.writing() as session:
        person = Person(name=user, sort_key=sort_key(user))
        session.add(person)
        session.flush()
        session.add(Identity(person_id=person.id, platform="slack", team=team, user=user))
        session.add(
            Member(
                organisation_id=session.scalars(select(Organisation.id)).one(),
                person_id=person.id,
                paused_at=database.real_now(session),
                paused_by=PauseCause.OWN,
            )
        )
        return person.id


def test_a_pause_that_one_worker_is_told_of_holds_for_all_and_then_every_notice_comes_once(crowd: Crowd) -> None:
    """Whoever was on the way when the answer came may still arrive, one for each thread."""
    workspace, pause = crowd.installation.workspace, 5
    came: list[float] = []
    limited = threading.Event()

    def note(moment: Moment) -> None:
        if moment.name == "chat.postMessage" and (moment.phase == "accepted" or moment.fault == "limited"):
            came.append(time.monotonic())
        if moment.fault == "limited":
            limited.set()

    workspace.watch(note)
    workspace.misbehave(limited=1.0, retry_after=pause, methods=["chat.postMessage"])
    crowd.tell("first")
    assert limited.wait(PATIENCE)
    workspace.behave()
    crowd.wait()
    assert len([moment for moment in came if moment < came[0] + pause]) <= 2 * THREADS < MEMBERS
    assert crowd.stands_once(1)


def test_posts_that_failed_or_went_unanswered_stand_once(crowd: Crowd) -> None:
    workspace = crowd.installation.workspace
    workspace.misbehave(failed_before=0.15, failed_after=0.25, dropped=0.25, methods=["chat.postMessage"])
    crowd.tell("first", "second")
    crowd.wait()
    inflicted = workspace.faults.inflicted
    assert min(inflicted["failed_before"], inflicted["failed_after"], inflicted["dropped"]) > 0
    assert crowd.stands_once(2)
    carried_out = [call for call in workspace.calls.of("chat.postMessage") if call.error is None]
    assert len(carried_out) == 2 * MEMBERS
