"""Monday morning: the digests of the whole nation, decided and posted by one worker into the local workspace."""

import datetime as dt
import threading
import time
from dataclasses import dataclass, field

from sqlalchemy import select

from bot import digest, notices
from bot.clock import Clock
from bot.reminders import timers
from bot.services import Services
from bot.suggestions import Suggester
from bot.surfaces import Delivery, Place
from bot.worker import Worker
from bot.workspace import Workspace, serve
from handlers.slack.app import renderers
from handlers.slack.manifest import manifest
from handlers.slack.surface import SlackSurface, client
from models.database import Database
from models.organisation import Organisation, Silence
from models.organisation import Workspace as Connected
from tests.bench.nation import MONDAY, NOW

THREADS = 4
LONGEST = 180.0
"""Seconds after which nobody waits any longer."""


@dataclass
class Post:
    """How many have been posted; `all_there` when it is as many as are wanted."""

    wanted: int
    posted: int = 0
    all_there: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self) -> None:
        """One more."""
        with self.lock:
            self.posted += 1
            if self.posted == self.wanted:
                self.all_there.set()


class _Counted(SlackSurface):
    post_office: Post

    def post(self, delivery: Delivery, address: str, rendered: object) -> Place:
        place = super().post(delivery, address, rendered)
        self.post_office.count()
        return place


def monday(database: Database) -> tuple[float, dict[str, int]]:
    """Seconds from the moment when all digests fall due until the last one stands in its forum, and how many messages
    each forum has then."""
    _set(database)
    workspace = Workspace(None, manifest(), signing_secret="hemlig")
    server = serve(workspace)
    try:
        forums = _forums(database)
        for channel in forums:
            workspace.add_channel(id=channel, name=f"forum-{channel.lower()}", members=[workspace.bot_user])
        seconds = _posted(database, server.api_url, Post(len(forums)))
        return seconds, {channel: len(workspace.messages(channel)) for channel in forums}
    finally:
        server.stop()


def _set(database: Database) -> None:
    """Every organisation's timer, as each start of the bot sets it; a week without news gets its line everywhere."""
    with database.writing() as session:
        for organisation in session.scalars(select(Organisation).order_by(Organisation.id)).all():
            organisation.digest_silence = Silence.LINE
            digest.ensure_timer(session, organisation, NOW)


def _forums(database: Database) -> list[str]:
    with database.reading() as session:
        return [channel for channel in session.scalars(select(Connected.forum_channel)) if channel]


def _posted(database: Database, api_url: str, post: Post) -> float:
    just_after = MONDAY + dt.timedelta(seconds=1)
    services = Services(database, Clock(lambda: just_after - dt.datetime.now(dt.UTC)), Suggester())
    surface = _Counted(services, client("xoxb-workspace", api_url), renderers(), "nation")
    surface.post_office = post
    worker = Worker(database, services.clock, {notices.SURFACE: surface}, timers(services.suggester))
    stop = threading.Event()
    working = threading.Thread(target=worker.run, args=(stop, THREADS))
    started = time.perf_counter()
    working.start()
    try:
        if not post.all_there.wait(LONGEST):
            raise TimeoutError(f"{post.posted} of {post.wanted} digests after {LONGEST:.0f} s")
        return time.perf_counter() - started
    finally:
        stop.set()
        working.join()
