"""The question to a member: a direct message that mirrors it, and what the member can answer."""

from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot import authority, notes, offers
from bot.casefile import CaseSeen, OfferSeen
from bot.services import Services
from bot.wording import Words
from handlers.slack import asked, blocks, facts, forms
from handlers.slack.asker import Asker, answered, asker_of
from handlers.slack.blocks import Block
from handlers.slack.ids import Action, View
from handlers.slack.markup import lines, speak
from handlers.slack.opening import carried, kept, named, of_offer, open_view
from handlers.slack.rendering import Renderer
from models.case import DeclineReason
from models.forms import Button, Declining, Writing
from models.life import Act


def register(app: App, services: Services) -> None:
    """Listen to the question's buttons and to the views they open."""
    _register_clicks(app, services)
    _register_views(app, services)


def decline_fields(words: Words) -> list[Block]:
    """Why a member says no; the reason may be withheld."""
    reasons = [blocks.Choice(reason, words(f"asked.reason_{reason}")) for reason in DeclineReason]
    return [
        blocks.field("reason", words("asked.reason"), blocks.radios(reasons)),
        blocks.field(
            "ask_again_from",
            words("asked.ask_again"),
            blocks.date_input(),
            optional=True,
            hint=words("asked.ask_again_hint"),
        ),
    ]


def text_fields(words: Words, label: str, hint: str = "") -> list[Block]:
    """One text."""
    return [
        blocks.field(
            "text",
            label,
            blocks.text_input(multiline=True),
            hint=" ".join(part for part in (hint, words("asked.no_person")) if part),
        )
    ]


def decline_view(words: Words, case: CaseSeen, offer: OfferSeen) -> Block:
    """The view in which a member says no."""
    intro = blocks.section(speak(words, "asked.decline_intro", number=case.number, title=case.title))
    return _view(words, View.DECLINE, "view.decline", [intro, *decline_fields(words)], case, offer)


def query_view(words: Words, case: CaseSeen, offer: OfferSeen) -> Block:
    """The view in which a member asks back before answering."""
    intro = blocks.section(
        speak(words, "asked.query_intro", number=case.number, name=case.requester, day=words.day(offer.due_at))
    )
    fields = text_fields(words, words("asked.query_text"))
    return _view(words, View.QUERY, "view.query", [intro, *fields], case, offer)


def reply_view(words: Words, case: CaseSeen, offer: OfferSeen) -> Block:
    """The view in which the requester, who is not told who was asked, or a coordinator replies to a member."""
    name = offer.name or words("fact.the_member")
    intro = speak(words, "asked.reply_intro", number=case.number, name=name)
    said = blocks.section(lines([intro, facts.exchange(words, case, offer)]))
    fields = text_fields(words, words("asked.reply_text", name=name))
    return _view(words, View.REPLY, "view.reply", [said, *fields], case, offer)


def _view(words: Words, view: View, title: str, shown: list[Block], case: CaseSeen, offer: OfferSeen) -> Block:
    return blocks.modal(
        view,
        words(title),
        shown,
        submit=words("button.send"),
        close=words("button.cancel"),
        metadata=Button(case=case.id, offer=offer.id),
    )


def _register_clicks(app: App, services: Services) -> None:
    def seen(asker: Asker, offer_id: int, act: Act) -> tuple[CaseSeen, OfferSeen]:
        with services.database.reading() as session:
            case = of_offer(session, asker.actor, offer_id, act)
        return case, next(offer for offer in case.offers if offer.id == offer_id)

    @app.action(named(Action.ACCEPT))
    @answered
    def accept(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        ack()
        with services.database.writing() as session:
            offers.accept(session, asker_of(context).actor, carried(body).offer or 0, services.clock.now())

    @app.action(named(Action.RELEASE))
    @answered
    def release(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        ack()
        with services.database.writing() as session:
            offers.release(session, asker_of(context).actor, carried(body).offer or 0, services.clock.now())

    @app.action(named(Action.DECLINE))
    @answered
    def decline(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        asker = asker_of(context)
        open_view(client, body, decline_view(asker.words, *seen(asker, carried(body).offer or 0, Act.DECLINE)))

    @app.action(named(Action.QUERY))
    @answered
    def query(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        asker = asker_of(context)
        open_view(client, body, query_view(asker.words, *seen(asker, carried(body).offer or 0, Act.QUERY)))

    @app.action(named(Action.REPLY))
    @answered
    def reply(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        asker, offer_id = asker_of(context), carried(body).offer or 0
        case, offer = seen(asker, offer_id, Act.REPLY)
        with services.database.reading() as session:
            coordinating = authority.coordinates(session, case.organisation_id, asker.actor.person_id)
        open_view(client, body, reply_view(asker.words, case, offer if coordinating else replace(offer, name="")))


def _register_views(app: App, services: Services) -> None:
    @app.view(View.DECLINE)
    @answered
    def declined(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        asker = asker_of(context)
        form = forms.parse(Declining, forms.typed(body["view"]), asker.words)
        with services.database.writing() as session:
            offers.decline(session, asker.actor, kept(body).offer or 0, form, services.clock.now())
        ack()

    @app.view(View.QUERY)
    @answered
    def queried(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        asker = asker_of(context)
        form = forms.parse(Writing, forms.typed(body["view"]), asker.words)
        with services.database.writing() as session:
            notes.query(session, asker.actor, kept(body).offer or 0, form, services.clock.now())
        ack()

    @app.view(View.REPLY)
    @answered
    def replied(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        asker = asker_of(context)
        form = forms.parse(Writing, forms.typed(body["view"]), asker.words)
        with services.database.writing() as session:
            notes.reply(session, asker.actor, kept(body).offer or 0, form, services.clock.now())
        ack()


RENDERERS: dict[str, Renderer] = {"offer": asked.message}
