"""The house of the stories with its work shared: two processes take in and three bring out, on PostgreSQL.

They are the command itself, with the settings that several hosts would have. The page is served from here, and so is
the panel that moves the clock, which leaves everything that falls due to the three.
"""

import enum
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from playwright.sync_api import Browser

from bot import advance
from bot.clock import Clock
from bot.demo import APP_TOKEN, BOT_TOKEN, TEAM, DemoClock, furnish
from bot.workspace import Person, Server, Workspace, serve
from handlers.slack.manifest import manifest
from models.database import Database
from tests.outside.installation import SECRET, Process, environment, free_port, konsult, samples
from tests.stories.journey import LEYLA
from tests.stories.stage import Stage, in_the_browser, set_clock

SERVING, WORKING = 2, 3
ACTS = ("/consult", "click", "form")
"""How that begins what a person does; a look at App Home is none."""
FAULTS = ("error", "critical")


class Way(enum.Enum):
    """How what people do comes in. `ready` is what a process says in its log when it can take it in."""

    SOCKETS = "socket.connected"
    HTTP = "endpoint.listening"

    @property
    def ready(self) -> str:
        return self.value


@dataclass
class Processes:
    """The five. `ports` are those at which the two that take in are reached over HTTP."""

    folder: Path
    settings: dict[str, str]
    ports: list[int]
    serving: list[Process] = field(default_factory=list)
    working: list[Process] = field(default_factory=list)

    def start(self, way: Way) -> None:
        """Start them all at once, and wait until each of them is there."""
        for port in self.ports:
            self.serving.append(self._started("serve", PORT=str(port)))
        for _ in range(WORKING):
            self.working.append(self._started("work"))
        for process in self.serving:
            process.logged(way.ready)
        for process in self.working:
            process.logged("health.listening")

    def ready(self) -> list[bool]:
        """Whether each of them says that it can do its work."""
        return [process.get("/readyz")[0] == HTTPStatus.OK for process in (*self.serving, *self.working)]

    def acts(self) -> list[int]:
        """How many acts each of the two has answered, by its own count."""
        return [_counted(process, "konsult_ack_seconds_count", ACTS) for process in self.serving]

    def deliveries(self) -> list[int]:
        """How many messages each of the three has tried to bring, by its own count."""
        return [_counted(process, "konsult_deliveries_total") for process in self.working]

    def complaints(self) -> list[str]:
        """What stands in their logs of faults, and what is no log line; a warning may only say that it is busy here."""
        lines = [line for process in (*self.serving, *self.working) for line in process.lines]
        return [line for line in lines if not line.startswith("{") or json.loads(line)["level"] in FAULTS]

    def stop(self) -> list[int]:
        """Ask all of them to end; returns what they ended with."""
        with ThreadPoolExecutor() as hands:
            return list(hands.map(Process.stop, (*self.serving, *self.working)))

    def _started(self, command: str, **settings: str) -> Process:
        port = free_port()
        own = {**self.settings, **settings, "HEALTH_PORT": str(port)}
        return Process(konsult(command, self.folder, environment(own)), port)


@contextmanager
def five_processes(browser: Browser, folder: Path, database_url: str, way: Way) -> Iterator[Stage]:
    """The same people at the same page, and the bot in five processes. Afterwards each of them has had its share."""
    set_clock(database_url)
    with ExitStack() as closing:
        database = Database(database_url)
        closing.callback(database.close)
        clock = Clock(advance.stored_offset(database))
        panel = DemoClock(database, clock)
        panel.work = lambda: None
        ports = [free_port() for _ in range(SERVING)]
        workspace, page = _page(closing, panel, way, ports)
        channels = furnish(workspace, database, clock)
        settings = {
            "DATABASE_URL": database_url,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN" if way is Way.SOCKETS else "SLACK_SIGNING_SECRET": _secret(way),
            "SLACK_API_URL": page.api_url,
            "LOG_FORMAT": "json",
            **{name.upper(): channel for name, channel in channels.items()},
        }
        processes = Processes(folder, settings, ports)
        closing.callback(processes.stop)
        processes.start(way)
        _look_in(page)
        before = processes.complaints()
        with in_the_browser(browser, workspace, page) as made:
            yield made
        assert processes.ready() == [True] * (SERVING + WORKING)
        acts, deliveries = processes.acts(), processes.deliveries()
        assert min(acts) * 4 >= sum(acts), f"acts are not shared: {acts}"
        assert min(deliveries) > 0, f"a worker has had nothing to do: {deliveries}"
        assert processes.stop() == [0] * (SERVING + WORKING)
        assert [line for line in processes.complaints() if line not in before] == []


def _page(closing: ExitStack, panel: DemoClock, way: Way, ports: list[int]) -> tuple[Workspace, Server]:
    """The workspace, served; over HTTP it sends to the ports in turn."""
    workspace = Workspace(
        None,
        manifest("https://konsult.example.org" if way is Way.HTTP else None),
        bot_token=BOT_TOKEN,
        app_token=APP_TOKEN,
        signing_secret=SECRET,
        request_url=[f"http://127.0.0.1:{port}/slack/events" for port in ports] if way is Way.HTTP else None,
        team_name=TEAM,
        clock=panel,
    )
    closing.callback(workspace.close)
    page = serve(workspace)
    closing.callback(page.stop)
    return workspace, page


def _look_in(page: Server) -> None:
    """Somebody looks for members at each of the two: on a busy machine the first who does may wait too long for an
    answer, and has to look again."""
    leyla = Person(page, LEYLA)
    for _ in range(SERVING):
        leyla.wait_for(lambda: leyla.command("/consult ledamöter boendestöd") == {"ok": True}, seconds=60)


def _secret(way: Way) -> str:
    return APP_TOKEN if way is Way.SOCKETS else SECRET


def _counted(process: Process, name: str, labelled: tuple[str, ...] = ("",)) -> int:
    """A counter of a process, summed over the labels that begin so."""
    _, text = process.get("/metrics")
    return int(
        sum(
            value for (each, *labels), value in samples(text).items() if each == name and labels[0].startswith(labelled)
        )
    )
