"""Filing a consultation, as a person at the screen does it."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot import drafts, filing
from bot.workspace import Person
from models.case import Case, CaseUnit, Draft, Event
from models.database import Database
from models.organisation import Unit
from models.people import Role, RoleKind
from tests.slack.desk import opens
from tests.slack.town_hall import TownHall, texts

NUMBER = "19121212-1212"
QUESTION = "Hur följer vi upp boendestöd för unga vuxna på ett bra sätt?"


@pytest.fixture
def database(embedded: Database) -> Database:
    return embedded


def opened(person: Person, line: str) -> dict[str, Any]:
    assert person.command(line) == {"ok": True}
    view = person.modal()
    assert view is not None
    return view


def filled(hall: TownHall, **changes: Any) -> dict[str, Any]:
    return {
        "title": "Uppföljning av boendestöd",
        "question": QUESTION,
        "help": "evaluation",
        "answer_kind": "meeting",
        "unit_id": str(hall.town.units["Barn och unga"]),
        **changes,
    }


def count(hall: TownHall, table: Any) -> int:
    return hall.town.see(lambda session: session.scalar(select(func.count()).select_from(table)) or 0)


def the_case(hall: TownHall) -> Case:
    return hall.town.see(lambda session: session.scalars(select(Case)).one())


def initial(view: dict[str, Any], block_id: str) -> Any:
    element = next(block["element"] for block in view["blocks"] if block["block_id"] == block_id)
    return element.get("initial_value") or (element.get("initial_option") or {}).get("value")


def test_from_the_command_to_the_receipt(hall: TownHall) -> None:
    hall.town.member("Lena Ledig", keywords=["boendestöd", "uppföljning"], title="Docent i socialt arbete")
    anna = hall.screen(hall.town.requester())

    view = opened(anna, f"/consult {QUESTION}")
    assert initial(view, "question") == QUESTION
    assert initial(view, "unit_id") == str(hall.town.units["Barn och unga"])
    assert "aldrig en enskild person" in texts(view)
    assert "når Slack innan vi kan kontrollera det" in texts(view)

    assert anna.fill(**filled(hall))["result"] == "updated"
    review = anna.modal()
    assert "Lena Ledig" in texts(review)
    assert "Docent i socialt arbete" in texts(review)
    assert "fredag 6 mars" in texts(review)
    assert count(hall, Draft) == 1
    assert count(hall, Case) == 0

    assert anna.fill()["result"] == "updated"
    assert "konsultation nr 1" in texts(anna.modal())
    assert the_case(hall).question == QUESTION
    assert count(hall, Draft) == 0
    assert [job.name for job in hall.town.told("filed")] == ["filed"]


def test_the_next_request_is_another_consultation(hall: TownHall) -> None:
    anna = hall.screen(hall.town.requester())
    for number, title in enumerate(("Boendestöd", "Familjebehandling", "Öppna insatser"), start=1):
        opened(anna, "/consult")
        assert anna.fill(**filled(hall, title=title))["result"] == "updated"
        assert anna.fill()["result"] == "updated"
        assert f"konsultation nr {number}" in texts(anna.modal())
    assert count(hall, Case) == 3
    assert count(hall, Draft) == 0


def test_a_first_question_asks_once_for_the_unit_and_goes_on(hall: TownHall) -> None:
    nadja = hall.newcomer()
    view = opened(nadja, f"/consult {QUESTION}")
    assert "vilken enhet du frågar för" in texts(view)
    offered = nadja.options("value", "familj")
    assert [each["text"]["text"] for each in offered["options"]] == ["Familjerådgivningen, Stadsövergripande"]

    assert nadja.fill(unit_id=str(hall.town.units["Familjerådgivningen"]))["result"] == "updated"
    form = nadja.modal()
    assert form is not None
    assert initial(form, "question") == QUESTION
    assert initial(form, "unit_id") == str(hall.town.units["Familjerådgivningen"])
    role = hall.town.see(lambda session: session.scalars(select(Role).where(Role.kind == RoleKind.REQUESTER)).one())
    assert role.confirmed_at is None

    nadja.close()
    assert "Begär konsultation" in texts(opened(nadja, "/consult"))
    assert count(hall, Role) == 1


def test_every_mistake_stands_at_its_field_and_nothing_is_stored(hall: TownHall) -> None:
    anna = hall.screen(hall.town.requester())
    opened(anna, "/consult")
    answer = anna.fill(
        **filled(
            hall,
            title="Hm",
            question=f"Vad gör vi för {NUMBER} nu?",
            wanted_by="2026-02-27",
            unit_id="99999",
            links="inte en länk",
            dnr=NUMBER,
        )
    )
    assert answer["result"] == "errors"
    assert {name: sentence.split(".")[0] for name, sentence in answer["errors"].items()} == {
        "title": "Skriv lite mer, minst 3 tecken",
        "question": "Här står ett personnummer eller samordningsnummer",
        "wanted_by": "Den dagen har redan varit",
        "links": "Det går inte att läsa som en webbadress",
        "dnr": "Här står ett personnummer eller samordningsnummer",
    }
    mended = {"wanted_by": None, "links": None, "dnr": None}
    assert list(anna.fill(**filled(hall, **mended, unit_id="99999"))["errors"]) == ["unit_id"]
    unit = str(hall.town.units["Barn och unga"])
    assert list(anna.fill(**filled(hall, other_unit_ids=[unit]))["errors"]) == ["other_unit_ids"]
    assert count(hall, Draft) == 0
    assert NUMBER.encode() not in Path(str(hall.town.database.url.database)).read_bytes()


def test_a_personal_number_after_the_command_is_neither_shown_nor_kept(hall: TownHall) -> None:
    anna = hall.screen(hall.town.requester())
    for line in (f"/consult Vad gör vi med {NUMBER}", f"/consult staus {NUMBER}", f"/consult sök {NUMBER}"):
        view = opened(anna, line)
        assert NUMBER not in str(view)
        assert "personnummer" in texts(view)
        assert initial(view, "question") is None
    nadja = hall.newcomer()
    assert "personnummer" in texts(opened(nadja, f"/consult Vad gör vi med {NUMBER}"))
    assert count(hall, Draft) == 0


def test_a_form_closed_at_the_last_step_waits_as_a_draft(hall: TownHall) -> None:
    anna = hall.screen(hall.town.requester())
    opened(anna, "/consult")
    anna.fill(**filled(hall, wanted_by="2026-04-01", shown="false", members_wanted="2"))
    anna.close()

    view = opened(anna, "/consult")
    assert "Du har ett utkast från måndag 2 mars: Uppföljning av boendestöd" in texts(view)
    anna.press("draft.open")
    draft = anna.modal()
    assert draft is not None
    assert initial(draft, "question") == QUESTION
    assert initial(draft, "shown") == "false"
    assert len(anna.modals()) == 2
    assert anna.fill(title="Boendestöd för unga vuxna")["result"] == "updated"
    assert anna.fill()["result"] == "updated"
    case = the_case(hall)
    assert (case.title, case.shown, case.members_wanted) == ("Boendestöd för unga vuxna", False, 2)
    assert count(hall, Draft) == 0


def test_a_draft_can_be_thrown_away_without_losing_what_stands_in_the_form(hall: TownHall) -> None:
    anna = hall.screen(hall.town.requester())
    opened(anna, "/consult")
    anna.fill(**filled(hall))
    anna.close()
    opened(anna, "/consult Hur når vi fler unga med förebyggande arbete?")
    anna.press("draft.discard")
    view = anna.modal()
    assert "Du har ett utkast" not in texts(view)
    assert initial(view or {}, "question") == "Hur når vi fler unga med förebyggande arbete?"
    assert count(hall, Draft) == 0


def test_going_back_keeps_everything_and_the_wish(hall: TownHall) -> None:
    lena = hall.town.member("Lena Ledig", keywords=["boendestöd"])
    anna = hall.screen(hall.town.requester())
    opened(anna, "/consult")
    anna.fill(**filled(hall))
    anna.press("file.change")
    view = anna.modal()
    assert view is not None
    assert initial(view, "title") == "Uppföljning av boendestöd"
    assert anna.fill(title="Boendestöd, en gång till")["result"] == "updated"
    assert anna.fill(wished_member_ids=[str(lena.member)])["result"] == "updated"
    assert the_case(hall).wishes == [lena.member]
    assert the_case(hall).title == "Boendestöd, en gång till"


def test_sending_the_same_form_twice_is_one_consultation(hall: TownHall) -> None:
    person = hall.town.requester()
    anna = hall.screen(person)
    opened(anna, "/consult")
    anna.fill(**filled(hall))
    draft_id = hall.town.see(drafts.waiting, person)[0].id
    assert hall.town.see(filing.filed_before, person, draft_id) is None
    anna.fill()
    case = the_case(hall)
    assert hall.town.see(filing.filed_before, person, draft_id) == (case.id, case.number)
    assert hall.town.see(filing.filed_before, hall.town.requester(), draft_id) is None


def test_a_draft_that_is_gone_when_the_form_goes_on_becomes_a_new_one(hall: TownHall) -> None:
    person = hall.town.requester()
    anna = hall.screen(person)
    opened(anna, "/consult")
    anna.fill(**filled(hall))
    anna.press("file.change")
    hall.town.do(drafts.discard, person, hall.town.see(drafts.waiting, person)[0].id)
    assert anna.fill()["result"] == "updated"
    assert anna.fill()["result"] == "updated"
    assert count(hall, Case) == 1


def test_a_unit_that_ends_meanwhile_brings_the_form_back_with_the_reason(hall: TownHall) -> None:
    anna = hall.screen(hall.town.requester())
    opened(anna, "/consult")
    anna.fill(**filled(hall, unit_id=str(hall.town.units["Vuxenenheten"])))
    with hall.town.database.writing() as session:
        session.get_one(Unit, hall.town.units["Vuxenenheten"]).ended_on = hall.town.today
    assert anna.fill()["result"] == "updated"
    view = anna.modal()
    assert view is not None
    assert "Begär konsultation" in texts(view)
    assert initial(view, "title") == "Uppföljning av boendestöd"
    assert initial(view, "unit_id") is None
    assert count(hall, Case) == 0
    anna.fill(unit_id=str(hall.town.units["Barn och unga"]))
    anna.fill()
    assert count(hall, Case) == 1


def test_a_coordinator_files_for_somebody_who_phoned(hall: TownHall) -> None:
    bo = hall.town.requester("Bo Utan", chat=False)
    maj_person = hall.town.coordinator()
    maj = hall.screen(maj_person)
    opened(maj, "/consult")
    answer = maj.fill(**filled(hall, requester_id=str(bo.person)))
    assert list(answer["errors"]) == ["source"]
    maj.fill(**filled(hall, requester_id=str(bo.person), source="ringde 14 mars"))
    assert "Bo Utan" in texts(maj.modal())
    maj.fill()
    assert the_case(hall).requester_id == bo.person
    event = hall.town.see(lambda session: session.scalars(select(Event)).one())
    assert (event.actor_id, event.for_id, event.source) == (maj_person.person, bo.person, "ringde 14 mars")


def test_nobody_else_is_offered_to_file_for_others(hall: TownHall) -> None:
    view = opened(hall.screen(hall.town.requester()), "/consult")
    assert "source" not in {block["block_id"] for block in view["blocks"]}


def test_a_member_may_ask_too_and_chooses_a_unit(hall: TownHall) -> None:
    lena = hall.screen(hall.town.member())
    view = opened(lena, "/consult")
    assert initial(view, "unit_id") is None
    lena.fill(**filled(hall))
    lena.fill()
    assert count(hall, Case) == 1


def test_earlier_consultations_that_the_forum_may_see_are_shown(hall: TownHall) -> None:
    other = hall.town.requester()
    hall.town.file(other, title="Boendestöd och uppföljning i Farsta", question=QUESTION)
    hall.town.file(other, title="Boendestöd i hemlighet", question=QUESTION, shown=False)
    anna = hall.screen(hall.town.requester())
    opened(anna, "/consult")
    anna.fill(**filled(hall))
    review = texts(anna.modal())
    assert "Boendestöd och uppföljning i Farsta" in review
    assert "i hemlighet" not in review


def test_several_units_are_asked_for(hall: TownHall) -> None:
    anna = hall.screen(hall.town.requester())
    opened(anna, "/consult")
    anna.fill(**filled(hall, other_unit_ids=[str(hall.town.units["Vuxenenheten"])]))
    anna.fill()
    assert count(hall, CaseUnit) == 2


VAGUE = {"title": "Bättre arbete", "question": "Vi vill bli bättre på det vi gör i mötet med dem."}


def ticked(view: dict[str, Any], block_id: str) -> list[str]:
    element = next(block["element"] for block in view["blocks"] if block["block_id"] == block_id)
    return [each["value"] for each in element.get("initial_options", [])]


def offered(view: dict[str, Any], block_id: str) -> dict[str, str]:
    found = [block["element"] for block in view["blocks"] if block["block_id"] == block_id]
    return {each["value"]: each["text"]["text"] for element in found for each in element["options"]}


def academy(hall: TownHall) -> None:
    hall.town.member("Lena Ledig", keywords=["vräkning"])
    hall.town.member("Siv Strand", keywords=["bostad först"])
    for number in range(6):
        hall.town.member(f"Annan {number}", keywords=["registerstudier"])


def test_a_vague_question_is_asked_back_and_ranked_again_with_what_is_ticked(hall: TownHall) -> None:
    academy(hall)
    anna = hall.screen(hall.town.requester())
    opened(anna, "/consult")
    anna.fill(**filled(hall, **VAGUE))
    review = anna.modal()
    assert review is not None
    assert "Vad handlar frågan mest om?" in texts(review)
    assert "Lena Ledig" not in texts(review)
    assert offered(review, "topics")["@housing"] == "Hemlöshet och boende"
    assert "Hela området" in str(review)

    anna.press("file.rank", filled={"topics": ["@housing"]})
    again = anna.modal()
    assert again is not None
    assert "Lena Ledig" in texts(again)
    assert "Siv Strand" in texts(again)
    assert again["id"] == review["id"]
    assert ticked(again, "topics") == ["@housing"]
    assert len(anna.modals()) == 1
    assert count(hall, Case) == 0

    assert anna.fill()["result"] == "updated"
    assert the_case(hall).topics == ["@housing"]


def test_ranking_again_keeps_the_wish_for_somebody_who_is_not_suggested_any_more(hall: TownHall) -> None:
    academy(hall)
    family = hall.town.member("Omar Orre", keywords=["familjerådgivning"])
    anna = hall.screen(hall.town.requester())
    opened(anna, "/consult")
    anna.fill(**filled(hall, **VAGUE))
    anna.press("file.rank", filled={"topics": ["@children"]})
    assert "Omar Orre" in texts(anna.modal())
    anna.press("file.rank", filled={"topics": ["@housing"], "wished_member_ids": [str(family.member)]})
    again = anna.modal()
    assert again is not None
    assert "*Omar Orre*" not in texts(again)
    assert "*Lena Ledig*" in texts(again)
    assert ticked(again, "wished_member_ids") == [str(family.member)]
    assert anna.fill()["result"] == "updated"
    assert (the_case(hall).wishes, the_case(hall).topics) == ([family.member], ["@housing"])


def test_what_was_ticked_can_be_unticked_and_stays_in_the_draft(hall: TownHall) -> None:
    academy(hall)
    anna = hall.screen(hall.town.requester())
    opened(anna, "/consult")
    anna.fill(**filled(hall, **VAGUE))
    anna.press("file.rank", filled={"topics": ["@housing"]})
    anna.close()

    opened(anna, "/consult")
    anna.press("draft.open")
    anna.fill()
    review = anna.modal()
    assert review is not None
    assert ticked(review, "topics") == ["@housing"]
    anna.press("file.rank", filled={"topics": []})
    again = anna.modal()
    assert again is not None
    assert ticked(again, "topics") == []
    assert "Lena Ledig" not in texts(again)
    assert anna.fill()["result"] == "updated"
    assert the_case(hall).topics == []


def test_a_clear_answer_asks_nothing_but_shows_what_was_ticked(hall: TownHall) -> None:
    academy(hall)
    person = hall.town.requester()
    anna = hall.screen(person)
    opened(anna, "/consult")
    anna.fill(**filled(hall, title="Vräkning", question="Hur förebygger vi vräkning av barnfamiljer?"))
    assert "Vad handlar frågan" not in texts(anna.modal())
    anna.close()
    opened(anna, "/consult")
    anna.fill(**filled(hall, **VAGUE))
    anna.press("file.change")
    draft_id = hall.town.see(drafts.waiting, person)[0].id
    hall.town.do(drafts.keep, person, draft_id, {"topics": ["vräkning"]}, hall.town.now)
    anna.fill()
    review = anna.modal()
    assert review is not None
    assert "*De här ledamöterna kan passa:*" in texts(review)
    assert offered(review, "topics") == {"vräkning": "Vräkning"}
    assert ticked(review, "topics") == ["vräkning"]


def test_too_many_wishes_are_said_at_their_field(hall: TownHall) -> None:
    academy(hall)
    wished = [str(hall.town.member(f"Ledamot {number}", keywords=["enkäter"]).member) for number in range(3)]
    person = hall.town.requester()
    anna = hall.screen(person)
    opened(anna, "/consult")
    anna.fill(**filled(hall, **VAGUE))
    anna.press("file.change")
    draft_id = hall.town.see(drafts.waiting, person)[0].id
    hall.town.do(drafts.keep, person, draft_id, {"wished_member_ids": wished}, hall.town.now)
    anna.fill()
    anna.press("file.rank", filled={"topics": ["@housing"]})
    review = anna.modal()
    assert review is not None
    everybody = list(offered(review, "wished_member_ids"))
    assert len(everybody) > 3
    assert list(anna.fill(wished_member_ids=everybody)["errors"]) == ["wished_member_ids"]
    assert count(hall, Case) == 0


def test_changing_a_request_keeps_what_was_chosen_in_the_last_step(hall: TownHall) -> None:
    lena = hall.town.member("Lena Ledig", keywords=["vräkning"])
    person = hall.town.requester()
    hall.town.file(person, wished_member_ids=[lena.member], topics=["vräkning"])
    anna = hall.screen(person)
    opened(anna, "/consult status 1")
    anna.press("case.edit")
    opens(anna, "Rubrik")
    anna.fill(title="Bättre rubrik")
    case = the_case(hall)
    assert (case.title, case.wishes, case.topics) == ("Bättre rubrik", [lena.member], ["vräkning"])


HOSTILE = "<!channel> & <@U1|x> *`_~" * 5 + "åäö" * 20


def test_hostile_text_stays_text(hall: TownHall) -> None:
    hall.town.member(HOSTILE[:190], keywords=["boendestöd"])
    anna = hall.screen(hall.town.requester())
    opened(anna, f"/consult {HOSTILE}")
    anna.fill(**filled(hall, title=HOSTILE[:140], question=HOSTILE * 10))
    assert "<!channel>" not in texts(anna.modal())
    assert "&lt;!channel&gt;" in texts(anna.modal())
    anna.fill()
    assert the_case(hall).title == HOSTILE[:140].strip()
