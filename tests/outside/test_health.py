"""Health and metrics through HTTP, in the good state and in every broken one, with a sentence for each."""

import datetime as dt
import json
import shutil
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import text, update
from starlette.applications import Starlette

from bot import app, jobs
from bot.clock import Clock
from bot.health import Health
from bot.workspace import Workspace, serve
from handlers.slack import connection
from handlers.slack.connection import Connection
from handlers.slack.manifest import manifest
from handlers.web import outside
from models.database import Database
from models.digest import Decision, Digest
from models.job import Job, Lane
from models.schema import revisions, upgrade
from tests import postgres
from tests.factories import Town
from tests.outside.installation import ANNA, SECRET, Installed, free_port, get, installed, samples
from tests.stories.test_http import posted

LIMIT = dt.timedelta(seconds=300)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installed]:
    database = Database(f"sqlite:///{tmp_path / 'konsult.db'}")
    with installed(database, tmp_path) as made:
        yield made
    database.close()


@pytest.mark.parametrize("command", ["run", "serve", "work"])
def test_every_process_says_how_it_is(installation: Installed, command: str) -> None:
    process = installation.start(command)
    if command != "work":
        process.logged("socket.connected")
    status, said = process.get("/healthz")
    assert (status, json.loads(said)["parts"]["process"]["says"]) == (200, "The process lives.")
    status, said = process.get("/readyz")
    report = json.loads(said)
    assert (status, report["well"]) == (200, True), said
    assert {name: part["says"] for name, part in report["parts"].items()} == {
        "database": "The database answers.",
        "migrations": f"The schema is today's, {revisions()[-1]}.",
        "queue": "Nothing has to wait.",
        "slack": "Slack answers." if command == "work" else "Slack answers, and Socket Mode is connected.",
    }
    status, said = process.get("/metrics")
    assert (status, samples(said)["konsult_database_up",]) == (200, 1)
    assert process.stop() == 0


def test_slack_goes_away_and_the_process_says_so(installation: Installed) -> None:
    process = installation.start("serve")
    process.logged("socket.connected")
    assert process.get("/readyz")[0] == 200
    installation.server.stop()
    for _ in range(10_000):
        status, said = process.get("/readyz")
        if status == 503:
            break
    report = json.loads(said)
    assert report["well"] is False
    assert report["parts"]["slack"]["says"].startswith("Not connected to Slack over Socket Mode")
    assert process.get("/healthz")[0] == 200


def test_beside_slacks_deliveries_over_http(installation: Installed) -> None:
    port = free_port()
    process = installation.start("serve", SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET=SECRET, PORT=str(port))
    process.logged("endpoint.listening")
    assert get(port, "/healthz")[0] == get(port, "/readyz")[0] == 200
    assert get(port, "/slack/events")[0] == 405
    assert "konsult_database_up 1.0" in get(port, "/metrics")[1]
    assert process.get("/slack/events")[0] == 404


def test_whoever_is_not_slack_is_counted_as_such(installation: Installed) -> None:
    port = free_port()
    process = installation.start("serve", SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET=SECRET, PORT=str(port))
    process.logged("endpoint.listening")
    body = b"command=/consult&text=Kvarngatan"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/slack/events", body, timeout=30)
    refused.value.close()
    assert samples(process.get("/metrics")[1])["konsult_ack_seconds_count", "unsigned", "unsigned"] == 1


def test_what_nobody_listens_to_is_not_logged_as_it_was_typed(installation: Installed) -> None:
    port = free_port()
    process = installation.start("serve", SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET=SECRET, PORT=str(port))
    process.logged("endpoint.listening")
    typed = {"type": "block_suggestion", "action_id": "unknown", "block_id": "unknown", "value": "Kvarngatan"}
    whose = {"team": {"id": installation.workspace.team}, "user": {"id": ANNA}}
    body = urlencode({"payload": json.dumps({**typed, **whose})}).encode()
    assert posted(f"http://127.0.0.1:{port}/slack/events", body, int(time.time()), SECRET) == 404
    line = process.logged("payload.answered", outcome="unanswered")
    assert line["command"] == "options"
    assert process.stop() == 0
    assert "Kvarngatan" not in "".join(process.lines)


class Seen:
    """What a process shows, with its parts in our hands."""

    def __init__(self, database: Database) -> None:
        self.slack = (True, "Slack answers.")
        self.health = Health(database, Clock(), lambda: self.slack, LIMIT)
        self.routes = outside.routes(self.health, database, Clock())
        self.port = 0

    def get(self, path: str) -> tuple[int, Any]:
        status, said = get(self.port, path)
        return status, json.loads(said)

    def ready(self, part: str) -> tuple[int, bool, str]:
        """The status, whether a part is well, and what it says."""
        status, report = self.get("/readyz")
        return status, report["parts"][part]["well"], report["parts"][part]["says"]

    def samples(self) -> dict[tuple[str, ...], float]:
        return samples(get(self.port, "/metrics")[1])


@contextmanager
def served(database: Database) -> Iterator[Seen]:
    """It, through HTTP."""
    made = Seen(database)
    with app.listening(Starlette(routes=made.routes), "127.0.0.1", 0, "health") as made.port:
        yield made


@pytest.fixture
def migrated(database: Database) -> Database:
    """The database with every table, and a note of its revision."""
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:today)"), {"today": revisions()[-1]})
    return database


@pytest.fixture
def seen(migrated: Database) -> Iterator[Seen]:
    with served(migrated) as made:
        yield made


@pytest.fixture
def busy() -> Iterator[threading.Thread]:
    """A worker's thread that lives, and does nothing."""
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    yield thread
    stop.set()
    thread.join()


def test_a_worker_that_has_ended_is_no_longer_alive(seen: Seen, busy: threading.Thread) -> None:
    seen.health.watch(busy)
    assert seen.get("/healthz")[0] == 200
    ended = threading.Thread(target=lambda: None)
    ended.start()
    ended.join()
    seen.health.watch(ended)
    status, report = seen.get("/healthz")
    assert (status, report["well"]) == (503, False)
    assert report["parts"]["process"]["says"] == "The worker of this process has ended; restart the process."


def test_a_schema_of_another_day(seen: Seen, migrated: Database) -> None:
    def stands_at(revision: str | None) -> None:
        with migrated.engine.begin() as connection:
            connection.execute(text("DELETE FROM alembic_version"))
            if revision is not None:
                connection.execute(text("INSERT INTO alembic_version VALUES (:it)"), {"it": revision})

    first, today = revisions()[0], revisions()[-1]
    stands_at(first)
    said = f"The schema is at {first} and must be at {today}; run: konsult db upgrade"
    assert seen.ready("migrations") == (503, False, said)
    stands_at(None)
    assert seen.ready("migrations")[:2] == (503, False)
    stands_at("later")
    said = f"The schema is at later, later than {today}; upgrade this process."
    assert seen.ready("migrations") == (200, True, said)


def test_slack_says_no(seen: Seen) -> None:
    seen.slack = (False, "Slack says no.")
    assert seen.ready("slack") == (503, False, "Slack says no.")


def queued(database: Database, **lane: Any) -> None:
    """A message that has waited for ten minutes, behind it a newer one."""
    town = Town(database)
    with database.writing() as session:
        now = database.real_now(session)
        for key, minutes in (("one", 10), ("two", 1)):
            jobs.tell(session, organisation_id=town.id, name="filed", key=key, surface="slack", receiver="person:1")
            waiting_since = {"created_at": now - dt.timedelta(minutes=minutes)}
            session.execute(update(Job).where(Job.key == key).values(waiting_since))
        moments: dict[str, Any] = {"next_at": None, "lease_until": None}
        moments |= {name: now + ahead for name, ahead in lane.items()}
        session.execute(update(Lane).values(moments))


def test_what_nobody_brings_out_is_a_fault_of_who_should(
    seen: Seen, migrated: Database, busy: threading.Thread
) -> None:
    queued(migrated)
    status, well, says = seen.ready("queue")
    assert (status, well) == (200, False)
    assert says.startswith("The oldest due job has waited 60")
    assert says.endswith(" s, more than 300 s; see to it that konsult work runs.")
    assert 600 <= seen.samples()["konsult_oldest_due_job_age_seconds", "tell"] < 660
    seen.health.watch(busy)
    assert seen.ready("queue") == (503, False, seen.ready("queue")[2])


@pytest.mark.parametrize(
    ("lane", "age"),
    [
        ({"next_at": dt.timedelta(seconds=-20)}, 20),
        ({"next_at": dt.timedelta(seconds=60)}, 0),
        ({"lease_until": dt.timedelta(seconds=30)}, 0),
        ({"lease_until": dt.timedelta(seconds=-90)}, 90),
    ],
    ids=["the lane moves", "the lane waits", "somebody is at it", "somebody died at it"],
)
def test_a_message_is_due_when_its_lane_is_free(
    seen: Seen, migrated: Database, lane: dict[str, dt.timedelta], age: int
) -> None:
    queued(migrated, **lane)
    assert age <= seen.samples()["konsult_oldest_due_job_age_seconds", "tell"] < age + 15


def test_a_date_that_has_come_is_due(seen: Seen, migrated: Database) -> None:
    town = Town(migrated)
    with migrated.writing() as session:
        now = migrated.real_now(session)
        for key, ahead in (("past", -400), ("to come", 400)):
            due_at = now + dt.timedelta(seconds=ahead)
            jobs.timer(session, organisation_id=town.id, name="x", key=key, due_at=due_at)
    assert 400 <= seen.samples()["konsult_oldest_due_job_age_seconds", "timer"] < 460
    assert seen.ready("queue")[1] is False


def test_jobs_are_counted_by_kind_and_state(seen: Seen, migrated: Database) -> None:
    queued(migrated)
    with migrated.writing() as session:
        session.execute(update(Job).where(Job.key == "two").values(state="parked"))
    found = seen.samples()
    assert found["konsult_jobs", "tell", "waiting"] == found["konsult_jobs", "tell", "parked"] == 1
    assert found["konsult_jobs", "show", "waiting"] == 0
    assert len([each for each in found if each[0] == "konsult_jobs"]) == 15


def test_it_is_told_when_a_digest_was_posted(seen: Seen, migrated: Database) -> None:
    town = Town(migrated)
    weeks = ((10, Decision.POSTED), (11, Decision.POSTED), (12, Decision.SKIPPED))
    with migrated.writing() as session:
        for week, decision in weeks:
            at = dt.datetime(2026, 3, week, tzinfo=dt.UTC)
            moments = {"covers_from": at, "covers_to": at, "decided_at": at}
            session.add(Digest(organisation_id=town.id, year=2026, week=week, decision=decision, **moments))
    found = seen.samples()
    latest = dt.datetime(2026, 3, 11, tzinfo=dt.UTC).timestamp()
    assert found["konsult_digest_posted_timestamp_seconds", str(town.id)] == latest
    assert (found["konsult_digests", "posted"], found["konsult_digests", "skipped"]) == (2, 1)


@pytest.mark.postgres
def test_a_database_that_goes_away(postgres_server: postgres.Server) -> None:
    name = postgres_server.create(template="template1")
    database = Database(postgres_server.url(name))
    upgrade(database)
    with served(database) as seen:
        assert (seen.ready("database")[0], seen.samples()["konsult_database_up",]) == (200, 1)
        postgres_server.drop(name)
        status, report = seen.get("/readyz")
        assert (status, report["well"]) == (503, False)
        assert {name: part["says"] for name, part in report["parts"].items()} == {
            "database": "The database does not answer; nothing is saved, and people are told so.",
            "migrations": "Nobody can tell while the database does not answer.",
            "queue": "Nobody can tell while the database does not answer.",
            "slack": "Slack answers.",
        }
        found = seen.samples()
        assert found["konsult_database_up",] == 0
        assert not [each for each in found if each[0] == "konsult_jobs"]
        assert seen.get("/healthz")[0] == 200
    database.close()


@pytest.mark.postgres
def test_a_database_that_may_only_be_read(postgres_server: postgres.Server) -> None:
    name = postgres_server.create(template="template1")
    database = Database(postgres_server.url(name))
    upgrade(database)
    with database.engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    database.close()
    with served(database) as seen:
        status, well, says = seen.ready("database")
        assert (status, well) == (503, False)
        assert says.startswith("The database may only be read, and people are told that nothing is saved; ")
        assert (seen.ready("migrations")[1], seen.ready("queue")[1]) == (True, True)
    database.close()
    postgres_server.drop(name)


def test_a_database_that_was_damaged(tmp_path: Path, sample_template: Path) -> None:
    path = tmp_path / "konsult.db"
    shutil.copyfile(sample_template, path)
    database = Database(f"sqlite:///{path}")
    with served(database) as seen:
        assert seen.ready("database")[0] == 200
        database.close()
        path.write_bytes(b"rubbish" * 10_000)
        assert seen.ready("database")[:2] == (503, False)
        assert seen.samples()["konsult_database_up",] == 0
    database.close()


@pytest.fixture
def chat() -> Iterator[tuple[str, Callable[[], None]]]:
    """Slack's Web API, and how to end it."""
    workspace = Workspace(None, manifest(), bot_token="xoxb-right", signing_secret="")
    server = serve(workspace)
    yield server.api_url, server.stop
    server.stop()
    workspace.close()


def test_slack_is_asked_seldom_and_its_answers_become_sentences(
    chat: tuple[str, Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    api_url, stop = chat
    right, wrong = Connection("xoxb-right", api_url), Connection("xoxb-wrong", api_url)
    assert right.state() == (True, "Slack answers.")
    assert wrong.state() == (False, "Slack says no to KONSULT_SLACK_BOT_TOKEN: invalid_auth.")
    stop()
    assert right.state() == (True, "Slack answers.")
    monkeypatch.setattr(connection, "ASKED_AGAIN", -1.0)
    assert right.state() == (False, "Slack's Web API does not answer; messages wait in the queue.")
