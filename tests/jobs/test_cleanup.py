"""Clean-up: old rows go, keys stay, and what somebody may still ask for is left alone."""

import datetime as dt

import pytest
from sqlalchemy import select, update

from bot import cleanup, seen
from bot.cleanup import EVENTS_KEPT, JOBS_KEPT, ROUND, Cleanup
from bot.surfaces import MaybeSent, Refused
from models.database import Database
from models.job import Job, JobState, SeenEvent, SpentKey
from tests.jobs.stage import NOW, Platform, all_jobs, organisation, posted, real_now, show, tell, timer, worker_of

DAY = dt.timedelta(days=1)


@pytest.fixture
def platform(database: Database) -> Platform:
    organisation(database)
    return Platform()


def clean(database: Database) -> None:
    """A round, and the one after it."""
    cleaning = Cleanup(database)
    while cleaning.batch():
        pass
    with database.writing() as session:
        session.execute(update(SpentKey).values(spent_at=real_now(database) - 2 * ROUND))
    while cleaning.batch():
        pass


def grow_old(database: Database, by: dt.timedelta = JOBS_KEPT + DAY) -> None:
    """Let everything that is done have been done so long ago."""
    with database.writing() as session:
        session.execute(update(Job).where(Job.done_at.is_not(None)).values(done_at=database.real_now(session) - by))


def everything(database: Database) -> None:
    """Enqueue one of each."""
    tell(database, "accepted")
    timer(database, "ring", NOW)
    show(database)


def test_what_is_old_goes_and_is_not_done_again(database: Database, platform: Platform) -> None:
    fired: list[str] = []
    worker = worker_of(database, platform, timers={"ring": lambda session, job, now: fired.append(job.key)})
    everything(database)
    worker.run_due(NOW)
    worker.drain()
    grow_old(database)
    clean(database)
    assert all_jobs(database) == []
    platform.texts["card"] = "changed"
    everything(database)
    worker.run_due(NOW)
    worker.drain()
    assert fired == ["ring"]
    assert platform.said("person:1") == ["accepted"]
    assert platform.said("channel:coordinators") == ["changed"]
    assert (posted(database).wanted, posted(database).shown) == (2, 2)


def test_another_organisation_has_its_own_keys(database: Database, platform: Platform) -> None:
    tell(database, "accepted", key="k")
    worker_of(database, platform).drain()
    grow_old(database)
    clean(database)
    tell(database, "accepted", key="k", home=organisation(database, "Söderstad"))
    assert [job.organisation_id for job in all_jobs(database)] == [2]


def test_a_key_is_spent_a_round_before_its_job_goes(database: Database, platform: Platform) -> None:
    """A slow act that did not see the key yet still meets the job."""
    tell(database, "accepted")
    worker_of(database, platform).drain()
    grow_old(database)
    cleaning = Cleanup(database)
    assert cleaning.batch()
    assert not cleaning.batch()
    assert [job.name for job in all_jobs(database)] == ["accepted"]
    tell(database, "accepted")
    assert len(all_jobs(database)) == 1


def test_what_is_recent_waits_or_needs_somebody_stays(database: Database, platform: Platform) -> None:
    platform.faults["post"].append(Refused("user_not_found"))
    tell(database, "one")
    tell(database, "two")
    worker_of(database, platform).drain()
    grow_old(database, JOBS_KEPT - DAY)
    tell(database, "three")
    clean(database)
    assert [job.state for job in all_jobs(database)] == [JobState.PARKED, JobState.DONE, JobState.WAITING]


def test_a_shown_message_that_may_stand_there_is_not_forgotten(database: Database, platform: Platform) -> None:
    platform.faults["accepted"].append(MaybeSent("timeout"))
    platform.then["accepted"].append(lambda: platform.texts.update(card=None))
    show(database)
    worker_of(database, platform).drain()
    assert [job.state for job in all_jobs(database)] == [JobState.SKIPPED]
    grow_old(database)
    clean(database)
    platform.texts["card"] = "changed"
    show(database)
    worker_of(database, platform).drain()
    assert platform.said("channel:coordinators") == ["changed"]


def test_many_rows_go_in_batches(database: Database, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleanup, "BATCH", 2)
    for number in range(5):
        tell(database, f"fact {number}")
    worker_of(database, platform).drain()
    grow_old(database)
    cleaning = Cleanup(database)
    assert [cleaning.step() for _ in range(5)] == [True, True, True, False, False]
    with database.reading() as session:
        assert len(session.scalars(select(SpentKey.key)).all()) == 5


def test_an_event_is_remembered_longer_than_platforms_repeat(database: Database) -> None:
    def comes(event: str) -> bool:
        with database.writing() as session:
            return seen.first_time(session, event, database.real_now(session))

    assert comes("Ev1")
    assert not comes("Ev1")
    made_older(database, dt.timedelta(minutes=10))
    clean(database)
    assert not comes("Ev1")
    made_older(database, EVENTS_KEPT)
    clean(database)
    assert comes("Ev1")


def test_an_event_whose_handling_failed_may_come_again(database: Database) -> None:
    def fails() -> None:
        with database.writing() as session:
            assert seen.first_time(session, "Ev1", NOW)
            raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            fails()


def made_older(database: Database, time: dt.timedelta) -> None:
    """Have every event have come so much earlier."""
    with database.writing() as session:
        for event in session.scalars(select(SeenEvent)):
            event.seen_at -= time
