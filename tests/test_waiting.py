"""What waits for somebody."""

import pytest

from bot import answers, waiting
from models.case import Degree
from models.database import Database
from models.forms import Feedbacking
from models.people import Identity
from tests.factories import Town


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database)


def test_who_is_in_another_organisations_chat_alone_is_in_none_of_ours(town: Town) -> None:
    other = Town(town.database, "Grannköping")
    town.member("Lena")
    elsewhere = town.member("Omar", chat=False)
    town.member("Åsa", chat=False)
    town.do(
        lambda session: session.add(
            Identity(person_id=elsewhere.person, platform="slack", team=other.team, user="UOMAR")
        )
    )
    found = town.see(waiting.members_without_chat, town.id, 5)
    assert ([name for _, name in found.members], found.total) == (["Omar", "Åsa"], 2)
    assert town.see(waiting.members_without_chat, other.id, 5).total == 0


def test_a_lesson_waits_until_it_is_approved_and_the_questions_until_they_are_answered(town: Town) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member()
    case_id = town.active(anna, maj, lena)
    town.close(maj, case_id, lena, lesson="Det tar tid.")
    waits = [line.id for line in town.see(waiting.lessons_to_approve, anna, 5)]
    asked = [line.id for line in town.see(waiting.feedback_wanted, anna, town.now, 5)]
    assert waits == asked == [case_id]
    town.do(answers.approve, anna, case_id, town.now)
    town.do(answers.feedback, anna, case_id, 0, Feedbacking(helped=Degree.YES), town.now)
    assert town.see(waiting.lessons_to_approve, anna, 5) == town.see(waiting.feedback_wanted, anna, town.now, 5) == ()
