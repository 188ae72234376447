"""Socket Mode: the bot's own connections, and envelopes sent over them in turn."""

import asyncio
import contextlib
import itertools
import secrets
import uuid
from collections.abc import Callable
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.workspace.delivery import Answer, Document, Kind
from bot.workspace.faults import Faults
from bot.workspace.limits import ACKNOWLEDGE_SECONDS
from bot.workspace.line import hang_up

GRACE_SECONDS = 2.0
"""How long a connection stays open after its goodbye."""


class Sockets:
    def __init__(self, app_id: str, faults: Faults, on_change: Callable[[bool], None]) -> None:
        self._app_id = app_id
        self._faults = faults
        self._on_change = on_change
        self._tickets: set[str] = set()
        self._open: list[WebSocket] = []
        self._lives: dict[WebSocket, asyncio.Task[None]] = {}
        self._turn = itertools.count()
        self._waiting: dict[str, asyncio.Future[Any]] = {}

    def ticket(self) -> str:
        """A ticket for one connection."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return ticket

    async def connected(self) -> bool:
        return bool(self._open)

    async def serve(self, socket: WebSocket) -> None:
        """One connection of the bot, from hello until it goes away."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close(4403)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        self._open.append(socket)
        self._on_change(True)
        self._begin_life(socket)
        try:
            await socket.send_json(self._hello())
            while True:
                self._acknowledged(await socket.receive_json())
        except (WebSocketDisconnect, RuntimeError, ValueError, KeyError):
            return
        finally:
            self._lives.pop(socket).cancel()
            self._open = [each for each in self._open if each is not socket]
            self._on_change(bool(self._open))

    async def send(self, kind: Kind, payload: Document, attempt: int = 0, reason: str = "") -> Answer:
        if not self._open:
            return Answer("not_connected")
        envelope: Document = {
            "envelope_id": str(uuid.uuid4()),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        answered = asyncio.get_running_loop().create_future()
        self._waiting[envelope["envelope_id"]] = answered
        socket = self._open[next(self._turn) % len(self._open)]
        try:
            await socket.send_json(envelope)
            return Answer(body=await asyncio.wait_for(answered, ACKNOWLEDGE_SECONDS))
        except TimeoutError:
            return Answer("timeout")
        except (WebSocketDisconnect, RuntimeError):
            return Answer("not_connected")
        finally:
            del self._waiting[envelope["envelope_id"]]

    async def goodbye(self) -> None:
        """Tell every connection that the workspace stops."""
        for socket in list(self._open):
            await _say_goodbye(socket, "warning")

    def unsettle(self) -> None:
        """Let every connection live as long as the faults say, from now on."""
        for socket in self._open:
            self._lives[socket].cancel()
            self._begin_life(socket)

    def _begin_life(self, socket: WebSocket) -> None:
        self._lives[socket] = asyncio.get_running_loop().create_task(self._live(socket))

    async def _live(self, socket: WebSocket) -> None:
        seconds = self._faults.switches.disconnect_every
        if not seconds:
            return
        await asyncio.sleep(seconds)
        if not self._faults.ends_politely():
            hang_up(socket.scope)
            return
        await _say_goodbye(socket, "refresh_requested")
        await asyncio.sleep(GRACE_SECONDS)
        with contextlib.suppress(RuntimeError):
            await socket.close()

    def _hello(self) -> Document:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "debug_info": {"host": "localhost", "build_number": 1, "approximate_connection_time": 86400},
            "connection_info": {"app_id": self._app_id},
        }

    def _acknowledged(self, given: Any) -> None:
        waiting = self._waiting.get(given.get("envelope_id", "")) if isinstance(given, dict) else None
        if waiting is not None and not waiting.done():
            waiting.set_result(given.get("payload"))


async def _say_goodbye(socket: WebSocket, reason: str) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})
