"""The whole house for a story: everything that `konsult demo` starts, and its people at the page, each in a tab.

`tests/stories/processes.py` has the same house with its work shared among five processes.
"""

import datetime as dt
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from bot import app
from bot.demo import opened
from bot.settings import Settings
from bot.workspace import Server, Workspace
from models import schema
from models.database import Database
from models.organisation import Installation

BEGINS = dt.datetime(2026, 10, 13, 9, 0, tzinfo=ZoneInfo("Europe/Stockholm"))
"""An ordinary Tuesday morning: no quiet period and no clock change before the week is over."""

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
WIDTH, HEIGHT = 1280, 800
PATIENCE = 30_000
"""Milliseconds for whatever is waited for: the machine may be busy."""
PHONE: ViewportSize = {"width": 390, "height": 780}


class Stage:
    """`tab("Marta Lindviken")` is a new tab in which she sits at the page. Nothing may go wrong in any of them."""

    def __init__(self, workspace: Workspace, page: Server, context: BrowserContext) -> None:
        self._workspace = workspace
        self._page = page
        self._context = context
        self._wrong: list[str] = []

    def tab(self, name: str) -> "Tab":
        """A tab of somebody's own, at the bot's App Home."""
        user = next(user["id"] for user in self._workspace.users() if user["real_name"] == name)
        page = self._context.new_page()
        page.on("pageerror", lambda error: self._wrong.append(str(error)))
        page.on("console", lambda said: self._wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.goto(f"{self._page.url}as/{user}/home")
        return Tab(page)

    def went_wrong(self) -> list[str]:
        """What the tabs complained of."""
        return self._wrong


class Tab:
    """Somebody at the page: what they do, and what they see. Everything is found by its role and name."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def goes_to(self, name: str) -> None:
        """Choose a channel or a person in the list to the left."""
        self._place(name).click()
        expect(self.page.get_by_test_id("channel").or_(self.page.get_by_test_id("home")).first).to_be_visible()

    def goes_home(self) -> None:
        """Look at the bot's App Home."""
        self.goes_to("konsult")
        self.page.get_by_role("link", name="Hem", exact=True).click()

    def opens_messages(self) -> None:
        """Read what the bot has written to oneself."""
        self.goes_to("konsult")
        self.page.get_by_role("link", name="Meddelanden", exact=True).click()

    def is_in(self, channel: str) -> bool:
        """Whether the channel stands in the list to the left."""
        return self._place(channel).count() > 0

    def moves_clock(self, preset: str) -> str:
        """Move business time with the panel; returns what the panel says when everything in between has happened."""
        self.page.get_by_test_id("open-clock").click()
        self.page.get_by_test_id("clock-preset").filter(has_text=preset).click()
        status = self.page.get_by_test_id("clock-status")
        expect(status).to_contain_text("Nu är det", timeout=120_000)
        said = status.inner_text()
        self.page.keyboard.press("Escape")
        return said

    def types(self, text: str) -> None:
        """Write in the channel that is open, and send."""
        self.page.get_by_test_id("composer").fill(text)
        self.page.get_by_test_id("composer").press("Enter")

    def reads(self, *said: str) -> Locator:
        """The newest message that says all this, as soon as it is there."""
        found = self.page.get_by_test_id("channel").get_by_test_id("message")
        for text in said:
            found = found.filter(has_text=text)
        expect(found.last).to_be_visible()
        return found.last

    def presses(self, name: str, within: Locator | None = None) -> None:
        """Press a button: in the message given, otherwise in the open modal."""
        (within or self.modal).get_by_role("button", name=name, exact=True).first.click()

    @property
    def modal(self) -> Locator:
        """The modal on top."""
        return self.page.get_by_test_id("modal").last

    def sees_modal(self, title: str) -> Locator:
        """The modal with this title, as soon as it is open."""
        expect(self.modal.get_by_role("heading", name=title, exact=True)).to_be_visible()
        return self.modal

    def fills(self, label: str, text: str) -> None:
        """Write in a field of the modal."""
        self.modal.get_by_label(label, exact=True).fill(text)

    def chooses(self, label: str, option: str, typing: str = "") -> None:
        """Choose in a menu of the modal; `typing` what one looks for."""
        field = self.modal.get_by_label(label, exact=True)
        field.click()
        if typing:
            field.fill(typing)
        self.page.get_by_role("option", name=option).first.click()

    def marks(self, label: str) -> None:
        """Mark a choice of the modal."""
        self.modal.get_by_label(label, exact=True).check()

    def sends(self) -> None:
        """Submit the modal."""
        self.modal.get_by_test_id("modal-submit").click()

    def learns_number(self) -> int:
        """The number of the consultation that was just sent, read from the receipt."""
        said = self.sees_modal("Inskickad").get_by_text("konsultation nr").first.inner_text()
        found = re.search(r"konsultation nr (\d+)", said)
        assert found is not None
        return int(found[1])

    def records(self, what: str, source: str, marking: str = "", **fields: str) -> None:
        """As a coordinator, record what somebody has said: what it was, how one knows, and fields by their labels."""
        choices = self.sees_modal("Registrera åt någon").get_by_role("radio")
        if choices.count():
            self.marks(what)
        else:
            self.chooses("Vad har hänt?", what)
        self.sends()
        expect(self.modal.get_by_label("Hur vet du det?")).to_be_visible()
        if marking:
            self.marks(marking)
        for label, text in fields.items():
            self.fills(label, text)
        self.fills("Hur vet du det?", source)
        self.sends()
        self.has_no_modal()

    def closes(self) -> None:
        """Close the modal on top."""
        self.modal.get_by_test_id("modal-cross").click()

    def has_no_modal(self) -> None:
        """Everything is closed."""
        expect(self.page.get_by_test_id("modal").first).to_be_hidden()

    def _place(self, name: str) -> Locator:
        return self.page.get_by_test_id("nav").filter(has=self.page.get_by_text(name, exact=True))


@contextmanager
def stage(browser: Browser, folder: Path) -> Iterator[Stage]:
    """The demo with its sample organisation, connected and at work, on a free port; its clock begins at `BEGINS`."""
    set_clock(f"sqlite:///{folder / 'konsult.db'}")
    settings = Settings(_env_file=None, demo_folder=folder, port=0)
    stop = threading.Event()
    with (
        opened(settings) as demo,
        app.worker_at_work(demo.house, stop),
        app.connected(demo.house),
        in_the_browser(browser, demo.workspace, demo.page) as made,
    ):
        yield made


@contextmanager
def in_the_browser(browser: Browser, workspace: Workspace, page: Server) -> Iterator[Stage]:
    """The stage at this page, until the block ends."""
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="sv-SE")
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    made = Stage(workspace, page, context)
    try:
        yield made
    finally:
        context.close()
    assert made.went_wrong() == []


def set_clock(database_url: str) -> None:
    """Make the tables, and let business time be `BEGINS`."""
    database = Database(database_url)
    schema.upgrade(database)
    with database.writing() as session:
        ahead = BEGINS - dt.datetime.now(dt.UTC)
        session.add(Installation(id=1, clock_offset=round(ahead.total_seconds())))
    database.close()


def picture(tab: Tab, name: str, *, of: Locator | None = None, top: Locator | None = None) -> None:
    """Keep a picture for the docs, when `make pictures` asks for them: of the whole page, or of one thing on it.

    `top` is brought to the top of what scrolls.
    """
    if not os.environ.get("KONSULT_PICTURES"):
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}.png"
    if of is not None:
        size = tab.page.viewport_size
        tab.page.set_viewport_size({"width": WIDTH, "height": 2 * HEIGHT})
        of.screenshot(path=path, animations="disabled", caret="hide")
        tab.page.set_viewport_size(size or {"width": WIDTH, "height": HEIGHT})
        return
    if top is not None:
        top.evaluate("node => node.scrollIntoView({block: 'start'})")
    tab.page.mouse.move(0, 0)
    tab.page.screenshot(path=path, animations="disabled", caret="hide")


def on_a_phone(tab: Tab, name: str) -> None:
    """A picture of the page as it is on a phone."""
    size = tab.page.viewport_size
    tab.page.set_viewport_size(PHONE)
    picture(tab, name)
    tab.page.set_viewport_size(size or {"width": WIDTH, "height": HEIGHT})


def in_the_dark(tab: Tab, name: str) -> None:
    """A picture of the page as it is for those who prefer it dark."""
    tab.page.emulate_media(color_scheme="dark")
    picture(tab, name)
    tab.page.emulate_media(color_scheme="light")
