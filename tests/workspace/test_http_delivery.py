"""The same app over signed HTTP: what is well signed is taken, what is not or comes late is refused."""

import asyncio
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
import uvicorn
from slack_bolt import App
from slack_bolt.adapter.asgi import SlackRequestHandler

from bot.workspace import Person, Server, Workspace, serve, signature
from tests.workspace.conftest import ANNA, made, web_client


@dataclass
class Bot:
    url: str
    workspace: Workspace
    server: Server
    seen: list[dict[str, Any]] = field(default_factory=list)
    slow: threading.Event = field(default_factory=threading.Event)
    broken: bool = False

    @property
    def anna(self) -> Person:
        return Person(self.server, ANNA)


class Broken:
    """Answers 500 to everything while it is told to."""

    def __init__(self, app: Any, bot: Bot) -> None:
        self.app, self.bot = app, bot
        self.retries: list[str | None] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            self.retries.append(headers.get("x-slack-retry-num"))
            if self.bot.broken:
                self.bot.broken = False
                await send({"type": "http.response.start", "status": 500, "headers": []})
                await send({"type": "http.response.body", "body": b""})
                return
        await self.app(scope, receive, send)


@pytest.fixture
def bot() -> Iterator[Bot]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}/slack/events"
    workspace = made(request_url=url)
    server = serve(workspace)
    bot = Bot(url, workspace, server)
    app = App(token="xoxb-workspace", signing_secret="hemlig", client=web_client(server))

    @app.command("/consult")
    def consult(ack: Any, body: Any) -> None:
        bot.seen.append(body)
        if body["text"] == "sakta":
            bot.slow.wait(8)
        ack("Hej på dig")

    @app.event("app_home_opened")
    def home(event: Any, client: Any) -> None:
        bot.seen.append(event)
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": []})

    running = uvicorn.Server(uvicorn.Config(Broken(SlackRequestHandler(app), bot), log_config=None, lifespan="off"))
    bot.door = running.config.app  # type: ignore[attr-defined]
    thread = threading.Thread(target=lambda: asyncio.run(running.serve([listening])), daemon=True)
    thread.start()
    bot.anna.wait_for(lambda: running.started)
    yield bot
    bot.slow.set()
    running.should_exit = True
    thread.join(10)
    listening.close()
    server.stop()


def posted(url: str, body: bytes, timestamp: str, signed: str) -> int:
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signed,
    }
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_command_comes_signed_and_is_answered(bot: Bot) -> None:
    assert bot.anna.command("/consult vad är åäö? & mer", "forum") == {"ok": True}
    assert bot.seen[0]["text"] == "vad är åäö? & mer"
    assert [m["text"] for m in bot.anna.messages("forum")] == ["Hej på dig"]
    assert bot.anna._get("health")["bot_connected"] is True


def test_a_wrong_or_old_signature_is_refused(bot: Bot) -> None:
    body = urlencode({"command": "/consult", "text": "hej"}).encode()
    now = str(int(time.time()))
    old = str(int(time.time()) - 60 * 6)
    assert posted(bot.url, body, now, signature("hemlig", now, body)) == 200
    assert posted(bot.url, body, now, signature("fel", now, body)) == 401
    assert posted(bot.url, body + b"x", now, signature("hemlig", now, body)) == 401
    assert posted(bot.url, body, old, signature("hemlig", old, body)) == 401
    assert len(bot.seen) == 1


def test_an_acknowledged_event_comes_again_with_the_headers_of_a_retry(bot: Bot) -> None:
    bot.workspace.misbehave(repeated=1.0, repeated_seconds=0)
    bot.anna.open_home()
    bot.anna.wait_for(lambda: len(bot.seen) > 1)
    assert bot.seen[0] == bot.seen[1]
    assert bot.door.retries[:2] == [None, "1"]  # type: ignore[attr-defined]


def test_another_secret_shows_the_status(bot: Bot) -> None:
    stranger = Workspace(
        None,
        {
            "features": {"slash_commands": [{"command": "/consult"}]},
            "oauth_config": {"scopes": {"bot": ["commands"]}},
        },
        signing_secret="annan",
        request_url=bot.url,
    )
    stranger.add_user(id=ANNA, name="anna", real_name="Anna Åkerö")
    server = serve(stranger)
    try:
        answer = Person(server, ANNA).command("/consult hej")
    finally:
        server.stop()
    assert answer["error"] == "http_401"
    assert "http_401" in answer["message"]
    assert bot.seen == []


def test_a_slow_handler_shows_the_time_out_and_blocks_nobody(bot: Bot) -> None:
    answers: list[dict[str, Any]] = []
    waiting = threading.Thread(target=lambda: answers.append(bot.anna.command("/consult sakta")))
    waiting.start()
    bot.anna.wait_for(lambda: bot.seen)
    assert bot.anna.state()["user"]["id"] == ANNA
    assert answers == []
    waiting.join(20)
    assert answers[0]["error"] == "timeout"
    assert answers[0]["message"].startswith("Rådgivaren svarade inte i tid")


def test_an_event_that_failed_comes_again(bot: Bot) -> None:
    bot.broken = True
    bot.anna.open_home()
    assert bot.anna.wait_for(bot.anna.home)["type"] == "home"
    assert bot.door.retries == [None, "1"]  # type: ignore[attr-defined]


def test_several_addresses_take_turns(bot: Bot) -> None:
    dead = socket.socket()
    dead.bind(("127.0.0.1", 0))
    other = f"http://127.0.0.1:{dead.getsockname()[1]}/"
    dead.close()
    workspace = made(request_url=[bot.url, other])
    server = serve(workspace)
    try:
        anna = Person(server, ANNA)
        errors = [anna.command("/consult hej").get("error") for _ in range(4)]
    finally:
        server.stop()
    assert errors == [None, "not_connected", None, "not_connected"]
