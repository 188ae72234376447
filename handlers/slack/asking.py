"""What coordinators do from the card: ask, ask in turn, ask somebody else, draw back, change members, clarify, take."""

from collections.abc import Sequence
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot import cases, offers
from bot.casefile import CaseSeen
from bot.grounds import doubt_line, place_line, why_line
from bot.services import Services
from bot.suggestions import Explained, Suggested
from bot.wording import Words
from handlers.slack import blocks, facts, forms
from handlers.slack.asker import Asker, answered, asker_of
from handlers.slack.blocks import Block
from handlers.slack.ids import Action, View
from handlers.slack.markup import Markup, bold, joined, lines, speak
from handlers.slack.opening import allowed, carried, kept, named, of_offer, open_view
from handlers.slack.question import capitalised
from models.forms import Asking, Button, Clarification
from models.life import Act
from models.organisation import Organisation

AT_ONCE = 5
ORDERS = {"false": "ask.at_once", "true": "ask.in_turn"}


def register(app: App, services: Services) -> None:
    """Listen to the card's buttons and to the views they open."""
    _register_asking(app, services)
    _register_views(app, services)
    _register_rest(app, services)


def ask_other_view(services: Services, asker: Asker, case_id: int) -> Block:
    """The view in which a coordinator chooses whom to ask. Raises what `authorise` raises."""
    with services.database.reading() as session:
        case = allowed(session, asker.actor, case_id, Act.ASK)
        hours = session.get_one(Organisation, case.organisation_id).hours_usual
        suggested = services.suggester.for_case(session, case_id, facts.today(services, asker.words))
    return _asking_view(asker.words, case, hours, suggested, View.ASK, Button(case=case.id))


def reassign_view(services: Services, asker: Asker, offer_id: int) -> Block:
    """The view in which a coordinator chooses who takes over from a member. Raises what `authorise` raises."""
    with services.database.reading() as session:
        case = of_offer(session, asker.actor, offer_id, Act.REASSIGN)
        hours = session.get_one(Organisation, case.organisation_id).hours_usual
        suggested = services.suggester.for_case(session, case.id, facts.today(services, asker.words))
    leaving = next(offer.name for offer in case.offers if offer.id == offer_id)
    return _asking_view(
        asker.words, case, hours, suggested, View.REASSIGN, Button(case=case.id, offer=offer_id), leaving
    )


def why_not_view(services: Services, asker: Asker, case_id: int, member_ids: Sequence[int]) -> Block:
    """What speaks for and against asking the members chosen so far: whether anything hinders it, where each of them
    stands, and why. Raises what `authorise` raises, and `Invalid` for somebody who is no member."""
    words = asker.words
    with services.database.reading() as session:
        allowed(session, asker.actor, case_id, Act.TAKE)
        day = facts.today(services, words)
        found = services.suggester.explain(session, case_id, member_ids, day) if member_ids else ()
    return blocks.modal(
        View.WHY_NOT,
        words("view.why_not"),
        [blocks.section(_explained(words, each)) for each in found] or [blocks.section(words("ask.choose_first"))],
        close=words("button.back"),
    )


def _explained(words: Words, member: Explained) -> Markup:
    against = why_line(words, member.left_out) if member.left_out else words("ask.nothing_against")
    told = [place_line(words, member), doubt_line(words, member)]
    return lines([joined(": ", [bold(member.name), against]), *(f"{capitalised(line)}." for line in told if line)])


def clarify_view(words: Words, case: CaseSeen) -> Block:
    """The view in which a coordinator says what is missing."""
    return blocks.modal(
        View.CLARIFY,
        words("view.clarify"),
        [
            blocks.section(speak(words, "ask.clarify_intro", name=case.requester, number=case.number)),
            blocks.field(
                "text",
                words("ask.clarify_text"),
                blocks.text_input(multiline=True, most=2000),
                hint=words("ask.no_person"),
            ),
        ],
        submit=words("button.send"),
        close=words("button.cancel"),
        metadata=Button(case=case.id),
    )


def asking_fields(words: Words, hours: int) -> list[Block]:
    """Whom to ask, how, and what they are told beside the question itself."""
    return [
        blocks.field(
            "member_ids",
            words("ask.members"),
            blocks.multi_search_select(placeholder=words("ask.members_placeholder"), most=AT_ONCE),
        ),
        blocks.field(
            "in_turn",
            words("ask.order"),
            blocks.radios([blocks.Choice(value, words(key)) for value, key in ORDERS.items()], initial="false"),
        ),
        blocks.field(
            "note",
            words("ask.note"),
            blocks.text_input(multiline=True, most=1000),
            optional=True,
            hint=words("ask.no_person"),
        ),
        blocks.field(
            "hours",
            words("ask.hours"),
            blocks.number_input(initial=hours, least=1, most=200),
            optional=True,
            hint=words("ask.hours_hint"),
        ),
    ]


def _register_asking(app: App, services: Services) -> None:
    def put(asker: Asker, case_id: int | None, form: Asking) -> None:
        with services.database.writing() as session:
            offers.ask(session, asker.actor, case_id or 0, form, services.clock.now())

    @app.action(named(Action.ASK))
    @answered
    def ask(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        ack()
        button = carried(body)
        put(asker_of(context), button.case, Asking(member_ids=[button.member or 0]))

    @app.action(Action.ASK_ORDER)
    @answered
    def ask_order(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        ack()
        button = carried(body)
        put(asker_of(context), button.case, Asking(member_ids=list(button.members or ()), in_turn=True))

    @app.view(View.ASK)
    @answered
    def send(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        asker = asker_of(context)
        put(asker, kept(body).case, forms.parse(Asking, forms.typed(body["view"]), asker.words))
        ack()

    @app.view(View.REASSIGN)
    @answered
    def reassign(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        asker = asker_of(context)
        form = forms.parse(Asking, forms.typed(body["view"]), asker.words)
        with services.database.writing() as session:
            offers.reassign(session, asker.actor, kept(body).offer or 0, form, services.clock.now())
        ack()


def _register_views(app: App, services: Services) -> None:
    @app.action(named(Action.ASK_OTHER))
    @answered
    def ask_other(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        open_view(client, body, ask_other_view(services, asker_of(context), carried(body).case or 0))

    @app.action(named(Action.REASSIGN))
    @answered
    def reassign(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        open_view(client, body, reassign_view(services, asker_of(context), carried(body).offer or 0))

    @app.action(Action.WHY_NOT)
    @answered
    def why_not(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        chosen = forms.typed(body["view"]).get("member_ids", [])
        case_id = kept(body).case or 0
        open_view(client, body, why_not_view(services, asker_of(context), case_id, [int(each) for each in chosen]))

    @app.action(named(Action.CLARIFY))
    @answered
    def clarify(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        asker = asker_of(context)
        with services.database.reading() as session:
            case = allowed(session, asker.actor, carried(body).case or 0, Act.CLARIFY)
        open_view(client, body, clarify_view(asker.words, case))


def _register_rest(app: App, services: Services) -> None:
    @app.view(View.CLARIFY)
    @answered
    def send_back(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        asker = asker_of(context)
        form = forms.parse(Clarification, forms.typed(body["view"]), asker.words)
        with services.database.writing() as session:
            cases.clarify(session, asker.actor, kept(body).case or 0, form, services.clock.now())
        ack()

    @app.action(named(Action.TAKE))
    @answered
    def take(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        ack()
        with services.database.writing() as session:
            cases.take(session, asker_of(context).actor, carried(body).case or 0, services.clock.now())

    @app.action(named(Action.RETRACT))
    @answered
    def retract(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        ack()
        with services.database.writing() as session:
            offers.retract(session, asker_of(context).actor, carried(body).offer or 0, services.clock.now())


def _asking_view(
    words: Words,
    case: CaseSeen,
    hours: int,
    suggested: Suggested,
    view: View,
    metadata: Button,
    leaving: str = "",
) -> Block:
    intro = words("ask.intro", number=case.number, title=case.title)
    if leaving:
        intro = words("ask.reassign_intro", number=case.number, title=case.title, name=leaving)
    near = words.names(member.name for member in suggested.members)
    first, *others = asking_fields(words, hours)
    return blocks.modal(
        view,
        words("view.reassign" if leaving else "view.ask"),
        [
            blocks.section(intro),
            *([blocks.context(words("ask.suggested", names=near))] if near else []),
            first,
            blocks.actions(blocks.button(words("ask.why_not"), Action.WHY_NOT)),
            *others,
        ],
        submit=words("ask.send"),
        close=words("button.cancel"),
        metadata=metadata,
    )
