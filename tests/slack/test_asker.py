"""What becomes of an error nobody foresaw: a reference for the person, and a log line without what anybody wrote."""

import re
from typing import Any

from slack_bolt import Ack, BoltContext
from slack_sdk import WebClient
from structlog.testing import capture_logs

from handlers.slack.asker import answered

WRITTEN = "Hur stöttar vi Rut Alm, rut@uni.example?"


@answered
def stumbles(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
    try:
        int(WRITTEN)
    except ValueError as error:
        raise LookupError(WRITTEN) from error


def test_an_unforeseen_error_is_logged_without_what_anybody_wrote() -> None:
    said: list[str] = []
    with capture_logs() as logged:
        stumbles(ack=said.append, body={"command": "/konsult"}, client=WebClient(), context=BoltContext())  # type: ignore[arg-type]
    (entry,) = logged
    assert not re.search("Rut|uni.example", f"{logged!r}{said!r}")
    assert "exc_info" not in entry
    assert (entry["event"], entry["listener"], entry["error"]) == ("listener.failed", "stumbles", "LookupError")
    assert re.fullmatch(r".*test_asker\.py:\d+ stumbles", entry["frames"][-1])
    assert entry["reference"] in said[0]
