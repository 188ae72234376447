"""Recording on somebody's behalf: a member who wrote an e-mail, a requester who phoned.

Whatever they can do in the chat a coordinator can record, and says how it is known (R22).
"""

from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot import casebook
from bot.actors import Actor
from bot.authority import coordinates
from bot.casefile import CaseSeen, OfferSeen
from bot.refusals import NotAllowed, NotFound, TooLate
from bot.services import Services
from bot.wording import Words
from handlers.slack import blocks, forms
from handlers.slack.asker import Asker, answered, asker_of
from handlers.slack.blocks import Block, Choice
from handlers.slack.ids import Action, View
from handlers.slack.limits import CHOICES
from handlers.slack.markup import cut, speak
from handlers.slack.opening import carried, kept, named, open_view
from handlers.slack.recordings import RECORDINGS, Choosable, Filling, Recorded, choosable
from models.case import Offer
from models.forms import Button, Sourced
from models.life import Act
from models.organisation import Organisation

NAME = 45
"""So much of a name stands in a choice, beside what was done."""


def register(app: App, services: Services) -> None:
    """Listen to the buttons that record, and to the two views: what was done, and its details."""

    @app.action(named(Action.BEHALF))
    @answered
    def record(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        open_view(client, body, behalf_view(services, asker_of(context), carried(body)))

    @app.view(View.BEHALF)
    @answered
    def chosen(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        act, _, offer = forms.typed(body["view"])["what"].partition(":")
        button = Button(act=Act(act), case=kept(body).case, offer=int(offer) if offer else None)
        ack(response_action="update", view=behalf_view(services, asker_of(context), button))

    @app.view(View.BEHALF_RECORD)
    @answered
    def recorded(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        _carry_out(services, asker_of(context), kept(body), forms.typed(body["view"]))
        ack()


def behalf_view(services: Services, asker: Asker, button: Button) -> Block:
    """What was done, to choose from; with an act in `button` the details of that.

    Raises `NotAllowed` for anybody but a coordinator, `NotFound`, and `TooLate` when the act cannot be done any more.
    """
    filling = _filling(services, asker, button)
    if button.act is None:
        return _choosing(asker.words, filling.case, choosable(filling.case, button.offer))
    return _recording(filling, _still(filling.case, button))


def _choosing(words: Words, case: CaseSeen, choices: list[Choosable]) -> Block:
    options = [
        Choice(
            f"{each.act}:{each.offer.id if each.offer else ''}",
            words("behalf.choice", name=cut(each.name, NAME), act=words(f"behalf.act_{each.act}")),
        )
        for each in choices
    ]
    return blocks.modal(
        View.BEHALF,
        words("view.behalf"),
        [
            blocks.section(words("behalf.intro", number=case.number, title=case.title)),
            blocks.field(
                "what",
                words("behalf.what"),
                blocks.radios(options) if len(options) <= CHOICES else blocks.select(options),
            ),
        ],
        submit=words("behalf.next"),
        close=words("button.cancel"),
        metadata=Button(case=case.id),
    )


def _recording(filling: Filling, chosen: Choosable) -> Block:
    words, case = filling.words, filling.case
    intro = speak(
        words,
        "behalf.recording",
        number=case.number,
        title=case.title,
        name=chosen.name,
        act=words(f"behalf.act_{chosen.act}"),
    )
    return blocks.modal(
        View.BEHALF_RECORD,
        words("view.behalf"),
        [blocks.section(intro), *RECORDINGS[chosen.act].fields(filling), source_field(words)],
        submit=words("behalf.record"),
        close=words("button.cancel"),
        metadata=Button(act=chosen.act, case=case.id, offer=chosen.offer.id if chosen.offer else None),
    )


def source_field(words: Words) -> Block:
    """How the coordinator knows what is recorded."""
    return blocks.field("source", words("behalf.source"), blocks.text_input(most=200), hint=words("behalf.source_hint"))


def _carry_out(services: Services, asker: Asker, button: Button, values: dict[str, Any]) -> None:
    source = forms.parse(Sourced, {"source": values.pop("source", "")}, asker.words).source
    filling = _filling(services, asker, button)
    case = filling.case
    chosen = _still(case, button)
    recording = RECORDINGS[chosen.act]
    form = recording.read(filling, values)
    person_id = chosen.offer.person_id if chosen.offer else case.requester_id
    actor = asker.actor.for_person(person_id, source)
    with services.database.writing() as session:
        recording.carry_out(Recorded(session, actor, case, button.offer, values, services.clock.now()), form)


def _filling(services: Services, asker: Asker, button: Button) -> Filling:
    with services.database.reading() as session:
        case = _case(session, asker.actor, button)
        months = session.get_one(Organisation, case.organisation_id).feedback_months
    return Filling(asker.words, case, tuple(months))


def _case(session: Session, actor: Actor, button: Button) -> CaseSeen:
    if not coordinates(session, actor.organisation_id, actor.person_id):
        raise NotAllowed("behalf")
    case_id = button.case
    if case_id is None and button.offer is not None:
        offer = session.get(Offer, button.offer)
        case_id = offer.case_id if offer else None
    return casebook.read_as(session, actor, case_id or 0)[0]


def _still(case: CaseSeen, button: Button) -> Choosable:
    """The act, when it can still be done; otherwise a refusal that says what came between."""
    for each in choosable(case):
        if each.act is button.act and (each.offer.id if each.offer else None) == button.offer:
            return each
    offer = _offer(case, button)
    if offer is not None:
        raise TooLate(f"offer_{offer.status}", number=case.number)
    raise TooLate(f"case_{case.status}", number=case.number)


def _offer(case: CaseSeen, button: Button) -> OfferSeen | None:
    if button.offer is None:
        return None
    offer = next((each for each in case.offers if each.id == button.offer), None)
    if offer is None:
        raise NotFound("offer")
    return offer
