"""What the worker counts, and the trails that its log lines are on."""

import datetime as dt
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy.orm import Session
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from bot import jobs, trail
from bot.surfaces import MaybeSent, NotSent, Refused
from models.database import Database
from models.job import Job
from tests.jobs.stage import NOW, Fate, Killed, Platform, all_jobs, organisation, show, tell, timer, worker_of


def counted(metric: str, /, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"konsult_{metric}_total", labels) or 0.0


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [(None, "sent"), (NotSent(0, "ratelimited"), "not_sent"), (MaybeSent("x"), "failed"), (Refused("x"), "refused")],
    ids=["sent", "not_sent", "failed", "refused"],
)
def test_every_try_is_counted_by_its_outcome(database: Database, fault: Exception | None, outcome: str) -> None:
    organisation(database)
    platform = Platform()
    platform.faults["post"].extend([fault] if fault else [])
    tell(database, "filed")
    before = counted("deliveries", name="filed", outcome=outcome), counted("parked", kind="tell", name="filed")
    worker_of(database, platform).deliver_once()
    after = counted("deliveries", name="filed", outcome=outcome), counted("parked", kind="tell", name="filed")
    assert after == (before[0] + 1, before[1] + (outcome == "refused"))


def test_a_post_that_is_found_where_it_arrived_is_counted(database: Database) -> None:
    organisation(database)
    platform = Platform()
    platform.faults["accepted"].append(MaybeSent("no reply"))
    tell(database, "filed")
    before = counted("reconciled", name="filed")
    worker_of(database, platform).drain()
    assert platform.said("person:1") == ["filed"]
    assert counted("reconciled", name="filed") == before + 1


def test_a_job_remembers_the_trail_it_was_wanted_on(database: Database) -> None:
    organisation(database)
    with trail.followed("first"):
        tell(database, "one")
        show(database)
    with trail.followed("second"):
        tell(database, "one")
        show(database)
    tell(database, "two")
    assert [(job.key, job.request) for job in all_jobs(database)] == [
        ("one:person:1", "first"),
        ("chat/card:1#1", "first"),
        ("two:person:1", None),
    ]
    assert trail.current() is None


def test_a_message_that_is_wanted_again_is_on_the_later_trail(database: Database) -> None:
    organisation(database)
    platform = Platform(texts={"card": None})
    for request in ("first", "second"):
        with trail.followed(request):
            show(database)
        worker_of(database, platform).drain()
    assert [(job.state, job.request) for job in all_jobs(database)] == [("skipped", "second")]


def test_a_delivery_is_logged_on_its_trail(database: Database) -> None:
    organisation(database)
    with trail.followed("click"):
        tell(database, "one")
    with capture_logs([merge_contextvars]) as logged:
        worker_of(database, Platform()).drain()
    (line,) = logged
    assert (line["event"], line["name"], line["request"], line["tries"]) == ("delivery.sent", "one", "click", 1)


def test_a_timer_begins_a_trail_and_says_after_which(database: Database) -> None:
    """What it enqueues is on its own trail, so that no trail goes on for ever."""
    organisation(database)

    def remind(session: Session, job: Job, now: dt.datetime) -> None:
        found: dict[str, Any] = {"organisation_id": 1, "surface": "chat", "receiver": "person:1"}
        jobs.tell(session, name="reminder", key="reminder", **found)

    with trail.followed("click"):
        timer(database, "remind", NOW - dt.timedelta(days=3650))
    with capture_logs([merge_contextvars]) as logged:
        worker_of(database, Platform(), timers={"remind": remind}).drain()
    done, sent = logged
    assert (done["event"], done["after"], sent["event"]) == ("timer.done", "click", "delivery.sent")
    assert done["request"] == sent["request"] != "click"


def test_a_timer_is_logged_as_done_when_that_is_saved(database: Database) -> None:
    organisation(database)
    timer(database, "remind", NOW - dt.timedelta(days=3650))
    worker = worker_of(database, Platform(), timers={"remind": lambda *_: None})
    with capture_logs() as logged:
        with Fate(at=1).over(database), pytest.raises(Killed):
            worker.run_due(NOW)
        assert logged == []
        worker.run_due(NOW)
    assert [line["event"] for line in logged] == ["timer.done"]
