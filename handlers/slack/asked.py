"""A question to a member as its message shows it: everything one needs to say yes or no, and how it ended."""

from sqlalchemy import select

from bot import notices
from bot.casefile import CaseSeen, OfferSeen
from bot.wording import Words
from handlers.slack import blocks, facts
from handlers.slack.blocks import Block, Message
from handlers.slack.ids import Action
from handlers.slack.markup import Markup, bold, channel, joined, lines, quote, speak
from handlers.slack.question import capitalised
from handlers.slack.rendering import Scene
from models.forms import Button
from models.job import Lane
from models.life import OfferStatus, Status
from models.organisation import Organisation

ENDED = frozenset({Status.CLOSED, Status.WITHDRAWN})


def message(scene: Scene) -> Message | None:
    """The question as the member reads it now; None when it is not there."""
    case, words = scene.case(), scene.words
    offer = next((each for each in case.offers if each.id == scene.delivery.subject_id), None)
    if offer is None:
        return None
    match offer.status:
        case OfferStatus.PENDING:
            shown = [*question(scene, case, offer), *_answering(words, case, offer)]
            text = words("asked.text", name=case.requester, title=case.title)
        case OfferStatus.ACCEPTED:
            shown = _accepted(scene, case, offer)
            text = words("asked.text_accepted", number=case.number, title=case.title)
        case _:
            shown = _ended(words, case, offer)
            text = words(f"asked.text_{offer.status}", number=case.number, title=case.title)
    return blocks.message(text, shown)


def question(scene: Scene, case: CaseSeen, offer: OfferSeen) -> list[Block]:
    """The question itself: what is asked and by whom, what it takes, who will read the answer, on which terms."""
    words = scene.words
    links = facts.links(case)
    exchange = facts.exchange(words, case, offer)
    terms = _terms(scene, case)
    return [
        blocks.header(words("asked.title", number=case.number)),
        blocks.section(speak(words, "asked.intro", name=offer.name, who=requester(words, case))),
        blocks.section(lines([bold(case.title), quote(case.question, 2400)])),
        *([blocks.section(lines([bold(words("asked.links")), links]))] if links else []),
        blocks.fields(_facts(words, case, offer)),
        *([blocks.section(lines([bold(words("asked.note")), quote(offer.note)]))] if offer.note else []),
        blocks.section(lines([bold(words("asked.readers")), words(_readers(case))])),
        *([blocks.section(lines([bold(words("asked.terms")), terms]))] if terms else []),
        *([blocks.section(exchange)] if exchange else []),
    ]


def requester(words: Words, case: CaseSeen) -> str:
    """Who asks, with where they work."""
    return ", ".join(part for part in (case.requester, facts.units(words, case)) if part)


def _facts(words: Words, case: CaseSeen, offer: OfferSeen) -> list[tuple[str, str]]:
    return [
        (words("asked.hours"), words.n("asked.hours_about", offer.hours)),
        (words("fact.kind"), capitalised(words(f"kind.{case.answer_kind}"))),
        (words("fact.wanted_by"), words.date(case.wanted_by) if case.wanted_by else words("fact.no_date")),
        (words("fact.help"), capitalised(words(f"help.{case.help}"))),
    ]


def _readers(case: CaseSeen) -> str:
    return "asked.readers_shown" if case.shown else "asked.readers_not_shown"


def _terms(scene: Scene, case: CaseSeen) -> str:
    """The organisation's own terms, in the reader's language when they are given in it."""
    organisation = scene.session.get_one(Organisation, case.organisation_id)
    english = scene.words.language == "en"
    return (organisation.terms_en if english else "") or organisation.terms


def _answering(words: Words, case: CaseSeen, offer: OfferSeen) -> list[Block]:
    button = Button(case=case.id, offer=offer.id, version=case.version)
    until = words("asked.until", day=words.day(offer.due_at))
    return [
        blocks.section(words("asked.paused") if case.status is Status.PAUSED else until),
        blocks.actions(
            blocks.button(words("asked.accept"), Action.ACCEPT, button, style="primary"),
            blocks.button(words("asked.decline"), Action.DECLINE, button),
            blocks.button(words("asked.query"), Action.QUERY, button),
        ),
        blocks.context(words("asked.fine")),
    ]


def _accepted(scene: Scene, case: CaseSeen, offer: OfferSeen) -> list[Block]:
    """After a yes: where to talk, what to do next; after the case has ended only that it has."""
    words = scene.words
    button = Button(case=case.id, offer=offer.id, version=case.version)
    view = blocks.button(words("button.open"), Action.CASE_OPEN, button)
    said = speak(words, "asked.accepted", number=case.number, title=case.title)
    if case.status in ENDED:
        return [blocks.section(lines([said, facts.standing(words, case)])), blocks.actions(view)]
    given = any(answer.person_id == offer.person_id for answer in case.answers)
    answer = blocks.button(
        words("asked.answer_again" if given else "asked.answer"),
        Action.ANSWER,
        button,
        style=None if given else "primary",
    )
    leave = blocks.button(
        words("asked.leave"),
        Action.RELEASE,
        button,
        confirm=blocks.confirm(
            words("asked.leave_title"), words("asked.leave_text"), words("asked.leave"), words("button.cancel")
        ),
    )
    return [
        blocks.section(lines([said, _next(scene, case, given)])),
        blocks.section(quote(case.question, 1500)),
        blocks.fields([(words("asked.who"), requester(words, case)), *_facts(words, case, offer)]),
        blocks.actions(*([answer] if case.status is Status.ACTIVE else []), view, leave),
    ]


def _next(scene: Scene, case: CaseSeen, given: bool) -> Markup:
    words = scene.words
    if case.status is Status.PAUSED:
        return speak(words, "asked.accepted_paused")
    room = scene.session.scalar(
        select(Lane.address).where(
            Lane.organisation_id == case.organisation_id,
            Lane.surface == notices.SURFACE,
            Lane.receiver == f"room:{case.id}",
        )
    )
    where = speak(words, "asked.room", room=channel(room)) if room else speak(words, "asked.room_soon")
    return joined(" ", [where, words("asked.given" if given else "asked.next")])


def _ended(words: Words, case: CaseSeen, offer: OfferSeen) -> list[Block]:
    said = speak(words, f"asked.{offer.status}", number=case.number, title=case.title)
    again = ""
    if offer.ask_again_from is not None:
        again = words("asked.again_from", day=words.date(offer.ask_again_from))
    return [blocks.section(lines([said, again]))]
