"""What is true of a case, in plain words: where it stands and what is waited for, who asks, what is wanted."""

import datetime as dt
from zoneinfo import ZoneInfo

from bot.casefile import CaseSeen, OfferSeen
from bot.services import Services
from bot.wording import Words
from handlers.slack.markup import Markup, bold, joined, lines, quote, speak, speak_n, web
from handlers.slack.question import capitalised
from models.case import NoteKind, Phase
from models.life import OfferStatus, Status

ENDED = frozenset({OfferStatus.DECLINED, OfferStatus.EXPIRED, OfferStatus.RETRACTED, OfferStatus.RELEASED})


def today(services: Services, words: Words) -> dt.date:
    """The day it is in the reader's zone, by business time."""
    return services.clock.now().astimezone(ZoneInfo(words.zone)).date()


def standing(words: Words, case: CaseSeen) -> Markup:
    """The status, and in a sentence what is waited for and until when."""
    return joined(" · ", [bold(capitalised(words(f"status.{case.status}"))), _waiting(words, case)])


def details(words: Words, case: CaseSeen) -> list[tuple[str, str]]:
    """Label and value of everything about the case that is not a text."""
    return [
        (words("fact.requester"), case.requester),
        (words("fact.unit"), units(words, case)),
        (words("fact.area"), (case.area_en if words.language == "en" else case.area) or ""),
        (words("fact.help"), capitalised(words(f"help.{case.help}"))),
        (words("fact.kind"), capitalised(words(f"kind.{case.answer_kind}"))),
        (words("fact.wanted_by"), words.date(case.wanted_by) if case.wanted_by else words("fact.no_date")),
        (words("fact.phase"), "" if case.phase is Phase.UNKNOWN else capitalised(words(f"phase.{case.phase}"))),
        (words("fact.forum"), words("fact.shown") if case.shown else words("fact.not_shown")),
        (words("fact.members_wanted"), words.number(case.members_wanted) if case.members_wanted > 1 else ""),
        (words("fact.coordinator"), case.coordinator or words("fact.nobody")),
    ]


def units(words: Words, case: CaseSeen) -> str:
    """Who asks: the responsible unit first; a unit that has still to confirm says so."""
    labels = [
        unit.label if unit.responsible or unit.confirmed else words("fact.unconfirmed", unit=unit.label)
        for unit in case.units
    ]
    return "; ".join(labels)


def links(case: CaseSeen) -> Markup:
    """The links of a case, one a line."""
    return lines(web(url, title or url) for url, title in case.links)


def address(url: str) -> Markup:
    """A web address as a link that shows itself."""
    return web(url, url)


def exchange(words: Words, case: CaseSeen, offer: OfferSeen) -> Markup:
    """What the member asked back about a question, and the replies, oldest first. The member is named as in `offer`."""
    said = [note for note in case.notes if note.offer_id == offer.id and note.kind in {NoteKind.QUERY, NoteKind.REPLY}]
    member = offer.name or capitalised(words("fact.the_member"))
    names = {NoteKind.QUERY: member}
    return lines(
        part
        for note in said
        for part in (
            speak(words, f"fact.said_{note.kind}", name=names.get(note.kind, note.name)),
            quote(note.text, 600),
        )
    )


def unanswered(case: CaseSeen, offer: OfferSeen) -> bool:
    """Whether the member asked back and nobody has replied yet."""
    said = [note.kind for note in case.notes if note.offer_id == offer.id]
    return bool(said) and said[-1] is NoteKind.QUERY


def ending(words: Words, offer: OfferSeen) -> Markup:
    """How a question to a member ended and why, as coordinators read it."""
    parts = [
        words(f"offer.{offer.status}"),
        words(f"decline.{offer.reason}") if offer.reason else "",
        words("fact.ask_again", day=words.date(offer.ask_again_from)) if offer.ask_again_from else "",
        words.date(offer.decided_at) if offer.decided_at else "",
    ]
    return joined(": ", [offer.name, joined(", ", parts)])


def _waiting(words: Words, case: CaseSeen) -> Markup:
    day = words.day(case.filed_at if case.status is Status.SUBMITTED else case.changed_at)
    match case.status:
        case Status.SUBMITTED:
            said = speak(words, "standing.nobody_could" if case.offers else "standing.submitted", day=day)
        case Status.CLARIFYING:
            said = speak(words, "standing.clarifying", name=case.requester)
        case Status.OFFERED:
            said = _asked(words, case)
        case Status.ACTIVE:
            said = joined(" ", [_advised(words, case), _asked(words, case) if case.pending else ""])
        case Status.PAUSED:
            said = speak(words, "standing.paused", day=day)
        case Status.CLOSED:
            outcome = words(f"outcome.{case.outcome}") if case.outcome else words("status.closed")
            said = speak(words, "standing.closed", outcome=outcome, day=words.date(case.closed_at or case.changed_at))
        case Status.WITHDRAWN:
            said = speak(words, "standing.withdrawn", day=day)
    return said


def _asked(words: Words, case: CaseSeen) -> Markup:
    names = words.names(offer.name or words("fact.a_member") for offer in case.pending)
    return speak(words, "standing.asked", names=names, day=words.day(min(offer.due_at for offer in case.pending)))


def _advised(words: Words, case: CaseSeen) -> Markup:
    names = words.names(offer.name for offer in case.members)
    if case.answers:
        return speak_n(words, "standing.answered", len(case.answers), names=names)
    if case.wanted_by:
        return speak(words, "standing.active_until", names=names, day=words.day(case.wanted_by))
    return speak(words, "standing.active", names=names)
