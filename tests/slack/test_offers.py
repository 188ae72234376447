"""The question to a member: what it says in every state, and the member's answers to it."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import casebook, notes, offers
from bot.refusals import NotFound, TooLate
from bot.wording import words
from bot.workspace import view_problems
from handlers.slack.ids import Action
from handlers.slack.offers import decline_view, query_view, reply_view
from handlers.slack.opening import of_offer
from models.case import DeclineReason, Offer
from models.database import Database
from models.forms import Declining, Writing
from models.life import Act, OfferStatus, Status
from models.organisation import Organisation
from tests.factories import Inhabitant, Town
from tests.slack.desk import COORDINATORS, desk, opens, read, rendered, sees
from tests.slack.story import Story

LANGUAGES = ["sv", "en"]


@pytest.fixture
def database(embedded: Database) -> Database:
    return embedded


@pytest.fixture
def story(database: Database) -> Story:
    return Story(Town(database, terms="Arvode 800 kr i timmen.", terms_en="Paid by the hour."))


def question(story: Story, offer_id: int, member: Inhabitant, language: str = "sv") -> str:
    case_id = story.town.see(lambda session: session.get_one(Offer, offer_id).case_id)
    receiver = f"person:{member.person}"
    return read(rendered(story.town, "offer", case_id, subject_id=offer_id, receiver=receiver, language=language))


def test_the_question_says_all_that_one_needs_to_decide(story: Story) -> None:
    case_id = story.filed(wanted_by="2026-04-15", shown=False, links=["https://example.se/plan"])
    offer_id = story.town.ask(story.maj, case_id, story.lena)
    said = question(story, offer_id, story.lena)
    for part in (
        "Anna Ask, Barn och unga, Farsta",
        "Hur utvärderar vi boendestöd",
        "Ungefär 4 timmar",
        "Ett möte",
        "15 april 2026",
        "visas inte i FoU-forumet",
        "Arvode 800 kr i timmen.",
        "https://example.se/plan",
        "Svara gärna senast måndag 9 mars",
        "Tacka ja",
        "Tacka nej",
        "Fråga tillbaka",
    ):
        assert part in said
    assert "Paid by the hour." in question(story, offer_id, story.lena, "en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", [status for status in Status if status not in {Status.SUBMITTED, Status.CLARIFYING}])
def test_every_question_in_every_state_of_its_case(story: Story, status: Status, language: str) -> None:
    story.in_state(status)
    rows = story.town.see(lambda session: list(session.scalars(select(Offer))))
    people = {member.member: member for member in (story.lena, story.per, story.siv)}
    for row in rows:
        said = question(story, row.id, people[row.member_id], language)
        has_buttons = words(language)("asked.accept") in said
        assert has_buttons == (row.status is OfferStatus.PENDING)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", list(DeclineReason))
def test_a_declined_question_thanks_and_has_no_buttons(story: Story, reason: DeclineReason, language: str) -> None:
    offer_id = story.town.ask(story.maj, story.filed(), story.lena)
    form = Declining(reason=reason, ask_again_from="2026-05-04" if reason is DeclineReason.NOT_NOW else None)
    story.town.do(offers.decline, story.lena, offer_id, form, story.town.now)
    said = question(story, offer_id, story.lena, language)
    assert words(language)("asked.decline") != said
    assert ("2026" in said) == (reason is DeclineReason.NOT_NOW)
    assert words(language)("asked.accept") not in said.splitlines()


def test_a_question_expired_or_taken_back_or_left(story: Story) -> None:
    town = story.town
    first = town.ask(story.maj, story.filed(), story.lena)
    town.do(lambda session: offers.expire(session, session.get_one(Offer, first), town.now))
    assert "vi söker någon annan" in question(story, first, story.lena)
    second = town.ask(story.maj, story.filed(), story.siv)
    town.do(offers.retract, story.maj, second, town.now)
    assert "är tillbakadragen" in question(story, second, story.siv)
    third = town.ask(story.maj, story.filed(), story.lena)
    town.do(offers.accept, story.lena, third, town.now)
    assert "Du har tackat ja till konsultation nr 3" in question(story, third, story.lena)
    town.do(offers.release, story.lena, third, town.now)
    assert "Du har lämnat konsultation nr 3" in question(story, third, story.lena)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_views_stay_within_the_limits(story: Story, language: str) -> None:
    offer_id = story.town.ask(story.maj, story.filed(), story.lena)
    story.town.do(notes.query, story.lena, offer_id, Writing(text="Å" * 3000), story.town.now)
    case = story.town.see(casebook.read, 1)
    for view in (decline_view, query_view, reply_view):
        assert view_problems(view(words(language), case, case.pending[0]), surface="modal") == []


def test_a_member_asks_back_gets_a_reply_and_accepts(database: Database) -> None:
    with desk(database) as at:
        story = Story(at.town)
        at.move_in()
        maj, lena = at.screen(story.maj), at.screen(story.lena)
        offer_id = at.town.ask(story.maj, story.filed(), story.lena)

        asked = sees(lena, "En fråga till dig")
        lena.click(lena.dm(), asked["ts"], Action.QUERY)
        opens(lena, "Vad vill du veta?")
        lena.fill(text="Hur många boende gäller det?")
        card = sees(maj, "Hur många boende gäller det?", "Registrera svar", channel=COORDINATORS)
        maj.click(COORDINATORS, card["ts"], f"{Action.REPLY}:{offer_id}")
        opens(maj, "Hur många boende gäller det?")
        maj.fill(text="Ungefär fyrtio.")

        asked = sees(lena, "En fråga till dig", "Ungefär fyrtio.")
        lena.click(lena.dm(), asked["ts"], Action.ACCEPT)
        assert sees(lena, "Du har tackat ja", "Ge svar")["ts"] == asked["ts"], (
            "the message itself is brought up to date"
        )
        sees(maj, "Råd av Lena Lind", channel=COORDINATORS)


def test_a_member_declines_with_a_tie_and_the_next_is_asked(database: Database) -> None:
    with desk(database) as at:
        story = Story(at.town)
        at.move_in()
        maj, lena, siv = at.screen(story.maj), at.screen(story.lena), at.screen(story.siv)
        at.town.ask(story.maj, story.filed(), story.lena, story.siv, in_turn=True)

        lena.click(lena.dm(), sees(lena, "En fråga till dig")["ts"], Action.DECLINE)
        opens(lena, "Bara samordnarna ser varför")
        lena.fill(reason="not_now")
        assert lena.modal() is not None, "not now needs a day"
        lena.fill(reason="conflict", ask_again_from=None)

        sees(siv, "En fråga till dig")
        sees(lena, "Du har tackat nej")
        sees(maj, "Lena Lind: har tackat nej, jäv eller annan bindning", channel=COORDINATORS)


@pytest.mark.parametrize("act", [Act.ACCEPT, Act.DECLINE, Act.QUERY])
def test_an_old_button_is_answered_with_what_happened(story: Story, act: Act) -> None:
    asked = story.town.ask(story.maj, story.filed(), story.lena)
    story.town.do(offers.retract, story.maj, asked, story.town.now)
    with pytest.raises(TooLate) as refused:
        story.town.see(of_offer, story.lena, asked, act)
    assert refused.value.sentence(words("sv")) == "Frågan i konsultation nr 1 är tillbakadragen."
    with pytest.raises(NotFound):
        story.town.see(of_offer, story.lena, 999, act)


def test_a_member_leaves_after_a_yes(database: Database) -> None:
    with desk(database) as at:
        story = Story(at.town)
        at.move_in()
        lena = at.screen(story.lena)
        at.town.active(story.anna, story.maj, story.lena)
        asked = sees(lena, "Du har tackat ja")
        lena.click(lena.dm(), asked["ts"], Action.RELEASE)
        assert sees(lena, "Du har lämnat")["ts"] == asked["ts"]


def offer_of(session: Session, case_id: int) -> Offer:
    return session.scalars(select(Offer).where(Offer.case_id == case_id)).one()


def test_terms_are_left_out_when_there_are_none(story: Story) -> None:
    def forget(session: Session) -> None:
        session.get_one(Organisation, story.town.id).terms = ""
        session.get_one(Organisation, story.town.id).terms_en = ""

    story.town.do(forget)
    case_id = story.filed()
    story.town.ask(story.maj, case_id, story.lena)
    offer_id = story.town.see(lambda session: offer_of(session, case_id).id)
    assert "Villkor" not in question(story, offer_id, story.lena)


def test_a_refusal_that_comes_too_late_for_a_view_stands_below_the_message(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(*_: object) -> None:
        raise TooLate("taken", number=1)

    with desk(database) as at:
        story = Story(at.town)
        at.move_in()
        lena = at.screen(story.lena)
        at.town.ask(story.maj, story.filed(), story.lena)
        asked = sees(lena, "En fråga till dig")
        monkeypatch.setattr(offers, "accept", taken)
        monkeypatch.setattr("bot.workspace.limits.TRIGGER_SECONDS", -1.0)
        lena.click(lena.dm(), asked["ts"], Action.ACCEPT)
        below = lena.wait_for(lambda: [each for each in lena.messages() if each["ephemeral"]])
        assert [each["text"] for each in below] == [
            "Konsultation nr 1 har redan fått sin ledamot. Tack för att du ville."
        ]
        assert lena.message(lena.dm(), asked["ts"])["blocks"] == asked["blocks"]
