"""`konsult jobs`: what an operator sees of the queue, and what they can do with it."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
import typer
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session
from typer.testing import CliRunner, Result

from bot import job_commands
from bot.backoff import TRIES
from bot.surfaces import MaybeSent, NotSent, Refused
from models.database import Database, Unavailable
from models.job import Job, JobState
from models.organisation import Organisation
from tests.jobs.stage import NOW, Platform, all_jobs, lane, organisation, show, tell, timer, worker_of

Jobs = Callable[..., Result]
HOUR = dt.timedelta(hours=1)
WHICH = "Ange jobbens nummer, eller --parked för allt som är parkerat, med --organisation i en organisation."


@pytest.fixture
def platform(database: Database) -> Platform:
    organisation(database)
    return Platform()


@pytest.fixture
def jobs(database: Database, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    """`jobs("list", "--json")`: what the command says and ends with, on a wide screen."""
    monkeypatch.setenv("COLUMNS", "200")
    app = typer.Typer()
    app.add_typer(job_commands.group(lambda: database), name="jobs")
    return lambda *words: CliRunner().invoke(app, ["jobs", *map(str, words)])


def told(result: Result) -> Any:
    """What a command that went well printed as JSON."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def names(result: Result) -> list[str]:
    return [job["name"] for job in told(result)["jobs"]]


def refused(result: Result) -> str:
    """The sentence that a refused command ends with."""
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr


def states(database: Database) -> dict[str, JobState]:
    return {job.name: job.state for job in all_jobs(database)}


def park_one(database: Database, platform: Platform) -> None:
    """Have "one" parked, for its message is refused."""
    platform.faults["post"].append(Refused("invalid_blocks"))
    tell(database, "one")
    worker_of(database, platform).drain()


def test_the_list_is_what_stands_in_the_way_of_an_empty_queue(
    database: Database, platform: Platform, jobs: Jobs
) -> None:
    park_one(database, platform)
    tell(database, "two")
    worker_of(database, platform).drain()
    tell(database, "three")
    timer(database, "due", NOW - 4000 * HOUR * 24)
    timer(database, "to come", NOW + 4000 * HOUR * 24)
    assert names(jobs("list", "--json")) == ["due", "three", "one"]
    assert names(jobs("list", "--state", "done", "--json")) == ["two"]
    assert names(jobs("list", "--state", "waiting", "--kind", "timer", "--json")) == ["to come", "due"]
    assert names(jobs("list", "--state", "parked", "--state", "done", "--json")) == ["two", "one"]


def test_a_long_list_is_turned_page_by_page(database: Database, platform: Platform, jobs: Jobs) -> None:
    for number in range(5):
        tell(database, f"fact {number}")
    first = told(jobs("list", "--limit", 2, "--json"))
    assert ([job["name"] for job in first["jobs"]], first["left_out"]) == (["fact 4", "fact 3"], 3)
    second = told(jobs("list", "--limit", 2, "--before", first["jobs"][-1]["id"], "--json"))
    assert ([job["name"] for job in second["jobs"]], second["left_out"]) == (["fact 2", "fact 1"], 1)
    assert jobs("list", "--limit", 4).stdout.endswith("1 äldre jobb visas inte; --before 2 visar det.\n")
    assert names(jobs("list", "--before", 10**12, "--limit", 1, "--json")) == ["fact 4"]


def test_the_list_takes_as_many_statements_however_long_it_is(
    database: Database, platform: Platform, jobs: Jobs
) -> None:
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    counts = set()
    for number in (1, 20):
        for receiver in range(number):
            tell(database, "one", f"person:{receiver}", key=f"{number}/{receiver}")
        asked.clear()
        jobs("list")
        counts.add(len(asked))
    assert len(counts) == 1


def test_a_table_says_what_a_person_wants_to_know(database: Database, platform: Platform, jobs: Jobs) -> None:
    park_one(database, platform)
    shown = jobs("list").stdout
    for word in ("Mottagare", "Skäl", "parked", "one", "person:1", "invalid_blocks"):
        assert word in shown
    assert jobs("list", "--state", "cancelled").stdout == "Det finns inga sådana jobb.\n"


def test_a_narrow_screen_hides_nothing(
    database: Database, platform: Platform, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    park_one(database, platform)
    assert "…" not in jobs("list").stdout


def test_one_job_is_shown_with_everything(database: Database, platform: Platform, jobs: Jobs) -> None:
    platform.faults["post"].append(NotSent(3600, "connection_refused"))
    tell(database, "one")
    worker_of(database, platform).drain()
    job = told(jobs("show", 1, "--json"))
    assert job["next_at"] == str(lane(database).next_at).replace(" ", "T")
    del job["next_at"], job["created_at"]
    assert job == {
        "id": 1, "organisation": "Provstad", "kind": "tell", "name": "one", "state": "waiting", "surface": "chat",
        "receiver": "person:1", "case": None, "tries": 0, "maybe_sent": False, "why": "connection_refused",
        "due_at": None, "done_at": None, "key": "one:person:1",
    }  # fmt: skip
    with database.writing() as session:
        session.execute(update(Job).values(created_at=NOW))
    shown = jobs("show", 1).stdout
    for word in ("Kanske redan skickat", "nej", "connection_refused", "2027-03-01 09:00"):
        assert word in shown


@pytest.mark.parametrize("fault", ["unreadable history", "refused after acceptance"])
def test_what_is_retried_is_looked_for_first(database: Database, platform: Platform, jobs: Jobs, fault: str) -> None:
    if fault == "unreadable history":
        platform.faults["accepted"].append(MaybeSent("timeout"))
        platform.faults["find"].append(Refused("missing_scope"))
    else:
        platform.faults["accepted"].append(Refused("odd"))
    tell(database, "one")
    worker_of(database, platform).drain()
    assert states(database) == {"one": JobState.PARKED}
    done = told(jobs("retry", 1, "--json"))["jobs"]
    assert [(job["state"], job["tries"], job["maybe_sent"], job["why"]) for job in done] == [("waiting", 0, True, "")]
    platform.calls.clear()
    worker_of(database, platform).drain()
    assert states(database) == {"one": JobState.DONE}
    assert (platform.calls.count("find"), platform.said("person:1")) == (1, ["one"])


def test_a_shown_message_is_retried_too(database: Database, platform: Platform, jobs: Jobs) -> None:
    platform.faults["accepted"].append(Refused("odd"))
    show(database)
    worker_of(database, platform).drain()
    platform.texts["card"] = "changed"
    jobs("retry", 1)
    worker_of(database, platform).drain()
    assert platform.said("channel:coordinators") == ["changed"]


def test_a_retried_date_is_done_with_all_its_tries(database: Database, platform: Platform, jobs: Jobs) -> None:
    faults = [KeyError("a secret")] * TRIES
    fired: list[str] = []

    def ring(session: Session, job: Job, now: dt.datetime) -> None:
        if faults:
            raise faults.pop()
        fired.append(job.key)

    worker = worker_of(database, platform, timers={"ring": ring})
    timer(database, "ring", NOW)
    worker.run_due(NOW)
    assert states(database) == {"ring": JobState.PARKED}
    jobs("retry", 1)
    worker.run_due(NOW)
    assert fired == ["ring"]


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_everything_parked_is_retried_in_one_organisation_or_all(
    database: Database, platform: Platform, jobs: Jobs, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(job_commands, "AT_ONCE", at_once)
    organisation(database, "Söderstad")
    for home in (1, 2):
        for name in ("one", "two"):
            platform.faults["post"].append(Refused("account_inactive"))
            tell(database, name, home=home)
    worker_of(database, platform).drain()
    assert len(told(jobs("retry", "--parked", "--organisation", "Söderstad", "--json"))["jobs"]) == 2
    assert {job.organisation_id for job in all_jobs(database, JobState.PARKED)} == {1}
    assert len(told(jobs("retry", "--parked", "--json"))["jobs"]) == 2
    assert all_jobs(database, JobState.PARKED) == []
    assert told(jobs("retry", "--parked", "--json"))["jobs"] == []
    worker_of(database, platform).drain()
    assert platform.said("person:1") == ["one", "two", "one", "two"]


def test_the_cancelled_is_not_delivered_and_can_be_taken_up_again(
    database: Database, platform: Platform, jobs: Jobs
) -> None:
    tell(database, "one")
    tell(database, "two")
    timer(database, "ring", NOW)
    assert names(jobs("cancel", 1, 3, "--json")) == ["one", "ring"]
    worker = worker_of(database, platform, timers={"ring": lambda session, job, now: None})
    assert (worker.run_due(NOW), worker.drain()) == (0, 1)
    assert platform.said("person:1") == ["two"]
    jobs("retry", 1)
    worker_of(database, platform).drain()
    assert platform.said("person:1") == ["two", "one"]


def test_a_cancelled_message_is_shown_when_it_changes(database: Database, platform: Platform, jobs: Jobs) -> None:
    show(database)
    jobs("cancel", 1)
    worker_of(database, platform).drain()
    assert platform.said("channel:coordinators") == []
    show(database)
    worker_of(database, platform).drain()
    assert platform.said("channel:coordinators") == ["card"]


def test_the_parked_lets_its_lane_go_on(database: Database, platform: Platform, jobs: Jobs) -> None:
    tell(database, "invention")
    tell(database, "two")
    worker_of(database, platform).drain()
    assert platform.said("person:1") == []
    jobs("park", 1, "--why", "of a later version")
    worker_of(database, platform).drain()
    assert platform.said("person:1") == ["two"]
    assert all_jobs(database)[0].why == "of a later version"


@pytest.mark.parametrize("act", ["cancel", "park"])
def test_what_is_being_delivered_is_left_alone(database: Database, platform: Platform, jobs: Jobs, act: str) -> None:
    said: list[str] = []
    platform.then["post"].append(lambda: said.append(refused(jobs(act, 1))))
    tell(database, "one")
    tell(database, "two")
    worker_of(database, platform, lease=HOUR).drain()
    assert said == ["Jobb nr 1 levereras just nu. Försök igen om en minut.\n"]
    assert states(database) == {"one": JobState.DONE, "two": JobState.DONE}


@pytest.mark.parametrize("act", ["cancel", "park"])
def test_what_stands_behind_it_is_not(database: Database, platform: Platform, jobs: Jobs, act: str) -> None:
    platform.then["post"].append(lambda: told(jobs(act, 2, "--json")))
    tell(database, "one")
    tell(database, "two")
    worker_of(database, platform, lease=HOUR).drain()
    assert platform.said("person:1") == ["one"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("retry", 1), "Jobb nr 1 är ”done”. Bara det som är ”parked” eller ”cancelled” kan göras om."),
        (("retry", 2), "Jobb nr 2 är ”waiting”. Bara det som är ”parked” eller ”cancelled” kan göras om."),
        (("cancel", 1), "Jobb nr 1 är ”done”. Bara det som är ”waiting” eller ”parked” kan ställas in."),
        (("cancel", 2, 1), "Jobb nr 1 är ”done”. Bara det som är ”waiting” eller ”parked” kan ställas in."),
        (("park", 2, 1), "Jobb nr 1 är ”done”. Bara det som är ”waiting” kan parkeras."),
        (("park", 2, 3), "Det finns inget jobb nr 3."),
        (("show", 3), "Det finns inget jobb nr 3."),
        (("show", 10**30), f"Det finns inget jobb nr {10**30}."),
        (("cancel", 10**12), f"Det finns inget jobb nr {10**12}."),
        (("retry",), WHICH),
        (("retry", 1, "--parked"), WHICH),
        (("retry", 1, "--organisation", "Provstad"), WHICH),
        (("list", "--organisation", "Lillstad"), "There is no such organisation."),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_changed(
    database: Database, platform: Platform, jobs: Jobs, words: tuple[object, ...], sentence: str
) -> None:
    tell(database, "one")
    worker_of(database, platform).drain()
    tell(database, "two")
    before = states(database)
    assert refused(jobs(*words)) == sentence + "\n"
    assert states(database) == before


def test_a_number_twice_is_one_job(database: Database, platform: Platform, jobs: Jobs) -> None:
    tell(database, "one")
    assert names(jobs("cancel", 1, 1, "--json")) == ["one"]


def test_several_organisations_are_told_apart_and_spoken_to_in_english(
    database: Database, platform: Platform, jobs: Jobs
) -> None:
    organisation(database, "Söderstad")
    tell(database, "one", home=1)
    tell(database, "two", home=2)
    assert [job["organisation"] for job in told(jobs("list", "--json"))["jobs"]] == ["Söderstad", "Provstad"]
    assert names(jobs("list", "--organisation", "Söderstad", "--json")) == ["two"]
    assert refused(jobs("show", 3)) == "There is no job no. 3.\n"
    with database.writing() as session:
        session.scalars(select(Organisation).where(Organisation.name == "Söderstad")).one().language = "en"
    assert "Receiver" in jobs("list", "--organisation", "Söderstad").stdout
    assert "Mottagare" in jobs("list", "--organisation", "Provstad").stdout


def test_a_database_that_does_not_answer_is_said(
    database: Database, platform: Platform, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def writing() -> object:
        raise Unavailable("gone")

    monkeypatch.setattr(database, "writing", writing)
    assert refused(jobs("cancel", 1)).startswith("The database did not answer in time.")
