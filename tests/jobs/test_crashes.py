"""Death at every step, late workers, many workers: exactly one post all the same."""

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.backoff import TRIES
from bot.surfaces import Delivery, MaybeSent, NotSent
from models.database import Database
from models.job import JobKind, JobState
from tests.jobs.stage import (
    Fate,
    Killed,
    Platform,
    all_jobs,
    lane,
    organisation,
    posted,
    show,
    tell,
    worker_of,
)


def deaths(database: Database, platform: Platform, enqueue: Callable[[int], None]) -> int:
    """Kill the worker at its first step, then at its second …, until one survives; after each the next one goes on."""
    step = 0
    while True:
        enqueue(step)
        platform.fate = Fate(step)
        try:
            with platform.fate.over(database):
                worker_of(database, platform).drain()
            return step
        except Killed:
            platform.fate = Fate()
            worker_of(database, platform).drain()
        step += 1


@pytest.mark.parametrize("known", [False, True], ids=["first contact", "known address"])
def test_a_fact_is_told_once_wherever_the_worker_dies(database: Database, known: bool) -> None:
    organisation(database)
    platform = Platform()
    names: list[str] = []

    def enqueue(step: int) -> None:
        names.append(f"fact {step}")
        tell(database, names[-1], "person:1" if known else f"person:{step}")

    if known:
        tell(database, "before")
        worker_of(database, platform).drain()
        names.append("before")
    assert deaths(database, platform, enqueue) >= 9
    assert Counter(said(platform)) == Counter(names)
    assert {job.state for job in all_jobs(database)} == {JobState.DONE}


def test_a_message_is_shown_once_wherever_the_worker_dies(database: Database) -> None:
    organisation(database)
    platform = Platform()

    def enqueue(step: int) -> None:
        show(database, receiver=f"person:{step}", key=f"card:{step}")

    steps = deaths(database, platform, enqueue)
    assert [platform.said(f"person:{step}") for step in range(steps + 1)] == [["card"]] * (steps + 1)


def test_an_update_arrives_wherever_the_worker_dies(database: Database) -> None:
    organisation(database)
    platform = Platform()
    show(database)
    worker_of(database, platform).drain()

    def enqueue(step: int) -> None:
        assert step == 0 or platform.said("channel:coordinators") == [f"version {step - 1}"]
        platform.texts["card"] = f"version {step}"
        show(database)

    steps = deaths(database, platform, enqueue)
    assert platform.said("channel:coordinators") == [f"version {steps}"]


def test_without_looking_death_posts_twice(database: Database) -> None:
    """The control: some deaths do fall between acceptance and record."""
    organisation(database)
    platform = Platform(blind=True)
    deaths(database, platform, lambda step: tell(database, f"fact {step}"))
    assert max(Counter(said(platform)).values()) == 2


def test_what_kills_every_worker_is_parked(database: Database) -> None:
    organisation(database)
    platform = Platform()
    tell(database, "poison")
    tell(database, "after")
    for _ in range(TRIES):
        platform.fate = Fate(0)
        with pytest.raises(Killed):
            worker_of(database, platform).deliver_once()
    worker_of(database, platform).drain()
    assert [job.state for job in all_jobs(database)] == [JobState.PARKED, JobState.DONE]
    assert platform.said("person:1") == ["after"]


def test_a_worker_that_is_held_up_before_it_posts_leaves_the_post_to_the_next(database: Database) -> None:
    organisation(database)
    platform = Platform()
    tell(database, "first")
    worker_of(database, platform).drain()
    tell(database, "second")
    platform.then["render"].append(worker_of(database, platform).deliver_once)
    worker_of(database, platform).drain()
    assert platform.said("person:1") == ["first", "second"]


def test_a_worker_that_is_held_up_before_it_updates_does_not_bring_back_what_was(database: Database) -> None:
    organisation(database)
    platform = Platform(texts={"card": "before"})
    show(database)
    worker_of(database, platform).drain()
    show(database)

    def meanwhile() -> None:
        platform.texts["card"] = "after"
        worker_of(database, platform).deliver_once()

    class HeldUp(Platform):
        def render(self, delivery: Delivery) -> object | None:
            rendered = super().render(delivery)
            meanwhile()
            return rendered

    slow = HeldUp(texts=platform.texts, channels=platform.channels)
    worker_of(database, slow).deliver_once()
    assert platform.said("channel:coordinators") == ["after"]


def test_a_late_worker_neither_records_nor_counts(database: Database) -> None:
    organisation(database)
    platform = Platform()
    other = worker_of(database, platform)
    platform.then["accepted"].append(other.drain)
    tell(database, "one")
    late = worker_of(database, platform)
    late.deliver_once()
    (job,) = all_jobs(database)
    assert platform.said("person:1") == ["one"]
    assert (job.state, job.attempts, lane(database).token) == (JobState.DONE, 2, 2)


@pytest.mark.parametrize("error", [NotSent(3600, "ratelimited"), MaybeSent("timeout"), KeyError("k")])
def test_a_late_failure_does_not_undo_what_another_recorded(database: Database, error: Exception) -> None:
    organisation(database)
    platform = Platform()
    other = worker_of(database, platform)

    def overtaken() -> None:
        platform.busy.clear()
        other.drain()
        raise error

    platform.then["post"].append(overtaken)
    tell(database, "one")
    worker_of(database, platform).deliver_once()
    (job,) = all_jobs(database)
    assert (job.state, job.attempts, job.why) == (JobState.DONE, 2, "")
    assert (lane(database).token, lane(database).lease_until) == (2, None)


def test_a_worker_that_lost_its_lane_before_the_post_does_not_post(database: Database) -> None:
    organisation(database)
    platform = Platform()
    other = worker_of(database, platform)
    platform.then["locate"].append(other.drain)
    tell(database, "one")
    worker_of(database, platform).deliver_once()
    assert platform.said("person:1") == ["one"]


def test_a_held_lane_is_left_alone_and_the_others_are_not(database: Database) -> None:
    organisation(database)
    platform = Platform()
    held = worker_of(database, platform, lease=dt.timedelta(hours=1))
    tell(database, "one", "person:1")
    tell(database, "two", "person:1")
    tell(database, "one", "person:2")
    platform.fate = Fate(1)
    with pytest.raises(Killed):
        held.deliver_once()
    platform.fate = Fate()
    worker_of(database, platform).drain()
    assert (platform.said("person:1"), platform.said("person:2")) == ([], ["one"])


def test_many_workers_share_the_lanes(database: Database) -> None:
    organisation(database)
    platform = Platform()
    facts, receivers = 6, 5
    for number in range(facts):
        for receiver in range(receivers):
            tell(database, f"fact {number}", f"person:{receiver}")
    start = threading.Barrier(3)

    def work() -> None:
        worker = worker_of(database, platform, lease=dt.timedelta(hours=1))
        start.wait()
        while any(job.state is JobState.WAITING for job in all_jobs(database)):
            worker.drain()

    crew = [threading.Thread(target=work) for _ in range(3)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    for receiver in range(receivers):
        assert platform.said(f"person:{receiver}") == [f"fact {number}" for number in range(facts)]
    assert "find" not in platform.calls


def test_a_message_that_changes_while_it_is_delivered_ends_up_right(database: Database) -> None:
    organisation(database)
    platform = Platform()
    finished = threading.Event()
    changes = 30

    def work() -> None:
        worker = worker_of(database, platform, lease=dt.timedelta(hours=1))
        while not finished.is_set() or all_jobs(database, JobState.WAITING):
            worker.drain()

    crew = [threading.Thread(target=work) for _ in range(2)]
    for one in crew:
        one.start()
    for number in range(changes):
        platform.texts["card"] = f"version {number}"
        show(database)
    finished.set()
    for one in crew:
        one.join()
    assert platform.said("channel:coordinators") == [f"version {changes - 1}"]
    assert (posted(database).wanted, posted(database).shown) == (changes, changes)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("tell"), st.integers(0, 12)),
        st.tuples(st.just("show"), st.integers(0, 3)),
        st.tuples(st.just("die"), st.integers(0, 25)),
        st.tuples(st.just("doubt"), st.sampled_from(["locate", "find", "post", "accepted", "update"])),
        st.tuples(st.just("busy"), st.sampled_from(["locate", "find", "post", "update"])),
        st.tuples(st.just("delete"), st.integers(0, 3)),
    ),
    max_size=25,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_everything_stands_there_once(
    new_database: Callable[[], Database], steps: list[tuple[str, Any]]
) -> None:
    database = new_database()
    organisation(database)
    platform = Platform()
    shown: set[int] = set()
    mishaps = 0
    for number, (what, which) in enumerate(steps):
        if what == "tell":
            tell(database, f"fact {which}", f"person:{which % 3}")
        elif what == "show":
            shown.add(which)
            platform.texts[f"card {which}"] = f"version {number}"
            show(database, f"card {which}", f"person:{which % 3}", key=f"card:{which}")
        elif what == "busy":
            platform.faults[which].append(NotSent(0, "ratelimited"))
        elif what == "doubt" and mishaps < TRIES - 1:
            mishaps += 1
            platform.faults[which].append(MaybeSent("timeout"))
        elif what == "delete" and which in shown:
            messages = platform.channels[f"D-person:{which % 3}"]
            place = posted(database, f"card:{which}").ts
            messages[:] = [message for message in messages if message.ts != place]
            platform.texts[f"card {which}"] = f"version {number}"
            show(database, f"card {which}", f"person:{which % 3}", key=f"card:{which}")
        elif what == "die" and mishaps < TRIES - 1:
            mishaps += 1
            platform.fate = Fate(which)
            with suppress(Killed), platform.fate.over(database):
                worker_of(database, platform).drain()
            platform.fate = Fate()
    worker_of(database, platform).drain()

    assert all(job.state is JobState.DONE for job in all_jobs(database))
    for receiver in range(3):
        messages = platform.channels[f"D-person:{receiver}"]
        facts = [message.text for message in messages if message.name.startswith("fact")]
        queued = [job.name for job in all_jobs(database) if job.kind is JobKind.TELL]
        assert facts == [name for name in queued if int(name.split()[1]) % 3 == receiver]
        cards = {message.name: message.text for message in messages if message.name.startswith("card")}
        mine = {f"card {which}" for which in shown if which % 3 == receiver}
        assert cards == {name: platform.texts[name] for name in mine}
        assert len(messages) == len(facts) + len(cards)
    for which in shown:
        row = posted(database, f"card:{which}")
        assert row.wanted == row.shown


def said(platform: Platform) -> list[str]:
    """Everything that stands anywhere."""
    return [message.text for channel in platform.channels.values() for message in channel]
