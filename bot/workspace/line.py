"""The server's end of a connection, which can be hung up in the middle of it."""

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_HANG_UP = "hang_up"


class Line(H11Protocol):
    """A connection of uvicorn's whose requests, and whose WebSocket, can close it at once (`hang_up`)."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, _HANG_UP: transport.abort}


class NoAnswer(Response):
    """The connection is closed without a byte of an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - nothing is sent
        hang_up(scope)
        while (await receive())["type"] != "http.disconnect":
            continue
        if self.background is not None:
            await self.background()


def hang_up(scope: Scope) -> None:
    """Close the connection that the scope belongs to, at once and without a word."""
    scope["state"][_HANG_UP]()
