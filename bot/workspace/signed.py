"""HTTP delivery: signed requests to the bot's request addresses."""

import asyncio
import hashlib
import hmac
import http.client
import itertools
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode, urlsplit

from bot.workspace.delivery import Answer, Document, Kind
from bot.workspace.limits import ACKNOWLEDGE_SECONDS


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's signature, version 0: of the timestamp and the raw body."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class Signed:
    """Delivers to one address, or to several in turn."""

    def __init__(self, addresses: list[str], secret: str) -> None:
        self._addresses = addresses
        self._secret = secret
        self._turn = itertools.count()
        self._threads = ThreadPoolExecutor(16, thread_name_prefix="delivery")

    async def connected(self) -> bool:
        return any([await self._run(_listens, address) for address in self._addresses])

    async def send(self, kind: Kind, payload: Document, attempt: int = 0, reason: str = "") -> Answer:
        address = self._addresses[next(self._turn) % len(self._addresses)]
        body, content_type = _encoded(kind, payload)
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
        }
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        try:
            return await asyncio.wait_for(self._run(_post, address, body, headers), ACKNOWLEDGE_SECONDS)
        except TimeoutError:
            return Answer("timeout")

    async def _run(self, work: Any, *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)


def _encoded(kind: Kind, payload: Document) -> tuple[bytes, str]:
    form = "application/x-www-form-urlencoded"
    if kind == "slash_commands":
        return urlencode(payload).encode(), form
    if kind == "interactive":
        return urlencode({"payload": json.dumps(payload, ensure_ascii=False)}).encode(), form
    return json.dumps(payload, ensure_ascii=False).encode(), "application/json"


def _connection(address: str, seconds: float) -> tuple[http.client.HTTPConnection, str]:
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    path = parts.path or "/"
    return kind(parts.netloc, timeout=seconds), f"{path}?{parts.query}" if parts.query else path


def _post(address: str, body: bytes, headers: dict[str, str]) -> Answer:
    connection, path = _connection(address, ACKNOWLEDGE_SECONDS * 2)
    try:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        raw = response.read().decode(errors="replace")
        status, content_type = response.status, response.headers.get_content_type()
        retry = response.headers.get("X-Slack-No-Retry") != "1"
    except TimeoutError:
        return Answer("timeout")
    except (OSError, http.client.HTTPException):
        return Answer("not_connected")
    finally:
        connection.close()
    if not 200 <= status < 300:
        return Answer(f"http_{status}", retry=retry)
    return Answer(body=_decoded(raw, content_type))


def _decoded(raw: str, content_type: str) -> Any:
    if not raw.strip():
        return None
    if content_type == "application/json":
        try:
            return json.loads(raw)
        except ValueError:
            return None
    return {"text": raw}


def _listens(address: str) -> bool:
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((parts.hostname or "", port), 0.5):
            return True
    except OSError:
        return False
