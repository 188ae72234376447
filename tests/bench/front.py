"""What people wait for, and what a process costs: commands, filing, start, memory and idling, on each database."""

import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench import filing, process
from tests.bench.chat import Chat, chat
from tests.bench.installed import Installation, installations, running
from tests.bench.load import Driver, Sample, percentile
from tests.outside.installation import free_port

BARE = "bare Bolt"
ROUNDS = {1: 100, 20: 20, 50: 10}
"""How many rounds, by how many people ask at once."""
WARM_UP = 5
TOO_LATE = "views.open: expired_trigger_id"

Rounds = Mapping[str, Sequence[Sample]]


def tables() -> str:
    """The three tables, as Markdown."""
    with (
        tempfile.TemporaryDirectory() as folder,
        chat() as slack,
        installations(Path(folder), slack) as installed,
    ):
        commands = _commands(Path(folder), slack, installed)
        costs = {each.name: process.measured(each, slack) for each in installed}
        filed = {each.name: filing.measured(each) for each in installed}
        late = sum(each == TOO_LATE for each in slack.refused())
    return "\n".join([*_head(late), *_of_commands(commands), "", *_of_filing(filed), "", *_of_processes(costs), ""])


def _commands(folder: Path, slack: Chat, installed: Sequence[Installation]) -> dict[int, Rounds]:
    """Rounds by how many ask at once and by whom they ask: all servers are up, and one is asked after the other."""
    with ExitStack() as stack:
        port = free_port()
        command = [sys.executable, "-m", "tests.bench.bare", str(port), slack.api_url]
        environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
        ports = {BARE: stack.enter_context(running(command, folder, environment, port)).port}
        for each in installed:
            ports[each.name] = stack.enter_context(each.over_http("serve", slack)).port
        drivers = {name: Driver(port, slack, installed[0].users) for name, port in ports.items()}
        found: dict[int, Rounds] = {}
        for count, rounds in ROUNDS.items():
            samples: dict[str, list[Sample]] = {name: [] for name in drivers}
            for number in range(WARM_UP + rounds):
                for name, driver in drivers.items():
                    sample = driver.round(count, views=name != BARE)
                    if number >= WARM_UP:
                        samples[name].append(sample)
            found[count] = samples
        for driver in drivers.values():
            driver.close()
    return found


def _head(late: int) -> list[str]:
    day = datetime.now(UTC).date()
    names = ("slack-bolt", "starlette", "uvicorn", "sqlalchemy")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    rounds = ", ".join(f"{each} of {count}" for count, each in ROUNDS.items())
    return [
        f"Measured on {day} with Python {platform.python_version()}, {versions}, on {os.cpu_count()} processors with a "
        f"load of {os.getloadavg()[0]:.0f} at the end. Rounds: {rounds}. Starts: {process.STARTS}. "
        f"Idle: {process.IDLE:.0f} s. "
        f"Forms that came after the three seconds of their trigger: {late}.",
        "",
    ]


def _of_commands(commands: Mapping[int, Rounds]) -> list[str]:
    rows = []
    for count, samples in commands.items():
        bare = percentile([each for sample in samples[BARE] for each in sample.acknowledged], 50)
        for name, taken in samples.items():
            acknowledged = [each for sample in taken for each in sample.acknowledged]
            opened = [each for sample in taken for each in sample.opened]
            p50 = percentile(acknowledged, 50)
            rows.append(
                f"| {count} | {name if name == BARE else f'konsult, {name}'} | {p50:.1f} ms | "
                f"{percentile(acknowledged, 99):.0f} ms | {'–' if name == BARE else f'{p50 / bare:.1f} ×'} | "
                f"{f'{percentile(opened, 50):.0f} ms' if opened else '–'} | "
                f"{f'{percentile(opened, 99):.0f} ms' if opened else '–'} |"
            )
    return [
        "| At once | | Acknowledged, p50 | p99 | p50 beside bare | Form open, p50 | p99 |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: |",
        *rows,
    ]


def _of_filing(filed: Mapping[str, filing.Filing]) -> list[str]:
    return [
        "| Filing | A commit is | One insert | A filed case | Beside it | Statements |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
        *(
            f"| {name} | {each.lasting} | {each.bare:.2f} ms | {each.filed:.2f} ms | {each.filed / each.bare:.1f} × | "
            f"{each.statements:.0f} |"
            for name, each in filed.items()
        ),
    ]


def _of_processes(costs: Mapping[str, process.Cost]) -> list[str]:
    return [
        "| `konsult run` | First acknowledged, HTTP | Socket Mode | Memory idle | under load | Processor idle |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {name} | {each.http:.2f} s | {each.socket:.2f} s | {each.idle:.0f} MiB | {each.loaded:.0f} MiB | "
            f"{each.busy:.1f} % |"
            for name, each in costs.items()
        ),
    ]
