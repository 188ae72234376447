"""Many members are asked about cases that want one to three of them, and all say yes at the same instant.

Four processes call the act itself; `crowd.py` does the same at screens.
"""

import datetime as dt
import multiprocessing
import random
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path

from sqlalchemy import select

from bot import offers
from bot.actors import Actor
from bot.refusals import Refusal
from bot.wording import words
from models import schema
from models.case import Case, Offer
from models.database import Database, Unavailable
from models.life import OfferStatus, Status
from tests.chaos import databases
from tests.chaos.acceptances import AGAIN, WON, Asked, Said, counted
from tests.chaos.lines import Line
from tests.factories import Inhabitant, Town

PROCESSES = 4
SETTLING = 600.0
"""Seconds for the last of the processes to end."""
_spawning = multiprocessing.get_context("spawn")


def run(seed: int, cases: int, members: int) -> list[Line]:
    """So many members on each of so many cases, on PostgreSQL."""
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="konsult-race-")))
        return in_bulk(held.enter_context(databases.fresh("postgresql", folder)), seed, cases, members)


def in_bulk(database: Database, seed: int, cases: int, members: int) -> list[Line]:
    """Every act through `bot/`, from four processes, each member in a thread: one case after the other."""
    schema.upgrade(database)
    town, dice = Town(database), random.Random(seed)
    asked = [town.member() for _ in range(members)]
    rounds = [_put(town, asked, dice.randint(1, 3)) for _ in range(cases)]
    said = list(_at_once(database, rounds, town.now))
    return [Line(f"race: {cases} cases × {members} members, {PROCESSES} processes", *counted(database, said))]


def _put(town: Town, members: Sequence[Inhabitant], wanted: int) -> list[Asked]:
    """A case whose question waits for each of the members: rows alone, for nobody is told of it here."""
    case_id = town.file(_requester(town), members_wanted=wanted).case_id
    with town.database.writing() as session:
        session.get_one(Case, case_id).status = Status.OFFERED
        rows = [
            Offer(
                organisation_id=town.id,
                case_id=case_id,
                member_id=member.member,
                status=OfferStatus.PENDING,
                asked_by=None,
                asked_at=town.now,
                due_at=town.now + dt.timedelta(days=7),
                note="",
                hours=4,
            )
            for member in members
        ]
        session.add_all(rows)
        session.flush()
        return [Asked(town.id, case_id, row.id, member.person) for row, member in zip(rows, members, strict=True)]


def _requester(town: Town) -> Inhabitant:
    with town.database.reading() as session:
        known = session.scalar(select(Case.requester_id).limit(1))
    return town.requester() if known is None else Inhabitant(town.id, known)


def _at_once(database: Database, rounds: Sequence[list[Asked]], at: dt.datetime) -> Iterator[Said]:
    """Each round's members, spread over the processes, all let go at the same instant."""
    crowd = len(rounds[0])
    starting, said = _spawning.Barrier(crowd), _spawning.SimpleQueue()
    address = database.url.render_as_string(hide_password=False)
    shares = [[questions[place::PROCESSES] for questions in rounds] for place in range(PROCESSES)]
    crew = [
        _spawning.Process(target=_members, args=(address, share, at, starting, said), daemon=True) for share in shares
    ]
    for process in crew:
        process.start()
    try:
        for _ in range(len(rounds) * PROCESSES):
            yield from said.get()
    finally:
        for process in crew:
            process.join(SETTLING)


def _members(
    address: str,
    rounds: Sequence[list[Asked]],
    at: dt.datetime,
    starting: Barrier,
    said: "SimpleQueue[list[Said]]",
) -> None:
    """One process, in which some of the members say yes."""
    database = Database(address)
    with ThreadPoolExecutor(len(rounds[0])) as pool:
        for questions in rounds:
            said.put(list(pool.map(lambda each: _accept(database, each, at, starting), questions)))
    database.close()


def _accept(database: Database, question: Asked, at: dt.datetime, starting: Barrier) -> Said:
    starting.wait()
    for again in range(AGAIN):
        try:
            with database.writing() as session:
                offers.accept(session, Actor(question.organisation_id, question.person_id), question.offer_id, at)
        except Refusal as refusal:
            return Said(question, refusal.sentence(words("sv")), again)
        except Unavailable:
            continue
        except Exception as error:  # noqa: BLE001 - an error is what must not come
            return Said(question, f"error: {error!r}", again)
        return Said(question, WON, again)
    return Said(question, "error: never let in", AGAIN)
