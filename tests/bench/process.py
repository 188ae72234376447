"""What a process costs: how soon it acknowledges, what it holds in memory, and what it does while nobody asks."""

import json
import os
import statistics
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from handlers.slack.manifest import COMMAND
from tests.bench.chat import SECRET, Chat
from tests.bench.installed import KONSULT, Installation, Running, listens, started
from tests.bench.load import Driver
from tests.outside.installation import free_port

STARTS = 5
IDLE, SETTLING = 60.0, 10.0
"""Seconds over which an idle process is watched, and that it has had before that to become idle."""
LOADED_ROUNDS = 30
AT_ONCE = 20
"""A case is filed before each of the rounds under load, and so many people ask for forms in it."""
LOOK = 0.05
"""Seconds between looks at the memory of a process under load."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds to the first acknowledgement over HTTP and over Socket Mode; MiB idle and at most under load; and the
    share of one core, in per cent, that an idle process takes."""

    http: float
    socket: float
    idle: float
    loaded: float
    busy: float


def measured(installation: Installation, chat: Chat) -> Cost:
    """Start `konsult run` again and again, then watch one, idle and under load."""
    http = statistics.median(_first_over_http(installation, chat) for _ in range(STARTS))
    socket = statistics.median(_first_over_a_socket(installation, chat) for _ in range(STARTS))
    with installation.over_http("run", chat) as process:
        driver = Driver(process.port, chat, installation.users)
        driver.round(1, views=True)
        time.sleep(SETTLING)
        busy = _busy(process)
        idle = _memory(process.pid)
        with _highest(process.pid) as memory:
            for number in range(LOADED_ROUNDS):
                installation.town.file(installation.requesters[number])
                driver.round(AT_ONCE, views=True)
        driver.close()
    return Cost(http, socket, idle, memory[0], busy)


def _first_over_http(installation: Installation, chat: Chat) -> float:
    """Seconds from the start of the process to the first command that it acknowledges."""
    port = free_port()
    environment = installation.environment(chat, SLACK_SIGNING_SECRET=SECRET, PORT=str(port))
    driver = Driver(port, chat, installation.users)
    began = time.perf_counter()
    with started([KONSULT, "run"], installation.folder, environment) as process:
        listens(process, port)
        driver.round(1, views=False)
        taken = time.perf_counter() - began
        driver.opens(1)
    driver.close()
    return taken


def _first_over_a_socket(installation: Installation, chat: Chat) -> float:
    """The same over Socket Mode, typed at the workspace's page as soon as the bot is connected."""
    user = installation.users[0]
    typed = json.dumps({"user": user, "channel": chat.forum, "command": COMMAND, "text": ""}).encode()
    request = urllib.request.Request(f"{chat.url}page/command", typed, {"Content-Type": "application/json"})
    began = time.perf_counter()
    with started([KONSULT, "run"], installation.folder, installation.over_a_socket(chat)) as process:
        while process.poll() is None:
            with urllib.request.urlopen(request, timeout=60) as answer:
                if json.loads(answer.read())["ok"]:
                    return time.perf_counter() - began
            time.sleep(0.002)
    raise RuntimeError("konsult did not run")


def _busy(process: Running) -> float:
    before, began = _cpu(process.pid), time.perf_counter()
    time.sleep(IDLE)
    return 100 * (_cpu(process.pid) - before) / (time.perf_counter() - began)


def _cpu(pid: int) -> float:
    """Seconds of processor time that the process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    """The process's share of memory (PSS) in MiB: what it has alone, and its part of what it shares."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("Pss:"))) / 1024


@contextmanager
def _highest(pid: int) -> Iterator[list[float]]:
    """The highest memory of a process while the block lasts, as the only item of a list."""
    highest, over = [0.0], threading.Event()

    def look() -> None:
        while not over.wait(LOOK):
            highest[0] = max(highest[0], _memory(pid))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield highest
    finally:
        over.set()
        thread.join()
