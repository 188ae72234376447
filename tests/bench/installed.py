"""Installations to measure: a database with an academy and people who ask, and konsult's own processes on it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from models import schema
from models.database import Database
from tests import postgres
from tests.bench.academy import members
from tests.bench.chat import APP_TOKEN, BOT_TOKEN, SECRET, Chat
from tests.factories import Inhabitant, Town
from tests.outside.installation import free_port

KONSULT = str(Path(sys.executable).with_name("konsult"))
MEMBERS, ASKING = 34, 50
STARTING = 60.0
"""Seconds that a process may take until it listens."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A database filled, and the folder that its processes work in. `users` are the chat ids of those who ask."""

    name: str
    url: str
    folder: Path
    town: Town
    requesters: list[Inhabitant]
    users: list[str]

    def environment(self, chat: Chat, **settings: str) -> dict[str, str]:
        """The environment of a process that talks to this workspace."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KONSULT_") and name != "PORT"}
        ours = {
            "DATABASE_URL": self.url,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_API_URL": chat.api_url,
            "COORDINATORS_CHANNEL": chat.desk,
            "FORUM_CHANNEL": chat.forum,
            **settings,
        }
        return kept | {f"KONSULT_{name}": value for name, value in ours.items()}

    @contextmanager
    def over_http(self, command: str, chat: Chat) -> Iterator["Running"]:
        """`konsult run` or `serve` behind its HTTP endpoint, ready to be asked."""
        port = free_port()
        environment = self.environment(chat, SLACK_SIGNING_SECRET=SECRET, PORT=str(port))
        with running([KONSULT, command], self.folder, environment, port) as process:
            yield process

    def over_a_socket(self, chat: Chat) -> dict[str, str]:
        """The environment of a process that uses Socket Mode."""
        return self.environment(chat, SLACK_APP_TOKEN=APP_TOKEN)


@dataclass(frozen=True, slots=True)
class Running:
    """A process that listens on a port."""

    pid: int
    port: int


@contextmanager
def installations(folder: Path, chat: Chat) -> Iterator[list[Installation]]:
    """One on SQLite and, where there is a PostgreSQL, one on that; both with settings as in production."""
    with ExitStack() as stack:
        urls = {"SQLite": f"sqlite:///{folder / 'konsult.db'}"}
        try:
            server = stack.enter_context(postgres.server(lasting=True))
            urls["PostgreSQL"] = server.url(server.create(template="template1"))
        except postgres.Missing as missing:
            print(f"Without PostgreSQL: {missing}", file=sys.stderr)  # noqa: T201
        made = [_installed(name, url, folder / name, chat) for name, url in urls.items()]
        try:
            yield made
        finally:
            for each in made:
                each.town.database.close()


@contextmanager
def running(command: list[str], folder: Path, environment: dict[str, str], port: int) -> Iterator[Running]:
    """A process, from when it listens until the block ends. Its log goes into the folder."""
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        listens(process, port)
        yield Running(process.pid, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STARTING)


def listens(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Return as soon as the process takes connections. Raises `RuntimeError` when it does not."""
    until = time.monotonic() + STARTING
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.002)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not listen")


def _installed(name: str, url: str, folder: Path, chat: Chat) -> Installation:
    folder.mkdir()
    database = Database(url)
    schema.upgrade(database)
    town = Town(database)
    town.connect(chat.team)
    town.coordinator()
    for profile in members(MEMBERS):
        about = {"title": profile.title, "keywords": list(profile.keywords), "bio": profile.bio}
        town.member(profile.name, **about)
    requesters = [town.requester() for _ in range(ASKING)]
    users = [f"U{town.id}P{each.person}" for each in requesters]
    chat.admit(users)
    return Installation(name, url, folder, town, requesters, users)
