"""The open pages: what happens is pushed to each person who may see it."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from starlette.websockets import WebSocket, WebSocketDisconnect

Document = dict[str, Any]
Result = TypeVar("Result")
Made = Callable[[str], Document]


class Live:
    """Pushes to pages, and the event loop on which the workspace runs its errands.

    `changes` counts every push; a test waits for the next one instead of sleeping.
    """

    def __init__(self) -> None:
        self.changes = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pages: list[tuple[str, asyncio.Queue[Document | None]]] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._changed: asyncio.Event | None = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()

    async def end(self) -> None:
        self._loop = None
        for _, queue in self._pages:
            queue.put_nowait(None)
        if self._changed is not None:
            self._changed.set()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def push(self, kind: str, made: Document | Made, audience: Iterable[str] | None = None) -> None:
        """Send to the pages of the audience (everyone when None); `made` may depend on the receiver."""
        receivers = None if audience is None else frozenset(audience)
        with self._lock:
            self.changes += 1
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._send, kind, made, receivers)

    def do(self, work: Callable[[], Result]) -> Result:
        """Do something where everything is done: on the running server's loop, else right here."""
        loop = self._loop
        if loop is None or loop is _running_loop():
            return work()

        async def done() -> Result:
            return work()

        return asyncio.run_coroutine_threadsafe(done(), loop).result()

    def run(self, errand: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Start an errand on the event loop; without a running server there is nobody to do it for."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._start, errand)

    async def wait(self, since: int, seconds: float) -> int:
        """The count of changes, as soon as it is another than `since`, or when the time is out."""
        changed = self._changed
        if self.changes == since and changed is not None:
            try:
                await asyncio.wait_for(changed.wait(), seconds)
            except TimeoutError:
                return self.changes
        return self.changes

    async def serve(self, user: str, socket: WebSocket) -> None:
        """Feed one open page until it goes away or the workspace stops, with all that happens from now on."""
        queue: asyncio.Queue[Document | None] = asyncio.Queue()
        place = (user, queue)
        self._pages.append(place)
        try:
            await socket.accept()
            await _feed(socket, queue)
        finally:
            self._pages = [each for each in self._pages if each is not place]

    def _send(self, kind: str, made: Document | Made, receivers: frozenset[str] | None) -> None:
        for user, queue in self._pages:
            if receivers is None or user in receivers:
                queue.put_nowait({"type": kind, **(made(user) if callable(made) else made)})
        if self._changed is not None:
            self._changed.set()
            self._changed = asyncio.Event()

    def _start(self, errand: Callable[[], Coroutine[Any, Any, None]]) -> None:
        task = asyncio.get_running_loop().create_task(errand())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async def _feed(socket: WebSocket, queue: asyncio.Queue[Document | None]) -> None:
    gone = asyncio.create_task(_until_gone(socket))
    gone.add_done_callback(lambda _: queue.put_nowait(None))
    try:
        while (item := await queue.get()) is not None:
            await socket.send_json(item)
    except (WebSocketDisconnect, RuntimeError):
        return
    finally:
        if not gone.done():
            gone.cancel()
            await socket.close(1001)


async def _until_gone(socket: WebSocket) -> None:
    try:
        while True:
            await socket.receive_text()
    except (WebSocketDisconnect, RuntimeError, KeyError):
        return
