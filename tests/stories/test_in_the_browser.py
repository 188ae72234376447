"""The bot from end to end, as those who use it meet it: everybody at the page in a tab of their own, in Swedish."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import chromium
from tests.stories.stage import Stage, in_the_dark, on_a_phone, picture, stage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

MARTA, ANNIKA, YASMIN, ELIN = "UMARTA", "UANNIKA", "UYASMIN", "UELIN"

TITLE = "Följa upp vår familjebehandling"
QUESTION = (
    "Vi på Barn och unga i Farsta har haft familjebehandling som öppen insats i två år. Nu vill vi veta om den "
    "hjälper. Vilka mätinstrument passar för föräldraskap, och hur använder vi enkäter utan att de tar över samtalen?"
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


@pytest.fixture
def house(browser: Browser, tmp_path: Path) -> Iterator[Stage]:
    with stage(browser, tmp_path) as made:
        yield made


def test_a_question_from_farsta_becomes_a_lesson_in_the_digest(house: Stage) -> None:
    marta, annika, yasmin, elin = (house.tab(each) for each in (MARTA, ANNIKA, YASMIN, ELIN))
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
    expect(review).to_contain_text("Yasmin Tahirsson")
    expect(review).to_contain_text("Elin Hedenvall")
    expect(review).to_contain_text("skriver om föräldraskap, mätinstrument och enkäter")
    picture(marta, "review", top=earlier)
    marta.sends()
    number = marta.learns_number()
    marta.closes()
    room = f"konsultation-{number}"

    # The card appears to Annika, who asks the three in their order.
    card = annika.reads(f"Nr {number}: {TITLE}")
    expect(card).to_contain_text("1. Yasmin Tahirsson")
    expect(card).to_contain_text("2. Elin Hedenvall")
    picture(annika, "card", of=card)
    picture(annika, "page")
    annika.presses("Fråga i denna ordning", card)
    expect(card).to_contain_text("Yasmin Tahirsson har fått frågan")
    marta.opens_messages()
    marta.reads("Nu är en ledamot tillfrågad", TITLE)

    # Yasmin has worked there. She says no, and why; only the coordinators read that.
    expect(yasmin.page.get_by_test_id("home")).to_contain_text("Frågor till dig")
    picture(yasmin, "home-member")
    yasmin.opens_messages()
    asked = yasmin.reads("En fråga till dig", TITLE)
    yasmin.presses("Tacka nej", asked)
    yasmin.sees_modal("Tacka nej")
    yasmin.marks("Jag har jäv eller en annan bindning")
    yasmin.sends()
    yasmin.has_no_modal()
    yasmin.reads("Du har tackat nej till konsultation")
    expect(card).to_contain_text("jäv eller annan bindning")

    # The next is asked without anybody doing anything, and says yes.
    expect(card).to_contain_text("Elin Hedenvall har fått frågan")
    marta.reads("hade inte möjlighet den här gången. Vi har frågat nästa")
    expect(marta.page.get_by_test_id("channel")).not_to_contain_text("Yasmin")
    elin.opens_messages()
    asked = elin.reads("En fråga till dig", "Marta Lindviken, Barn och unga, Farsta", QUESTION)
    picture(elin, "question", of=asked)
    on_a_phone(elin, "phone")
    elin.presses("Tacka ja", asked)
    elin.reads("Du har tackat ja till konsultation")

    # They get a channel of their own: those three, and nobody else.
    for tab in (marta, elin, annika):
        tab.goes_to(room)
        tab.reads(f"Konsultation nr {number}: {TITLE}", "@Elin Hedenvall")
    assert not yasmin.is_in(room)

    # Elin answers in the form that keeps the answer where it can be found again.
    elin.presses("Ge svar", elin.reads(f"Konsultation nr {number}: {TITLE}"))
    elin.sees_modal("Ge svar")
    elin.fills("Svaret", ANSWER)
    elin.sends()
    elin.has_no_modal()
    marta.reads("Elin Hedenvall har gett ett svar", ANSWER)
    marta.types("Tack, det här kommer vi igång med redan i november.")
    elin.reads("redan i november")
    picture(marta, "room")
    in_the_dark(marta, "dark")

    # Annika closes it with what was learned.
    annika.presses("Avsluta", annika.reads(f"Konsultation nr {number}: {TITLE}"))
    annika.sees_modal("Avsluta konsultationen")
    annika.marks("besvarad")
    annika.fills("Nedlagd tid i timmar", "6")
    annika.fills("Lärdomen", LESSON)
    picture(annika, "close")
    annika.sends()
    annika.has_no_modal()
    elin.opens_messages()
    elin.presses("Ja, det går bra", elin.reads("Får ditt namn stå med?", LESSON))
    elin.sees_modal("Klart")
    elin.closes()

    # Nothing of it is in the forum before Marta has approved it, in her own words.
    marta.goes_home()
    expect(marta.page.get_by_test_id("home")).to_contain_text("Det finns en lärdom att godkänna")
    picture(marta, "home-requester")
    marta.opens_messages()
    marta.presses("Läs och godkänn", marta.reads("Så här lyder lärdomen", LESSON))
    marta.sees_modal("Godkänn lärdomen")
    expect(marta.modal.get_by_label("Lärdomen")).to_have_value(LESSON)
    marta.fills("Lärdomen", f"{LESSON} Det räcker långt.")
    marta.sends()
    marta.has_no_modal()
    marta.presses("Visa", marta.reads("är avslutad av Annika Sjöhed: besvarad"))
    case = marta.sees_modal(f"Konsultation {number}")
    expect(case).to_contain_text(ANSWER)
    expect(case).to_contain_text("Marta Lindviken godkände lärdomen.")
    expect(case).not_to_contain_text("Yasmin")
    picture(marta, "case")
    marta.closes()
    annika.goes_home()
    expect(annika.page.get_by_test_id("home")).to_contain_text("Att fördela")
    picture(annika, "home-coordinator")

    # On Monday at eight the forum reads it.
    assert marta.moves_clock("Nästa måndag kl. 8") == "Nu är det måndag 19 oktober 2026 kl. 08:00."
    yasmin.goes_to("fou-forum")
    digest = yasmin.reads("Veckobrev, vecka 43")
    expect(digest).to_contain_text(TITLE)
    expect(digest).to_contain_text(f"{LESSON} Det räcker långt.")
    picture(yasmin, "digest", of=digest)
    expect(digest).to_have_count(1)
