"""The bot from end to end, as those who use it meet it: everybody at the page in a tab of their own, in Swedish.

The same stories are told of the demo in one process, and of five processes on PostgreSQL, over Socket Mode and HTTP.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests import postgres
from tests.browser import chromium
from tests.stories.processes import Way, five_processes
from tests.stories.stage import Stage, in_the_dark, on_a_phone, picture, stage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

MARTA, OSKAR, ANNIKA = "Marta Lindviken", "Oskar Timmerlund", "Annika Sjöhed"
PER_OLOF = "Per-Olof Kvistrup"
"""A member who has no account in the chat."""

TITLE = "Följa upp vår familjebehandling"
QUESTION = (
    "Vi på Barn och unga i Farsta har familjebehandling som öppen insats och vill följa upp hur det går för "
    "familjerna. Vilka mätinstrument passar för föräldraskap, och hur använder vi enkäter i samtalen?"
)
ANSWER = (
    "Börja med ett kort instrument som familjerna fyller i före, efter och ett halvår senare. Låt behandlarna "
    "gå igenom svaren tillsammans med familjen, så blir enkäten en del av samtalet."
)
LESSON = "Mät få saker, men mät dem före, efter och igen. Visa familjen vad ni ser."


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(
    params=[
        pytest.param(None, id="demo"),
        pytest.param(Way.SOCKETS, id="five-over-sockets", marks=pytest.mark.postgres),
        pytest.param(Way.HTTP, id="five-over-http", marks=pytest.mark.postgres),
    ]
)
def house(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Stage]:
    if request.param is None:
        with stage(browser, tmp_path) as made:
            yield made
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    name = server.create(template="template1")
    with five_processes(browser, tmp_path, server.url(name), request.param) as made:
        yield made
    server.drop(name)


def suggested(card: Locator) -> list[str]:
    """The names of the members that a card suggests, the best first."""
    names = card.locator("strong").filter(has_text=re.compile(r"^\d\. "))
    expect(names.first).to_be_visible()
    return [name.partition(" ")[2] for name in names.all_inner_texts()]


def test_a_question_from_farsta_becomes_a_lesson_in_the_digest(house: Stage) -> None:
    marta, annika = house.tab(MARTA), house.tab(ANNIKA)
    annika.goes_to("fou-samordning")

    # Marta asks. A personal number is refused where it stands, and nothing of it is kept.
    marta.goes_to("fou-forum")
    marta.types("/consult")
    form = marta.sees_modal("Begär konsultation")
    marta.fills("Rubrik", TITLE)
    marta.fills("Vad vill ni ha råd om?", f"{QUESTION} Det började med 121212-1212.")
    expect(form.get_by_label("Enhet", exact=True)).to_have_value("Barn och unga, Farsta")
    marta.chooses("Verksamhetsområde", "Barn och unga")
    marta.chooses("Vilken hjälp behöver ni?", "Metod, mätinstrument och statistik")
    marta.chooses("Vilket slags svar vill ni ha?", "En skriftlig bedömning")
    marta.sends()
    question = form.locator("[data-block-id=question]")
    expect(question.get_by_test_id("field-error")).to_contain_text("Här står ett personnummer")
    picture(marta, "refused")
    marta.fills("Vad vill ni ha råd om?", QUESTION)
    picture(marta, "form", top=form.get_by_text("Här begär du råd"))
    marta.sends()

    # She sees what was learned before, and who might fit and why; then she sends.
    review = marta.sees_modal("Innan du skickar")
    earlier = review.get_by_text("Det här har frågats förut.")
    expect(review).to_contain_text("Effekter av familjebehandling i hemmet")
    expect(review).to_contain_text("med en lärdom")
    expect(review).to_contain_text("De här ledamöterna kan")
    expect(review).to_contain_text("skriver om")
    picture(marta, "review", top=earlier)
    marta.sends()
    number = marta.learns_number()
    marta.closes()
    room = f"konsultation-{number}"

    # The card appears to Annika, who asks the three in their order.
    card = annika.reads(f"Nr {number}: {TITLE}")
    first_name, second_name, _ = suggested(card)
    first, second = house.tab(first_name), house.tab(second_name)
    picture(annika, "card", of=card.get_by_test_id("blocks"))
    picture(annika, "page", top=card)
    annika.presses("Fråga i denna ordning", card)
    expect(card).to_contain_text(f"{first_name} har fått frågan")
    marta.opens_messages()
    marta.reads("Nu är en ledamot tillfrågad", TITLE)

    # The first has worked there, says no and why; only the coordinators read that.
    expect(first.page.get_by_test_id("home")).to_contain_text("Frågor till dig")
    picture(first, "home-member")
    first.opens_messages()
    asked = first.reads("En fråga till dig", TITLE)
    first.presses("Tacka nej", asked)
    first.sees_modal("Tacka nej")
    first.marks("Jag har jäv eller en annan bindning")
    first.sends()
    first.has_no_modal()
    first.reads("Du har tackat nej till konsultation")
    expect(card).to_contain_text("jäv eller annan bindning")

    # The next is asked without anybody doing anything, and says yes.
    expect(card).to_contain_text(f"{second_name} har fått frågan")
    marta.reads("hade inte möjlighet den här gången. Vi har frågat nästa")
    expect(marta.page.get_by_test_id("channel")).not_to_contain_text(first_name)
    second.opens_messages()
    asked = second.reads("En fråga till dig", "Marta Lindviken, Barn och unga, Farsta", QUESTION)
    picture(second, "question", of=asked)
    on_a_phone(second, "phone")
    second.presses("Tacka ja", asked)
    second.reads("Du har tackat ja till konsultation")

    # They get a channel of their own: those three, and nobody else.
    for tab in (marta, second, annika):
        tab.goes_to(room)
        tab.reads(f"Konsultation nr {number}: {TITLE}", f"@{second_name}")
    assert not first.is_in(room)

    # The member answers in the form that keeps the answer where it can be found again.
    second.presses("Ge svar", second.reads(f"Konsultation nr {number}: {TITLE}"))
    second.sees_modal("Ge svar")
    second.fills("Svaret", ANSWER)
    second.sends()
    second.has_no_modal()
    marta.reads(f"{second_name} har gett ett svar", ANSWER)
    marta.types("Tack, det här kommer vi igång med redan i november.")
    second.reads("redan i november")
    picture(marta, "room")
    in_the_dark(marta, "dark")

    # Annika closes it with what was learned.
    annika.presses("Avsluta", annika.reads(f"Konsultation nr {number}: {TITLE}"))
    annika.sees_modal("Avsluta konsultationen")
    annika.marks("Besvarad")
    annika.fills("Nedlagd tid i timmar", "6")
    annika.fills("Lärdomen", LESSON)
    picture(annika, "close")
    annika.sends()
    annika.has_no_modal()
    second.opens_messages()
    second.presses("Ja, det går bra", second.reads("Får ditt namn stå med?", LESSON))
    second.sees_modal("Klart")
    second.closes()

    # Nothing of the lesson is in the forum before Marta has approved it.
    marta.goes_home()
    expect(marta.page.get_by_test_id("home")).to_contain_text("Det finns en lärdom att godkänna")
    picture(marta, "home-requester")
    marta.opens_messages()
    marta.presses("Läs och godkänn", marta.reads("Så här lyder lärdomen", LESSON))
    marta.sees_modal("Godkänn lärdomen")
    expect(marta.modal.get_by_label("Lärdomen")).to_have_value(LESSON)
    marta.sends()
    marta.has_no_modal()
    marta.presses("Visa", marta.reads("är avslutad av Annika Sjöhed: besvarad"))
    case = marta.sees_modal(f"Konsultation nr {number}")
    expect(case).to_contain_text(ANSWER)
    expect(case).to_contain_text("Marta Lindviken godkände lärdomen.")
    expect(case).not_to_contain_text(first_name)
    picture(marta, "case")
    marta.closes()
    annika.goes_home()
    expect(annika.page.get_by_test_id("home")).to_contain_text("Att fördela")
    picture(annika, "home-coordinator")

    # On Monday at eight the forum reads it.
    assert marta.moves_clock("Nästa måndag kl. 8") == "Nu är det måndag 19 oktober 2026 kl. 08:00."
    first.goes_to("fou-forum")
    digest = first.reads("Veckobrev, vecka 43")
    expect(digest).to_contain_text(TITLE)
    expect(digest).to_contain_text(LESSON)
    expect(digest).to_contain_text(f"Tack till {second_name}")
    picture(first, "digest")


def test_a_member_without_chat_advises_through_the_coordinator(house: Stage) -> None:
    oskar, annika, marta = house.tab(OSKAR), house.tab(ANNIKA), house.tab(MARTA)
    annika.goes_to("fou-samordning")

    # Oskar asks straight from App Home.
    oskar.page.get_by_role("button", name="Begär konsultation").click()
    oskar.sees_modal("Begär konsultation")
    oskar.fills("Rubrik", "Boendestöd när hyran är ny")
    oskar.fills(
        "Vad vill ni ha råd om?",
        "Många av våra hyresgäster har kommit från hemlöshet och har nu eget kontrakt. Hur lägger vi upp boendestödet "
        "så att de bor kvar?",
    )
    oskar.chooses("Vilken hjälp behöver ni?", "Kunskapsöversikt")
    oskar.chooses("Vilket slags svar vill ni ha?", "Lästips och referenser")
    oskar.sends()
    oskar.sees_modal("Innan du skickar")
    oskar.sends()
    number = oskar.learns_number()
    oskar.closes()
    room = f"konsultation-{number}"

    # Annika asks a member who has no account, and is told so.
    card = annika.reads(f"Nr {number}: Boendestöd när hyran är ny")
    annika.presses("Fråga någon annan", card)
    annika.sees_modal("Fråga ledamot")
    annika.chooses("Vilka ska frågas?", PER_OLOF, typing="kvistrup")
    annika.page.keyboard.press("Escape")
    annika.fills("Några ord till ledamoten", "Ni talades vid i våras, om jag minns rätt.")
    annika.sends()
    annika.has_no_modal()
    expect(card).to_contain_text(f"{PER_OLOF} har fått frågan")
    expect(card).to_contain_text("Nås utanför chatten")

    # She gets the whole question as a text to send, with the address to send it to.
    letter = annika.reads(PER_OLOF, "Skicka gärna texten")
    expect(letter).to_contain_text("@")
    expect(letter).to_contain_text("Hur lägger vi upp boendestödet så att de bor kvar?")
    expect(letter).to_contain_text("Det går lika bra att tacka nej.")
    picture(annika, "relay", of=letter.get_by_test_id("blocks"))

    # He writes that he will. She says how she knows; without that nothing is recorded.
    annika.presses("Registrera ja", letter)
    recording = annika.sees_modal("Registrera åt någon")
    annika.sends()
    expect(recording.get_by_test_id("field-error")).to_be_visible()
    annika.fills("Hur vet du det?", "mejl 13 oktober")
    picture(annika, "behalf")
    annika.sends()
    annika.has_no_modal()
    oskar.opens_messages()
    oskar.reads(f"{PER_OLOF} har tackat ja till konsultation nr {number}")
    oskar.goes_to(room)
    oskar.reads(f"Konsultation nr {number}", f"{PER_OLOF} (nås utanför chatten)")

    # The day after, his answer, in his words.
    annika.moves_clock("I morgon")
    annika.presses("Registrera", card)
    annika.records(
        f"{PER_OLOF} ger ett svar", source="mejl 14 oktober", Svaret="Låt samma person finnas kvar i ett år."
    )
    answer = oskar.reads(f"{PER_OLOF} har gett ett svar", "Låt samma person finnas kvar i ett år.")
    expect(answer).not_to_contain_text("Annika Sjöhed har gett ett svar")

    # Oskar is out on visits and phones. What he says is recorded as his, and who recorded it is told.
    annika.moves_clock("I morgon")
    annika.presses("Registrera åt någon", card)
    annika.records(
        f"{OSKAR} avslutar",
        source="telefonsamtal 15 oktober",
        marking="Besvarad",
        Lärdomen="En och samma boendestödjare i ett år gör att fler bor kvar.",
    )
    oskar.presses("Visa", oskar.reads(f"Konsultation nr {number}: Boendestöd", "En och samma boendestödjare i ett år"))
    case = oskar.sees_modal(f"Konsultation nr {number}")
    expect(case).to_contain_text(f"{PER_OLOF} tackade ja. (registrerat av {ANNIKA}: mejl 13 oktober)")
    expect(case).to_contain_text(f"{PER_OLOF} gav ett svar. (registrerat av {ANNIKA}: mejl 14 oktober)")
    expect(case).to_contain_text(
        f"{OSKAR} avslutade konsultationen. (registrerat av {ANNIKA}: telefonsamtal 15 oktober)"
    )
    picture(oskar, "behalf-history", top=case.get_by_text("Så har det gått till"))

    # Somebody else reads the lesson and the answer, and nothing of how it was recorded.
    marta.goes_to("fou-forum")
    marta.types(f"/consult status {number}")
    seen = marta.sees_modal(f"Konsultation nr {number}")
    expect(seen).to_contain_text("Låt samma person finnas kvar i ett år.")
    expect(seen).not_to_contain_text("registrerat av")
