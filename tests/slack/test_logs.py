"""What the log holds of what went wrong: what and where, and nothing that anybody wrote."""

import json
import logging
from collections.abc import Callable
from http.client import HTTPException, RemoteDisconnected
from typing import Any
from urllib.error import URLError

import pytest
from slack_bolt import Ack, BoltContext, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from handlers.slack.asker import answered
from handlers.slack.observed import Observed
from models.database import Database
from models.people import Person

NAME, ADDRESS = "Rut Alm", "rut@uni.example"


class Silent(WebClient):
    """Slack, when it shows no view."""

    error: Exception = URLError("timed out")

    def views_open(self, **_: Any) -> Any:
        raise self.error


def refused(database: Database) -> None:
    """Two people with one address, which the database does not take."""
    with database.writing() as session:
        session.add_all([Person(name=NAME, email=ADDRESS, sort_key="rut") for _ in range(2)])


@pytest.mark.parametrize("way", ["listener", "middleware"])
def test_a_change_that_the_database_does_not_take_is_logged_without_it(
    database: Database, capfd: pytest.CaptureFixture[str], way: str, log_as_json: Callable[[], None]
) -> None:
    """With PostgreSQL's own text too, which quotes the key."""
    log_as_json()
    bot = AuthorizeResult(enterprise_id=None, team_id="T0", bot_token="xoxb-1", bot_id="B0BOT", bot_user_id="U0BOT")
    app = Observed(authorize=lambda: bot, signing_secret="s")

    def fail(ack: Ack) -> None:
        try:
            refused(database)
        except IntegrityError as error:
            raise URLError(f"while something else went wrong: {NAME}") from error

    if way == "listener":
        app.action("go")(fail)
    else:
        app.middleware(fail)
    pressed = {"type": "button", "action_id": "go", "block_id": "b", "value": "1", "action_ts": "1"}
    body = {"type": "block_actions", "team": {"id": "T0"}, "user": {"id": "U0"}, "actions": [pressed], "container": {}}
    assert app.dispatch(BoltRequest(body=body, mode="socket_mode")).status == 500
    said = capfd.readouterr().err
    assert not [each for each in (NAME, ADDRESS, "person.email =") if each in said]
    (line,) = [found for found in map(json.loads, said.splitlines()) if found["event"] == "payload.failed"]
    assert line["error"] == "URLError"
    assert line["frames"][-1].endswith(" fail")


def test_an_error_of_the_database_does_not_quote_what_was_to_be_written(database: Database) -> None:
    with pytest.raises(IntegrityError) as error:
        refused(database)
    assert NAME not in str(error.value)


def test_what_a_library_logs_of_an_exception_is_what_and_where(
    database: Database, capfd: pytest.CaptureFixture[str], log_as_json: Callable[[], None]
) -> None:
    log_as_json()
    try:
        refused(database)
    except IntegrityError:
        logging.getLogger("library").exception("Something went wrong")
    logging.getLogger("library").warning("Something else")
    first, second = map(json.loads, capfd.readouterr().err.splitlines())
    assert ADDRESS not in str(first)
    assert first["errors"] == ["IntegrityError", "UniqueViolation" if not database.embedded else "IntegrityError"]
    assert first["frames"][0].endswith("test_what_a_library_logs_of_an_exception_is_what_and_where")
    assert "errors" not in second


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (URLError("timed out"), "URLError"),
        (TimeoutError("timed out"), "TimeoutError"),
        (RemoteDisconnected("no reply"), "RemoteDisconnected"),
        (HTTPException("half a reply"), "HTTPException"),
        (SlackApiError("", {"ok": False, "error": "expired_trigger_id"}), "expired_trigger_id"),
        (SlackApiError("", {"status": 502, "body": NAME}), "SlackApiError"),
        (SlackApiError("", NAME), "SlackApiError"),
    ],
    ids=str,
)
def test_where_slack_shows_no_view_the_reference_comes_below_the_message(error: Exception, code: str) -> None:
    @answered
    def fails(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        raise LookupError(NAME)

    said: list[str] = []
    client = Silent("xoxb-1")
    client.error = error
    body = {"type": "block_actions", "trigger_id": "1", "response_url": "https://slack.example/hook"}
    with capture_logs() as logged:
        fails(ack=Ack(), body=body, client=client, context=BoltContext({"respond": said.append}))
    failed, unseen = logged
    assert (unseen["event"], unseen["error"]) == ("notice.unseen", code)
    assert [failed["reference"] in each for each in said] == [True]
    assert NAME not in f"{logged}{said}"
