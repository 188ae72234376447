"""The page of the workspace, in a real browser against the real server."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

import bot.workspace
from bot.workspace import Person, Server, Switches, Workspace, serve
from handlers.slack.connection import hang_up
from tests.browser import chromium
from tests.workspace.conftest import ANNA, BO, CLARE, made, web_client

pytestmark = pytest.mark.browser

PAGE = Path(bot.workspace.__file__).parent / "page"
NASTY = """<img src=x onerror="window.pwned=1"><script>window.pwned=1</script> &amp; "'`"""
LONG = "Individbaserad­uppföljningsverksamhetsutvecklingsplaneringsarbetsgrupp" * 4

Register = Callable[[App], None]
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def look(browser: Browser, server: Server) -> Iterator[Open]:
    """Opens the page as somebody. Nothing may go wrong in the page, and nothing be asked of another host."""
    wrong: list[str] = []
    asked: set[str] = set()
    with ExitStack() as closing:

        def opened(user: str = ANNA, place: str = "C0FORUM", *, expected: str = "^$", **options: Any) -> Page:
            context = browser.new_context(viewport={"width": 1200, "height": 800}, **options)
            closing.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(10_000)

            def heard(text: str) -> None:
                if not re.search(expected, text):
                    wrong.append(text)

            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on("console", lambda said: heard(said.text) if said.type in ("error", "warning") else None)
            page.on("request", lambda request: asked.add(urlsplit(request.url).hostname or ""))
            page.goto(f"{server.url}as/{user}/{place}" if user else server.url)
            return page

        yield opened
    assert wrong == []
    assert asked <= {"127.0.0.1"}


@pytest.fixture
def app(server: Server) -> Iterator[App]:
    running = App(token="xoxb-workspace", signing_secret="hemlig", client=web_client(server))
    handler = SocketModeHandler(running, "xapp-workspace")
    handler.connect()
    handler.client.current_session.sock.settimeout(0.2)  # closing waits for the SDK's read in progress
    yield running
    hang_up(handler)


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def section(text: str, **extra: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text), **extra}


def field(block_id: str, label: str, kind: str = "plain_text_input", **element: Any) -> dict[str, Any]:
    optional = element.pop("optional", False)
    return {
        "type": "input",
        "block_id": block_id,
        "optional": optional,
        "label": plain(label),
        "element": {"type": kind, "action_id": "value", **element},
    }


def options(*names: str) -> list[dict[str, Any]]:
    return [{"text": plain(name), "value": name.lower()} for name in names]


FIELDS = [
    field("title", "Rubrik", max_length=40),
    field("question", "Fråga", multiline=True),
    field("area", "Område", "static_select", options=options("Hemlöshet", "Våld i nära relationer", "Övrigt")),
    field("methods", "Metoder", "multi_static_select", options=options("Enkäter", "Intervjuer"), optional=True),
    field("kind", "Svar", "radio_buttons", options=options("Möte", "Yttrande"), optional=True),
    field("who", "Fler", "multi_users_select", optional=True),
    field("when", "Datum", "datepicker", optional=True),
]


MRKDWN = {
    "*fet* _kursiv_ ~struken~": "<strong>fet</strong> <em>kursiv</em> <s>struken</s>",
    "`kod *x* &lt;`": "<code>kod *x* &lt;</code>",
    "2*3*4 snake_case_name a~b~c": "2*3*4 snake_case_name a~b~c",
    "*_båda_*": "<strong><em>båda</em></strong>",
    "&gt; citat\n&gt; två\nslut": "<blockquote>citat<br>två</blockquote>slut",
    "• ett\n• två": "<ul><li>ett</li><li>två</li></ul>",
    "före\n```\na  b\n```\nefter": "före<br><pre>a  b</pre>efter",
    "<@U0ANNA> <#C0FORUM>": "<span>@Anna Åkerö</span> <a>#forum</a>",
    "<!channel> <!here>": "<span>@channel</span> <span>@here</span>",
    "<https://a.se/x_y_z|Läs _mer_>": "<a>Läs _mer_</a>",
    "se https://a.se/x_y_z.": "se <a>https://a.se/x_y_z</a>.",
    "<mailto:a@b.se|a@b.se>": "<a>a@b.se</a>",
    "&lt;@U0ANNA&gt; &amp;lt;": "&lt;@U0ANNA&gt; &amp;lt;",
    "<img src=x onerror=1>": "&lt;img src=x onerror=1&gt;",
    "<!date^1773043200^{date_num} {time}|reserv>": "<time>2026-03-09 09:00</time>",
    ":tada: :finnsinte: 08:30:00": "<span>🎉</span> :finnsinte: 08:30:00",
    "*": "*",
    "** __ ``": "** __ ``",
    "``` öppen": "``` öppen",
}


def form(title: str = "Begär råd", blocks: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain(title),
        "submit": plain("Skicka"),
        "close": plain("Avbryt"),
        "blocks": blocks or FIELDS,
    }


def opens(app: App, view: dict[str, Any]) -> None:
    @app.command("/consult")
    def consult(ack: Any, body: Any, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=view)


def write(page: Page, text: str) -> None:
    page.get_by_test_id("composer").fill(text)
    page.get_by_test_id("composer").press("Enter")


def modal(page: Page) -> Locator:
    return page.get_by_test_id("modal")


def message(page: Page, text: str) -> Locator:
    return page.get_by_test_id("message").filter(has_text=text)


def test_what_people_and_apps_write_is_shown_and_never_run(
    look: Open, app: App, client: WebClient, workspace: Workspace, anna: Person
) -> None:
    workspace.add_user(id="U0NASTY", name="nasty", real_name=NASTY, title=NASTY)
    workspace.invite("C0FORUM", "U0NASTY")
    opens(app, form("<b>Titel</b>", [section(NASTY), field("title", "<i>Rubrik</i>", initial_value=NASTY)]))
    anna.say("forum", f"{NASTY} *fet* javascript:alert(1)")
    Person(anna._url, "U0NASTY").say("forum", "Hej")
    link = "<javascript:alert(1)|klicka> <https://example.org/?a=1&amp;b=2|<b>här</b>>"
    context = {"type": "context", "elements": [plain(NASTY)]}
    blocks = [{"type": "header", "text": plain(NASTY)}, section(f"{NASTY} {link}"), context]
    client.chat_postMessage(channel="C0FORUM", text="x", blocks=blocks)
    client.conversations_setTopic(channel="C0FORUM", topic=NASTY)
    page = look()
    shown = message(page, "javascript:alert(1)").first
    expect(shown).to_contain_text('<img src=x onerror="window.pwned=1">')
    expect(shown).to_contain_text("&amp;")
    expect(shown.locator("strong")).to_have_text("fet")
    page.get_by_test_id("open-members").click()
    expect(page.get_by_test_id("members")).to_contain_text("<script>")
    write(page, "/consult")
    expect(modal(page).get_by_label("<i>Rubrik</i>")).to_have_value(NASTY)
    expect(modal(page).get_by_role("heading", name="<b>Titel</b>")).to_be_visible()
    assert page.evaluate("window.pwned") is None
    assert page.locator("img, iframe, object, #page script, a[href^='javascript']").count() == 0


def test_no_module_can_write_markup() -> None:
    markup = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|style="
    for path in [*PAGE.glob("*.js"), PAGE / "index.html"]:
        assert re.findall(markup, path.read_text()) == [], path.name


def test_modules_stay_short_and_both_languages_are_whole() -> None:
    names = {}
    used = set()
    for path in PAGE.glob("*.js"):
        source = path.read_text()
        assert len(source.splitlines()) <= 300, path.name
        if path.name.startswith("words_"):
            names[path.name] = re.findall(r"^  (\w+):", source, re.MULTILINE)
        else:
            used |= set(re.findall(r"\bt\(\"(\w+)\"", source))
    assert names["words_sv.js"] == names["words_en.js"] == sorted(set(names["words_sv.js"]), key=str.casefold)
    assert used <= set(names["words_sv.js"])


def test_mrkdwn(look: Open) -> None:
    page = look()
    expect(page.get_by_test_id("composer")).to_be_visible()
    made = page.evaluate(
        """async (texts) => {
            const { mrkdwn } = await import("/static/mrkdwn.js");
            const people = {
                user: (id) => (id === "U0ANNA" ? { id, real_name: "Anna Åkerö" } : null),
                channel: (id) => (id === "C0FORUM" ? { id, name: "forum" } : null),
                address: (id) => id, now: () => 1773043200000,
            };
            return texts.map((text) => {
                const holder = document.createElement("div");
                holder.append(mrkdwn(text, people));
                for (const node of holder.querySelectorAll("*")) {
                    for (const name of node.getAttributeNames()) node.removeAttribute(name);
                }
                return new XMLSerializer().serializeToString(holder);
            });
        }""",
        list(MRKDWN),
    )
    bare = [re.sub(r'^<div xmlns="[^"]*">|</div>$', "", each).replace("<br />", "<br>") for each in made]
    assert dict(zip(MRKDWN, bare, strict=True)) == MRKDWN


def test_a_command_is_suggested_completed_and_sent_by_keyboard_alone(look: Open, app: App, anna: Person) -> None:
    opens(app, form())

    @app.view("form")
    def submitted(ack: Any, body: Any, client: WebClient) -> None:
        ack()
        values = body["view"]["state"]["values"]
        said = [values["title"]["value"]["value"], values["area"]["value"]["selected_option"]["text"]["text"]]
        several = [option["value"] for option in values["methods"]["value"]["selected_options"]]
        client.chat_postMessage(channel="C0FORUM", text=" · ".join([*said, *several]))

    page = look()
    page.get_by_test_id("composer").press_sequentially("/con")
    expect(page.get_by_role("option")).to_contain_text(["/consult [fråga]Begär råd"])
    for key in ("Enter", "Enter"):
        page.keyboard.press(key)
    expect(modal(page).get_by_label("Rubrik")).to_be_focused()
    page.keyboard.type("Åtgärder på ön")
    page.keyboard.press("Tab")
    page.keyboard.type("Hur gör vi?")
    page.keyboard.press("Tab")
    expect(modal(page).get_by_role("combobox", name="Område")).to_be_focused()
    for key in ("ArrowDown", "ArrowDown", "Enter", "Tab"):
        page.keyboard.press(key)
    expect(modal(page).get_by_label("Område")).to_have_value("Våld i nära relationer")
    page.keyboard.type("inter")
    for key in ("Enter", "Escape"):
        page.keyboard.press(key)
    expect(modal(page).get_by_text("Intervjuer")).to_be_visible()
    modal(page).get_by_label("Rubrik").press("Enter")
    expect(modal(page)).to_be_hidden()
    expect(message(page, "Åtgärder på ön · Våld i nära relationer · intervjuer")).to_be_visible()
    expect(page.get_by_test_id("composer")).to_be_focused()
    expect(page.get_by_test_id("composer")).to_have_value("")


@contextmanager
def overtaken(page: Page, asked: str, act: Callable[[], object]) -> Iterator[None]:
    """The first answer to what is asked in the block reaches the page after something newer: `act` is done while it is
    on its way. Afterwards the page has taken in both."""
    held: list[Route] = []

    def late(route: Route) -> None:
        if held:
            route.continue_()
            return
        held.append(route)
        old = route.fetch()
        act()
        route.fulfill(response=old)

    page.route(asked, late)
    with page.expect_response(asked):
        yield
    page.evaluate("new Promise(requestIdleCallback)")


def test_what_opens_while_the_page_catches_up_stays_open(look: Open, app: App, server: Server) -> None:
    """The answer that the page waits for is older than the modal."""
    opens(app, form())
    page = look("", "")
    with overtaken(page, "**/page/views*", lambda: Person(server, ANNA).command("/consult")):
        page.goto(f"{server.url}as/{ANNA}/home")
    modal(page).get_by_label("Rubrik").fill("Om uppföljning")
    expect(modal(page).get_by_label("Rubrik")).to_have_value("Om uppföljning")


@pytest.mark.parametrize("before", [False, True], ids=["never-seen", "seen-before"])
def test_what_happens_while_messages_are_asked_for_is_shown(
    look: Open, client: WebClient, anna: Person, *, before: bool
) -> None:
    page = look(BO, "home")
    gone, changed = (client.chat_postMessage(channel="C0FORUM", text=text)["ts"] for text in ("Tas bort", "Ändras"))
    if before:
        page.get_by_role("link", name="forum").click()
        expect(message(page, "Ändras")).to_be_visible()
        page.go_back()

    def happens() -> None:
        anna.say("forum", "Skrivet under tiden")
        client.chat_delete(channel="C0FORUM", ts=gone)
        client.chat_update(channel="C0FORUM", ts=changed, text="Är ändrat")

    with overtaken(page, "**/page/history*", happens):
        page.get_by_role("link", name="forum").click()
    expect(message(page, "Skrivet under tiden")).to_be_visible()
    expect(message(page, "Är ändrat")).to_be_visible()
    expect(message(page, "Tas bort")).to_have_count(0)


def test_an_answer_written_while_the_thread_is_asked_for_is_shown_and_counted(look: Open, anna: Person) -> None:
    asked = anna.say("forum", "Vem vet?")["ts"]
    anna.say("forum", "Jag", thread_ts=asked)
    page = look(BO)
    with overtaken(page, "**/page/replies*", lambda: anna.say("forum", "Jag med", thread_ts=asked)):
        message(page, "Vem vet?").get_by_role("button", name="1 svar").click()
    expect(page.get_by_test_id("thread").get_by_text("Jag med")).to_be_visible()
    expect(message(page, "Vem vet?").get_by_role("button", name="2 svar")).to_be_visible()


def test_channels_made_while_the_page_asks_about_them_are_listed(look: Open, client: WebClient) -> None:
    def made_for_anna(name: str) -> None:
        channel = client.conversations_create(name=name)["channel"]["id"]
        client.conversations_invite(channel=channel, users=ANNA)

    page = look()
    expect(page.get_by_test_id("composer")).to_be_visible()
    with overtaken(page, "**/page/state*", lambda: made_for_anna("konsultation-2")):
        made_for_anna("konsultation-1")
    for name in ("konsultation-1", "konsultation-2"):
        expect(page.get_by_role("link", name=name)).to_be_visible()


def test_a_home_shown_while_the_page_asks_for_it_is_the_newer(look: Open, client: WebClient) -> None:
    def shown(text: str) -> None:
        client.views_publish(user_id=ANNA, view={"type": "home", "blocks": [section(text)]})

    shown("Inga frågor till dig")
    page = look()
    with overtaken(page, "**/page/home*", lambda: shown("En fråga till dig")):
        page.get_by_role("link", name="Rådgivaren").click()
    expect(page.get_by_test_id("home").get_by_text("En fråga till dig")).to_be_visible()
    expect(page.get_by_test_id("home").get_by_text("Inga frågor till dig")).to_have_count(0)


LATE_LINE = """
const Real = WebSocket;
window.WebSocket = class extends EventTarget {
  constructor(address) {
    super();
    window.connect = () => {
      const line = new Real(address);
      for (const kind of ["open", "message"]) {
        line.addEventListener(kind, (event) => this.dispatchEvent(new event.constructor(kind, event)));
      }
    };
  }
};
"""
"""The page's line to the workspace is opened when the test says so."""


def test_what_happens_before_the_page_is_connected_is_shown(look: Open, server: Server, anna: Person) -> None:
    page = look("", "")
    page.add_init_script(LATE_LINE)
    page.goto(f"{server.url}as/{BO}/C0FORUM")
    expect(page.get_by_test_id("empty")).to_be_visible()
    anna.say("forum", "Skrivet så länge")
    page.evaluate("connect()")
    expect(message(page, "Skrivet så länge")).to_be_visible()


def test_errors_stand_at_their_fields_and_go_when_mended(look: Open, app: App) -> None:
    opens(app, form())

    @app.view("form")
    def submitted(ack: Any) -> None:
        ack(response_action="errors", errors={"question": "Beskriv ingen enskild person."})

    page = look()
    write(page, "/consult")
    title, question = modal(page).get_by_label("Rubrik"), modal(page).get_by_label("Fråga")
    modal(page).get_by_role("button", name="Skicka").click()
    expect(modal(page).get_by_role("alert")).to_have_text("3 fält behöver ses över.")
    expect(title).to_be_focused()
    expect(title).to_have_attribute("aria-invalid", "true")
    expect(title).to_have_accessible_description(re.compile("Fyll i det här fältet"))
    expect(modal(page).locator("[data-block-id=methods]").get_by_test_id("field-error")).to_be_hidden()
    title.fill("Om uppföljning")
    expect(title).not_to_have_attribute("aria-invalid", "true")
    question.fill("Om en person")
    modal(page).get_by_label("Område").click()
    page.get_by_role("option", name="Hemlöshet").click()
    expect(modal(page).get_by_role("alert")).to_have_count(0)
    modal(page).get_by_role("button", name="Skicka").click()
    expect(modal(page).locator("[data-block-id=question]").get_by_test_id("field-error")).to_have_text(
        "Beskriv ingen enskild person."
    )
    expect(question).to_be_focused()
    expect(title).to_have_value("Om uppföljning")


def test_what_is_typed_survives_an_update_of_the_view(look: Open, app: App, client: WebClient, anna: Person) -> None:
    opens(app, form())
    page = look()
    write(page, "/consult")
    title = modal(page).get_by_label("Rubrik")
    title.fill("Halvvägs")
    modal(page).get_by_label("Område").click()
    page.get_by_role("option", name="Övrigt").click()
    modal(page).get_by_label("Möte").check()
    modal(page).get_by_label("Fler").fill("clare")
    page.get_by_role("option", name="Clare Dunmore").click()
    page.keyboard.press("Escape")
    modal(page).get_by_label("Datum").fill("2026-05-04")
    title.focus()
    title.press("Home")
    view = anna.wait_for(anna.modal)
    changed = [
        section("Tre liknande finns"),
        *(
            {**each, "label": plain(each["label"]["text"] + " nu")} if each["block_id"] != "question" else each
            for each in FIELDS
            if each["block_id"] != "methods"
        ),
    ]
    client.views_update(view_id=view["id"], hash=view["hash"], view=form("Ändrad", changed))
    expect(modal(page).get_by_role("heading", name="Ändrad")).to_be_visible()
    expect(modal(page).get_by_text("Tre liknande finns")).to_be_visible()
    title = modal(page).get_by_label("Rubrik nu")
    expect(title).to_have_value("Halvvägs")
    expect(title).to_be_focused()
    page.keyboard.type("Nu ")
    expect(title).to_have_value("Nu Halvvägs")
    expect(modal(page).get_by_label("Område nu")).to_have_value("Övrigt")
    expect(modal(page).get_by_label("Möte")).to_be_checked()
    expect(modal(page).get_by_text("Clare Dunmore")).to_be_visible()
    expect(modal(page).get_by_label("Datum nu")).to_have_value("2026-05-04")
    expect(modal(page).get_by_label("Metoder")).to_have_count(0)


def test_views_are_stacked_and_come_back_with_what_was_typed(look: Open, app: App, anna: Person) -> None:
    button = {"type": "button", "action_id": "deeper", "text": plain("Mer")}
    deeper = {"type": "actions", "block_id": "acts", "elements": [button]}
    opens(app, form(blocks=[*FIELDS[:2], deeper]))

    @app.action("deeper")
    def push(ack: Any, body: Any, client: WebClient) -> None:
        ack()
        view = form("Djupare", [section("Om ledamöter"), deeper])
        client.views_push(trigger_id=body["trigger_id"], view={**view, "submit": None, "close": plain("Tillbaka")})

    page = look()
    write(page, "/consult")
    modal(page).get_by_label("Rubrik").fill("Kvar")
    for _ in range(2):
        modal(page).get_by_role("button", name="Mer").click()
        expect(modal(page).get_by_role("heading", name="Djupare")).to_be_visible()
        anna.wait_for(lambda: len(anna.modals()) > 1)
    anna.wait_for(lambda: len(anna.modals()) == 3)
    page.reload()
    expect(modal(page).get_by_text("Om ledamöter")).to_be_visible()
    for _ in range(2):
        page.keyboard.press("Escape")
    expect(modal(page).get_by_label("Rubrik")).to_have_value("Kvar")
    modal(page).get_by_role("button", name="Avbryt").click()
    expect(modal(page)).to_be_hidden()
    anna.wait_for(lambda: not anna.modals())


def test_two_tabs_see_each_other_and_keep_what_is_half_written(look: Open, server: Server, anna: Person) -> None:
    own, other = look(ANNA), look(BO)
    other.get_by_test_id("composer").fill("Halvskrivet")
    write(own, "Hej Bo, åäö")
    expect(message(other, "Hej Bo, åäö")).to_be_visible()
    expect(message(own, "Hej Bo, åäö")).to_have_count(1)
    message(other, "Hej Bo, åäö").hover()
    message(other, "Hej Bo, åäö").get_by_role("button", name="Svara i tråd").click()
    other.get_by_test_id("thread-composer").fill("Svar i tråden")
    other.get_by_test_id("thread-composer").press("Enter")
    message(own, "Hej Bo").get_by_role("button", name="1 svar").click()
    expect(own.get_by_test_id("thread").get_by_text("Svar i tråden")).to_be_visible()
    expect(own.get_by_test_id("channel").get_by_text("Svar i tråden")).to_have_count(0)
    expect(other.get_by_test_id("composer")).to_have_value("Halvskrivet")
    dm = anna.dm(BO)
    anna.say(dm, "Bara till dig")
    badge = other.locator(f"[data-testid=nav][data-channel={dm}] .badge")
    expect(badge).to_have_text("1 (1 oläst)")
    badge.click()
    expect(message(other, "Bara till dig")).to_be_visible()
    expect(badge).to_have_count(0)
    other.go_back()
    expect(other.get_by_test_id("composer")).to_have_value("Halvskrivet")


def test_buttons_confirm_and_change_their_message(look: Open, app: App, client: WebClient) -> None:
    names = {"title": "Är du säker?", "text": "Det märks.", "confirm": "Ja, gör det", "deny": "Nej"}
    confirm = {name: plain(text) for name, text in names.items()}
    button = {"type": "button", "action_id": "yes", "text": plain("Tacka ja"), "value": "1", "confirm": confirm}

    @app.action("yes")
    def yes(ack: Any, body: Any, client: WebClient, respond: Any) -> None:
        ack()
        client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="Du har tackat ja", blocks=[])
        respond(text="Tack ska du ha", replace_original=False, response_type="ephemeral")

    blocks = [section("Kan du?"), {"type": "actions", "elements": [button]}]
    client.chat_postMessage(channel="C0FORUM", text="x", blocks=blocks)
    page, other = look(), look(BO)
    page.get_by_role("button", name="Tacka ja").click()
    page.get_by_test_id("confirm").get_by_role("button", name="Nej").click()
    expect(message(page, "Kan du?")).to_be_visible()
    page.get_by_role("button", name="Tacka ja").click()
    page.get_by_test_id("confirm").get_by_role("button", name="Ja, gör det").click()
    expect(message(page, "Du har tackat ja")).to_contain_text("redigerat")
    expect(message(other, "Du har tackat ja")).to_be_visible()
    expect(message(page, "Tack ska du ha")).to_contain_text("Bara du ser det här")
    expect(message(other, "Tack ska du ha")).to_have_count(0)


def test_a_silent_or_missing_bot_is_told_of_and_nothing_is_lost(look: Open, app: App) -> None:
    @app.command("/consult")
    def consult(body: Any) -> None:
        assert body["text"] == "tyst"

    page = look()
    write(page, "/consult tyst")
    error = page.get_by_test_id("composer-error")
    expect(error).to_have_text("Rådgivaren svarade inte i tid. Försök igen om en stund.")
    expect(page.get_by_test_id("composer")).to_have_value("/consult tyst")
    write(page, "/finnsinte")
    expect(error).to_have_text("Kommandot /finnsinte finns inte här.")


def test_home_is_asked_for_and_follows_the_bot(look: Open, app: App) -> None:
    @app.event("app_home_opened")
    def home(event: Any, client: WebClient) -> None:
        button = {"type": "button", "action_id": "more", "text": plain("Visa mer")}
        view = {"type": "home", "blocks": [section("Dina konsultationer", accessory=button)]}
        client.views_publish(user_id=event["user"], view=view)

    @app.action("more")
    def more(ack: Any, body: Any, client: WebClient) -> None:
        ack()
        client.views_publish(user_id=body["user"]["id"], view={"type": "home", "blocks": [section("Allt visas")]})

    page = look(ANNA, "home")
    expect(page.get_by_test_id("home").get_by_text("Dina konsultationer")).to_be_visible()
    page.get_by_role("button", name="Visa mer").click()
    expect(page.get_by_test_id("home").get_by_text("Allt visas")).to_be_visible()
    page.get_by_role("link", name="Meddelanden").click()
    expect(page.get_by_test_id("empty")).to_contain_text("/consult")


def test_the_page_comes_back_by_itself(look: Open, server: Server, workspace: Workspace) -> None:
    page = look(expected="WebSocket|ERR_CONNECTION|Failed to load")
    page.get_by_test_id("composer").fill("Halvskrivet")
    server.stop()
    expect(page.get_by_test_id("status")).to_have_text("Kontakten är bruten. Försöker igen.")
    again = serve(workspace, port=server.port)
    try:
        Person(again, BO).say("forum", "Skrivet under avbrottet")
        expect(message(page, "Skrivet under avbrottet")).to_be_visible(timeout=20_000)
        expect(page.get_by_test_id("composer")).to_have_value("Halvskrivet")
        page.close()
    finally:
        again.stop()


def test_the_chooser_groups_searches_and_leads_on(look: Open, workspace: Workspace) -> None:
    workspace.add_user(id="U0L1", name="l1", real_name="Lena Ödegård", title="Ledamot, Umeå universitet")
    workspace.add_user(id="U0L2", name="l2", real_name="Lars Åby", title="Ledamot, Lunds universitet")
    page = look("")
    expect(page.get_by_role("region", name="Ledamot").get_by_test_id("person")).to_have_count(2)
    expect(page.get_by_text("Gunnar Borta")).to_have_count(0)
    page.get_by_label("Sök på namn eller roll").fill("ODE")
    expect(page.get_by_test_id("person")).to_have_count(1)
    page.get_by_label("Sök på namn eller roll").fill("zzz")
    expect(page.get_by_test_id("empty")).to_contain_text("zzz")
    page.get_by_label("Sök på namn eller roll").fill("")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Who do you want to be?")).to_be_visible()
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Open Lena Ödegård in a new tab").click()
    expect(popup.value.get_by_test_id("me")).to_contain_text("Lena Ödegård")
    page.get_by_role("link", name="Open as Lena Ödegård").click()
    expect(page.get_by_test_id("me")).to_contain_text("Lena Ödegård")


def test_each_person_reads_in_their_own_language(look: Open) -> None:
    page = look(CLARE)
    expect(page.get_by_role("button", name="Search for a channel or a person")).to_have_count(0)
    expect(page.get_by_label("Write in #forum")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_long_words_without_sideways_scrolling(
    look: Open, app: App, client: WebClient, workspace: Workspace, scheme: Any
) -> None:
    workspace.add_user(id=ANNA, name="anna", real_name=LONG, title=LONG)
    opens(app, form("Begär råd", [section(LONG), field("long", LONG), *FIELDS]))
    blocks = [{"type": "header", "text": plain(LONG[:150])}, section(LONG, fields=[mrkdwn(LONG), mrkdwn(LONG)])]
    client.chat_postMessage(channel="C0FORUM", text="x", blocks=blocks)
    page = look(color_scheme=scheme)
    page.set_viewport_size({"width": 360, "height": 700})
    write(page, LONG)
    expect(page.get_by_test_id("message")).to_have_count(2)
    assert _fits(page)
    page.get_by_role("button", name="Visa kanaler och personer").click()
    expect(page.get_by_test_id("me")).to_be_in_viewport()
    page.get_by_role("link", name="forum").click()
    expect(page.get_by_test_id("me")).not_to_be_in_viewport()
    write(page, "/consult")
    expect(modal(page).get_by_label("Rubrik")).to_be_visible()
    assert _fits(page)
    assert modal(page).locator(".dialog-body").evaluate("node => node.scrollWidth <= node.clientWidth")


def test_long_histories_stay_at_the_end_and_open_upwards(look: Open, anna: Person, server: Server) -> None:
    for number in range(120):
        anna.say("forum", f"Rad {number}.")
    page = look(BO)
    expect(message(page, "Rad 119.")).to_be_in_viewport()
    expect(page.get_by_test_id("message")).to_have_count(50)
    feed = page.get_by_role("log")
    feed.evaluate("node => { node.scrollTop = 0; }")
    expect(page.get_by_test_id("message")).to_have_count(100)
    expect(message(page, "Rad 70.")).to_be_in_viewport()
    anna.say("forum", "Det nyaste")
    expect(message(page, "Det nyaste")).not_to_be_in_viewport()
    page.get_by_role("button", name="Nya meddelanden").click()
    expect(message(page, "Det nyaste")).to_be_in_viewport()
    anna.say("forum", "Ännu nyare")
    expect(message(page, "Ännu nyare")).to_be_in_viewport()


def test_ctrl_k_leads_to_a_person(look: Open) -> None:
    page = look()
    expect(page.get_by_test_id("composer")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("bjorko")
    expect(page.get_by_role("option", name="Bo Björkö")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Skriv till Bo Björkö")).to_be_focused()
    expect(page.get_by_test_id("beginning")).to_contain_text("Det här är början på din konversation med Bo Björkö.")


class Clock:
    """A clock that starts on a Monday in March and stands still."""

    zone = "Europe/Stockholm"

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 9, 7, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def presets(self, language: str) -> list[tuple[str, str]]:
        return [("week", "En vecka" if language == "sv" else "A week")]

    def move(self, to: str | datetime) -> datetime:
        self.at = to if isinstance(to, datetime) else self.at + timedelta(weeks=1)
        return self.at


def test_the_workspace_is_made_to_misbehave_and_behave_by_keyboard(
    workspace: Workspace, client: WebClient, look: Open
) -> None:
    page, phone = look(), look(BO, has_touch=True)
    phone.set_viewport_size({"width": 390, "height": 780})
    signs = [each.get_by_test_id("faults-sign") for each in (page, phone)]
    expect(page.get_by_test_id("composer")).to_be_visible()
    for sign in signs:
        expect(sign).to_be_hidden()
    page.get_by_test_id("open-faults").focus()
    page.keyboard.press("Enter")
    panel, status = page.get_by_test_id("faults-panel"), page.get_by_test_id("faults-status")
    expect(panel.get_by_role("heading", name="Störningar")).to_be_focused()
    page.keyboard.press("Tab")
    asked, waiting = panel.get_by_label("Ombes vänta, procent"), panel.get_by_label("Ombes vänta, sekunder")
    expect(asked).to_be_focused()
    for share, wait, said in (
        ("120", "1", "Skriv ett tal från 0 till 100."),
        ("", "1", "Skriv ett tal från 0 till 100."),
        ("50", "1.5", "Skriv ett helt tal från 0 till 3600."),
    ):
        asked.fill(share)
        waiting.fill(wait)
        page.keyboard.press("Enter")
        expect(status).to_have_text(said)
    asked.fill("60")
    waiting.fill("3")
    panel.get_by_label("Får inget svar, procent").fill("60")
    page.keyboard.press("Enter")
    expect(status).to_have_text("De fyra första kan vara högst 100 procent tillsammans.")
    assert not workspace.faults.switches.on
    asked.fill("100")
    panel.get_by_label("Får inget svar, procent").fill("0")
    panel.get_by_label("Anrop som kan drabbas").fill("chat.*, users.info")
    page.keyboard.press("Enter")
    expect(status).to_have_text("Klart. Så här krånglar arbetsytan nu.")
    assert workspace.faults.switches == Switches(limited=1.0, retry_after=3, methods=("chat.*", "users.info"))
    for sign in signs:
        expect(sign).to_contain_text("Arbetsytan krånglar med flit just nu.")
    with pytest.raises(SlackApiError, match="ratelimited"):
        client.users_info(user=ANNA)
    expect(panel).to_contain_text("1 hittills")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("open-faults")).to_be_focused()
    signs[1].get_by_role("button", name="Ändra").click()
    expect(phone.get_by_label("Ombes vänta, procent")).to_have_value("100")
    phone.get_by_test_id("faults-stop").click()
    expect(phone.get_by_test_id("faults-status")).to_have_text("Allt fungerar som vanligt igen.")
    for sign in signs:
        expect(sign).to_be_hidden()
    assert workspace.faults.switches == Switches()


def test_the_sign_shows_what_a_program_has_switched_on(workspace: Workspace, look: Open) -> None:
    page = look()
    expect(page.get_by_test_id("composer")).to_be_visible()
    workspace.misbehave(late=0.1)
    expect(page.get_by_test_id("faults-sign")).to_be_visible()
    expect(look("").get_by_test_id("chooser")).to_contain_text("Arbetsytan krånglar med flit just nu.")


def test_the_clock_is_moved_in_the_zone_of_the_workspace(browser: Browser) -> None:
    server = serve(made(clock=Clock()))
    context = browser.new_context(timezone_id="America/New_York")
    try:
        Person(server, ANNA).say("forum", "Skrivet på måndagen")
        page = context.new_page()
        page.goto(f"{server.url}as/{ANNA}/C0FORUM")
        expect(page.get_by_test_id("open-clock")).to_contain_text("mån 9 mars 202608:00vecka 11")
        expect(page.get_by_role("separator", name="i dag")).to_be_visible()
        page.get_by_test_id("open-clock").click()
        expect(page.get_by_test_id("clock-panel")).to_contain_text(
            "Flyttar tiden framåt. Det som skulle ha hänt däremellan händer i ordning."
        )
        page.get_by_role("button", name="En vecka").click()
        expect(page.get_by_test_id("clock-status")).to_have_text("Nu är det måndag 16 mars 2026 kl. 08:00.")
        page.get_by_label("Till en bestämd tidpunkt").fill("2026-03-29T08:00")
        page.get_by_role("button", name="Flytta dit").click()
        expect(page.get_by_test_id("clock-status")).to_have_text("Nu är det söndag 29 mars 2026 kl. 08:00.")
        page.get_by_label("Till en bestämd tidpunkt").fill("2026-03-28T08:00")
        page.get_by_role("button", name="Flytta dit").click()
        expect(page.get_by_test_id("clock-status")).to_have_text("Tiden går bara framåt. Välj en senare tidpunkt.")
        expect(page.get_by_role("separator", name="måndag 9 mars")).to_be_visible()
    finally:
        context.close()
        server.stop()


def _fits(page: Page) -> bool:
    fits: bool = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    return fits
