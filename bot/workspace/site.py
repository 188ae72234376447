"""The workspace as one ASGI application: Slack's side, the page's side, and who may come in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.workspace.api import Api
from bot.workspace.live import Live
from bot.workspace.pages import Pages
from bot.workspace.sockets import Sockets

PAGE = Path(__file__).parent / "page"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def site(api: Api, pages: Pages, sockets: Sockets, live: Live) -> Starlette:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        live.begin()
        yield
        await live.end()

    return Starlette(
        routes=[
            Route("/api/{method:path}", api.call, methods=["GET", "POST"]),
            Route("/hooks/{hook}", api.hook, methods=["POST"]),
            WebSocketRoute("/link/", sockets.serve),
            *pages.routes,
            Mount("/static", StaticFiles(directory=PAGE, check_dir=False)),
            Route("/", _index),
            Route("/as/{rest:path}", _index),
        ],
        middleware=[Middleware(Guard)],
        exception_handlers={ClientDisconnect: _gone},
        lifespan=lifespan,
    )


async def _index(_request: Request) -> Response:
    index = PAGE / "index.html"
    if not index.is_file():
        return PlainTextResponse("page not found", 404)
    return FileResponse(index, headers={"Cache-Control": "no-cache"})


async def _gone(_request: Request, _error: Exception) -> Response:
    """The caller hung up before all of the request was here: nothing is done, and nobody reads this."""
    return PlainTextResponse("gone", 400)


class Guard:
    """Only a loopback host is answered, and the page's requests only from the page itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and not _welcome(HTTPConnection(scope)):
            if scope["type"] == "http":
                await PlainTextResponse("forbidden", 403)(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 4403})
            return
        await self._app(scope, receive, send)


def _welcome(connection: HTTPConnection) -> bool:
    host = connection.headers.get("host", "")
    if urlsplit(f"//{host}").hostname not in LOOPBACK:
        return False
    origin = connection.headers.get("origin")
    if origin is None or not connection.url.path.startswith("/page/"):
        return True
    return urlsplit(origin).netloc == host
