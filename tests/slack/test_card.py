"""The coordinators' card in every state of a case, and what a coordinator does from it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import answers, cases, notes, offers
from bot.wording import words
from bot.workspace import view_problems
from handlers.slack.asker import Asker
from handlers.slack.asking import ask_other_view, clarify_view, reassign_view
from handlers.slack.ids import Action
from handlers.slack.rendering import casebook
from models.case import DeclineReason
from models.database import Database
from models.forms import Answering, Asking, Clarification, Closing, Declining, Writing
from models.life import Status
from tests.factories import Inhabitant, Town
from tests.slack.desk import COORDINATORS, desk, read, rendered, services_of
from tests.slack.town_hall import texts

LANGUAGES = ["sv", "en"]
QUESTION = "Hur utvärderar vi boendestöd för personer i hemlöshet? <!channel> & *fet*"


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copyfile(sqlite_template, tmp_path / "konsult.db")
    made = Database(f"sqlite:///{tmp_path / 'konsult.db'}")
    yield made
    made.close()


class Story:
    """A town with a requester, a coordinator and members who know about homelessness."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.anna = town.requester("Anna Ask")
        self.maj = town.coordinator("Maj Moberg")
        self.lena = town.member("Lena Lind", keywords=["hemlöshet", "boendestöd"], title="professor")
        self.per = town.member("Per Palm", keywords=["hemlöshet"], chat=False)
        self.siv = town.member("Siv Strand", keywords=["hemlöshet"])
        self.away = town.member("Bo Borta", keywords=["hemlöshet", "boendestöd", "utvärdering"], capacity=0)

    def filed(self, **fields: object) -> int:
        return self.town.file(self.anna, "Boendestöd och hemlöshet", QUESTION, **fields).case_id

    def in_state(self, status: Status) -> int:
        """A case in the status, with all that its way there leaves behind."""
        town, case_id = self.town, self.filed(members_wanted=2, wished_member_ids=[self.siv.member])
        if status is Status.SUBMITTED:
            return case_id
        if status is Status.CLARIFYING:
            town.do(cases.clarify, self.maj, case_id, Clarification(text="Vilka gäller det?"), town.now)
            return case_id
        refused = town.ask(self.maj, case_id, self.siv)
        town.do(offers.decline, self.siv, refused, Declining(reason=DeclineReason.NO_TIME), town.now)
        asked = town.ask(self.maj, case_id, self.lena)
        town.do(notes.query, self.lena, asked, Writing(text="Hur många gäller det?"), town.now)
        town.ask(self.maj, case_id, self.per)
        if status is Status.OFFERED:
            return case_id
        town.do(offers.accept, self.lena, asked, town.now)
        town.do(answers.answer, self.lena, case_id, Answering(text="Börja med att mäta."), town.now)
        if status is Status.PAUSED:
            town.do(cases.pause, self.maj, case_id, None, town.now)
        if status is Status.CLOSED:
            closing = Closing(outcome="answered", hours=3.5, lesson="Mät före.")
            town.do(answers.close, self.maj, case_id, closing, town.now)
        if status is Status.WITHDRAWN:
            town.do(cases.withdraw, self.anna, case_id, town.now)
        return case_id


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
    assert "Anna Ask önskar helst: Siv Strand" in said


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
@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=10, max_size=600), language=st.sampled_from(LANGUAGES))
def test_any_text_is_shown_safely(story: Story, text: str, language: str) -> None:
    question = f"{text} <!here> & slut."
    case_id = story.town.do(
        lambda session: _file_unchecked(session, story, question)
    )
    assert "<!here>" not in read(rendered(story.town, "card", case_id, language=language))
    assert "<!here>" not in read(rendered(story.town, "room", case_id, language=language))


def _file_unchecked(session: object, story: Story, question: str) -> int:
    from models.case import Case  # noqa: PLC0415

    done = cases.file(session, story.anna, _form(story), story.town.now)  # type: ignore[arg-type]
    case = session.get_one(Case, done.case_id)  # type: ignore[attr-defined]
    case.question = question
    case.title = question[:150]
    return done.case_id


def _form(story: Story) -> object:
    from models.forms import Question  # noqa: PLC0415

    return Question(
        title="Rubrik",
        question="En fråga som är lång nog.",
        help="evaluation",
        answer_kind="meeting",
        unit_id=story.town.units["Barn och unga"],
    )


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
        maj = at.screen(story.maj, coordinates=True)
        lena = at.screen(story.lena)
        story.filed()
        at.deliver()

        at.click(maj, COORDINATORS, at.card(maj), Action.ASK_ORDER)

        card = texts(at.card(maj))
        assert "*Lena Lind* har fått frågan" in card
        assert "Sedan i tur:" in card
        assert "En fråga till dig" in texts(lena.messages()[-1])
        assert "Maj Moberg" in card, "who asks is responsible from now on"


def test_the_same_button_twice_is_answered_kindly(database: Database) -> None:
    with desk(database) as at:
        story = Story(at.town)
        maj = at.screen(story.maj, coordinates=True)
        story.filed()
        at.deliver()
        card = at.card(maj)
        ask = f"{Action.ASK}:{story.lena.member}"
        maj.click(COORDINATORS, card["ts"], ask)

        maj.click(COORDINATORS, card["ts"], ask)

        said = maj.wait_for(lambda: texts(maj.modal()))
        assert "har redan frågan" in said


def test_somebody_else_is_asked_and_the_request_goes_back(database: Database) -> None:
    with desk(database) as at:
        story = Story(at.town)
        maj, siv = at.screen(story.maj, coordinates=True), at.screen(story.siv)
        story.filed()
        at.deliver()

        maj.click(COORDINATORS, at.card(maj)["ts"], Action.ASK_OTHER)
        assert maj.modal() is not None
        maj.press(Action.WHY_NOT)
        assert "Välj först" in texts(maj.modal())
        maj.close()
        maj.fill(member_ids=[str(story.siv.member)], note="Du kan det här.", hours="2")
        at.deliver()
        assert "Du kan det här." in texts(siv.messages()[-1])
        assert "ungefär 2 timmar" in texts(siv.messages()[-1])

        maj.click(COORDINATORS, at.card(maj)["ts"], Action.CLARIFY)
        maj.fill(text="Vilken enhet gäller det?")
        at.deliver()
        assert "Väntar på komplettering" in texts(at.card(maj))
        assert "är tillbakadragen" in texts(siv.messages()[-1])


def test_nobody_but_a_coordinator_asks(story: Story) -> None:
    case_id = story.filed()
    stranger: Inhabitant = story.lena
    with pytest.raises(Exception) as refused:  # noqa: PT011
        story.town.do(offers.ask, stranger, case_id, Asking(member_ids=[story.siv.member]), story.town.now)
    assert refused.value.sentence(words("sv"))  # type: ignore[attr-defined]
