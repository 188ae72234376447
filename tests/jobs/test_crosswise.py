"""What goes on at the same moment crosswise: nobody waits for somebody who waits for them, and nothing goes missing."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
import time_machine
from sqlalchemy import update

from bot import (
    availability,
    backlog,
    job_commands,
    jobs,
    members,
    notes,
    notices,
    offers,
    organisations,
    queue_age,
)
from bot import worker as module
from bot.bell import Bell
from bot.cleanup import Cleanup
from bot.clock import Clock
from bot.job_commands import Desk
from bot.refusals import TooLate
from bot.surfaces import MaybeSent, Throttled
from bot.wording import words
from models.database import Database
from models.forms import Asking, Declining, Writing
from models.job import Job, JobState
from models.people import RoleKind
from tests.factories import Town
from tests.jobs.stage import PATIENCE, Platform, all_jobs, lane, let_pass, organisation, show, tell, worker_of

WHILE = 0.3
"""Seconds that one of two stands still for the other to come to where they would wait for each other."""
on_postgresql = [pytest.mark.postgres, pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)]
crosswise = lambda test: on_postgresql[0](on_postgresql[1](test))  # noqa: E731


def both(*acts: Callable[[], object]) -> list[BaseException]:
    """Do them at once; returns what went wrong."""
    wrong: list[BaseException] = []

    def run(act: Callable[[], object]) -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - what goes wrong in a thread is what is asked
            wrong.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


class Crossing:
    """Lets the first of two acts pass a point, and holds it there until the second has come or does not come."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._rest = threading.Event()

    def first(self) -> None:
        """The first is there."""
        if not self.reached.is_set():
            self.reached.set()
            self._rest.wait(WHILE)


@crosswise
@pytest.mark.parametrize("who", ["a member", "a coordinator"])
def test_leaving_many_cases_beside_an_act_on_one(database: Database, monkeypatch: pytest.MonkeyPatch, who: str) -> None:
    town = Town(database)
    anna, maj, eva, lena = town.requester(), town.coordinator(), town.coordinator(), town.member()
    for person in (maj, eva):
        town.do(notices.open_home, town.id, person.person)
    one, two = town.active(anna, maj, lena), town.active(anna, maj, lena)
    crossing, mirror = Crossing(), notices.mirror

    def mirrored(session, case, *rest):  # type: ignore[no-untyped-def]
        mirror(session, case, *rest)
        if session.info.get("leaving") and case.id == one:
            session.flush()
            crossing.first()

    publish = notices.publish

    def published(session, case, *rest, **more):  # type: ignore[no-untyped-def]
        publish(session, case, *rest, **more)
        if session.info.get("leaving") and case.id == one:
            crossing.first()

    monkeypatch.setattr(notices, "mirror", mirrored)
    monkeypatch.setattr(notices, "publish", published)

    def leave() -> None:
        with database.writing() as session:
            session.info["leaving"] = True
            if who == "a member":
                members.leave(session, lena, lena.member, town.now)
            else:
                organisations.dismiss(session, eva, maj.person, RoleKind.COORDINATOR)

    def act() -> None:
        assert crossing.reached.wait(PATIENCE)
        with database.writing(dt.timedelta(seconds=10)) as session:
            notes.progress(session, anna, two, Writing(text="Hej"), town.now)

    assert [error for error in both(leave, act) if not isinstance(error, TooLate)] == []


@crosswise
@pytest.mark.parametrize("second", ["pauses", "is asked elsewhere"])
def test_the_next_in_turn_does_something_while_the_first_declines(
    database: Database, monkeypatch: pytest.MonkeyPatch, second: str
) -> None:
    town = Town(database)
    anna, maj, lena, omar = town.requester(), town.coordinator(), town.member(), town.member()
    town.do(notices.open_home, town.id, maj.person)
    elsewhere = town.file(anna).case_id
    offer = town.ask(maj, town.file(anna).case_id, lena, omar, in_turn=True)
    crossing, record = Crossing(), offers.record

    def recorded(session, *rest, **more):  # type: ignore[no-untyped-def]
        event = record(session, *rest, **more)
        if session.info.get("declines"):
            crossing.first()
        return event

    monkeypatch.setattr(offers, "record", recorded)

    def decline() -> None:
        with database.writing(dt.timedelta(seconds=10)) as session:
            session.info["declines"] = True
            offers.decline(session, lena, offer, Declining(reason="withheld"), town.now)

    def other() -> None:
        assert crossing.reached.wait(PATIENCE)
        with database.writing(dt.timedelta(seconds=10)) as session:
            if second == "pauses":
                availability.pause(session, omar, omar.member, town.now)
            else:
                offers.ask(session, maj, elsewhere, Asking(member_ids=[omar.member]), town.now)

    assert both(decline, other) == []


@crosswise
def test_two_operators_act_on_the_same_lanes(database: Database) -> None:
    organisation(database)
    for name, receiver in (("one", "person:1"), ("one", "person:2"), ("two", "person:2"), ("two", "person:1")):
        tell(database, name, receiver)
    together = threading.Barrier(2)

    def slowly(session, job_id, now):  # type: ignore[no-untyped-def]
        backlog.cancel(session, job_id, now)
        try:
            together.wait(WHILE)
        except threading.BrokenBarrierError:
            return

    def operator(*numbers: int) -> Callable[[], object]:
        def act() -> None:
            with database.writing(dt.timedelta(seconds=10)) as session:
                job_commands._do(Desk(session, database, words("en"), None), list(numbers), slowly)

        return act

    assert both(operator(1, 2), operator(3, 4)) == []
    assert {job.state for job in all_jobs(database)} == {JobState.CANCELLED}


@crosswise
def test_a_message_wanted_again_while_old_jobs_are_cleaned_up_is_shown(database: Database) -> None:
    organisation(database)
    platform = Platform(texts={"card": None})
    worker = worker_of(database, platform)
    show(database)
    worker.drain()
    with database.writing() as session:
        session.execute(update(Job).values(done_at=database.real_now(session) - dt.timedelta(days=91)))
    platform.texts["card"] = "wanted again"
    cleaner = threading.Thread(target=Cleanup(database).batch)
    with database.writing() as session:
        channel = "channel:coordinators"
        jobs.show(session, organisation_id=1, name="card", key="card:1", surface="chat", receiver=channel)
        cleaner.start()
        cleaner.join(WHILE)
    cleaner.join()
    worker.drain()
    assert platform.said(channel) == ["wanted again"]


def test_a_receiver_that_moves_while_the_old_place_is_searched_has_moved(database: Database) -> None:
    organisation(database)
    platform, places = Platform(), ["C-old"]
    platform.locate = lambda delivery: places[-1]  # type: ignore[method-assign]
    worker = worker_of(database, platform)

    def move() -> None:
        places.append("C-new")
        with database.writing() as session:
            jobs.moved(session, organisation_id=1, surface="chat", receiver="person:1")

    tell(database, "one")
    worker.drain()
    platform.faults["accepted"].append(MaybeSent("timeout"))
    platform.then["find"].append(move)
    for name in ("two", "three"):
        tell(database, name)
        worker.drain()
    assert lane(database).address == "C-new"
    assert [message.text for message in platform.channels["C-new"]] == ["three"]


def test_what_is_cancelled_while_a_late_worker_tries_it_stays_cancelled(database: Database) -> None:
    organisation(database)
    platform = Platform()

    def cancel() -> None:
        with database.writing() as session:
            backlog.cancel(session, 1, database.real_now(session))

    tell(database, "one")
    with database.writing() as session:
        session.execute(update(Job).values(attempts=7))
    platform.then["post"].append(cancel)
    platform.faults["accepted"].append(MaybeSent("timeout"))
    worker_of(database, platform).deliver_once()
    assert [job.state for job in all_jobs(database)] == [JobState.CANCELLED]


def test_a_pause_that_the_platform_wants_is_no_standstill(database: Database) -> None:
    organisation(database)
    platform = Platform()
    platform.faults["post"].append(Throttled(600, "ratelimited"))
    worker = worker_of(database, platform)
    for receiver in ("person:1", "person:2"):
        tell(database, "one", receiver)
    worker.drain()
    with database.writing() as session:
        before = database.real_now(session) - dt.timedelta(seconds=400)
        session.execute(update(Job).values(created_at=before))
    let_pass(database, dt.timedelta(seconds=400))
    assert not worker.deliver_once()
    assert _age(database) == dt.timedelta(0)


@crosswise
def test_a_host_whose_clock_is_behind_makes_nothing_old(database: Database) -> None:
    organisation(database)
    with time_machine.travel(dt.datetime.now(dt.UTC) - dt.timedelta(minutes=6)):
        tell(database, "one")
    assert _age(database) < dt.timedelta(minutes=1)


def test_a_thread_that_is_slow_to_look_hears_of_the_end(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is held up between one look at the end and the next count of the rings."""
    stop, over = threading.Event(), threading.Event()

    class Slow(Bell):
        def ring(self) -> None:
            super().ring()
            over.set()

        def rings(self) -> int:
            stop.set()
            assert over.wait(PATIENCE)
            return super().rings()

    monkeypatch.setattr(module, "Bell", Slow)
    organisation(database)
    thread = threading.Thread(target=worker_of(database, Platform()).run, args=(stop, 2), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def _age(database: Database) -> dt.timedelta:
    with database.reading() as session:
        return queue_age.oldest(session, database.real_now(session), Clock().now())
