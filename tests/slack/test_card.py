"""The coordinators' card in every state of a case, and what a coordinator does from it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot import casebook, members, offers
from bot.wording import words
from bot.workspace import view_problems
from handlers.slack.asker import Asker
from handlers.slack.asking import ask_other_view, clarify_view, reassign_view
from handlers.slack.ids import Action
from models.case import Case, DeclineReason
from models.database import Database
from models.forms import Declining
from models.life import Status
from tests.factories import Town
from tests.slack.desk import COORDINATORS, desk, opens, parts, read, rendered, sees, services_of
from tests.slack.story import Story

LANGUAGES = ["sv", "en"]


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copyfile(sqlite_template, tmp_path / "konsult.db")
    made = Database(f"sqlite:///{tmp_path / 'konsult.db'}")
    yield made
    made.close()


@pytest.fixture
def story(database: Database) -> Story:
    return Story(Town(database))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", list(Status))
def test_the_card_in_every_state(story: Story, status: Status, language: str) -> None:
    case_id = story.in_state(status)
    message = rendered(story.town, "card", case_id, language=language)
    said = read(message)
    assert "Boendestöd och hemlöshet" in said
    assert words(language)(f"status.{status}").casefold() in said.casefold()
    assert "<!channel>" not in said
    assert len(message.blocks) <= 16
    if status in {Status.CLOSED, Status.WITHDRAWN}:
        assert len(message.blocks) == 3


def test_a_new_case_shows_suggestions_with_reasons_and_why_the_better_one_is_left_out(story: Story) -> None:
    message = rendered(story.town, "card", story.filed())
    said = read(message)
    assert len(message.blocks) <= 12
    assert "1. Lena Lind" in said
    assert "hemlöshet" in said
    assert "professor" in said
    assert "Bo Borta (har fullt upp just nu)" in said
    assert "Nås utanför chatten." in said
    assert "Fråga i denna ordning" in said
    assert "Ta ansvar" in said
    assert "%" not in said


def test_without_a_fitting_member_the_card_says_so(story: Story) -> None:
    case_id = story.town.file(story.anna, "Kvantfysik", "Vi undrar över kvarkar och gluoner i kosmos.").case_id
    said = read(rendered(story.town, "card", case_id))
    assert "Fråga i denna ordning" not in said
    assert "Fråga någon annan" in said
    assert "Just nu finns ingen att föreslå" in said


def test_the_card_shows_who_waits_and_who_said_no_and_why(story: Story) -> None:
    said = read(rendered(story.town, "card", story.in_state(Status.OFFERED)))
    assert "Siv Strand: har tackat nej, har inte tid" in said
    assert "*Lena Lind* har fått frågan. Svar senast" in said
    assert "Hur många gäller det?" in said
    assert "Svara ledamoten" in said
    assert "Dra tillbaka" in said
    assert "Siv Strand" in said
    assert "Önskemål från Anna Ask: Siv Strand" in said


def test_a_long_story_stays_within_the_limits(story: Story) -> None:
    town = story.town
    case_id = town.file(story.anna, "T" * 150, "&" * 3000, members_wanted=3).case_id
    for place in range(12):
        member = town.member(f"Ledamot med ett långt namn {place} " + "Å" * 150)
        offer_id = town.ask(story.maj, case_id, member)
        if place < 9:
            town.do(offers.decline, member, offer_id, Declining(reason=DeclineReason.WITHHELD), town.now)
    said = read(rendered(town, "card", case_id))
    assert "&amp;" in said


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=400), language=st.sampled_from(LANGUAGES))
def test_any_text_is_shown_safely(story: Story, text: str, language: str) -> None:
    case_id = story.filed()

    def rewrite(session: Session) -> None:
        case = session.get_one(Case, case_id)
        case.question, case.title = f"<!here> & {text}", f"<@U1> {text}"[:150]

    story.town.do(rewrite)
    for name in ("card", "room"):
        shown = parts(rendered(story.town, name, case_id, language=language))
        assert not any("<!" in each or "<@U1>" in each for each in shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_views_stay_within_the_limits(story: Story, language: str) -> None:
    services = services_of(story.town)
    asker = Asker(story.maj, words(language), "U1", "T1")
    submitted, active = story.filed(), story.in_state(Status.ACTIVE)
    case = story.town.see(casebook.read, active)
    views = [
        ask_other_view(services, asker, submitted),
        clarify_view(asker.words, story.town.see(casebook.read, submitted)),
        reassign_view(services, asker, case.members[0].id),
    ]
    for view in views:
        assert view_problems(view, surface="modal") == []


def test_the_coordinator_asks_in_order_from_the_card(database: Database) -> None:
    with desk(database) as at:
        story = Story(at.town)
        at.move_in()
        maj, lena = at.screen(story.maj), at.screen(story.lena)
        story.filed()

        card = sees(maj, "Fråga i denna ordning", channel=COORDINATORS)
        maj.click(COORDINATORS, card["ts"], Action.ASK_ORDER)

        sees(lena, "En fråga till dig")
        sees(maj, "*Lena Lind* har fått frågan", "Sedan i tur: ", "Maj Moberg", channel=COORDINATORS)


def test_a_button_that_came_too_late_is_answered_kindly(database: Database) -> None:
    with desk(database) as at:
        story = Story(at.town)
        at.move_in()
        maj = at.screen(story.maj)
        story.filed()
        card = sees(maj, "1. Lena Lind", channel=COORDINATORS)
        tie = {"person_id": story.anna.person}
        at.town.do(members.declare_conflict, story.lena, story.lena.member, at.town.now, **tie)

        maj.click(COORDINATORS, card["ts"], f"{Action.ASK}:{story.lena.member}")

        opens(maj, "jäv eller annan bindning och kan inte frågas")


def test_somebody_else_is_asked_and_the_request_goes_back(database: Database) -> None:
    with desk(database) as at:
        story = Story(at.town)
        at.move_in()
        maj, siv = at.screen(story.maj), at.screen(story.siv)
        story.filed()

        maj.click(COORDINATORS, sees(maj, "Fråga någon annan", channel=COORDINATORS)["ts"], Action.ASK_OTHER)
        opens(maj, "Vilka ska frågas?")
        maj.press(Action.WHY_NOT)
        opens(maj, "Välj först")
        maj.close()
        maj.fill(member_ids=[str(story.siv.member)], note="Du kan det här.", hours="2")
        sees(siv, "Du kan det här.", "Ungefär 2 timmar")

        card = sees(maj, "*Siv Strand* har fått frågan", channel=COORDINATORS)
        maj.click(COORDINATORS, card["ts"], Action.CLARIFY)
        opens(maj, "Vad behöver kompletteras?")
        maj.fill(text="Vilken enhet gäller det?")
        sees(maj, "Väntar på komplettering", channel=COORDINATORS)
        sees(siv, "är tillbakadragen")


def test_a_member_is_changed_and_a_question_taken_back(database: Database) -> None:
    with desk(database) as at:
        story = Story(at.town)
        at.move_in()
        maj, siv = at.screen(story.maj), at.screen(story.siv)
        case_id = at.town.active(story.anna, story.maj, story.lena)
        leaving = at.town.latest_offer(case_id)

        card = sees(maj, "Byt ledamot", channel=COORDINATORS)
        maj.click(COORDINATORS, card["ts"], f"{Action.REASSIGN}:{leaving}")
        opens(maj, "Lena Lind lämnar")
        maj.fill(member_ids=[str(story.siv.member)])

        sees(siv, "En fråga till dig")
        card = sees(maj, "*Siv Strand* har fått frågan", "Lena Lind: har lämnat", channel=COORDINATORS)
        maj.click(COORDINATORS, card["ts"], f"{Action.RETRACT}:{at.town.latest_offer(case_id)}")
        sees(siv, "är tillbakadragen")
