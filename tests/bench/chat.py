"""Slack, as the local workspace plays it, in a process of its own; and what a driver must have from it."""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from bot.workspace import Workspace, serve
from handlers.slack.manifest import manifest

SECRET = "hemlig"
APP_TOKEN, BOT_TOKEN = "xapp-workspace", "xoxb-workspace"
OPENING = "/api/views.open"


class Chat:
    """The workspace's other end. `url` is its page's address."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        told: dict[str, str] = pipe.recv()
        self.url, self.team = told["url"], told["team"]
        self.forum, self.desk = told["forum"], told["desk"]

    @property
    def api_url(self) -> str:
        """The Web API's base URL."""
        return f"{self.url}api/"

    def admit(self, users: list[str]) -> None:
        """Let people into the workspace and the forum."""
        self._ask("admit", users)

    def triggers(self, users: list[str]) -> list[str]:
        """A fresh trigger id for each of them, good for three seconds."""
        found: list[str] = self._ask("triggers", users)
        return found

    def opened(self) -> list[float]:
        """When (`time.perf_counter`, which all processes share) each view since the last look was opened."""
        found: list[float] = self._ask("opened")
        return found

    def refused(self) -> list[str]:
        """What the workspace has refused so far; in a sound run nothing."""
        found: list[str] = self._ask("refused")
        return found

    def _ask(self, what: str, *given: Any) -> Any:
        self._pipe.send((what, *given))
        return self._pipe.recv()


@contextmanager
def chat() -> Iterator[Chat]:
    """A workspace that serves Web API, Socket Mode and page on loopback while the block lasts."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_play, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Chat(ours)
    finally:
        ours.close()
        process.join(10)


class _Watched:
    """The workspace's ASGI app; notes when a view was opened, which is when its answer has left."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.opened: list[float] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)
        if scope.get("path") == OPENING:
            self.opened.append(time.perf_counter())


def _play(pipe: Connection) -> None:
    workspace = Workspace(None, manifest(), signing_secret=SECRET, bot_token=BOT_TOKEN, app_token=APP_TOKEN)
    bot = workspace.bot_user
    forum = workspace.add_channel(name="forum", members=[bot])["id"]
    desk = workspace.add_channel(name="samordnare", private=True, members=[bot])["id"]
    watched = workspace.asgi = _Watched(workspace.asgi)  # type: ignore[assignment]
    server = serve(workspace)
    pipe.send({"url": server.url, "team": workspace.team, "forum": forum, "desk": desk})
    office = workspace._office
    while True:
        try:
            what, *given = pipe.recv()
        except EOFError:
            break
        if what == "admit":
            for user in given[0]:
                workspace.add_user(id=user, name=user.lower(), real_name=f"Kontakt {user}")
                workspace.invite(forum, user)
            pipe.send(None)
        elif what == "triggers":
            pipe.send([office.triggers.issue(user) for user in given[0]])
        elif what == "opened":
            taken = watched.opened[:]
            del watched.opened[: len(taken)]
            pipe.send(taken)
        else:
            pipe.send([f"{call.method}: {call.error}" for call in workspace.calls.refused])
    server.stop()
    workspace.close()
