"""Enqueueing: in the caller's transaction, once for each key."""

import threading
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import jobs
from models.database import Database
from models.job import Job, JobKind, JobState
from tests.jobs.stage import NOW, Platform, all_jobs, lane, organisation, posted, show, tell, timer, worker_of


def test_the_same_key_is_enqueued_once(database: Database) -> None:
    organisation(database)
    for _ in range(3):
        tell(database, "accepted")
        timer(database, "reminder", NOW)
    assert [job.name for job in all_jobs(database)] == ["accepted", "reminder"]


def test_a_key_stays_used_when_its_job_is_done(database: Database) -> None:
    organisation(database)
    platform = Platform()
    worker = worker_of(database, platform)
    for _ in range(2):
        tell(database, "accepted")
        worker.drain()
    assert platform.said("person:1") == ["accepted"]


def test_organisations_do_not_share_keys_or_lanes(database: Database) -> None:
    for home in (organisation(database, "Norrstad"), organisation(database, "Söderstad")):
        tell(database, "accepted", home=home)
    platform = Platform()
    worker_of(database, platform).drain()
    messages = platform.channels["D-person:1"]
    assert len(messages) == 2
    assert len({message.key for message in messages}) == 2


def test_what_an_act_enqueues_is_forgotten_with_it(database: Database) -> None:
    organisation(database)

    def act() -> None:
        with database.writing() as session:
            jobs.tell(session, organisation_id=1, name="n", key="k", surface="chat", receiver="person:1")
            jobs.show(session, organisation_id=1, name="n", key="k", surface="chat", receiver="person:1")
            raise LookupError

    with pytest.raises(LookupError):
        act()
    assert all_jobs(database) == []


def test_changes_coalesce_into_one_waiting_job(database: Database) -> None:
    organisation(database)
    for _ in range(5):
        show(database)
    assert len(all_jobs(database, JobState.WAITING)) == 1
    assert posted(database).wanted == 5


def test_changes_by_many_at_once_coalesce_too(database: Database) -> None:
    organisation(database)
    start = threading.Barrier(4)

    def change() -> None:
        start.wait()
        for _ in range(5):
            show(database)
            tell(database, "same")

    crowd = [threading.Thread(target=change) for _ in range(4)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert [job.name for job in all_jobs(database, JobState.WAITING)].count("card") == 1
    assert len(all_jobs(database)) == 2
    assert posted(database).wanted == 20


def test_a_key_that_is_too_long_is_refused_on_both_databases(database: Database) -> None:
    organisation(database)
    with pytest.raises(ValueError, match="key"):
        tell(database, "n", key="k" * (jobs.KEY_LENGTH + 1))


def test_a_receiver_that_has_moved_is_located_again(database: Database) -> None:
    organisation(database)
    platform = Platform()
    worker = worker_of(database, platform)
    tell(database, "first")
    worker.drain()
    assert lane(database).address == "D-person:1"
    with database.writing() as session:
        jobs.moved(session, organisation_id=1, surface="chat", receiver="person:1")
    tell(database, "second")
    worker.drain()
    assert platform.calls.count("locate") == 2


def test_what_is_wanted_together_is_enqueued_in_its_order_when_the_block_ends(database: Database) -> None:
    organisation(database)
    with database.writing() as session, jobs.together(session):
        _want(session, "a", "b")
        with jobs.together(session):
            _want(session, "c")
        assert session.scalars(select(Job)).all() == []
    found = all_jobs(database)
    assert [job.name for job in found] == [f"{kind} {name}" for name in "abc" for kind in ("tell", "show", "timer")]
    assert {job.lane_id for job in found if job.kind is JobKind.TIMER} == {None}
    assert len({job.lane_id for job in found if job.kind is not JobKind.TIMER}) == 3


def test_a_message_that_changes_twice_in_a_block_is_shown_once(database: Database) -> None:
    organisation(database)
    with database.writing() as session, jobs.together(session):
        _want(session, "a", "a")
    assert [job.name for job in all_jobs(database)] == ["tell a", "show a", "timer a"]


def test_a_block_that_raises_enqueues_nothing(database: Database) -> None:
    organisation(database)
    with database.writing() as session:
        with suppress(LookupError), jobs.together(session):
            _want(session, "a")
            raise LookupError
        _want(session, "b")
    assert [job.name for job in all_jobs(database)] == ["tell b", "show b", "timer b"]


def _want(session: Session, *names: str) -> None:
    """A fact for somebody, a message of theirs and a date, of each name."""
    for name in names:
        to: dict[str, Any] = {"surface": "chat", "receiver": f"person:{name}"}
        jobs.tell(session, organisation_id=1, name=f"tell {name}", key=f"tell {name}", **to)
        jobs.show(session, organisation_id=1, name=f"show {name}", key=name, **to)
        jobs.timer(session, organisation_id=1, name=f"timer {name}", key=f"timer {name}", due_at=NOW)
