"""What holds the organisation while it writes keeps nobody else of it from writing: only from doing the same."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from bot import cases, digest, glossaries, organisations
from models.case import AnswerKind, Help
from models.database import Database, Unavailable
from models.forms import Question
from models.organisation import Organisation
from tests.factories import Town
from tests.jobs.stage import tell

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)]
Act = Callable[[Session, Town], object]


def files(session: Session, town: Town) -> None:
    unit_id = town.units["Barn och unga"]
    form = Question(
        title="Boendestöd", question="Vi undrar hur.", help=Help.METHOD, answer_kind=AnswerKind.MEETING, unit_id=unit_id
    )
    cases.file(session, town.requester(), form, town.now)


def decides_about_a_digest(session: Session, town: Town) -> None:
    digest.decide(session, session.get_one(Organisation, town.id), town.now)


def imports_terms(session: Session, town: Town) -> None:
    glossaries.write(session, town.id, "# inga än\n", "ord.toml", town.now)


def names_the_first_administrator(session: Session, town: Town) -> None:
    organisations.first_admin(session, "slack", town.team, "U1", "Maj Moberg", None, "sv-SE", town.now)


HOLDING: list[Act] = [files, decides_about_a_digest, imports_terms, names_the_first_administrator]


@pytest.mark.parametrize("act", HOLDING)
def test_others_can_enqueue_meanwhile(database: Database, act: Act) -> None:
    town = Town(database)
    with database.writing() as session:
        act(session, town)
        session.flush()
        tell(database, "meanwhile", home=town.id)


def test_two_are_not_filed_at_once(database: Database) -> None:
    """The number of the one is known before the other gets its own."""
    town = Town(database)
    with database.writing() as session:
        files(session, town)
        session.flush()
        with pytest.raises(Unavailable), database.writing() as other:
            files(other, town)
