"""What is counted and logged while people act: an id from the click to the post, and nothing that anybody wrote."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command

from models.database import Database
from models.schema import configuration
from tests.outside.installation import ANNA, Installed, Process, installed, samples
from tests.slack.town_hall import texts

QUESTION = "Hur följer vi upp boendestöd för unga vuxna på Kvarngatan på ett bra sätt?"
TITLE = "Boendestöd på Kvarngatan"
WRITTEN = ("Kvarngatan", "boendest", "Anna", "Ask", "Lena", "Lind", "Maj Moberg", "example.org")
"""What was written or names somebody; none of it may stand in a log."""


@pytest.fixture
def installation(database: Database, tmp_path: Path) -> Iterator[Installed]:
    """On both databases. The tables are there, and are told so."""
    with database.engine.begin() as connection:
        command.stamp(configuration(connection), "head")
    with installed(database, tmp_path) as made:
        yield made


def files_a_case(installation: Installed) -> None:
    """Anna files a consultation, over three forms; a mistake on the way."""
    anna = installation.screen(ANNA)
    assert anna.command(f"/consult {QUESTION}") == {"ok": True}
    assert anna.fill(unit_id=str(installation.unit_id))["result"] == "updated"
    request = {"title": TITLE, "question": QUESTION, "help": "evaluation", "answer_kind": "meeting"}
    assert list(anna.fill(**request, wanted_by="2001-01-01")["errors"]) == ["wanted_by"]
    assert anna.fill(**request, wanted_by=None)["result"] == "updated"
    assert anna.fill()["result"] == "updated"
    assert "konsultation nr 1" in texts(anna.modal() or {})


def said_by(*processes: Process) -> list[dict[str, Any]]:
    return [json.loads(line) for process in processes for line in process.lines]


def test_an_id_follows_an_act_from_the_click_to_the_post(installation: Installed) -> None:
    serving, working = installation.start("serve"), installation.start("work")
    serving.logged("socket.connected")
    files_a_case(installation)
    filed = serving.logged("payload.answered", command="form file.review")
    card = working.logged("delivery.sent", name="card")
    assert card["request"] == filed["request"]
    assert (card["case"], filed["outcome"]) == (1, "answered")
    assert {line["event"] for line in working.trail(filed["request"])} == {"delivery.sent"}
    refused = serving.logged("payload.answered", outcome="refused")
    assert refused["request"] != filed["request"]
    for process in (serving, working):
        assert process.stop() == 0
    every = said_by(serving, working)
    assert all({"event", "level", "timestamp"} <= line.keys() for line in every)
    said = json.dumps(every, ensure_ascii=False)
    assert [word for word in WRITTEN if word in said] == []


def test_acts_and_deliveries_are_counted(installation: Installed) -> None:
    process = installation.start("run")
    process.logged("socket.connected")
    files_a_case(installation)
    installation.screen(ANNA).command("/consult hjälp")
    process.logged("delivery.sent", name="card")
    found = samples(process.get("/metrics")[1])
    assert found["konsult_ack_seconds_count", "/consult ask", "answered"] == 1
    assert found["konsult_ack_seconds_count", "/consult help", "answered"] == 1
    assert found["konsult_ack_seconds_bucket", "/consult help", "3.0", "answered"] == 1
    assert found["konsult_ack_seconds_count", "form file.review", "answered"] == 1
    assert found["konsult_deliveries_total", "card", "sent"] >= 1
    assert sum(count for (name, *labels), count in found.items() if name == "konsult_jobs" and "done" in labels) >= 1
    text = process.get("/metrics")[1]
    assert [word for word in WRITTEN if word in text] == []
