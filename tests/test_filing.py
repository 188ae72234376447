"""Filing: what it asks of the database, and the same draft from several processes."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from bot import drafts
from bot.clock import Clock
from bot.refusals import Invalid
from bot.services import Services
from bot.suggestions import Suggester
from bot.wording import words
from handlers.slack import review
from handlers.slack.asker import Asker
from models.case import Case, Draft
from models.database import Database
from models.job import Job, JobKind
from models.organisation import Unit
from tests.factories import Inhabitant, Town
from tests.statements import recorded

STATEMENTS = 13
"""How many a filing takes, with the one that begins it."""


@pytest.fixture
def town(database: Database) -> Town:
    town = Town(database)
    town.coordinator()
    return town


def kept(town: Town, by: Inhabitant) -> int:
    """A draft that is ready to be filed."""
    typed = {
        "title": "Uppföljning av boendestöd",
        "question": "Hur vet vi om stödet gör nytta för dem som får det?",
        "unit_id": str(town.units["Barn och unga"]),
        "help": "evaluation",
        "answer_kind": "meeting",
    }
    return town.do(drafts.begin, by, typed, town.now)


def filed(town: Town, by: Inhabitant, draft_id: int, database: Database | None = None) -> tuple[int, int]:
    """The id and number of the case that the draft becomes."""
    services = Services(database or town.database, Clock(), Suggester())
    return review.file(services, Asker(by, words("sv", str(town.zone)), "", ""), draft_id, {})


def statements(town: Town, by: Inhabitant) -> int:
    """How many the next filing takes."""
    draft_id = kept(town, by)
    with recorded(town.database) as asked:
        filed(town, by, draft_id)
    return len(asked)


def test_filing_takes_the_same_few_statements_however_much_has_been_filed(town: Town) -> None:
    anna = town.requester()
    filed(town, anna, kept(town, anna))
    assert statements(town, anna) == STATEMENTS
    for _ in range(30):
        filed(town, anna, kept(town, anna))
    assert statements(town, anna) == STATEMENTS


def test_the_same_draft_at_the_same_instant_is_one_consultation(town: Town) -> None:
    anna = town.requester()
    others = [Database(town.database.url.render_as_string(hide_password=False)) for _ in range(2)]
    for _ in range(10):
        draft_id, start = kept(town, anna), Barrier(len(others))

        def send(database: Database, draft_id: int = draft_id, start: Barrier = start) -> tuple[int, int]:
            start.wait()
            return filed(town, anna, draft_id, database)

        with ThreadPoolExecutor(len(others)) as senders:
            assert len(set(senders.map(send, others))) == 1
    for database in others:
        database.close()
    numbers = town.see(lambda session: session.scalars(select(Case.number).order_by(Case.id)).all())
    assert numbers == list(range(1, 11))
    assert len(town.told("filed")) == 10


def test_a_draft_that_cannot_be_filed_is_still_there(town: Town) -> None:
    anna = town.requester()
    draft_id = kept(town, anna)
    with town.database.writing() as session:
        session.get_one(Unit, town.units["Barn och unga"]).ended_on = town.today
    before = town.see(lambda session: session.scalar(select(func.count()).select_from(Job)))
    with pytest.raises(Invalid):
        filed(town, anna, draft_id)
    assert town.see(lambda session: session.scalar(select(Draft.id))) == draft_id
    assert town.see(lambda session: session.scalar(select(func.count()).select_from(Job))) == before
    with town.database.writing() as session:
        session.get_one(Unit, town.units["Barn och unga"]).ended_on = None
    assert filed(town, anna, draft_id)[1] == 1


def test_what_is_told_comes_before_what_is_shown(town: Town) -> None:
    anna = town.requester()
    case_id, _ = filed(town, anna, kept(town, anna))
    mine = select(Job.kind, Job.name).where(Job.case_id == case_id, Job.kind != JobKind.TIMER).order_by(Job.id)
    queued = town.see(lambda session: [tuple(row) for row in session.execute(mine)])
    assert queued == [(JobKind.TELL, "filed"), (JobKind.SHOW, "card")]
