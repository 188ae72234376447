"""The command: a question opens the form, a word the bot knows opens what it stands for.

It is acknowledged as it comes, and what it opens follows; what goes wrong after that is said in a message.
"""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field
from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot import authority, availability, casebook, members
from bot.commands import Asking, Command, Guess, Word, parse
from bot.refusals import Refusal
from bot.services import Services
from handlers.slack import blocks, casefile, consult, digest, lists, profile
from handlers.slack.asker import Asker, answered, asker_of
from handlers.slack.blocks import Block
from handlers.slack.ids import Action, View
from handlers.slack.manifest import COMMAND
from handlers.slack.markup import speak
from models.forms import Button, Form
from models.personal_number import personal_numbers


class Written(Form):
    """One or two words as they were typed, until it is known what they mean."""

    text: Annotated[str, Field(max_length=200)]


def register(app: App, services: Services) -> None:
    """The command and the two ways out of "did you mean"."""

    @app.command(COMMAND, middleware=[_at_once])
    @answered
    def consult_command(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        asker = asker_of(context)
        view = view_for(services, asker, body.get("text") or "")
        client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.action(Action.COMMAND)
    @answered
    def meant(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        consult.show(client, body, view_for(services, asker_of(context), _written(body)))
        ack()

    @app.action(Action.FILE_ANYWAY)
    @answered
    def file_anyway(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        consult.show(client, body, consult.first_view(services, asker_of(context), _written(body)))
        ack()


def view_for(services: Services, asker: Asker, text: str) -> Block:
    """What the typed text opens; a refusal is told in a view, for messages that only one person sees may never come."""
    typed = parse(text)
    if isinstance(typed, Asking) or personal_numbers(text):
        return consult.first_view(services, asker, text.strip())
    if isinstance(typed, Guess):
        return _did_you_mean(asker, typed)
    try:
        return _answer(services, asker, typed)
    except Refusal as refusal:
        return _notice(asker, refusal.sentence(asker.words))


def _at_once(ack: Ack, next: Callable[[], None]) -> None:
    ack()
    next()


def _answer(services: Services, asker: Asker, command: Command) -> Block:  # noqa: PLR0911 - one for each word
    match command.word:
        case Word.STATUS if command.number is not None:
            with services.database.reading() as session:
                case_id = casebook.by_number(session, asker.actor, command.number)
            return casefile.case_view(services, asker, case_id)
        case Word.STATUS:
            return lists.status_view(services, asker)
        case Word.MINE:
            return lists.mine_view(services, asker)
        case Word.SEARCH:
            return lists.search_view(services, asker, command.text)
        case Word.MEMBERS:
            return lists.members_view(services, asker, command.text)
        case Word.PROFILE:
            return profile.profile_view(services, asker)
        case Word.PAUSE:
            return _pause(services, asker)
        case Word.DIGEST:
            return digest.preview_view(services, asker)
        case Word.HELP:
            return _help(services, asker)


def _did_you_mean(asker: Asker, guess: Guess) -> Block:
    words = asker.words
    return blocks.modal(
        View.NOTICE,
        words("view.guess"),
        [
            blocks.section(speak(words, "command.guess", command=f"{COMMAND} {guess.meant}")),
            blocks.actions(
                blocks.button(words("button.yes_command"), Action.COMMAND, Written(text=guess.meant), style="primary"),
                blocks.button(words("button.file_anyway"), Action.FILE_ANYWAY, Written(text=guess.written)),
            ),
        ],
        close=words("button.close"),
    )


def _pause(services: Services, asker: Asker) -> Block:
    """Pause the member who asks for it, at once, with the way back beside it."""
    words = asker.words
    with services.database.writing() as session:
        member_id = members.own(session, asker.actor)
        if member_id is not None:
            availability.pause(session, asker.actor, member_id, services.clock.now())
    if member_id is None:
        return _notice(asker, words("command.no_member"))
    back = blocks.button(words("command.resume"), Action.RESUME_ME, Button(member=member_id))
    shown = [blocks.section(speak(words, "command.paused")), blocks.actions(back)]
    return blocks.modal(View.NOTICE, words("command.pause_title"), shown, close=words("button.close"))


def _help(services: Services, asker: Asker) -> Block:
    words = asker.words
    with services.database.reading() as session:
        coordinates = authority.coordinates(session, asker.actor.organisation_id, asker.actor.person_id)
        advises = members.own(session, asker.actor) is not None
    return blocks.modal(
        View.NOTICE,
        words("view.help"),
        [
            blocks.section(speak(words, "command.help")),
            blocks.actions(blocks.button(words("button.file"), Action.FILE, style="primary")),
            blocks.section(speak(words, "command.help_everybody")),
            *([blocks.section(speak(words, "command.help_member"))] if advises else []),
            *([blocks.section(speak(words, "command.help_coordinator"))] if coordinates else []),
            blocks.context(words("consult.intro_slack")),
        ],
        close=words("button.close"),
    )


def _notice(asker: Asker, sentence: str) -> Block:
    words = asker.words
    return blocks.modal(View.NOTICE, words("view.notice"), [blocks.section(sentence)], close=words("button.close"))


def _written(body: dict[str, Any]) -> str:
    return Written.model_validate_json(body["actions"][0]["value"]).text
