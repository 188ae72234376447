"""The coordinators' desk: the whole app in the local workspace, with a worker that brings every message, and any
message as it would be rendered now."""

import datetime as dt
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from slack_bolt.adapter.socket_mode import SocketModeHandler
from sqlalchemy import select

from bot import notices
from bot.authority import coordinates
from bot.clock import Clock
from bot.services import Services
from bot.suggestions import Suggester
from bot.surfaces import Delivery
from bot.worker import Worker
from bot.workspace import Person, Server, Workspace, block_problems, serve
from handlers.slack.app import build, renderers
from handlers.slack.blocks import Message
from handlers.slack.connection import hang_up
from handlers.slack.manifest import manifest
from handlers.slack.rendering import scene
from handlers.slack.surface import SlackSurface, client
from models.database import Database
from models.job import JobKind
from models.organisation import Organisation
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


def parts(message: Message) -> list[str]:
    """The texts of a message in which Slack's signs count."""
    texts_of = [
        text
        for block in message.blocks
        for text in [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
        if text and text.get("type") == "mrkdwn"
    ]
    return [text["text"] for text in texts_of]


class Desk:
    """The app at work. `move_in(story)` gives everybody an account; `screen(anna)` is Anna at her screen."""

    def __init__(self, town: Town, workspace: Workspace, server: Server, team: str) -> None:
        self.town = town
        self._workspace = workspace
        self._server = server
        self._team = team
        bot = workspace.bot_user
        self._channel = str(workspace.add_channel(name=COORDINATORS, private=True, members=[bot])["id"])
        forum = str(workspace.add_channel(name="forum", members=[bot])["id"])
        town.connect(team, coordinators_channel=self._channel, forum_channel=forum)

    def move_in(self) -> None:
        """Give everybody who is in the chat an account; coordinators sit in their channel."""
        with self.town.database.writing() as session:
            for identity in session.scalars(select(Identity)):
                identity.team, identity.user = self._team, f"U0P{identity.person_id}"
                name = session.get_one(Known, identity.person_id).name
                self._workspace.add_user(id=identity.user, name=identity.user.lower(), real_name=name)
                if coordinates(session, self.town.id, identity.person_id):
                    self._workspace.invite(self._channel, identity.user)

    def screen(self, person: Inhabitant) -> Person:
        """The person's screen."""
        return Person(self._server, f"U0P{person.person}")


def sees(person: Person, *said: str, channel: str | None = None) -> Document:
    """The message that says all this, as soon as the person sees one; in the bot's direct messages unless told."""

    def found() -> Document | None:
        return next((each for each in person.messages(channel) if all(text in texts(each) for text in said)), None)

    return person.wait_for(found)


def opens(person: Person, *said: str) -> Document:
    """The modal that says all this, as soon as it is open."""

    def found() -> Document | None:
        modal = person.modal()
        return modal if modal is not None and all(text in texts(modal) for text in said) else None

    return person.wait_for(found)


@contextmanager
def desk(database: Database, **settings: Any) -> Iterator[Desk]:
    """The app over Socket Mode, unchanged, and a worker without pauses."""
    workspace = Workspace(None, manifest(), signing_secret="hemlig")
    server = serve(workspace)
    web = client("xoxb-workspace", server.api_url)
    town = Town(database, **settings)
    services = services_of(town)
    surface = SlackSurface(services, web, renderers(), "desk")
    worker = Worker(database, services.clock, {"slack": surface}, {}, pace=dt.timedelta())
    handler = SocketModeHandler(build(services, web), "xapp-workspace")
    handler.connect()
    stop = threading.Event()
    working = threading.Thread(target=worker.run, args=(stop, 2))
    try:
        made = Desk(town, workspace, server, web.auth_test()["team_id"])
        working.start()
        yield made
    finally:
        stop.set()
        if working.ident is not None:
            working.join()
        hang_up(handler)
        server.stop()


def _speaks(town: Town, session: Any, receiver: str, language: str) -> None:
    kind, _, subject = receiver.partition(":")
    if kind == "person":
        session.get_one(Known, int(subject)).language = language
    else:
        session.get_one(Organisation, town.id).language = language
