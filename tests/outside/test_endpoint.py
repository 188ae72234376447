"""The HTTP endpoint and those who are not Slack: they are told so, counted, and keep nobody from anything."""

import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest
from prometheus_client import REGISTRY
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult

from bot import app
from bot.workspace import signature
from handlers.slack.observed import Observed
from handlers.web import app as web_app

SECRET = "hemlig"
PATIENCE = 30.0
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
NONSENSE = [
    (JSON, "{bad Rut Alm"),
    (JSON, "[]"),
    (JSON, "null"),
    (JSON, '"x"'),
    (JSON, "[" * 100_000),
    (JSON, '{"type":"event_callback","event":[]}'),
    (JSON, '{"type":"view_submission","view":3}'),
    (FORM, "payload=Rut Alm"),
    (FORM, "payload=[]"),
    (FORM, 'payload={"type":"block_actions","actions":[3]}'),
    (FORM, "command=/consult&text=Rut"),
    (FORM, ""),
]


@contextmanager
def listening(slack: App) -> Iterator[int]:
    with app.listening(web_app.build(slack, []), "127.0.0.1", 0, "endpoint") as port:
        yield port


@pytest.fixture
def slack() -> Observed:
    bot = AuthorizeResult(enterprise_id=None, team_id="T0", bot_token="xoxb-1", bot_id="B0BOT", bot_user_id="U0BOT")
    return Observed(authorize=lambda: bot, signing_secret=SECRET)


def deaf() -> App:
    """An app that is never asked anything."""
    return cast(App, SimpleNamespace())


def sent(port: int, body: bytes, **headers: str) -> int:
    """The status of the answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/slack/events", body, named)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def counted(command: str, outcome: str) -> float:
    return REGISTRY.get_sample_value("konsult_ack_seconds_count", {"command": command, "outcome": outcome}) or 0.0


@pytest.fixture
def half_a_request() -> Iterator[Any]:
    """Sends a request that is never finished, and gives the connection when it is being read."""
    with ExitStack() as opened:

        def send(port: int) -> socket.socket:
            line = opened.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
            head = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"
            line.sendall(head)
            assert line.recv(len(GO_ON)) == GO_ON
            line.sendall(b"half")
            return line

        yield send


def test_what_nobody_signed_is_refused_and_counted_whatever_it_is(
    slack: Observed, capfd: pytest.CaptureFixture[str], log_as_json: Callable[[], None]
) -> None:
    log_as_json()
    before = counted("unsigned", "unsigned")
    with listening(slack) as port:
        for kind, body in NONSENSE:
            assert (body[:40], sent(port, body.encode(), Content_Type=kind)) == (body[:40], 401)
    assert counted("unsigned", "unsigned") == before + len(NONSENSE)
    said = capfd.readouterr().err
    assert "Rut" not in said
    assert {json.loads(line)["level"] for line in said.splitlines()} == {"info"}


@pytest.mark.parametrize(
    ("moment", "signed"),
    [("soon", "v0=1"), ("-1", "v0=1"), ("9" * 5000, "v0=1"), ("", ""), ("1", "v0=å"), ("٣", "v0=1")],
)
def test_a_signature_that_is_none_is_refused(slack: Observed, moment: str, signed: str) -> None:
    now = moment if moment != "1" else str(int(time.time()))
    head = {"X-Slack-Request-Timestamp": now.encode(), "X-Slack-Signature": signed.encode("latin-1")}
    with listening(slack) as port, socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
        lines = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in head.items())
        line.sendall(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n" + lines + b"\r\n{}")
        assert line.recv(100).startswith(b"HTTP/1.1 401 ")


def test_what_slack_signed_and_nobody_can_read_is_no_fault(slack: Observed) -> None:
    before = counted("other", "unanswered")
    body, now = b"{bad", str(int(time.time()))
    signed = signature(SECRET, now, body)
    with listening(slack) as port:
        status = sent(port, body, X_Slack_Request_Timestamp=now, X_Slack_Signature=signed, Content_Type=JSON)
    assert status == 404
    assert counted("other", "unanswered") == before + 1


def test_a_body_that_is_too_large_is_not_read_to_its_end() -> None:
    with listening(deaf()) as port, socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
        length = web_app.LARGEST_BODY * 100
        line.sendall(f"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
        line.sendall(b"x" * (web_app.LARGEST_BODY + 1))
        assert line.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_does_not_come_is_not_waited_for(half_a_request: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_app, "READING", 0.05)
    with listening(deaf()) as port:
        line = half_a_request(port)
        assert line.recv(100).startswith(b"HTTP/1.1 408 ")
        while line.recv(1000):
            """Until it is closed from there."""


def test_a_request_that_never_ends_does_not_keep_a_process_from_stopping(
    half_a_request: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_app, "READING", 10 * PATIENCE)
    monkeypatch.setattr(app, "GRACE", 1)
    told, listens, ports = threading.Event(), threading.Event(), []

    def serve() -> None:
        with listening(deaf()) as port:
            ports.append(port)
            listens.set()
            told.wait()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert listens.wait(PATIENCE)
    line = half_a_request(ports[0])
    told.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    line.close()


def test_who_hangs_up_half_way_is_no_fault(
    half_a_request: Any, capfd: pytest.CaptureFixture[str], log_as_json: Callable[[], None]
) -> None:
    log_as_json()
    with listening(deaf()) as port:
        half_a_request(port).close()
    assert "error" not in capfd.readouterr().err
