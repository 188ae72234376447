"""The first time somebody asks: which unit they ask for. A coordinator confirms it later."""

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot import authority, drafts, members, registration
from bot.actors import Actor
from bot.services import Services
from handlers.slack import blocks
from handlers.slack.asker import Asker, answered, asker_of
from handlers.slack.blocks import Block
from handlers.slack.forms import parse, typed
from handlers.slack.ids import View
from handlers.slack.markup import speak
from handlers.slack.opening import kept
from models.forms import Button, Registration
from models.people import RoleKind


def register(app: App, services: Services, after: Callable[..., Block]) -> None:
    """Register the unit, then go straight on to the form, which `after` makes."""

    @app.view(View.REGISTER)
    @answered
    def submit(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        asker = asker_of(context)
        form = parse(Registration, typed(body["view"]), asker.words)
        draft_id = kept(body).draft
        with services.database.writing() as session:
            registration.register(session, asker.actor, form.unit_id, services.clock.now())
        with services.database.reading() as session:
            waiting = {draft.id: draft.form for draft in drafts.waiting(session, asker.actor)}
            values = waiting.get(draft_id or 0, {}) | {"unit_id": str(form.unit_id)}
            going_on = draft_id if draft_id in waiting else None
            ack(response_action="update", view=after(session, asker, values, going_on))


def is_new(session: Session, actor: Actor) -> bool:
    """Whether the person must first say which unit they ask for: nobody here yet, or of a unit that has ended."""
    roles = authority.roles_of(session, actor.organisation_id, actor.person_id)
    if roles - {RoleKind.REQUESTER} or members.own(session, actor) is not None:
        return False
    return registration.unit_of(session, actor) is None


def view(asker: Asker, draft_id: int | None, notice: str = "") -> Block:
    """The one question before the first form; what was typed after the command waits in a draft."""
    words = asker.words
    return blocks.modal(
        View.REGISTER,
        words("view.register"),
        [
            *([blocks.section(notice)] if notice else []),
            blocks.section(speak(words, "consult.register")),
            blocks.field(
                "unit_id",
                words("question.unit"),
                blocks.search_select(placeholder=words("question.unit_placeholder")),
                hint=words("consult.register_hint"),
            ),
        ],
        submit=words("button.continue"),
        close=words("button.cancel"),
        metadata=Button(draft=draft_id),
    )
