"""Running a workspace in a thread, for tests and for the demo."""

import asyncio
import socket
import threading
import time

import uvicorn

from bot.workspace.line import Line
from bot.workspace.workspace import Workspace

START_SECONDS = 15.0
STOP_SECONDS = 10.0


class Server:
    """A workspace that answers on loopback until it is stopped."""

    def __init__(self, workspace: Workspace, port: int) -> None:
        self.workspace = workspace
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(("127.0.0.1", port))
        except OSError:
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            workspace.asgi,
            log_level="warning",
            log_config=None,
            http=Line,
            ws="websockets-sansio",
            lifespan="on",
            timeout_graceful_shutdown=2,
        )
        self._uvicorn = uvicorn.Server(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="workspace", daemon=True)

    @property
    def url(self) -> str:
        """The page's address."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def api_url(self) -> str:
        """The Web API's base URL, as an SDK's client wants it."""
        return f"{self.url}api/"

    def start(self) -> None:
        """Start, and return once it answers. Raises RuntimeError when it does not."""
        self._thread.start()
        end = time.monotonic() + START_SECONDS
        while not self._uvicorn.started:
            if not self._thread.is_alive() or time.monotonic() > end:
                raise RuntimeError("the workspace did not start")
            self._thread.join(0.01)

    def stop(self) -> None:
        """Say goodbye to the bot's connections and stop. The workspace itself may be served again."""
        if self._loop is not None and self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self.workspace.goodbye(), self._loop).result(STOP_SECONDS)
        self._uvicorn.should_exit = True
        self._thread.join(STOP_SECONDS)
        self._socket.close()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._uvicorn.serve(sockets=[self._socket])


def serve(workspace: Workspace, port: int = 0) -> Server:
    """Serve a workspace on 127.0.0.1 (port 0: any free one) and return when it answers.

    Raises OSError when the port is taken.
    """
    server = Server(workspace, port)
    server.start()
    return server
