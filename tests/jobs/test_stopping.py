"""A worker's process that is told to stop: it finishes what it holds; told twice, it leaves at once."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from models.database import Database
from models.job import JobState
from tests.jobs.stage import Platform, all_jobs, lane, organisation, tell, worker_of

WORKER = """
import sys, threading
from bot import app
from models.database import Database
from tests.jobs.stage import Platform, worker_of
database, platform = Database(sys.argv[1]), Platform()
def slow():
    print("posting", flush=True)
    sys.stdin.readline()
platform.then["post"].append(slow)
def heard(stop):
    stop.wait()
    print("stopping", flush=True)
with app.until_told() as stop:
    hearing = threading.Thread(target=heard, args=(stop,))
    hearing.start()
    worker_of(database, platform).run(stop, 1)
    hearing.join()
database.close()
"""


@contextmanager
def posting(database: Database) -> Iterator[tuple["subprocess.Popen[str]", Callable[[str], None]]]:
    """A worker's process in the midst of a post, and a way to wait for what it says."""
    organisation(database)
    tell(database, "one")
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, database.url.render_as_string(hide_password=False)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    said: IO[str] | None = worker.stdout
    assert said is not None

    def says(word: str) -> None:
        assert any(line.strip() == word for line in said), f"it ended before it was {word}"

    try:
        says("posting")
        yield worker, says
    finally:
        worker.kill()
        worker.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_is_held_is_finished(database: Database, number: signal.Signals) -> None:
    with posting(database) as (worker, says):
        worker.send_signal(number)
        says("stopping")
        worker.communicate("go on\n")
        assert worker.returncode == 0
    assert [job.state for job in all_jobs(database)] == [JobState.DONE]
    assert lane(database).lease_until is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_twice_it_leaves_at_once_and_the_next_worker_looks_first(
    database: Database, number: signal.Signals
) -> None:
    with posting(database) as (worker, says):
        worker.send_signal(number)
        says("stopping")
        worker.send_signal(number)
        assert worker.wait() == 128 + number
    (job,) = all_jobs(database)
    assert (job.state, job.attempts, job.maybe_sent) == (JobState.WAITING, 1, True)
    platform = Platform()
    worker_of(database, platform).drain()
    assert (platform.calls.count("find"), platform.said("person:1")) == (1, ["one"])
