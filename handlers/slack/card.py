"""The coordinators' card: one message for each case, brought up to date in place as the case moves."""

from collections.abc import Sequence

from sqlalchemy import select

from bot import topics
from bot.casefile import CaseSeen, OfferSeen
from bot.grounds import doubt_line, reason_line, why_line
from bot.suggestions import LeftOut, Suggested, Suggestee
from bot.wording import Words
from handlers.slack import blocks, facts
from handlers.slack.blocks import Block, Message
from handlers.slack.ids import Action
from handlers.slack.markup import Markup, bold, joined, lines, quote, speak, speak_n
from handlers.slack.question import capitalised
from handlers.slack.rendering import Renderer, Scene
from models.forms import Button
from models.life import Status
from models.people import Identity, Member, Person

QUOTED = 700
"""So much of the question stands on the card; the whole of it in the case's own view."""

ENDINGS = 5
LEFT_OUT = 4
NEAREST = 4
ENDED = frozenset({Status.CLOSED, Status.WITHDRAWN})
DISTRIBUTING = frozenset({Status.SUBMITTED, Status.OFFERED})


def card(scene: Scene) -> Message:
    """The case as coordinators see it, with what they can do next."""
    case, words = scene.case(), scene.words
    ended = case.status in ENDED
    shown = [*_head(words, case), *(_outcome(words, case) if ended else _course(scene, case))]
    text = words("card.text", number=case.number, title=case.title, status=words(f"status.{case.status}"))
    return blocks.message(text, shown)


def _head(words: Words, case: CaseSeen) -> list[Block]:
    view = blocks.button(words("button.open"), Action.CASE_OPEN, Button(case=case.id, version=case.version))
    return [
        blocks.header(words("card.title", number=case.number, title=case.title)),
        blocks.section(facts.standing(words, case), view),
    ]


def _outcome(words: Words, case: CaseSeen) -> list[Block]:
    """What is left to know of a case that has ended."""
    lesson = ""
    if case.lesson is not None:
        seen = words("card.lesson_approved" if case.shown else "card.lesson_hidden")
        lesson = seen if case.lesson.approved else words("card.lesson_waits")
    told = joined(
        " · ",
        [
            joined(", ", [case.requester, facts.units(words, case)]),
            speak(words, "card.advised", names=words.names(each.name for each in case.members)) if case.members else "",
            speak(words, "card.hours", hours=words.number(case.hours)) if case.hours else "",
            lesson,
        ],
    )
    return [blocks.context(told)]


def _course(scene: Scene, case: CaseSeen) -> list[Block]:
    words = scene.words
    shown = [
        blocks.fields(facts.details(words, case)),
        blocks.section(quote(case.question, QUOTED)),
        *(_topics(scene, case) if case.status in DISTRIBUTING else []),
        *(_wishes(scene, case) if case.status in DISTRIBUTING else []),
        *(block for offer in case.pending for block in _pending(scene, case, offer)),
        *_in_turn(scene, case),
        *(block for offer in case.members for block in _member(words, case, offer)),
    ]
    suggested = None
    if case.status in DISTRIBUTING and len(case.pending) < case.members_wanted:
        day = facts.today(scene.services, words)
        suggested = scene.services.suggester.for_case(scene.session, case.id, day)
        shown += _suggestions(words, case, suggested)
    endings = [facts.ending(words, offer) for offer in case.offers if offer.status in facts.ENDED]
    if endings:
        shown.append(blocks.context(lines([bold(words("card.before")), *endings[-ENDINGS:]])))
    return [*shown, _acts(words, case, suggested)]


def _topics(scene: Scene, case: CaseSeen) -> list[Block]:
    """What the requester has chosen the question to be about."""
    chosen = topics.chosen_topics(scene.session, case.organisation_id, case.topics)
    if not chosen:
        return []
    said = speak(scene.words, "card.topics", name=case.requester, topics=topics.names(scene.words, chosen))
    return [blocks.context(said)]


def _wishes(scene: Scene, case: CaseSeen) -> list[Block]:
    if not case.wishes:
        return []
    names = scene.words.names(_names(scene, case.wishes))
    return [blocks.context(speak(scene.words, "card.wishes", name=case.requester, names=names))]


def _in_turn(scene: Scene, case: CaseSeen) -> list[Block]:
    if not case.standby:
        return []
    return [blocks.context(speak(scene.words, "card.in_turn", names=scene.words.names(_names(scene, case.standby))))]


def _pending(scene: Scene, case: CaseSeen, offer: OfferSeen) -> list[Block]:
    """A question that waits for its answer, and what the member asked back."""
    words = scene.words
    chatless = scene.user(offer.person_id) is None
    told = lines(
        [
            speak(words, "card.pending", name=bold(offer.name), day=words.day(offer.due_at)),
            words("card.chatless") if chatless else "",
            facts.exchange(words, case, offer),
        ]
    )
    button = Button(case=case.id, offer=offer.id, version=case.version)
    reply = blocks.button(words("card.reply"), f"{Action.REPLY}:{offer.id}", button, style="primary")
    return [
        blocks.section(told),
        blocks.actions(
            *([reply] if facts.unanswered(case, offer) else []),
            blocks.button(words("card.record"), f"{Action.BEHALF}:{offer.id}", button),
            blocks.button(
                words("card.retract"),
                f"{Action.RETRACT}:{offer.id}",
                button,
                confirm=_sure(words, "retract", offer.name),
            ),
        ),
    ]


def _member(words: Words, case: CaseSeen, offer: OfferSeen) -> list[Block]:
    """A member who has said yes."""
    since = words.date(offer.decided_at or offer.asked_at)
    button = Button(case=case.id, offer=offer.id, version=case.version)
    reassign = blocks.button(words("card.reassign"), f"{Action.REASSIGN}:{offer.id}", button)
    return [
        blocks.section(speak(words, "card.member", name=bold(offer.name), day=since)),
        blocks.actions(
            blocks.button(words("card.record_member"), f"{Action.BEHALF}:{offer.id}", button),
            *([reassign] if case.status is Status.ACTIVE else []),
            blocks.button(
                words("card.release"),
                f"{Action.RELEASE}:{offer.id}",
                button,
                confirm=_sure(words, "release", offer.name),
            ),
        ),
    ]


def _suggestions(words: Words, case: CaseSeen, suggested: Suggested) -> list[Block]:
    intro = f"card.suggested_{suggested.confidence}" if suggested.members else "card.suggested_nobody"
    shown = [blocks.section(bold(words(intro)))] if suggested.members or not case.pending else []
    for place, member in enumerate(suggested.members, start=1):
        ask = blocks.button(
            words("card.ask"),
            f"{Action.ASK}:{member.member_id}",
            Button(case=case.id, member=member.member_id, version=case.version),
        )
        shown.append(blocks.section(_suggested(words, place, member), ask))
    near = [each for each in suggested.choices if each.key not in case.topics and not each.area][:NEAREST]
    if near:
        shown.append(blocks.context(speak(words, "card.nearest", topics=topics.names(words, near))))
    left_out = [each for each in suggested.left_out if each.why not in {"asked", "declined"}]
    if left_out:
        shown.append(blocks.context(_passed_over(words, left_out)))
    return shown


def _suggested(words: Words, place: int, member: Suggestee) -> Markup:
    who = joined(", ", [bold(f"{place}. {member.name}"), member.title, member.university])
    chatless = "" if member.in_chat else words("card.chatless")
    doubts = doubt_line(words, member)
    return lines([who, reason_line(words, member), f"{capitalised(doubts)}." if doubts else "", chatless])


def _passed_over(words: Words, left_out: Sequence[LeftOut]) -> Markup:
    """Who would have stood among the suggestions, and why they do not; for coordinators only."""
    named = joined("; ", [f"{each.name} ({why_line(words, each)})" for each in left_out[:LEFT_OUT]])
    more = len(left_out) - LEFT_OUT
    return joined(
        " ", [speak(words, "card.left_out", names=named), speak_n(words, "card.more", more) if more > 0 else ""]
    )


def _acts(words: Words, case: CaseSeen, suggested: Suggested | None) -> Block:
    button = Button(case=case.id, version=case.version)
    shown = []
    if suggested is not None and suggested.members and not case.pending:
        order = Button(case=case.id, members=tuple(each.member_id for each in suggested.members), version=case.version)
        shown.append(blocks.button(words("card.ask_order"), Action.ASK_ORDER, order, style="primary"))
    places = case.members_wanted - len(case.members)
    if case.status in DISTRIBUTING or (case.status is Status.ACTIVE and places > 0):
        shown.append(blocks.button(words("card.ask_other"), Action.ASK_OTHER, button))
    if case.status in DISTRIBUTING:
        shown.append(blocks.button(words("card.clarify"), Action.CLARIFY, button))
    if case.coordinator_id is None:
        shown.append(blocks.button(words("card.take"), Action.TAKE, button))
    shown.append(blocks.button(words("card.behalf"), Action.BEHALF, button))
    return blocks.actions(*shown)


def _sure(words: Words, act: str, name: str) -> Block:
    return blocks.confirm(
        words(f"card.{act}_title"), words(f"card.{act}_text", name=name), words(f"card.{act}"), words("button.cancel")
    )


def _names(scene: Scene, member_ids: Sequence[int]) -> list[str]:
    """The members' names, in the order given; one who is not in the chat says so."""
    in_chat = select(Identity.id).where(Identity.person_id == Person.id, Identity.active).exists()
    query = (
        select(Member.id, Person.name, in_chat)
        .join(Person, Person.id == Member.person_id)
        .where(Member.id.in_(member_ids))
    )
    outside = scene.words("card.outside")
    found = {row[0]: row[1] if row[2] else f"{row[1]} ({outside})" for row in scene.session.execute(query)}
    return [found[member_id] for member_id in member_ids if member_id in found]


RENDERERS: dict[str, Renderer] = {"card": card}
