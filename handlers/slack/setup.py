"""Setting the organisation up, from App Home: who coordinates, and in which channels; the rest beside it."""

from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import organisations, pickers
from bot.organisations import Progress
from bot.services import Services
from bot.wording import Words
from handlers.slack import adding, blocks, policy
from handlers.slack.asker import Asker, answered, asker_of, identify
from handlers.slack.blocks import Block, Choice
from handlers.slack.consult import show
from handlers.slack.forms import Mistakes, parse, typed
from handlers.slack.ids import Action, View
from handlers.slack.markup import bold, joined, lines, speak
from handlers.slack.opening import named, open_view
from handlers.slack.question import capitalised
from models.people import RoleKind
from models.setup_form import Appointing, Channels, Holding

GIVEN = (RoleKind.COORDINATOR, RoleKind.DEPUTY, RoleKind.ADMINISTRATOR)
HOLDERS = 40
"""How many holders of a role are listed, each with a button."""


def register(app: App, services: Services) -> None:
    """Appointing, channels, and what `adding` and `policy` do."""
    _register_appointing(app, services)
    _register_channels(app, services)
    adding.register(app, services)
    policy.register(app, services)


def checklist(words: Words, progress: Progress, terms: bool) -> list[Block]:
    """The first day step by step: what is done is ticked, and the next step's button stands out."""
    steps = (
        ("coordinators", progress.coordinators > 0, Action.APPOINT),
        ("channels", progress.coordinators_channel and progress.forum_channel, Action.CHANNELS),
        ("units", progress.units > 0, Action.UNIT_ADD),
        ("members", progress.members > 0, Action.MEMBER_ADD),
        ("settings", terms, Action.SETTINGS),
    )
    following = next((name for name, done, _ in steps if not done), None)
    counts = {"coordinators": progress.coordinators, "units": progress.units, "members": progress.members}
    shown = [blocks.header(words("setup.title")), blocks.section(speak(words, "setup.intro"))]
    for name, done, action in steps:
        mark = ":white_check_mark:" if done else ":white_large_square:"
        heading = joined(" ", [mark, bold(words(f"setup.step_{name}"))])
        about = words.n(f"setup.have_{name}", counts[name]) if done and name in counts else words(f"setup.why_{name}")
        change = blocks.button(
            words("button.change" if done else f"setup.do_{name}"),
            action,
            style="primary" if name == following else None,
        )
        shown.append(blocks.section(lines([heading, about]), change))
    return shown


def settings_row(words: Words) -> Block:
    """The same, in one row, when the first day is over."""
    return blocks.actions(
        blocks.button(words("setup.do_members"), Action.MEMBER_ADD),
        blocks.button(words("setup.do_units"), Action.UNIT_ADD),
        blocks.button(words("setup.step_coordinators"), Action.APPOINT),
        blocks.button(words("setup.step_channels"), Action.CHANNELS),
        blocks.button(words("setup.step_settings"), Action.SETTINGS),
    )


def _appoint_view(services: Services, asker: Asker) -> Block:
    words = asker.words
    with services.database.reading() as session:
        organisations.authorise(session, asker.actor)
        holders = pickers.managing(session, asker.actor.organisation_id)
    kinds = [
        Choice(kind, capitalised(words(f"role.{kind}")), description=words(f"setup.role_{kind}")) for kind in GIVEN
    ]
    return blocks.modal(
        View.APPOINT,
        words("view.appoint"),
        [
            blocks.section(speak(words, "setup.appoint")),
            *(_holder(words, *holder) for holder in holders[:HOLDERS]),
            blocks.field("user", words("setup.user"), blocks.user_select(placeholder=words("setup.user_placeholder"))),
            blocks.field("kind", words("setup.kind"), blocks.radios(kinds, initial=RoleKind.COORDINATOR)),
        ],
        submit=words("button.save"),
        close=words("button.close"),
    )


def _holder(words: Words, person_id: int, name: str, kind: RoleKind) -> Block:
    role = words(f"role.{kind}")
    return blocks.section(
        joined(" · ", [bold(name), role]),
        blocks.button(
            words("setup.dismiss"),
            f"{Action.DISMISS}:{person_id}:{kind}",
            Holding(person=person_id, kind=kind),
            confirm=blocks.confirm(
                words("setup.dismiss_title"),
                words("setup.dismiss_text", name=name, role=role),
                words("setup.dismiss"),
                words("button.cancel"),
            ),
        ),
    )


def _channels_view(services: Services, asker: Asker) -> Block:
    words = asker.words
    with services.database.reading() as session:
        organisations.authorise(session, asker.actor)
        workspace = organisations.workspace_of(session, asker.actor.organisation_id)
        chosen = (workspace.coordinators_channel, workspace.forum_channel) if workspace else (None, None)
    return blocks.modal(
        View.CHANNELS,
        words("view.channels"),
        [
            blocks.section(speak(words, "setup.channels")),
            *(
                blocks.field(
                    name,
                    words(f"setup.channel_{name}"),
                    blocks.channel_select(initial=initial, placeholder=words("setup.channel_placeholder")),
                    hint=words(f"setup.channel_{name}_hint"),
                )
                for name, initial in zip(Channels.model_fields, chosen, strict=True)
            ),
        ],
        submit=words("button.save"),
        close=words("button.cancel"),
    )


def _register_appointing(app: App, services: Services) -> None:
    @app.action(Action.APPOINT)
    @answered
    def open_appointing(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        show(client, body, _appoint_view(services, asker_of(context)))
        ack()

    @app.view(View.APPOINT)
    @answered
    def appoint(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        asker = asker_of(context)
        words = asker.words
        form = parse(Appointing, typed(body["view"]), words)
        with services.database.reading() as session:
            organisations.authorise(session, asker.actor)
        person_id = identify(services, client, asker.team, form.user).actor.person_id or 0
        with services.database.writing() as session:
            organisations.appoint(session, asker.actor, person_id, form.kind, services.clock.now())
            person = pickers.person(session, person_id)
        said = speak(words, "setup.appointed", name=person.name if person else "", role=words(f"role.{form.kind}"))
        ack(response_action="update", view=adding.done(words, "view.appoint", said, Action.APPOINT))

    @app.action(named(Action.DISMISS))
    @answered
    def dismiss(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        asker = asker_of(context)
        held = Holding.model_validate_json(body["actions"][0]["value"])
        with services.database.writing() as session:
            organisations.dismiss(session, asker.actor, held.person, held.kind)
            managing = organisations.manages(session, asker.actor.organisation_id, asker.actor.person_id)
        if managing:
            show(client, body, _appoint_view(services, asker))
        else:
            words = asker.words
            said = [blocks.section(words("setup.dismissed_self"))]
            show(client, body, blocks.modal(View.NOTICE, words("view.appoint"), said, close=words("button.close")))


def _register_channels(app: App, services: Services) -> None:
    @app.action(Action.CHANNELS)
    @answered
    def open_channels(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        open_view(client, body, _channels_view(services, asker_of(context)))
        ack()

    @app.view(View.CHANNELS)
    @answered
    def choose(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        asker = asker_of(context)
        form = parse(Channels, typed(body["view"]), asker.words)
        with services.database.reading() as session:
            organisations.authorise(session, asker.actor)
        uninvited = {
            name: asker.words("setup.invite") for name, channel in form if not _is_member(client, str(channel))
        }
        if uninvited:
            raise Mistakes(uninvited)
        with services.database.writing() as session:
            organisations.set_channels(session, asker.actor, coordinators=form.coordinators, forum=form.forum)
        ack()


def _is_member(client: WebClient, channel: str) -> bool:
    """Whether the bot is in the channel; a private channel that it is not in, Slack does not let it see."""
    try:
        return bool(client.conversations_info(channel=channel)["channel"].get("is_member"))
    except SlackApiError as error:
        if error.response["error"] == "channel_not_found":
            return False
        raise
