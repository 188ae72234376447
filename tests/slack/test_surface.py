"""What Slack's answers mean to the worker, through HTTP as they come."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, cast

import pytest

from bot.surfaces import Delivery, MaybeSent, Refused, Throttled
from handlers.slack.surface import LONGEST_PAUSE, PAUSE, SlackSurface, client
from models.job import JobKind

Answer = tuple[int, dict[str, str], bytes]
DELIVERY = Delivery(1, 1, JobKind.TELL, "filed", "k", "slack", "person:1", "D1", None, None, None, None, {})


@pytest.fixture
def looks() -> Iterator[Callable[[Answer], object]]:
    """Has the surface look through a channel's history, with this answer from Slack."""
    answers: list[Answer] = []

    class Slack(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, body = answers.pop()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *said: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Slack) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        web = client("xoxb-1", f"http://127.0.0.1:{server.server_address[1]}/")
        surface = SlackSurface(cast(Any, None), web, {}, "T1/U1")

        def look(answer: Answer) -> object:
            answers.append(answer)
            return surface.find(DELIVERY, "D1")

        yield look
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after": " 7 "}, 7),
        ({"Retry-After": "0"}, 0),
        ({}, PAUSE),
        ({"Retry-After": "soon"}, PAUSE),
        ({"Retry-After": "-5"}, PAUSE),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, PAUSE),
        ({"Retry-After": "9" * 400}, LONGEST_PAUSE),
    ],
)
def test_slacks_pause_is_kept_to(looks: Callable[[Answer], object], headers: dict[str, str], seconds: float) -> None:
    with pytest.raises(Throttled) as told:
        looks((429, headers, b'{"ok": false, "error": "ratelimited"}'))
    assert told.value.retry_after == seconds


def test_a_pause_without_a_body_is_one_too(looks: Callable[[Answer], object]) -> None:
    with pytest.raises(Throttled):
        looks((429, {"Retry-After": "7"}, b""))


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ((500, {}, b"<html>"), MaybeSent),
        ((503, {}, b'{"ok": false, "error": "service_unavailable"}'), MaybeSent),
        ((200, {}, b'{"ok": false, "error": "internal_error"}'), MaybeSent),
        ((200, {}, b'{"ok": false, "error": "missing_scope"}'), Refused),
    ],
)
def test_doubt_and_refusal_are_told_apart(
    looks: Callable[[Answer], object], answer: Answer, meaning: type[Exception]
) -> None:
    with pytest.raises(meaning):
        looks(answer)
