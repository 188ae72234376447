"""App Home: what waits for the person, and what they are here, one part for each of their roles."""

from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from sqlalchemy import select

from bot import authority, members, organisations, registration
from bot.actors import Actor
from bot.services import Services
from bot.wording import Words
from handlers.slack import advising, blocks, distributing, requesting, setup
from handlers.slack.asker import answered, asker_of
from handlers.slack.blocks import Block, Message
from handlers.slack.commands import Written
from handlers.slack.ids import Action
from handlers.slack.lists import Kind, Turning
from handlers.slack.markup import speak
from handlers.slack.opening import carried, named
from handlers.slack.rendering import Renderer, Scene
from models.organisation import Organisation
from models.people import Member, RoleKind

MANAGING = frozenset({RoleKind.COORDINATOR, RoleKind.DEPUTY, RoleKind.ADMINISTRATOR})


def register(app: App, services: Services) -> None:
    """Vouching for a requester's unit, from App Home or from the coordinators' channel."""

    @app.action(named(Action.REQUESTER_CONFIRM))
    @answered
    def confirm(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        ack()
        with services.database.writing() as session:
            registration.confirm_requester(
                session, asker_of(context).actor, carried(body).person or 0, services.clock.now()
            )


def _home(scene: Scene) -> Message:
    """The whole home of its reader, in a constant number of statements."""
    session, words = scene.session, scene.words
    actor = Actor(scene.delivery.organisation_id, scene.reader)
    roles = authority.roles_of(session, actor.organisation_id, actor.person_id)
    organisation = session.get_one(Organisation, actor.organisation_id)
    member_id = members.own(session, actor)
    member = session.scalar(select(Member).where(Member.id == member_id)) if member_id else None
    title = words("home.title", name=scene.name(scene.reader or 0).partition(" ")[0])
    asks = member is None and not roles & MANAGING
    shown = [blocks.header(title), *_hello(words, organisation, known=bool(roles) or member is not None, asks=asks)]
    progress = organisations.progress(session, organisation.id) if roles & MANAGING else None
    if progress is not None and not progress.ready:
        shown += setup.checklist(words, progress, bool(organisation.terms))
    shown += requesting.waiting(scene, actor)
    if member is not None:
        shown += advising.waiting(scene, actor)
    if authority.coordinates(session, organisation.id, actor.person_id):
        shown += distributing.section(scene, organisation.id)
    if member is not None:
        shown += advising.section(scene, actor, member)
    shown += requesting.section(scene, actor, asks=asks)
    if progress is not None and progress.ready:
        shown += [blocks.header(words("home.settings")), setup.settings_row(words)]
    return blocks.Message(title, shown)


def _hello(words: Words, organisation: Organisation, *, known: bool, asks: bool) -> list[Block]:
    """What can be done here; for somebody new also what konsult is. Asking stands out for those who are here to ask."""
    said = "home.hello" if known else "home.hello_new"
    return [
        blocks.section(speak(words, said, organisation=organisation.name)),
        blocks.actions(
            blocks.button(words("button.file"), Action.FILE, style="primary" if asks else None),
            blocks.button(words("home.members"), Action.PAGE, Turning(kind=Kind.MEMBERS)),
            blocks.button(words("home.mine"), Action.PAGE_BACK, Turning(kind=Kind.MINE)),
            blocks.button(words("view.help"), Action.COMMAND, Written(text="hjälp")),
        ),
    ]


RENDERERS: dict[str, Renderer] = {"home": _home}
