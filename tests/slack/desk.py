"""The coordinators' desk: the whole app in the local workspace, with a worker that brings every message, and any
message as it would be rendered now."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from slack_bolt.adapter.socket_mode import SocketModeHandler
from sqlalchemy import select

from bot import notices
from bot.clock import Clock
from bot.services import Services
from bot.suggestions import Suggester
from bot.surfaces import Delivery
from bot.worker import Worker
from bot.workspace import Person, Server, Workspace, block_problems, serve
from handlers.slack.app import build, renderers
from handlers.slack.blocks import Message
from handlers.slack.manifest import manifest
from handlers.slack.rendering import scene
from handlers.slack.surface import SlackSurface, client
from models.database import Database
from models.job import JobKind
from models.organisation import Organisation
from models.organisation import Workspace as Connected
from models.people import Identity
from models.people import Person as Known
from tests.factories import Inhabitant, Town
from tests.slack.town_hall import texts

Document = dict[str, Any]
COORDINATORS = "samordnare"


def services_of(town: Town) -> Services:
    """The town's services, by the town's clock."""
    return Services(town.database, Clock(lambda: town.now - datetime.now(UTC)), Suggester())


def rendered(
    town: Town,
    name: str,
    case_id: int | None,
    *,
    subject_id: int | None = None,
    receiver: str = notices.COORDINATORS,
    data: Mapping[str, Any] | None = None,
    language: str = "sv",
) -> Message:
    """A message as it would be posted now; it is checked against Slack's rules on the way."""
    services = services_of(town)
    delivery = Delivery(
        organisation_id=town.id,
        job_id=0,
        kind=JobKind.SHOW,
        name=name,
        key="k",
        surface="slack",
        receiver=receiver,
        address=None,
        place=None,
        case_id=case_id,
        event_id=None,
        subject_id=subject_id,
        data=data or {},
    )
    town.do(lambda session: _speaks(town, session, receiver, language))
    with town.database.reading() as session:
        message = renderers()[name](scene(services, session, delivery))
    assert message is not None
    assert block_problems(message.blocks) == []
    assert message.text
    return message


def read(message: Message) -> str:
    """Everything that can be read in a message."""
    return texts({"blocks": message.blocks})


class Desk:
    """`screen(anna)` is Anna at her screen; `deliver()` brings everything that waits."""

    def __init__(self, town: Town, workspace: Workspace, server: Server, worker: Worker, team: str) -> None:
        self.town = town
        self.workspace = workspace
        self._server = server
        self._worker = worker
        self._team = team
        bot = workspace.bot_user
        channel = workspace.add_channel(name=COORDINATORS, private=True, members=[bot])
        forum = workspace.add_channel(name="forum", members=[bot])
        with town.database.writing() as session:
            session.add(
                Connected(
                    organisation_id=town.id,
                    platform="slack",
                    team=team,
                    coordinators_channel=channel["id"],
                    forum_channel=forum["id"],
                )
            )

    def screen(self, person: Inhabitant, coordinates: bool = False) -> Person:
        """The person's screen; a coordinator sits in the coordinators' channel, too."""
        user = f"U0P{person.person}"
        with self.town.database.writing() as session:
            for identity in session.scalars(select(Identity).where(Identity.person_id == person.person)):
                identity.team, identity.user = self._team, user
            name = session.get_one(Known, person.person).name
        if user not in {each["id"] for each in self.workspace.users()}:
            self.workspace.add_user(id=user, name=user.lower(), real_name=name)
            if coordinates:
                self.workspace.invite(COORDINATORS, user)
        return Person(self._server, user)

    def deliver(self) -> None:
        """Bring everything that waits."""
        self._worker.drain()

    def card(self, coordinator: Person) -> Document:
        """The latest card in the coordinators' channel."""
        return next(each for each in reversed(coordinator.messages(COORDINATORS)) if _is_card(each))

    def click(self, person: Person, channel: str, message: Document, action_id: str) -> None:
        """Press a button, and bring what that brings."""
        person.click(channel, message["ts"], action_id)
        self.deliver()


@contextmanager
def desk(database: Database, **settings: Any) -> Iterator[Desk]:
    """The app over Socket Mode, unchanged, and a worker without pauses."""
    workspace = Workspace(None, manifest(), signing_secret="hemlig")
    server = serve(workspace)
    web = client("xoxb-workspace", server.api_url)
    town = Town(database, **settings)
    services = services_of(town)
    surface = SlackSurface(services, web, renderers())
    worker = Worker(database, services.clock, {"slack": surface}, {}, pace=dt.timedelta())
    handler = SocketModeHandler(build(services, web), "xapp-workspace")
    handler.connect()
    try:
        yield Desk(town, workspace, server, worker, web.auth_test()["team_id"])
    finally:
        handler.close()
        server.stop()


def _speaks(town: Town, session: Any, receiver: str, language: str) -> None:
    kind, _, subject = receiver.partition(":")
    if kind == "person":
        session.get_one(Known, int(subject)).language = language
    else:
        session.get_one(Organisation, town.id).language = language


def _is_card(message: Document) -> bool:
    blocks = message.get("blocks") or []
    return bool(blocks) and blocks[0]["type"] == "header" and blocks[0]["text"]["text"].startswith("Nr ")
