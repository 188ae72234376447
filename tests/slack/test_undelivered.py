"""What coordinators are told of a message that did not arrive, or of which nobody can tell."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.surfaces import UNSEEN
from models.database import Database
from models.job import Job, JobState
from tests.factories import Town
from tests.slack.desk import read, rendered


@pytest.fixture
def database(embedded: Database) -> Database:
    return embedded


@pytest.mark.parametrize(
    ("language", "why", "said"),
    [
        ("sv", "not_in_channel", "Ett meddelande kom inte fram (nr {job}, not_in_channel)."),
        ("en", "not_in_channel", "A message did not arrive (no. {job}, not_in_channel)."),
        ("sv", UNSEEN, "Det går inte att se om ett meddelande kom fram (nr {job})"),
        ("en", UNSEEN, "Nobody can see whether a message arrived (no. {job})"),
    ],
)
def test_it_is_said_what_is_known(database: Database, language: str, why: str, said: str) -> None:
    town = Town(database)
    town.file(town.requester())

    def park(session: Session) -> int:
        job = session.scalars(select(Job).limit(1)).one()
        job.state, job.why = JobState.PARKED, why
        return job.id

    job = town.do(park)
    message = rendered(town, "parked", None, subject_id=job, language=language)
    assert said.format(job=job) in read(message)
    assert said.format(job=job) in message.text
    assert (UNSEEN in read(message)) is False
