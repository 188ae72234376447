"""The town's chat: the local workspace with the whole app connected, and the town's people at their screens."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from sqlalchemy import select

from bot.clock import Clock
from bot.services import Services
from bot.suggestions import Suggester
from bot.workspace import Person, Server, Workspace, serve
from handlers.slack.app import build
from handlers.slack.connection import hang_up
from handlers.slack.manifest import manifest
from models.database import Database
from models.organisation import Area
from models.people import Identity
from tests.factories import Inhabitant, Town

Document = dict[str, Any]


class TownHall:
    """`screen(anna)` is Anna at her screen; `newcomer()` is somebody nobody knows yet."""

    def __init__(self, town: Town, workspace: Workspace, server: Server, team: str) -> None:
        self.town = town
        self._workspace = workspace
        self._server = server
        self._team = team
        town.connect(team)
        with town.database.writing() as session:
            session.add(Area(organisation_id=town.id, code="barn", name="Barn och unga", name_en="Children"))

    def screen(self, person: Inhabitant) -> Person:
        """The person's screen; what they are in the chat is made at the first look."""
        user = f"U0P{person.person}"
        with self.town.database.writing() as session:
            for identity in session.scalars(select(Identity).where(Identity.person_id == person.person)):
                identity.team, identity.user = self._team, user
        return self._at_screen(user, f"Person {person.person}")

    def newcomer(self, name: str = "Nadja Nyberg", **account: str) -> Person:
        """Somebody who has an account and was never here."""
        return self._at_screen("U0NEW", name, **account)

    def _at_screen(self, user: str, name: str, **account: str) -> Person:
        if user not in {each["id"] for each in self._workspace.users()}:
            self._workspace.add_user(id=user, name=user.lower(), real_name=name, **account)
        return Person(self._server, user)


@contextmanager
def town_hall(database: Database, **settings: Any) -> Iterator[TownHall]:
    """The app, unchanged, over Socket Mode; `settings` are the organisation's."""
    workspace = Workspace(None, manifest(), signing_secret="hemlig")
    server = serve(workspace)
    client = WebClient("xoxb-workspace", base_url=server.api_url, retry_handlers=[])
    town = Town(database, **settings)
    ahead = town.now - datetime.now(UTC)
    services = Services(database, Clock(lambda: ahead), Suggester())
    handler = SocketModeHandler(build(services, client), "xapp-workspace")
    handler.connect()
    try:
        yield TownHall(town, workspace, server, client.auth_test()["team_id"])
    finally:
        hang_up(handler)
        server.stop()


def texts(view: Document | None) -> str:
    """Everything that can be read in a view, line by line."""
    return "\n".join(_texts(view or {}))


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _texts(each)
    elif isinstance(part, dict):
        if part.get("type") in {"plain_text", "mrkdwn"} and isinstance(part.get("text"), str):
            yield part["text"]
        for name, each in part.items():
            if name != "state":
                yield from _texts(each)
