"""One notice: what happened in a case, in a sentence, with what it quotes and the buttons that fit."""

from collections.abc import Sequence

from bot.casefile import CaseSeen, OfferSeen
from handlers.slack import blocks
from handlers.slack.blocks import Block, Message
from handlers.slack.ids import Action
from handlers.slack.markup import lines, quote, speak
from handlers.slack.rendering import Renderer, Scene
from models.forms import Button

QUOTED = 2500


def notice(
    scene: Scene,
    key: str,
    case: CaseSeen,
    *,
    extra: Sequence[str] = (),
    quoted: str = "",
    after: str = "",
    buttons: Sequence[Block] = (),
    **values: object,
) -> Message:
    """One sentence of the catalogue with the case's number and title, what it quotes, what is said after the quotation,
    and the buttons that fit."""
    words = scene.words
    values = {"number": case.number, "title": case.title, **values}
    shown = [blocks.section(lines([speak(words, f"told.{key}", **values), *extra]))]
    if quoted:
        shown.append(blocks.section(quote(quoted, QUOTED)))
    if after:
        shown.append(blocks.section(after))
    shown.append(blocks.actions(*buttons, opening(scene, case)))
    return blocks.message(words(f"told.{key}", **values), shown)


def opening(scene: Scene, case: CaseSeen) -> Block:
    """The button that opens the case."""
    return blocks.button(scene.words("button.open"), Action.CASE_OPEN, Button(case=case.id, version=case.version))


def primary(scene: Scene, key: str, action: Action, case: CaseSeen, offer: OfferSeen | None = None) -> Block:
    """The button for what the reader is asked to do."""
    carried = Button(case=case.id, offer=offer.id if offer else None, version=case.version)
    return blocks.button(scene.words(f"told.button_{key}"), action, carried, style="primary")


def offer_of(scene: Scene, case: CaseSeen) -> OfferSeen:
    """The question that the notice is about."""
    subject = scene.delivery.subject_id
    return next(offer for offer in case.offers if offer.id == subject)


def doer(scene: Scene) -> str:
    """Who did it, or for whom it was recorded."""
    event = scene.event()
    person_id = event.for_id or event.actor_id
    return scene.name(person_id) if person_id is not None else scene.words("told.nobody")


def note_of(scene: Scene, case: CaseSeen) -> str:
    """The text of the note that the event left."""
    note_id = scene.event().data.get("note")
    return next((note.text for note in case.notes if note.id == note_id), "")


def about_member(kind: str) -> Renderer:
    """The member's name and the case; nothing to answer."""

    def render(scene: Scene) -> Message:
        case = scene.case()
        return notice(scene, kind, case, name=offer_of(scene, case).name)

    return render


def by_doer(kind: str) -> Renderer:
    """Who did it, and the case."""

    def render(scene: Scene) -> Message:
        return notice(scene, kind, scene.case(), name=doer(scene))

    return render
