"""Workers of different versions side by side: each leaves alone what it does not know."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from models.database import Database
from models.job import Job, JobState
from tests.jobs.stage import KINDS, NOW, Platform, all_jobs, organisation, show, tell, timer, worker_of


@pytest.fixture
def platform(database: Database) -> Platform:
    organisation(database)
    return Platform()


def test_what_is_new_waits_for_the_new_version_and_its_lane_with_it(database: Database, platform: Platform) -> None:
    for name in ("one", "invention", "three"):
        tell(database, name, "person:1")
    tell(database, "invention", "person:2")
    tell(database, "two", "person:3")
    old = worker_of(database, platform)
    old.drain()
    assert [platform.said(f"person:{number}") for number in (1, 2, 3)] == [["one"], [], ["two"]]
    untouched = all_jobs(database, JobState.WAITING)
    assert {(job.attempts, job.maybe_sent, job.why) for job in untouched} == {(0, False, "")}
    platform.kinds = KINDS | {"invention"}
    worker_of(database, platform).drain()
    assert platform.said("person:1") == ["one", "invention", "three"]
    assert platform.said("person:2") == ["invention"]


def test_a_new_kind_of_shown_message_waits_too(database: Database, platform: Platform) -> None:
    show(database, "invention")
    assert worker_of(database, platform).drain() == 0
    assert [job.state for job in all_jobs(database)] == [JobState.WAITING]


def test_a_new_kind_of_date_waits_and_holds_up_no_other(database: Database, platform: Platform) -> None:
    fired: list[str] = []

    def ring(session: Session, job: Job, now: dt.datetime) -> None:
        fired.append(job.name)

    timer(database, "invention", NOW)
    timer(database, "ring", NOW)
    assert worker_of(database, platform, timers={"ring": ring}).run_due(NOW) == 1
    assert [(job.state, job.attempts) for job in all_jobs(database, JobState.WAITING)] == [(JobState.WAITING, 0)]
    assert worker_of(database, platform, timers={"ring": ring, "invention": ring}).run_due(NOW) == 1
    assert fired == ["ring", "invention"]
