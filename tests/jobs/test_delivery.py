"""Delivery when nobody dies: order, obsolescence, 429, doubt, refusal."""

import datetime as dt

import pytest
import sqlalchemy
from sqlalchemy.orm import Session

from bot import jobs
from bot.backoff import TRIES, back_off
from bot.surfaces import Delivery, MaybeSent, NotSent, Place, Refused
from models.database import Database
from models.job import Job, JobState
from tests.jobs.stage import Platform, all_jobs, lane, organisation, posted, real_now, show, tell, worker_of

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def platform(database: Database) -> Platform:
    organisation(database)
    return Platform()


def test_a_lane_is_delivered_oldest_first(database: Database, platform: Platform) -> None:
    for name in ("one", "two", "three"):
        tell(database, name, "person:1")
        tell(database, name, "person:2")
    worker_of(database, platform).drain()
    assert platform.said("person:1") == platform.said("person:2") == ["one", "two", "three"]


def test_the_address_is_stored_before_the_first_post_and_used_from_then_on(
    database: Database, platform: Platform
) -> None:
    seen: list[str | None] = []
    platform.then["post"].append(lambda: seen.append(lane(database).address))
    tell(database, "one")
    tell(database, "two")
    worker_of(database, platform).drain()
    assert seen == ["D-person:1"]
    assert platform.calls.count("locate") == 1


def test_the_try_is_on_record_before_it_is_made(database: Database, platform: Platform) -> None:
    seen: list[tuple[int, bool]] = []
    platform.then["post"].append(lambda: seen.extend((job.attempts, job.maybe_sent) for job in all_jobs(database)))
    tell(database, "one")
    worker_of(database, platform).drain()
    assert seen == [(1, True)]


def test_nothing_is_held_open_while_the_platform_is_spoken_to(database: Database, platform: Platform) -> None:
    platform.then["post"].append(lambda: tell(database, "meanwhile", "person:2"))
    tell(database, "one")
    worker_of(database, platform).drain()
    assert platform.said("person:2") == ["meanwhile"]


def test_the_obsolete_is_skipped_without_network(database: Database, platform: Platform) -> None:
    platform.texts["reminder"] = None
    tell(database, "reminder")
    worker_of(database, platform).drain()
    assert [job.state for job in all_jobs(database)] == [JobState.SKIPPED]
    assert platform.calls == ["render"]


def test_a_channel_is_paced_and_a_home_is_not(database: Database, platform: Platform) -> None:
    for receiver in ("person:1", "home:1"):
        tell(database, "one", receiver)
        tell(database, "two", receiver)
    worker_of(database, platform, pace=HOUR).drain()
    assert platform.said("person:1") == ["one"]
    assert platform.said("home:1") == ["one", "two"]


def test_too_many_requests_waits_and_does_not_count(database: Database, platform: Platform) -> None:
    platform.faults["post"].extend([NotSent(0, "ratelimited")] * (TRIES + 3))
    tell(database, "one")
    worker_of(database, platform).drain()
    (job,) = all_jobs(database)
    assert (job.state, job.attempts, platform.said("person:1")) == (JobState.DONE, 1, ["one"])
    assert "find" not in platform.calls


def test_a_lane_told_to_wait_waits_and_the_others_go_on(database: Database, platform: Platform) -> None:
    platform.faults["post"].append(NotSent(3600, "ratelimited"))
    tell(database, "one", "person:1")
    tell(database, "two", "person:1")
    tell(database, "one", "person:2")
    worker_of(database, platform).drain()
    assert platform.said("person:1") == []
    assert platform.said("person:2") == ["one"]
    assert lane(database).lease_until is None
    first = all_jobs(database)[0]
    assert (first.attempts, first.maybe_sent) == (0, False)


def test_those_who_were_turned_away_together_do_not_return_together(database: Database, platform: Platform) -> None:
    receivers = [f"person:{number}" for number in range(20)]
    for receiver in receivers:
        tell(database, "one", receiver)
    platform.faults["post"].extend(NotSent(600, "connection_refused") for _ in receivers)
    worker_of(database, platform).drain()
    waits = sorted((lane(database, each).next_at - real_now(database)).total_seconds() for each in receivers)
    assert 200 < waits[0] < waits[-1] <= 900
    assert waits[-1] - waits[0] > 100


@pytest.mark.parametrize("error", [MaybeSent("timeout"), RuntimeError("dropped")])
@pytest.mark.parametrize("step", ["post", "accepted"])
def test_doubt_is_settled_by_looking_first(database: Database, platform: Platform, step: str, error: Exception) -> None:
    platform.faults[step].append(error)
    tell(database, "one")
    tell(database, "two")
    worker_of(database, platform).drain()
    assert platform.said("person:1") == ["one", "two"]
    assert platform.calls.count("find") == 1


def test_doubt_survives_a_later_429(database: Database, platform: Platform) -> None:
    platform.faults["accepted"].append(MaybeSent("timeout"))
    platform.faults["find"].append(NotSent(0, "ratelimited"))
    tell(database, "one")
    worker_of(database, platform).drain()
    assert platform.said("person:1") == ["one"]
    assert platform.calls.count("find") == 2


def test_a_doubtful_retry_holds_its_lane(database: Database, platform: Platform) -> None:
    platform.faults["post"].append(MaybeSent("timeout"))
    tell(database, "one")
    tell(database, "two")
    worker_of(database, platform, back_off=lambda tries: HOUR).drain()
    assert platform.said("person:1") == []


def test_without_looking_doubt_posts_twice(database: Database, platform: Platform) -> None:
    """The control: looking is what keeps the others to one."""
    platform.blind = True
    platform.faults["accepted"].append(MaybeSent("timeout"))
    tell(database, "one")
    worker_of(database, platform).drain()
    assert platform.said("person:1") == ["one", "one"]


def test_an_unreadable_history_parks_and_never_posts_blind(database: Database, platform: Platform) -> None:
    platform.faults["accepted"].append(MaybeSent("timeout"))
    platform.faults["find"].append(Refused("missing_scope"))
    tell(database, "one")
    tell(database, "two")
    worker_of(database, platform).drain()
    assert [(job.state, job.why) for job in all_jobs(database)] == [
        (JobState.PARKED, "missing_scope"),
        (JobState.DONE, ""),
    ]
    assert platform.said("person:1") == ["one", "two"]


@pytest.mark.parametrize(
    ("kind", "ago", "known"),
    [("tell", HOUR, True), ("tell", -HOUR, False), ("show", HOUR, False)],
    ids=["told once", "by a clock that was ahead", "shown again and again"],
)
def test_doubt_is_looked_for_from_the_act_on_when_its_moment_is_sure(
    database: Database, platform: Platform, monkeypatch: pytest.MonkeyPatch, kind: str, ago: dt.timedelta, known: bool
) -> None:
    """What mirrors state may have been posted before it was last wanted."""
    looked: list[dt.datetime | None] = []

    def find(delivery: Delivery, address: str) -> Place | None:
        looked.append(delivery.since)
        return Platform.find(platform, delivery, address)

    monkeypatch.setattr(platform, "find", find)
    wanted = real_now(database) - ago
    receiver = {"surface": "chat", "receiver": "person:1"}
    with database.writing() as session:
        enqueue = jobs.tell if kind == "tell" else jobs.show
        enqueue(session, organisation_id=1, name="one", key="one", **receiver)
        session.execute(sqlalchemy.update(Job).values(created_at=wanted))
    platform.faults["accepted"].append(MaybeSent("no reply"))
    worker_of(database, platform).drain()
    assert platform.said("person:1") == ["one"]
    assert looked == [wanted if known else None]


@pytest.mark.parametrize("step", ["locate", "post"])
def test_the_refused_is_parked_and_shown_in_the_same_transaction(
    database: Database, platform: Platform, step: str
) -> None:
    def tell_the_coordinators(session: Session, job: Job) -> None:
        assert job.why == "user_not_found"
        jobs.tell(
            session,
            organisation_id=job.organisation_id,
            name="parked",
            key=f"parked:{job.id}",
            surface="chat",
            receiver="channel:coordinators",
        )

    platform.faults[step].append(Refused("user_not_found"))
    tell(database, "one")
    tell(database, "two")
    worker_of(database, platform, on_parked=tell_the_coordinators).drain()
    assert platform.said("person:1") == ["two"]
    assert platform.said("channel:coordinators") == ["parked"]


def test_a_fault_in_telling_of_the_parked_leaves_it_parked(database: Database, platform: Platform) -> None:
    def fail(session: Session, job: Job) -> None:
        raise ZeroDivisionError

    platform.faults["post"].append(Refused("user_not_found"))
    tell(database, "one")
    worker_of(database, platform, on_parked=fail).drain()
    assert [job.state for job in all_jobs(database)] == [JobState.PARKED]


@pytest.mark.parametrize("step", ["render", "locate", "post"])
def test_what_fails_every_time_is_parked_in_the_end(database: Database, platform: Platform, step: str) -> None:
    platform.faults[step].extend(KeyError("a secret") for _ in range(TRIES))
    tell(database, "one")
    tell(database, "two")
    worker_of(database, platform).drain()
    first, second = all_jobs(database)
    assert (first.state, first.attempts, first.why) == (JobState.PARKED, TRIES, "KeyError")
    assert second.state is JobState.DONE


def test_another_surface_waits_for_a_worker_that_has_it(database: Database, platform: Platform) -> None:
    with database.writing() as session:
        jobs.tell(session, organisation_id=1, name="n", key="k", surface="post", receiver="person:1")
    assert worker_of(database, platform).drain() == 0
    assert [job.state for job in all_jobs(database)] == [JobState.WAITING]


def test_a_shown_message_is_posted_once_and_updated_in_place(database: Database, platform: Platform) -> None:
    worker = worker_of(database, platform)
    for text in ("new", "asked", "answered"):
        platform.texts["card"] = text
        show(database)
        show(database)
        worker.drain()
    assert platform.said("channel:coordinators") == ["answered"]
    assert platform.calls.count("post") == 1
    assert platform.calls.count("update") == 2
    assert (posted(database).wanted, posted(database).shown) == (6, 6)


def test_a_change_during_the_post_is_shown_afterwards(database: Database, platform: Platform) -> None:
    def change() -> None:
        platform.texts["card"] = "changed"
        show(database)

    platform.then["post"].append(change)
    show(database)
    worker_of(database, platform).drain()
    assert platform.said("channel:coordinators") == ["changed"]
    assert (posted(database).wanted, posted(database).shown) == (2, 2)


@pytest.mark.parametrize("first", ["refused", "obsolete", "failing"])
def test_a_change_during_a_last_try_is_not_lost(database: Database, platform: Platform, first: str) -> None:
    def change() -> None:
        platform.texts["card"] = "changed"
        show(database)

    if first == "obsolete":
        platform.texts["card"] = None
        platform.then["render"].append(lambda: show(database))
        platform.then["render"].append(lambda: platform.texts.update(card="changed"))
    elif first == "refused":
        platform.then["post"].append(change)
        platform.faults["post"].append(Refused("invalid_blocks"))
    else:
        platform.then["post"].extend([lambda: None] * (TRIES - 1) + [change])
        platform.faults["post"].extend([MaybeSent("timeout")] * TRIES)
    show(database)
    worker_of(database, platform).drain()
    assert platform.said("channel:coordinators") == ["changed"]


def test_a_parked_message_is_tried_again_when_it_changes(database: Database, platform: Platform) -> None:
    worker = worker_of(database, platform)
    platform.faults["locate"].append(Refused("channel_not_found"))
    show(database)
    worker.drain()
    assert [job.state for job in all_jobs(database)] == [JobState.PARKED]
    show(database)
    worker.drain()
    assert platform.said("channel:coordinators") == ["card"]


def test_a_parked_message_that_may_stand_there_is_looked_for(database: Database, platform: Platform) -> None:
    worker = worker_of(database, platform)
    platform.faults["accepted"].append(MaybeSent("timeout"))
    platform.faults["find"].append(Refused("missing_scope"))
    show(database)
    worker.drain()
    platform.texts["card"] = "changed"
    show(database)
    worker.drain()
    assert platform.said("channel:coordinators") == ["changed"]


def test_a_message_found_after_doubt_shows_state_as_it_is_now(database: Database, platform: Platform) -> None:
    platform.faults["accepted"].append(MaybeSent("timeout"))
    platform.then["find"].append(lambda: None)
    platform.then["accepted"].append(lambda: platform.texts.update(card="changed"))
    show(database)
    worker_of(database, platform).drain()
    assert platform.said("channel:coordinators") == ["changed"]


def test_a_deleted_message_is_posted_anew(database: Database, platform: Platform) -> None:
    worker = worker_of(database, platform)
    show(database)
    worker.drain()
    platform.channels["D-channel:coordinators"].clear()
    platform.faults["accepted"].append(MaybeSent("timeout"))
    show(database)
    worker.drain()
    show(database)
    worker.drain()
    assert platform.said("channel:coordinators") == ["card"]


def test_waits_double_and_end_somewhere() -> None:
    assert dt.timedelta(seconds=1) <= back_off(1) <= dt.timedelta(seconds=2)
    assert dt.timedelta(seconds=64) <= back_off(7) <= dt.timedelta(seconds=128)
    assert back_off(10_000) <= dt.timedelta(minutes=10)
