"""The case's own view: the whole of it as this reader may see it, and what they can do now."""

import datetime as dt
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot import casebook, history, registration
from bot.casefile import AnswerSeen, CaseSeen, without_pending_names
from bot.history import Happened
from bot.services import Services
from bot.wording import Words
from handlers.slack import blocks, doing, facts
from handlers.slack.asker import Asker, answered, asker_of
from handlers.slack.blocks import Block
from handlers.slack.ids import Action, View
from handlers.slack.markup import Markup, bold, joined, lines, quote, speak, speak_n
from handlers.slack.opening import carried, named, open_view
from models.case import NoteKind
from models.forms import Button
from models.life import Act, OfferStatus, Part, Status

ANSWERS = 8
NOTES = 10
ROW = 5
"""Buttons in a row: more of them are hard to read on a phone."""

INSIDE = frozenset({Part.REQUESTER, Part.COORDINATOR, Part.ASKED, Part.MEMBER, Part.DISTRICT})
PUBLIC = frozenset({Act.FILE, Act.ACCEPT, Act.ANSWER, Act.CLOSE, Act.APPROVE, Act.REOPEN})
"""What of the history the forum reads."""

CONFIDENTIAL = frozenset({Act.ASK, Act.DECLINE, Act.EXPIRE, Act.RETRACT, Act.QUERY, Act.REPLY})
"""Acts about somebody who was asked: only coordinators read who it was, and why they said no."""


def register(app: App, services: Services) -> None:
    """Listen to every button that opens a case."""

    @app.action(named(Action.CASE_OPEN))
    @answered
    def open_case(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        open_view(client, body, case_view(services, asker_of(context), carried(body).case or 0))


def case_view(services: Services, asker: Asker, case_id: int) -> Block:
    """The view of one case. Raises `NotFound` when it is not this person's to see."""
    words = asker.words
    with services.database.reading() as session:
        case, parts = casebook.read_as(session, asker.actor, case_id)
        happened, earlier = history.of(session, case_id)
        unit_id = registration.unit_of(session, asker.actor)
    acts = doing.may_do(case, parts, unit_id, doing.given(services, case_id))
    inside = bool(parts & INSIDE)
    shown = [
        blocks.section(lines([bold(case.title), facts.standing(words, _seen(case, parts))])),
        *_buttons(words, case, parts, acts, asker),
        blocks.section(quote(case.question, 2800)),
        *_lesson(words, case, parts),
        *_answers(words, case, acts),
        blocks.fields(facts.details(words, case)),
        *_numbers(words, case, parts),
        *_links(words, case),
        *(_notes(words, case) if inside else []),
        *_history(words, happened, earlier, parts),
    ]
    return blocks.modal(View.CASE, words("view.case", number=case.number), shown, close=words("button.close"))


def _seen(case: CaseSeen, parts: frozenset[Part]) -> CaseSeen:
    """Whom we have asked stands in the coordinators' reading only."""
    if Part.COORDINATOR in parts or not case.pending:
        return case
    return without_pending_names(case)


def _buttons(words: Words, case: CaseSeen, parts: frozenset[Part], acts: list[Act], asker: Asker) -> list[Block]:
    """What this person can do now, a few in a row, the expected ones first."""
    offered = [doing.button(words, case, act) for act in acts if act is not Act.COMMENT]
    first = [button for button in offered if button.get("style") == "primary"]
    rest = [button for button in offered if button.get("style") != "primary"]
    everything = [
        *_about_questions(words, case, parts, asker),
        *first,
        *rest,
        *_coordinating(words, case, parts),
        *_leaving(words, case, asker),
    ]
    return [blocks.actions(*everything[start : start + ROW]) for start in range(0, len(everything), ROW)]


def _about_questions(words: Words, case: CaseSeen, parts: frozenset[Part], asker: Asker) -> list[Block]:
    """The member's own question, and replies that are waited for."""
    shown = []
    for offer in case.offers:
        carried_along = Button(case=case.id, offer=offer.id, version=case.version)
        mine = offer.person_id == asker.actor.person_id
        if mine and offer.status is OfferStatus.PENDING and case.status not in {Status.CLOSED, Status.WITHDRAWN}:
            shown += [
                blocks.button(words("asked.accept"), Action.ACCEPT, carried_along, style="primary"),
                blocks.button(words("asked.decline"), Action.DECLINE, carried_along),
                blocks.button(words("asked.query"), Action.QUERY, carried_along),
            ]
        replying = parts & {Part.REQUESTER, Part.COORDINATOR} and offer.status is OfferStatus.PENDING
        if replying and facts.unanswered(case, offer):
            shown.append(
                blocks.button(words("casefile.reply"), f"{Action.REPLY}:{offer.id}", carried_along, style="primary")
            )
    return shown


def _leaving(words: Words, case: CaseSeen, asker: Asker) -> list[Block]:
    """The way out for a member who has said yes."""
    mine = next((offer for offer in case.members if offer.person_id == asker.actor.person_id), None)
    if mine is None or case.status not in {Status.ACTIVE, Status.PAUSED}:
        return []
    sure = blocks.confirm(
        words("asked.leave_title"), words("asked.leave_text"), words("asked.leave"), words("button.cancel")
    )
    carried_along = Button(case=case.id, offer=mine.id, version=case.version)
    return [blocks.button(words("asked.leave"), Action.RELEASE, carried_along, confirm=sure)]


def _coordinating(words: Words, case: CaseSeen, parts: frozenset[Part]) -> list[Block]:
    if Part.COORDINATOR not in parts:
        return []
    carried_along = Button(case=case.id, version=case.version)
    asking = case.status in {Status.SUBMITTED, Status.OFFERED} or (
        case.status is Status.ACTIVE and len(case.members) < case.members_wanted
    )
    return [
        *([blocks.button(words("card.ask_other"), Action.ASK_OTHER, carried_along)] if asking else []),
        *(
            [blocks.button(words("card.clarify"), Action.CLARIFY, carried_along)]
            if case.status in {Status.SUBMITTED, Status.OFFERED}
            else []
        ),
        blocks.button(words("card.behalf"), Action.BEHALF, carried_along),
    ]


def _numbers(words: Words, case: CaseSeen, parts: frozenset[Part]) -> list[Block]:
    """The diary numbers, one for each board."""
    numbered = [unit for unit in case.units if unit.dnr]
    if not numbered or not parts & INSIDE:
        return []
    return [blocks.context(*(speak(words, "casefile.dnr", unit=unit.label, dnr=unit.dnr) for unit in numbered))]


def _links(words: Words, case: CaseSeen) -> list[Block]:
    return [blocks.section(lines([bold(words("casefile.links")), facts.links(case)]))] if case.links else []


def _answers(words: Words, case: CaseSeen, acts: list[Act]) -> list[Block]:
    shown: list[Block] = []
    for answer in case.answers[-ANSWERS:]:
        shown += _answer(words, case, answer, commenting=Act.COMMENT in acts)
    more = len(case.answers) - ANSWERS
    return [*([blocks.context(speak_n(words, "casefile.more_answers", more))] if more > 0 else []), *shown]


def _answer(words: Words, case: CaseSeen, answer: AnswerSeen, *, commenting: bool) -> list[Block]:
    said = speak(words, "casefile.answer", name=answer.name, day=words.date(answer.at))
    carried_along = Button(case=case.id, answer=answer.id)
    comment = blocks.button(words("doing.comment"), f"{Action.COMMENT}:{answer.id}", carried_along)
    parts = _pieces(answer.text)
    links = lines(facts.address(url) for url in answer.links)
    return [
        blocks.section(lines([bold(words("casefile.answer_title")), said]), comment if commenting else None),
        *(blocks.section(quote(part, 2900)) for part in parts),
        *([blocks.section(links)] if links else []),
        *(
            blocks.context(
                lines([speak(words, "casefile.comment", name=each.name, day=words.date(each.at)), quote(each.text)])
            )
            for each in answer.comments[-ROW:]
        ),
    ]


def _pieces(text: str, length: int = 2600) -> list[str]:
    """A long text in pieces that each fit a block."""
    return [text[start : start + length] for start in range(0, len(text), length)][:6]


def _lesson(words: Words, case: CaseSeen, parts: frozenset[Part]) -> list[Block]:
    lesson = case.lesson
    if lesson is None or not (lesson.approved or parts & INSIDE):
        return []
    waiting = "" if lesson.approved else words("casefile.lesson_waits")
    names = words.names(each.name for each in case.members) if lesson.names_members else ""
    by = speak(words, "casefile.lesson_names", names=names) if names else ""
    return [blocks.section(lines([bold(words("casefile.lesson")), quote(lesson.text), joined(" ", [waiting, by])]))]


def _notes(words: Words, case: CaseSeen) -> list[Block]:
    written = [note for note in case.notes if note.kind in {NoteKind.PROGRESS, NoteKind.CLARIFY, NoteKind.PAUSE}]
    if not written:
        return []
    shown = [
        lines([speak(words, f"casefile.note_{note.kind}", name=note.name, day=words.date(note.at)), quote(note.text)])
        for note in written[-NOTES:]
    ]
    return [blocks.section(bold(words("casefile.notes"))), *(blocks.section(note) for note in shown)]


def _history(words: Words, happened: list[Happened], earlier: int, parts: frozenset[Part]) -> list[Block]:
    told = [_event(words, event, parts) for event in happened if parts & INSIDE or event.act in PUBLIC]
    if not told:
        return []
    more = speak_n(words, "casefile.earlier", earlier) if earlier and parts & INSIDE else Markup("")
    return [blocks.divider(), blocks.context(lines([bold(words("casefile.history")), *reversed(told), more]))]


def _event(words: Words, event: Happened, parts: frozenset[Part]) -> Markup:
    """One line: the day, what was done and by whom; for those in the case also who recorded it and how they knew, and
    for coordinators why somebody said no."""
    coordinating = Part.COORDINATOR in parts
    open_to_all = event.act not in CONFIDENTIAL
    key = f"history.{event.act}"
    if not coordinating and not open_to_all:
        key = f"history.{event.act}_plain"
    elif event.act is Act.ASK and event.name is None:
        key = "history.ask_next"
    said = speak(words, key, name=event.name or words("history.nobody"), member=event.member or "")
    reason = speak(words, "history.reason", reason=words(f"decline.{event.reason}")) if event.reason else ""
    source = ""
    if event.recorded_by and (coordinating or (open_to_all and parts & INSIDE)):
        source = speak(words, "history.recorded", name=event.recorded_by, source=event.source)
    return joined(" ", [_day(words, event.at), said, reason if coordinating else "", source])


def _day(words: Words, at: dt.datetime) -> Markup:
    return speak(words, "history.day", day=words.date(at), time=words.time(at))
