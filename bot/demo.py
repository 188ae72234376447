"""The demo: the bot connected to a workspace of its own, with a sample organisation and a clock that can be moved.

It connects exactly as to Slack, over Socket Mode; only the address of the Web API differs.
"""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import typer
from alembic.util import CommandError
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot import advance, app, sample
from bot.app import House
from bot.clock import Clock
from bot.settings import Misconfigured, Settings
from bot.stopping import until_told
from bot.wording import words
from bot.workdays import Calendar
from bot.workspace import Server, Workspace, serve
from handlers.slack.manifest import manifest
from models import organisation, schema
from models.database import Database, Unavailable

BOT_TOKEN = "xoxb-demo"  # noqa: S105 - good for the demo's own workspace alone
APP_TOKEN = "xapp-demo"  # noqa: S105 - likewise
TEAM = "Socialtjänsten"
FORUM = "fou-forum"
COORDINATORS = "fou-samordning"
HOUR = 8


class DemoClock:
    """Business time as the panel moves it: deadline by deadline, so that what lies between happens in order.

    `work` does what is due in this process, once somebody is there to do it; the panel refuses until then.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._moving = threading.Lock()
        self.work: Callable[[], object] | None = None

    @property
    def zone(self) -> str:
        """The zone that the panel shows."""
        return "Europe/Stockholm"

    def now(self) -> dt.datetime:
        """Business time, in UTC."""
        return self._clock.now()

    def presets(self, language: str) -> list[tuple[str, str]]:
        """The jumps on offer."""
        w = words(language)
        return [(jump, w(f"demo.{jump}")) for jump in ("tomorrow", "monday", "fortnight")]

    def move(self, to: str | dt.datetime) -> dt.datetime:
        """Move to a preset or a moment ahead. Raises ValueError for a moment that has passed or lies far away."""
        with self._moving:
            now = self.now()
            goal = self._goal(to, now) if isinstance(to, str) else to
            if goal < now or goal > now + dt.timedelta(days=800) or self.work is None:
                raise ValueError("business time moves forward, two years at most at a time")
            advance.advance(self._database, self._clock, self.work, goal)
            return self.now()

    def _goal(self, jump: str, now: dt.datetime) -> dt.datetime:
        local = now.astimezone(ZoneInfo(self.zone))
        match jump:
            case "tomorrow":
                return (local + dt.timedelta(days=1)).astimezone(dt.UTC)
            case "monday":
                return Calendar(self.zone).next_weekly(now, 0, HOUR)
            case "fortnight":
                return (local + dt.timedelta(days=14)).astimezone(dt.UTC)
        raise ValueError("no such jump")


@dataclass(frozen=True, slots=True)
class Demo:
    """The workspace with its page, the bot that is to live in it, and the panel that moves its clock."""

    workspace: Workspace
    page: Server
    house: House
    panel: DemoClock


def run(settings: Settings) -> None:
    """Serve the page until told to stop. The demo's data stays in its folder, also over a restart."""
    with until_told() as stop, opened(settings) as demo, app.worker_at_work(demo.house, stop):
        typer.echo(f"konsult demo: {demo.page.url}")
        app.serve_until(demo.house, stop)


@contextmanager
def opened(settings: Settings) -> Iterator[Demo]:
    """The page served, with everybody in place and the bot put together but not yet at work.

    Raises `Misconfigured` when the demo's data cannot be used, its database and its workspace do not belong together,
    or the port is taken.
    """
    folder = settings.demo_folder
    url = settings.demo_database_url or f"sqlite:///{folder / 'konsult.db'}"
    demo_settings = settings.model_copy(update={"database_url": url})
    try:
        folder.mkdir(parents=True, exist_ok=True)
        database = app.database_at(url, "KONSULT_DEMO_DATABASE_URL", current=False)
        schema.upgrade(database)
        advance.allow(database)
    except (OSError, SQLAlchemyError, Unavailable, CommandError) as error:
        if settings.demo_database_url:
            raise Misconfigured("The database of KONSULT_DEMO_DATABASE_URL cannot be used.") from error
        raise _unusable(folder) from error
    clock = Clock(advance.stored_offset(database))
    panel = DemoClock(database, clock)
    workspace = Workspace(
        folder / "workspace.db",
        manifest(),
        bot_token=BOT_TOKEN,
        app_token=APP_TOKEN,
        signing_secret="",
        team_name=TEAM,
        clock=panel,
    )
    with ExitStack() as closing:
        closing.callback(database.close)
        closing.callback(workspace.close)
        if _belongs_elsewhere(database, workspace.team):
            if settings.demo_database_url:
                raise Misconfigured("The database of KONSULT_DEMO_DATABASE_URL is another demo's; name an empty one.")
            raise _unusable(folder)
        try:
            page = serve(workspace, settings.port)
        except OSError as error:
            raise Misconfigured(f"Port {settings.port} is taken; name another with KONSULT_PORT.") from error
        closing.callback(page.stop)
        channels = furnish(workspace, database, clock)
        house = app.put_together(
            demo_settings.model_copy(
                update={
                    "slack_api_url": page.api_url,
                    "slack_bot_token": SecretStr(BOT_TOKEN),
                    "slack_app_token": SecretStr(APP_TOKEN),
                    "slack_signing_secret": None,
                    **channels,
                }
            ),
            pace=dt.timedelta(0),
        )
        closing.callback(house.services.database.close)
        panel.work = house.worker.drain
        yield Demo(workspace, page, house, panel)


def _unusable(folder: Path) -> Misconfigured:
    return Misconfigured(f"The demo's data in {folder} cannot be used; konsult demo --reset starts over.")


def _belongs_elsewhere(database: Database, team: str) -> bool:
    with database.reading() as session:
        return session.scalar(select(organisation.Workspace.id).where(organisation.Workspace.team != team)) is not None


def furnish(workspace: Workspace, database: Database, clock: Clock) -> dict[str, str]:
    """People and channels in the workspace, and the sample organisation in the database, each made once.

    Returns the channels' ids as settings.
    """
    there = {channel.get("name"): channel["id"] for channel in workspace.channels()}
    if FORUM not in there:
        people = sample.fill(database, clock.now(), team=workspace.team)
        for person in people:
            workspace.add_user(**person.as_user())
        users = [person.user for person in people]
        coordinating = [person.user for person in people if person.coordinates]
        there[FORUM] = workspace.add_channel(name=FORUM, members=[*users, workspace.bot_user])["id"]
        there[COORDINATORS] = workspace.add_channel(
            name=COORDINATORS, private=True, members=[*coordinating, workspace.bot_user]
        )["id"]
    return {"forum_channel": there[FORUM], "coordinators_channel": there[COORDINATORS]}
