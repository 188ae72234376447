"""Acting for somebody outside the chat: the text to send them, and recording what they said."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import casebook
from bot.refusals import NotAllowed, TooLate
from bot.wording import words
from bot.workspace import view_problems
from handlers.slack.asker import Asker
from handlers.slack.behalf import behalf_view
from handlers.slack.ids import Action
from handlers.slack.recordings import RECORDINGS, choosable
from models.case import Case, Event
from models.database import Database
from models.forms import Button
from models.life import ACTS, Act, OfferStatus, Part, Status
from models.people import Person
from tests.factories import Town
from tests.slack.desk import COORDINATORS, desk, opens, parts, read, rendered, sees, services_of
from tests.slack.story import Story


@pytest.fixture
def database(embedded: Database) -> Database:
    return embedded


@pytest.fixture
def story(database: Database) -> Story:
    return Story(Town(database))


def test_the_text_to_send_is_whole_and_in_the_members_language(story: Story) -> None:
    def known(session: Session) -> None:
        person = session.get_one(Person, story.per.person)
        person.email, person.language = "per.palm@example.org", "en"

    story.town.do(known)
    case_id = story.filed()
    offer_id = story.town.ask(story.maj, case_id, story.per)
    data = {"notice": "offer", "person": story.per.person}
    message = rendered(story.town, "relay", case_id, subject_id=offer_id, data=data)
    said = read(message)
    assert "*Per Palm* nås utanför chatten" in said
    assert "<mailto:per.palm@example.org|per.palm@example.org>" in said
    assert "A question for you" in said
    assert "Please reply by Monday 9 March" in said
    assert "Registrera ja" in said
    assert "&lt;!channel&gt; &amp; fet" in said


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=3000))
def test_any_question_can_be_relayed(story: Story, text: str) -> None:
    case_id = story.filed()
    offer_id = story.town.ask(story.maj, case_id, story.per)

    def rewrite(session: Session) -> None:
        session.get_one(Case, case_id).question = f"<!here> ``` {text}"

    story.town.do(rewrite)
    data = {"notice": "offer", "person": story.per.person}
    for part in parts(rendered(story.town, "relay", case_id, subject_id=offer_id, data=data)):
        assert "<!" not in part
        assert part.count("```") in {0, 2}


@pytest.mark.parametrize("status", list(Status))
def test_every_act_of_a_requester_or_member_can_be_recorded(story: Story, status: Status) -> None:
    """What the table of acts lets them do, and nothing that it does not; the coordinator's own acts are not here."""
    case = story.town.see(casebook.read, story.in_state(status))
    found = {(each.act, each.offer.status if each.offer else None) for each in choosable(case)}
    left_out = {Act.FILE, Act.ASK, Act.REPLY, Act.DIARY}
    for act, rule in ACTS.items():
        if act in left_out or status not in rule.within:
            assert not any(each == act for each, _ in found)
            continue
        if act is Act.APPROVE and (case.lesson is None or case.lesson.approved):
            continue
        if act in {Act.COMMENT} and not case.answers:
            continue
        if Part.REQUESTER in rule.by and act in RECORDINGS:
            assert (act, None) in found
        if Part.MEMBER in rule.by and case.members:
            assert (act, OfferStatus.ACCEPTED) in found
        if Part.ASKED in rule.by and case.pending:
            assert (act, OfferStatus.PENDING) in found
    assert {act for act, rule in ACTS.items() if rule.by & {Part.REQUESTER, Part.ASKED, Part.MEMBER}} - left_out == set(
        RECORDINGS
    )


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("status", list(Status))
def test_the_views_stay_within_the_limits(story: Story, status: Status, language: str) -> None:
    case = story.town.see(casebook.read, story.in_state(status))
    services = services_of(story.town)
    asker = Asker(story.maj, words(language), "U1", "T1")
    buttons = [Button(case=case.id)]
    buttons += [
        Button(case=case.id, act=each.act, offer=each.offer.id if each.offer else None) for each in choosable(case)
    ]
    for button in buttons:
        assert view_problems(behalf_view(services, asker, button), surface="modal") == []


def test_only_coordinators_record(story: Story) -> None:
    asker = Asker(story.anna, words("sv"), "U1", "T1")
    with pytest.raises(NotAllowed):
        behalf_view(services_of(story.town), asker, Button(case=story.filed()))


def test_what_came_between_is_said(story: Story) -> None:
    case_id = story.in_state(Status.WITHDRAWN)
    case = story.town.see(casebook.read, case_id)
    asker = Asker(story.maj, words("sv"), "U1", "T1")
    gone = next(each for each in case.offers if each.status is OfferStatus.RETRACTED)
    with pytest.raises(TooLate) as refused:
        behalf_view(services_of(story.town), asker, Button(case=case_id, offer=gone.id, act=Act.ACCEPT))
    assert "tillbakadragen" in refused.value.sentence(words("sv"))


def test_a_member_without_chat_from_question_to_lesson(database: Database) -> None:
    with desk(database) as at:
        story = Story(at.town)
        at.move_in()
        maj = at.screen(story.maj)
        case_id = story.filed()
        offer_id = at.town.ask(story.maj, case_id, story.per)

        relayed = sees(maj, "Per Palm* nås utanför chatten", "Registrera ja", channel=COORDINATORS)
        maj.click(COORDINATORS, relayed["ts"], f"{Action.BEHALF}:accept")
        opens(maj, "Hur vet du det?")
        maj.fill(source="mejl 14 mars")
        card = sees(maj, "Råd av Per Palm", channel=COORDINATORS)

        def record(what: str, then: str, **values: str) -> None:
            maj.click(COORDINATORS, card["ts"], Action.BEHALF)
            opens(maj, "Vad har hänt?")
            maj.fill(what=what)
            opens(maj, "Hur vet du det?")
            maj.fill(source="telefon 20 mars", **values)
            assert maj.modal() is None
            sees(maj, then, channel=COORDINATORS)

        answer = {"text": "Mät före och efter.", "links": "https://example.se/rapport"}
        record(f"answer:{offer_id}", "1 svar hittills", **answer)
        record("close:", "Lärdomen är godkänd", outcome="answered", hours="3", lesson="Mät före.")
        case = at.town.see(casebook.read, case_id)
        assert case.status is Status.CLOSED
        assert case.answers[0].name == "Per Palm"
        assert case.answers[0].links == ("https://example.se/rapport",)
        assert case.lesson is not None
        assert case.lesson.approved, "written for the requester"
        events = at.town.see(lambda session: session.scalars(select(Event).where(Event.source != "")).all())
        assert {event.actor_id for event in events} == {story.maj.person}
        assert {event.for_id for event in events} == {story.per.person, story.anna.person}
