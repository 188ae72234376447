"""The coordinators' card in every state of a case, and what a coordinator does from it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot import casebook, members, offers
from bot.refusals import NotAllowed
from bot.wording import words
from bot.workspace import view_problems
from handlers.slack.asker import Asker
from handlers.slack.asking import ask_other_view, clarify_view, reassign_view, why_not_view
from handlers.slack.ids import Action
from models.case import AnswerKind, Case, DeclineReason
from models.database import Database
from models.forms import Declining
from models.life import Status
from tests.factories import Town
from tests.slack.desk import COORDINATORS, desk, opens, parts, read, rendered, sees, services_of
from tests.slack.story import QUESTION, Story
from tests.slack.town_hall import texts

LANGUAGES = ["sv", "en"]


@pytest.fixture
def database(embedded: Database) -> Database:
    return embedded


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


def test_a_tie_and_a_full_house_are_named_and_a_near_tie_goes_to_whoever_has_less_to_do(story: Story) -> None:
    town = story.town
    tied, busy, _ = (
        town.member(name, keywords=["hemlöshet", "boendestöd"], capacity=3)
        for name in ("Tina Tied", "Berit Busy", "Fia Fri")
    )
    town.active(town.requester(), story.maj, busy, title="Något annat helt")
    town.do(members.declare_conflict, tied, tied.member, town.now, person_id=story.anna.person)
    said = read(rendered(town, "card", story.filed()))
    assert "Tina Tied (jäv eller annan bindning)" in said
    assert "Bo Borta (har fullt upp just nu)" in said
    assert "1. Fia Fri" in said
    assert "2. Berit Busy" in said
    assert "1 pågående konsultation" in said


def test_what_a_member_declined_as_outside_the_field_stands_on_the_card(story: Story) -> None:
    town = story.town
    before = story.filed()
    refused = town.ask(story.maj, before, story.lena)
    town.do(offers.decline, story.lena, refused, Declining(reason=DeclineReason.OUTSIDE_FIELD), town.now)
    equal = town.member("Ester Ek", keywords=["hemlöshet", "boendestöd"])
    after = town.file(story.anna, "Boendestöd igen", "Vad vet vi om boendestöd?").case_id
    said = read(rendered(town, "card", after))
    assert said.index("Ester Ek") < said.index("Lena Lind")
    assert "\nHar tidigare tackat nej till en fråga om " in said
    assert "som låg utanför området." in said
    asker = Asker(story.maj, words("sv"), "U1", "T1")
    explained = texts(why_not_view(services_of(town), asker, after, [story.lena.member, equal.member]))
    assert "Har tidigare tackat nej" in explained


def test_who_has_advised_the_same_person_is_told_where_a_review_is_wanted(story: Story) -> None:
    town = story.town
    town.active(story.anna, story.maj, story.lena, title="Något annat helt")
    review = town.file(story.anna, "Boendestöd", QUESTION, answer_kind=AnswerKind.REVIEW).case_id
    assert "Har gett samma kontaktperson råd förut." in read(rendered(town, "card", review))
    assert "råd förut" not in read(rendered(town, "card", story.filed()))


def test_the_card_shows_what_the_requester_has_chosen_and_what_lies_near(story: Story) -> None:
    town = story.town
    for number in range(6):
        town.member(f"Annan {number}", keywords=["registerstudier"])
    vague = "Vi vill bli bättre på det vi gör"
    chosen = town.file(story.anna, vague, topics=["boendestöd", "@housing"]).case_id
    said = read(rendered(town, "card", chosen))
    assert "Enligt Anna Ask handlar frågan om boendestöd och hela området Hemlöshet och boende." in said
    assert "Lena Lind" in said
    unknown = town.file(story.anna, "Hur arbetar andra med dold hemlöshet bland djurägare i norr?", topics=["borta"])
    assert "Enligt Anna Ask" not in read(rendered(town, "card", unknown.case_id))
    near = read(rendered(town, "card", town.file(story.anna, "Vad gör andra mot vräkning?").case_id))
    assert "Ämnen som ligger närmast frågan: " in near
    assert "vräkning" in near
    nothing = read(rendered(town, "card", town.file(story.anna, vague).case_id))
    assert "Ämnen som ligger närmast" not in nothing


def test_any_member_can_be_explained(story: Story) -> None:
    town = story.town
    off = town.member("Olle Ovan", keywords=["registerstudier"])
    case_id = story.filed()
    asker = Asker(story.maj, words("sv"), "U1", "T1")
    everybody = [story.lena.member, story.siv.member, story.away.member, off.member]
    view = why_not_view(services_of(town), asker, case_id, everybody)
    said = texts(view)
    assert "*Lena Lind*: inget hindrar" in said
    assert "*Bo Borta*: har fullt upp just nu" in said
    assert "av 4 som frågan leder till: skriver om" in said
    assert "*Olle Ovan*: inget hindrar\nInget i profilen svarar mot frågan." in said
    with pytest.raises(NotAllowed):
        why_not_view(services_of(town), Asker(story.anna, words("sv"), "U1", "T1"), case_id, everybody)


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
    long = story.town.member("&" * 200, keywords=["hemlöshet " + "&" * 70, *("<!here> boendestöd " * 4,)])
    case = story.town.see(casebook.read, active)
    views = [
        ask_other_view(services, asker, submitted),
        clarify_view(asker.words, story.town.see(casebook.read, submitted)),
        why_not_view(services, asker, submitted, [long.member] * 5),
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
        maj.press(Action.WHY_NOT, filled={"member_ids": [str(story.siv.member)]})
        opens(maj, "*Siv Strand*: inget hindrar", "som frågan leder till: skriver om")
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
