"""What Slack's answers mean to the worker, through HTTP as they come; and how far a doubtful post is looked for."""

import dataclasses
import datetime as dt
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, cast

import pytest

from bot.surfaces import UNSEEN, Delivery, MaybeSent, Place, Refused, Throttled
from handlers.slack import surface
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
        slack = SlackSurface(cast(Any, None), web, {}, "T1/U1")

        def look(answer: Answer) -> object:
            answers.append(answer)
            return slack.find(DELIVERY, "D1")

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


FILED = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)


class Channel:
    """A channel with a message every two seconds up to an hour after `FILED`, and our post at one of those moments."""

    def __init__(self, messages: int, posted: dt.datetime | None) -> None:
        latest = FILED.timestamp() + 3600
        self._messages: list[dict[str, Any]] = [{"ts": f"{latest - 2 * each:.6f}"} for each in range(messages)]
        if posted is not None:
            ts = f"{posted.timestamp():.6f}"
            ours = next(each for each in self._messages if each["ts"] == ts)
            ours["metadata"] = {"event_type": "konsult_notice", "event_payload": {"key": DELIVERY.key}}
        self.read = 0

    def conversations_history(self, *, limit: int, cursor: str, oldest: str, **_: Any) -> dict[str, Any]:
        after = [each for each in self._messages if float(each["ts"]) > float(oldest)]
        begin = int(cursor or 0)
        page = after[begin : begin + limit]
        self.read += len(page)
        left = begin + limit < len(after)
        return {"messages": page, "response_metadata": {"next_cursor": str(begin + limit) if left else ""}}


def looked_for(channel: Channel, since: dt.datetime | None) -> Place | None:
    slack = SlackSurface(cast(Any, None), cast(Any, channel), {}, "T1/U1")
    return slack.find(dataclasses.replace(DELIVERY, since=since), "D1")


@pytest.mark.parametrize("since", [FILED, None])
def test_a_post_is_found_below_many_newer_messages(since: dt.datetime | None) -> None:
    assert looked_for(Channel(5_000, FILED), since) == Place("D1", f"{FILED.timestamp():.6f}")


@pytest.mark.parametrize("ahead", [dt.timedelta(minutes=20), dt.timedelta(hours=1, minutes=59)])
def test_a_post_is_found_when_the_clock_of_who_enqueued_it_was_ahead(ahead: dt.timedelta) -> None:
    assert looked_for(Channel(8_000, FILED), FILED + ahead) is not None


def test_what_lies_before_the_act_is_not_read() -> None:
    channel = Channel(50_000, None)
    assert looked_for(channel, FILED) is None
    assert channel.read <= 3 * 3600 / 2


def test_what_cannot_be_searched_to_the_end_is_for_a_person_to_look_at() -> None:
    searched = surface.HISTORY_PAGES * surface.HISTORY_PAGE
    assert looked_for(Channel(searched, None), None) is None
    with pytest.raises(Refused) as refused:
        looked_for(Channel(searched + 1, None), None)
    assert refused.value.why == UNSEEN
