"""The case's own channel: its summary, and who belongs in it."""

import pytest

from bot import cases, offers
from bot.wording import words
from handlers.slack.rooms import members_of_room, room_name
from models.database import Database
from models.life import Status
from tests.factories import Town
from tests.slack.desk import desk, read, rendered, sees
from tests.slack.story import Story


@pytest.fixture
def database(embedded: Database) -> Database:
    return embedded


@pytest.fixture
def story(database: Database) -> Story:
    return Story(Town(database))


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("status", list(Status))
def test_the_summary_in_every_state(story: Story, status: Status, language: str) -> None:
    case_id = story.in_state(status)
    said = read(rendered(story.town, "room", case_id, receiver=f"room:{case_id}", language=language))
    assert words(language)(f"status.{status}").casefold() in said.casefold()
    assert (words(language)("asked.answer") in said.splitlines()) == (status is Status.ACTIVE)
    assert "har tackat nej" not in said, "who declined is not told here"
    assert "Siv Strand" not in said
    assert (words(language)("room.lesson") in said) == (status is Status.CLOSED)


def test_who_is_not_in_the_chat_is_named(story: Story) -> None:
    case_id = story.town.active(story.anna, story.maj, story.per)
    said = read(rendered(story.town, "room", case_id, receiver=f"room:{case_id}"))
    assert "Per Palm (nås utanför chatten)" in said


def test_who_belongs_follows_the_parts(story: Story) -> None:
    town = story.town
    eva = town.requester("Eva Ek", unit="Vuxenenheten")
    other = town.coordinator()
    case_id = story.filed(other_unit_ids=[town.units["Vuxenenheten"]])
    assert town.see(members_of_room, case_id) == {story.anna.person, story.maj.person, other.person}

    town.do(offers.accept, story.lena, town.ask(story.maj, case_id, story.lena), town.now)
    town.do(cases.confirm, eva, case_id, town.units["Vuxenenheten"], town.now)
    there = {story.anna.person, story.maj.person, story.lena.person, eva.person}
    assert town.see(members_of_room, case_id) == there

    town.do(offers.release, story.lena, town.latest_offer(case_id), town.now)
    assert town.see(members_of_room, case_id) == there - {story.lena.person}


def test_the_channel_has_the_cases_number() -> None:
    assert room_name(12) == "konsultation-12"


def test_the_channel_is_made_when_a_member_accepts_and_left_when_they_leave(database: Database) -> None:
    with desk(database) as at:
        story = Story(at.town)
        at.move_in()
        anna, lena = at.screen(story.anna), at.screen(story.lena)
        case_id = at.town.active(story.anna, story.maj, story.lena)
        for person in (anna, lena):
            person.wait_for(lambda person=person: any(each["name"] == room_name(1) for each in person.channels()))
            sees(person, "Konsultation nr 1", channel=room_name(1))

        at.town.do(offers.release, story.lena, at.town.latest_offer(case_id), at.town.now)

        lena.wait_for(lambda: all(each["name"] != room_name(1) for each in lena.channels()))
