"""What the command's words open: lists, a page at a time, and polite answers where there is nothing."""

from typing import Any

import pytest

from bot.workspace import Person
from handlers.slack import limits
from handlers.slack.lists import Kind, Turning
from models.database import Database
from models.people import Member
from tests.slack.desk import opens
from tests.slack.town_hall import TownHall, texts


@pytest.fixture
def database(embedded: Database) -> Database:
    return embedded


def opened(person: Person, line: str) -> dict[str, Any]:
    assert person.command(line) == {"ok": True}
    view = person.modal()
    assert view is not None
    return view


def rows(view: dict[str, Any] | None) -> list[str]:
    """The numbers of the consultations in a list, in order."""
    found = [block["text"]["text"] for block in (view or {})["blocks"] if block["type"] == "section"]
    return [text.split()[0] for text in found if text.startswith("#")]


def buttons(view: dict[str, Any] | None) -> set[str]:
    found = [block.get("elements", []) for block in (view or {})["blocks"] if block["type"] == "actions"]
    return {element["action_id"] for elements in found for element in elements}


def test_mine_turns_its_pages(hall: TownHall) -> None:
    anna = hall.town.requester()
    for number in range(23):
        hall.town.file(anna, title=f"Fråga {number}")
    screen = hall.screen(anna)

    view = opened(screen, "/consult mina")
    assert rows(view) == [f"#{number}" for number in range(23, 13, -1)]
    assert "1–10 av 23" in texts(view)
    assert buttons(view) == {"list.page"}
    screen.press("list.page")
    assert rows(screen.modal()) == [f"#{number}" for number in range(13, 3, -1)]
    screen.press("list.page")
    assert rows(screen.modal()) == ["#3", "#2", "#1"]
    assert buttons(screen.modal()) == {"list.page_back"}
    screen.press("list.page_back")
    assert "11–20 av 23" in texts(screen.modal())


def test_mine_holds_what_one_advises_too(hall: TownHall) -> None:
    lena = hall.town.member()
    hall.town.active(hall.town.requester(), hall.town.coordinator(), lena)
    view = opened(hall.screen(lena), "/consult mine")
    assert "Du har tackat ja till" in texts(view)
    assert rows(view) == ["#1"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/consult mina", "Du har inga konsultationer än"),
        ("/consult status", "ingen konsultation på gång"),
        ("/consult status 99", "99"),
        ("/consult sök vräkning", "Ingenting hittades för ”vräkning”"),
        ("/consult sök", "Skriv vad du söker efter kommandot"),
        ("/consult ledamöter hemlöshet", "Vi hittar ingen ledamot som skriver om ”hemlöshet”"),
        ("/consult ledamöter", "Det finns inga ledamöter än"),
        ("/consult paus", "inget att pausa"),
        ("/consult hjälp", "/consult mina"),
    ],
)
def test_where_there_is_nothing_a_sentence_helps_on(hall: TownHall, line: str, said: str) -> None:
    assert said in texts(opened(hall.screen(hall.town.requester()), line))


def test_search_finds_what_the_forum_may_see_and_ones_own(hall: TownHall) -> None:
    anna, bo = hall.town.requester(), hall.town.requester()
    hall.town.file(bo, title="Vräkningsförebyggande arbete")
    hall.town.file(bo, title="Vräkning av barnfamiljer", shown=False)
    hall.town.file(anna, title="Vräkning och hyresvärdar", shown=False)
    view = opened(hall.screen(anna), "/consult sök vräkning")
    assert sorted(rows(view)) == ["#1", "#3"]
    assert "2 konsultationer för ”vräkning”" in texts(view)


def test_a_number_that_is_not_yours_to_see_is_told_like_one_that_does_not_exist(hall: TownHall) -> None:
    hall.town.file(hall.town.requester(), shown=False)
    anna = hall.screen(hall.town.requester(unit="Vuxenenheten"))
    hidden = texts(opened(anna, "/consult status 1"))
    missing = texts(opened(anna, "/consult status 2"))
    assert hidden.replace("1", "2") == missing


def test_a_coordinator_sees_how_many_stand_where(hall: TownHall) -> None:
    anna, maj = hall.town.requester(), hall.town.coordinator()
    for _ in range(2):
        hall.town.file(anna)
    hall.town.active(anna, maj, hall.town.member())
    screen = hall.screen(maj)
    view = opened(screen, "/consult status")
    assert "*Inskickad*: 2" in texts(view)
    assert "*Pågår*: 1" in texts(view)
    assert "*Avslutad*: 0" in texts(view)
    screen.press("list.page", '{"kind":"status","status":"active","query":"","topics":[],"first":0,"also":0}')
    assert rows(screen.modal()) == ["#3"]
    screen.press("list.page_back")
    assert "3 konsultationer i allt" in texts(screen.modal())


def test_everybody_else_sees_their_own_open_ones(hall: TownHall) -> None:
    anna, maj, lena = hall.town.requester(), hall.town.coordinator(), hall.town.member()
    closed = hall.town.active(anna, maj, lena)
    hall.town.close(anna, closed, lena)
    hall.town.file(anna)
    assert rows(opened(hall.screen(anna), "/consult status")) == ["#2"]


def test_members_of_a_topic_come_with_reasons_and_no_numbers(hall: TownHall) -> None:
    hall.town.member("Lena Ledig", keywords=["hemlöshet", "boendestöd"])
    hall.town.member("Ola Ovan", keywords=["äldreomsorg"])
    view = texts(opened(hall.screen(hall.town.requester()), "/consult ledamöter hemlöshet"))
    assert "Lena Ledig" in view
    assert "skriver om" in view
    assert "Ola Ovan" not in view
    assert "%" not in view


def test_a_topic_that_leads_nowhere_is_asked_back_with_buttons(hall: TownHall) -> None:
    hall.town.member("Lena Ledig", keywords=["vräkning"])
    for number in range(6):
        hall.town.member(f"Annan {number}", keywords=["registerstudier"])
    screen = hall.screen(hall.town.requester())
    view = opened(screen, "/consult ledamöter bättre arbete")
    assert "Vad handlar det mest om?" in texts(view)
    assert "Lena Ledig" not in texts(view)
    assert "Hemlöshet och boende (hela området)" in texts(view)

    screen.press("list.topic:@housing")
    assert "Lena Ledig" in texts(screen.modal())
    assert "bättre arbete" in texts(screen.modal())
    assert "Valt: Hemlöshet och boende (hela området)" in texts(screen.modal())
    screen.press("list.topic:@housing")
    assert "Lena Ledig" not in texts(screen.modal())
    assert "Valt:" not in texts(screen.modal())


def test_a_clear_topic_asks_nothing_back(hall: TownHall) -> None:
    hall.town.member("Lena Ledig", keywords=["vräkning"])
    view = texts(opened(hall.screen(hall.town.requester()), "/consult ledamöter vräkning"))
    assert "Vad handlar det" not in view


def test_what_a_button_carries_of_a_topic_always_fits() -> None:
    longest = Turning(kind=Kind.MEMBERS, query='"\x1b' * 500, topics=('"' * 120,) * 3)
    assert len(longest.model_dump_json(exclude_none=True)) <= limits.BUTTON_VALUE


def test_all_members_a_page_at_a_time_in_swedish_order(hall: TownHall) -> None:
    for name in ("Örjan Ö", "Ada A", "Åke Å", "Ärla Ä", "Zoe Z", *(f"Mats {letter}" for letter in "ABCDEFGH")):
        hall.town.member(name)
    screen = hall.screen(hall.town.requester())
    first = texts(opened(screen, "/consult ledamöter"))
    screen.press("list.page")
    second = texts(screen.modal())
    assert "Ada A" in first
    assert second.index("Åke Å") < second.index("Ärla Ä") < second.index("Örjan Ö")


def test_did_you_mean_leads_both_ways(hall: TownHall) -> None:
    anna = hall.town.requester()
    hall.town.file(anna)
    screen = hall.screen(anna)
    view = opened(screen, "/consult mian")
    assert "Menade du */consult" in texts(view)
    screen.press("command.run")
    assert rows(screen.modal()) == ["#1"]
    opened(screen, "/consult mian")
    screen.press("file.anyway")
    assert "Begär konsultation" in texts(screen.modal())


def test_pausing_is_one_word_and_the_way_back_one_click(hall: TownHall) -> None:
    lena = hall.screen(hall.town.member())
    view = opened(lena, "/consult paus")
    assert "inga nya frågor" in texts(view)
    assert buttons(view) == {"profile.resume"}


def test_help_says_only_what_one_may_do(hall: TownHall) -> None:
    assert "/consult veckobrev" not in texts(opened(hall.screen(hall.town.requester()), "/consult hjälp"))
    assert "/consult veckobrev" in texts(opened(hall.screen(hall.town.coordinator()), "/consult hjälp"))
    assert "/consult profil" in texts(opened(hall.screen(hall.town.member()), "/consult hjälp"))


def test_the_way_back_from_a_pause_works_from_the_view_itself(hall: TownHall) -> None:
    person = hall.town.member()
    lena = hall.screen(person)
    opened(lena, "/consult paus")
    lena.press("profile.resume")
    opens(lena, "Tar emot nya frågor")
    paused = hall.town.see(lambda session: session.get_one(Member, person.member).paused_at)
    assert paused is None


def test_the_other_words_open_what_they_stand_for(hall: TownHall) -> None:
    anna = hall.town.requester()
    hall.town.file(anna, title="Vräkningar i Farsta")
    assert "Vräkningar i Farsta" in texts(opened(hall.screen(anna), "/consult status 1"))
    assert "Docent i Farsta" in str(opened(hall.screen(hall.town.member(title="Docent i Farsta")), "/consult profil"))
    assert "samordnare" in texts(opened(hall.screen(anna), "/consult veckobrev"))
    assert opened(hall.screen(hall.town.coordinator()), "/consult veckobrev")["callback_id"] == "digest"
