"""Filing, step one: the form with the question, drafts that wait, and for whom a coordinator files."""

from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot import authority, drafts, filing, pickers, registration
from bot.services import Services
from handlers.slack import blocks, question, registering, review
from handlers.slack.asker import Asker, answered, asker_of
from handlers.slack.blocks import Block, Choice
from handlers.slack.facts import today
from handlers.slack.forms import typed
from handlers.slack.ids import Action, View
from handlers.slack.markup import speak, speak_n
from handlers.slack.opening import carried, kept, open_view
from models.case import Draft
from models.forms import Button
from models.personal_number import personal_numbers

DRAFTS_SHOWN = 3


def register(app: App, services: Services) -> None:
    """Everything from the first click to the receipt."""
    registering.register(app, services, after=form_view)
    review.register(app, services, change=form_view)

    @app.action(Action.FILE)
    @answered
    def open_empty(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        show(client, body, first_view(services, asker_of(context)))
        ack()

    @app.view(View.FILE)
    @answered
    def go_on(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        asker = asker_of(context)
        values = typed(body["view"])
        with services.database.reading() as session:
            form, spoken = question.read(session, asker, values, today(services, asker.words))
        with services.database.writing() as session:
            draft_id = filing.keep(session, asker.actor, kept(body).draft, values, services.clock.now())
            chosen = filing.chosen(drafts.find(session, asker.actor, draft_id).form)
        ack(response_action="update", view=review.view(services, asker, draft_id, form, spoken, chosen))

    @app.action(Action.DRAFT_OPEN)
    @answered
    def open_draft(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        asker = asker_of(context)
        draft_id = carried(body).draft or 0
        with services.database.reading() as session:
            draft = drafts.find(session, asker.actor, draft_id)
            view = form_view(session, asker, draft.form, draft_id)
        open_view(client, body, view)
        ack()

    @app.action(Action.DRAFT_DISCARD)
    @answered
    def discard_draft(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        asker = asker_of(context)
        with services.database.writing() as session:
            drafts.discard(session, asker.actor, carried(body).draft or 0)
        if _is_form(body):
            with services.database.reading() as session:
                view = form_view(session, asker, typed(body["view"]), kept(body).draft)
        else:
            view = blocks.modal(
                View.NOTICE,
                asker.words("view.drafts"),
                [blocks.section(asker.words("consult.draft_discarded"))],
                close=asker.words("button.close"),
            )
        show(client, body, view)
        ack()


def open_form(client: WebClient, services: Services, asker: Asker, trigger_id: str, question: str = "") -> None:
    """Open the form, with the question filled in as far as it was typed already."""
    client.views_open(trigger_id=trigger_id, view=first_view(services, asker, question))


def first_view(services: Services, asker: Asker, asked: str = "") -> Block:
    """Where filing begins: with the unit, for somebody nobody knows yet, otherwise with the form.

    A text with a personal number is not shown again and not stored; the person is told why.
    """
    notice = ""
    if personal_numbers(asked):
        asked, notice = "", asker.words("consult.personal_number")
    with services.database.reading() as session:
        unknown = registering.is_new(session, asker.actor)
        unit_id = registration.unit_of(session, asker.actor)
        values = {"question": asked, "unit_id": str(unit_id) if unit_id else None}
        if not unknown:
            return form_view(session, asker, values, notice=notice)
    draft_id = None
    if asked:
        with services.database.writing() as session:
            draft_id = drafts.begin(session, asker.actor, values, services.clock.now())
    return registering.view(asker, draft_id, notice)


def form_view(
    session: Session,
    asker: Asker,
    values: question.Typed,
    draft_id: int | None = None,
    notice: str = "",
) -> Block:
    """The form, filled in as far as `values` go, with a notice at the top; `draft_id` is the draft it goes on with."""
    words = asker.words
    waiting = [draft for draft in drafts.waiting(session, asker.actor) if draft.id != draft_id]
    return blocks.modal(
        View.FILE,
        words("view.file"),
        [
            *([blocks.section(notice)] if notice else []),
            blocks.section(speak(words, "consult.intro")),
            blocks.context(words("consult.intro_slack")),
            *_drafts(asker, waiting),
            *_behalf(session, asker, values),
            *question.fields(session, asker, values),
        ],
        submit=words("button.continue"),
        close=words("button.cancel"),
        metadata=Button(draft=draft_id),
    )


def show(client: WebClient, body: dict[str, Any], view: Block) -> None:
    """Show a view after a click: in the place of the modal that was clicked in, otherwise as a new one."""
    if (body.get("view") or {}).get("type") == "modal":
        client.views_update(view_id=body["view"]["id"], view=view)
    else:
        client.views_open(trigger_id=body["trigger_id"], view=view)


def _drafts(asker: Asker, waiting: list[Draft]) -> list[Block]:
    words = asker.words
    found: list[Block] = []
    for draft in waiting[:DRAFTS_SHOWN]:
        title = draft.form.get("title") or draft.form.get("question") or words("consult.draft_untitled")
        found += [
            blocks.section(speak(words, "consult.draft", day=words.day(draft.changed_at), title=title[:100])),
            blocks.actions(
                blocks.button(words("button.go_on"), Action.DRAFT_OPEN, Button(draft=draft.id)),
                blocks.button(words("button.discard"), Action.DRAFT_DISCARD, Button(draft=draft.id), style="danger"),
                block_id=f"draft:{draft.id}",
            ),
        ]
    if more := len(waiting[DRAFTS_SHOWN:]):
        found.append(blocks.context(speak_n(words, "consult.drafts_more", more)))
    return [*found, blocks.divider()] if found else []


def _behalf(session: Session, asker: Asker, values: question.Typed) -> list[Block]:
    """For coordinators: whom they file for (R22: who phones is served as well as who types)."""
    if not authority.coordinates(session, asker.actor.organisation_id, asker.actor.person_id):
        return []
    words = asker.words
    chosen = values.get("requester_id")
    person = pickers.person(session, int(chosen)) if chosen else None
    return [
        blocks.field(
            "requester_id",
            words("consult.requester"),
            blocks.search_select(
                initial=Choice(str(person.id), person.label) if person else None,
                placeholder=words("consult.requester_placeholder"),
            ),
            optional=True,
            hint=words("consult.requester_hint"),
        ),
        blocks.field(
            "source",
            words("consult.source"),
            blocks.text_input(
                initial=values.get("source") or "", most=200, placeholder=words("consult.source_placeholder")
            ),
            optional=True,
        ),
        blocks.divider(),
    ]


def _is_form(body: dict[str, Any]) -> bool:
    return (body.get("view") or {}).get("callback_id") == View.FILE
