"""An installation as an operator has it: a folder, a database, settings, and processes that are started and stopped."""

import json
import os
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any, Protocol

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from bot import firstday, landscape, transfer
from bot.workspace import Person, Server, Workspace, serve
from handlers.slack.manifest import manifest
from models import schema
from models.database import Database
from models.organisation import Unit

KONSULT = Path(sys.executable).parent / "konsult"
SECRET = "hemlig"
MAJ, ANNA, LENA = "U0MAJ", "U0ANNA", "U0LENA"
PATIENCE = 60.0


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class Running(Protocol):
    """A process that was started, as `subprocess.Popen` shows it."""

    stderr: IO[str] | None

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


class Process:
    """A konsult process whose log can be waited for, line by line."""

    def __init__(self, process: Running, health_port: int) -> None:
        self.health_port = health_port
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._process = process
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def logged(self, event: str, **fields: Any) -> dict[str, Any]:
        """The first log line of this event with these fields, as soon as there is one."""
        with self._changed:
            self._changed.wait_for(lambda: self._found(event, fields) or not self._reading.is_alive(), PATIENCE)
            found = self._found(event, fields)
        assert found is not None, "".join(self.lines)
        return found

    def said(self) -> list[dict[str, Any]]:
        """Every log line, so far."""
        with self._changed:
            return list(self._entries())

    def trail(self, request: str) -> list[dict[str, Any]]:
        """Every log line of one trail, so far."""
        return [line for line in self.said() if line.get("request") == request]

    def get(self, path: str) -> tuple[int, str]:
        """The status and the text at the health port."""
        return get(self.health_port, path)

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def strike(self) -> None:
        """Kill it at once, wherever it stands (SIGKILL), without waiting for its end."""
        self._process.kill()

    def kill(self) -> None:
        """Kill it, wherever it stands, and keep what it has logged."""
        self.strike()
        self.stop()

    def stop(self) -> int:
        """Ask the process to end; returns what it ended with."""
        if self._process.poll() is None:
            self._process.terminate()
        code = self._process.wait(PATIENCE)
        self._reading.join()
        if self._process.stderr is not None:
            self._process.stderr.close()
        return code

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            with self._changed:
                self.lines.append(line)
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def _found(self, event: str, fields: dict[str, Any]) -> dict[str, Any] | None:
        for line in self._entries():
            if line["event"] == event and fields.items() <= line.items():
                return line
        return None

    def _entries(self) -> Iterator[dict[str, Any]]:
        return (json.loads(line) for line in self.lines if line.startswith("{"))


def environment(settings: dict[str, str]) -> dict[str, str]:
    """This process's environment with these settings, and no others of konsult's."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("KONSULT_") and name != "PORT"}
    return ours | {f"KONSULT_{name}": value for name, value in settings.items()}


def konsult(command: str, folder: Path, environment: dict[str, str]) -> Running:
    """Begin `konsult` with a command, as an operator does, in a folder and an environment."""
    return subprocess.Popen(
        [str(KONSULT), command],
        cwd=folder,
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


@dataclass
class Installed:
    """The folder, the database and Slack as the local workspace plays it."""

    folder: Path
    database: Database
    workspace: Workspace
    server: Server
    settings: dict[str, str]
    unit_id: int
    _started: list[Process] = field(default_factory=list)

    def start(self, command: str, **settings: str) -> Process:
        """Start `konsult run`, `serve` or `work`; it writes JSON logs and has a health port of its own."""
        process = self.launch(partial(konsult, command, self.folder), **settings)
        process.logged("health.listening")
        return process

    def launch(self, begin: Callable[[dict[str, str]], Running], **settings: str) -> Process:
        """Have a process begun with the environment of this installation, and return without waiting for it."""
        port = free_port()
        process = Process(begin(self.environment(HEALTH_PORT=str(port), **settings)), port)
        self._started.append(process)
        return process

    def environment(self, **settings: str) -> dict[str, str]:
        """The environment of a command in this installation."""
        return environment({**self.settings, **settings})

    def screen(self, user: str) -> Person:
        """Somebody's screen."""
        return Person(self.server, user)

    def stop(self) -> None:
        """End whatever was started."""
        for process in self._started:
            process.stop()


@contextmanager
def installed(database: Database, folder: Path, ports: Sequence[int] = ()) -> Iterator[Installed]:
    """An installation with a unit that asks and a member who knows; nothing runs yet.

    With `ports` the workspace delivers over signed HTTP, to one after the other, otherwise over Socket Mode.
    """
    addresses = [f"http://127.0.0.1:{port}/slack/events" for port in ports]
    workspace = Workspace(None, manifest(), signing_secret=SECRET, request_url=addresses or None)
    for user, name in ((MAJ, "Maj Moberg"), (ANNA, "Anna Ask"), (LENA, "Lena Lind")):
        workspace.add_user(id=user, name=user.lower(), real_name=name, email=f"{user.lower()}@example.org")
    bot = workspace.bot_user
    forum = workspace.add_channel(name="forum", members=[MAJ, ANNA, LENA, bot])["id"]
    desk = workspace.add_channel(name="samordnare", private=True, members=[MAJ, bot])["id"]
    server = serve(workspace)
    settings = {
        "DATABASE_URL": database.url.render_as_string(hide_password=False),
        "SLACK_BOT_TOKEN": "xoxb-workspace",
        **({"SLACK_SIGNING_SECRET": SECRET} if ports else {"SLACK_APP_TOKEN": "xapp-workspace"}),
        "SLACK_API_URL": server.api_url,
        "COORDINATORS": f'["{MAJ}"]',
        "COORDINATORS_CHANNEL": desk,
        "FORUM_CHANNEL": forum,
        "LOG_FORMAT": "json",
    }
    schema.upgrade(database)
    made = Installed(folder, database, workspace, server, settings, _furnished(database, workspace.team))
    try:
        yield made
    finally:
        made.stop()
        server.stop()
        workspace.close()


def get(port: int, path: str) -> tuple[int, str]:
    """The status and the text at an address of this machine."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Every sample of an exposition: by its name and its labels' values, in the order of the labels' names."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _furnished(database: Database, team: str) -> int:
    with database.writing() as session:
        organisation_id = firstday.connect(session, "slack", team, "Provstad", "Provstad")
        landscape.import_districts(session, organisation_id, b"district,unit\nFarsta,Barn och unga\n")
        rows = f"name,email,keywords\nLena Lind,{LENA.lower()}@example.org,boendestöd\n"
        transfer.import_members(session, organisation_id, rows.encode())
        return session.scalars(select(Unit.id)).one()
