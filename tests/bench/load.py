"""Many people who type the command at the same instant: signed requests, each over a connection opened before."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from bot.workspace import signature
from handlers.slack.manifest import COMMAND
from tests.bench.chat import SECRET, Chat

PATIENCE = 30.0
"""Seconds after which an answer or a view is given up, and with it the run."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One round: milliseconds until each command was acknowledged, and until each form was open."""

    acknowledged: list[float]
    opened: list[float]


class Driver:
    """People who ask one server. Closed with `close()`."""

    def __init__(self, port: int, chat: Chat, users: Sequence[str]) -> None:
        self._port = port
        self._chat = chat
        self._users = list(users)
        self._loop = asyncio.new_event_loop()

    def round(self, count: int, *, views: bool) -> Sample:
        """`count` people type the command at once. With `views` the round ends when every form is open.

        Raises `RuntimeError` when a server does not acknowledge.
        """
        users = self._users[:count]
        requests = [
            _request(self._chat, user, trigger) for user, trigger in zip(users, self._chat.triggers(users), strict=True)
        ]
        began, acknowledged = self._loop.run_until_complete(self._all(requests))
        opened: list[float] = []
        until = time.perf_counter() + PATIENCE
        while views and len(opened) < count:
            opened += [1000 * (moment - began) for moment in self._chat.opened()]
            if time.perf_counter() > until:
                raise RuntimeError(f"{len(opened)} of {count} forms; refused: {self._chat.refused()}")
            time.sleep(0.005)
        return Sample(acknowledged, opened)

    def close(self) -> None:
        """Ask no more."""
        self._loop.close()

    async def _all(self, requests: list[bytes]) -> tuple[float, list[float]]:
        lines = [await asyncio.open_connection("127.0.0.1", self._port) for _ in requests]
        began = time.perf_counter()
        asked = [self._one(*line, request) for line, request in zip(lines, requests, strict=True)]
        try:
            return began, await asyncio.wait_for(asyncio.gather(*asked), PATIENCE)
        finally:
            for _, writer in lines:
                writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> float:
        """Milliseconds from writing the request to the last byte of its answer."""
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        body = await reader.readexactly(length)
        taken = 1000 * (time.perf_counter() - began)
        if b" 200 " not in lines[0] or body:
            raise RuntimeError(f"not acknowledged: {head!r} {body!r}")
        return taken


def percentile(values: Sequence[float], share: int) -> float:
    """The value that so many per cent are not above."""
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


def _request(chat: Chat, user: str, trigger: str) -> bytes:
    body = urlencode(
        {
            "token": "verification",
            "team_id": chat.team,
            "team_domain": "localhost",
            "channel_id": chat.forum,
            "channel_name": "forum",
            "user_id": user,
            "user_name": user.lower(),
            "command": COMMAND,
            "text": "",
            "api_app_id": "A0BENCH",
            "is_enterprise_install": "false",
            "response_url": f"{chat.url}hooks/none",
            "trigger_id": trigger,
        }
    ).encode()
    now = str(int(time.time()))
    head = (
        "POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"X-Slack-Request-Timestamp: {now}\r\n"
        f"X-Slack-Signature: {signature(SECRET, now, body)}\r\n\r\n"
    )
    return head.encode() + body
