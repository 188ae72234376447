"""What can be recorded on somebody's behalf: for each act its fields, its form, and how it is carried out (R22)."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot import answers, cases, notes, offers
from bot.actors import Actor
from bot.casefile import CaseSeen, OfferSeen
from bot.events import Done
from bot.refusals import NotFound
from bot.wording import Words
from handlers.slack import blocks, forms
from handlers.slack.blocks import Block, Choice
from handlers.slack.offers import decline_fields, text_fields
from handlers.slack.question import capitalised
from models.case import CaseOutcome, Degree
from models.forms import (
    Answering,
    Closing,
    Declining,
    Feedbacking,
    Form,
    LessonWriting,
    Linking,
    Naming,
    Question,
    Writing,
)
from models.life import ACTS, Act, OfferStatus, Part

Values = dict[str, Any]

MONTHS = "months"
"""The field that says which feedback is meant: 0 at closing, otherwise so many months after it."""


@dataclass(frozen=True, slots=True)
class Filling:
    """What fields are made from: the coordinator's words, the case, and after how many months feedback is asked for."""

    words: Words
    case: CaseSeen
    months: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is recorded: by whom (a coordinator's actor speaks for somebody), in which case, about which question or
    answer (None: the latest answer)."""

    session: Session
    actor: Actor
    case: CaseSeen
    offer_id: int | None
    values: Values
    at: dt.datetime
    answer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """One act as it is recorded: what is filled in, how that is read (raises `Mistakes`), and the act itself."""

    fields: Callable[[Filling], list[Block]]
    read: Callable[[Filling, Values], Form | None]
    carry_out: Callable[[Recorded, Any], Done]


@dataclass(frozen=True, slots=True)
class Choosable:
    """An act that somebody in the case could do now. `offer` is the member's question; None: the requester acts."""

    act: Act
    name: str
    offer: OfferSeen | None


def choosable(case: CaseSeen, offer_id: int | None = None) -> list[Choosable]:
    """What can be recorded now, as the table of acts says; with `offer_id` only what that member can do."""
    found = []
    for offer in case.offers:
        part = _PARTS.get(offer.status)
        if part is not None and offer_id in {None, offer.id}:
            found += [Choosable(act, offer.name, offer) for act in _possible(case, part)]
    if offer_id is None:
        found += [Choosable(act, case.requester, None) for act in _possible(case, Part.REQUESTER)]
    return found


def _possible(case: CaseSeen, part: Part) -> list[Act]:
    missing = set()
    if not case.answers:
        missing.add(Act.COMMENT)
    if case.lesson is None:
        missing |= {Act.NAME, Act.APPROVE}
    elif case.lesson.approved:
        missing.add(Act.APPROVE)
    return [
        act for act in RECORDINGS if part in ACTS[act].by and case.status in ACTS[act].within and act not in missing
    ]


def _nothing(_filling: Filling) -> list[Block]:
    return []


def _text(key: str) -> Callable[[Filling], list[Block]]:
    def fields(filling: Filling) -> list[Block]:
        return text_fields(filling.words, filling.words(f"behalf.text_{key}"))

    return fields


def _declining(filling: Filling) -> list[Block]:
    words = filling.words
    return decline_fields(words)


def _answering(filling: Filling) -> list[Block]:
    words = filling.words
    links = blocks.text_input(multiline=True)
    return [
        *text_fields(words, words("behalf.text_answer")),
        blocks.field("links", words("behalf.links"), links, optional=True, hint=words("behalf.links_hint")),
    ]


def _question(filling: Filling) -> list[Block]:
    words, case = filling.words, filling.case
    return [
        blocks.field("title", words("behalf.title"), blocks.text_input(initial=case.title, most=150)),
        blocks.field(
            "question",
            words("behalf.question"),
            blocks.text_input(multiline=True, initial=case.question, most=3000),
            hint=words("asked.no_person"),
        ),
    ]


def _closing(filling: Filling) -> list[Block]:
    words, case = filling.words, filling.case
    outcomes = [
        Choice(outcome, capitalised(words(f"outcome.{outcome}")))
        for outcome in CaseOutcome
        if case.answers or outcome is not CaseOutcome.ANSWERED
    ]
    hours = blocks.number_input(initial=case.hours, decimals=True)
    usual = CaseOutcome.ANSWERED if case.answers else None
    lesson = blocks.text_input(multiline=True, most=2000)
    return [
        blocks.field("outcome", words("behalf.outcome"), blocks.radios(outcomes, initial=usual)),
        blocks.field("hours", words("behalf.hours"), hours, optional=True),
        blocks.field("lesson", words("behalf.text_lesson"), lesson, optional=True, hint=words("asked.no_person")),
    ]


def _lesson(filling: Filling) -> list[Block]:
    words, case = filling.words, filling.case
    written = blocks.text_input(multiline=True, initial=case.lesson.text if case.lesson else "", most=2000)
    return [blocks.field("text", words("behalf.text_lesson"), written, hint=words("asked.no_person"))]


def _linking(filling: Filling) -> list[Block]:
    words = filling.words
    return [
        blocks.field("url", words("behalf.url"), blocks.text_input(most=1000, placeholder="https://")),
        blocks.field("title", words("behalf.url_title"), blocks.text_input(most=200), optional=True),
    ]


def _naming(filling: Filling) -> list[Block]:
    words = filling.words
    answers_ = [Choice("true", words("behalf.name_yes")), Choice("false", words("behalf.name_no"))]
    return [blocks.field("agrees", words("behalf.agrees"), blocks.radios(answers_))]


def _feedback(filling: Filling) -> list[Block]:
    words = filling.words
    degrees = [Choice(degree, words(f"behalf.degree_{degree}")) for degree in Degree]
    times = [
        Choice("0", words("behalf.months_now")),
        *(Choice(str(each), words.n("behalf.months", each)) for each in filling.months),
    ]
    text = blocks.text_input(multiline=True, most=2000)
    return [
        blocks.field(MONTHS, words("behalf.when"), blocks.radios(times, initial="0")),
        blocks.field("helped", words("behalf.helped"), blocks.radios(degrees)),
        blocks.field("usable", words("behalf.usable"), blocks.radios(degrees), optional=True),
        blocks.field("text", words("behalf.text_feedback"), text, optional=True, hint=words("asked.no_person")),
    ]


def _read(form: type[Form]) -> Callable[[Filling, Values], Form]:
    def read(filling: Filling, values: Values) -> Form:
        return forms.parse(form, values, filling.words)

    return read


def _read_nothing(_filling: Filling, _values: Values) -> None:
    return None


def _read_question(filling: Filling, values: Values) -> Form:
    """The request with another title and text, and all the rest as it stands."""
    words, case = filling.words, filling.case
    kept = {
        "area_id": case.area_id,
        "help": case.help,
        "answer_kind": case.answer_kind,
        "phase": case.phase,
        "unit_id": case.unit.id if case.unit else 0,
        "other_unit_ids": [each.id for each in case.units if not each.responsible],
        "wanted_by": case.wanted_by,
        "shown": case.shown,
        "members_wanted": case.members_wanted,
        "dnr": case.unit.dnr if case.unit else "",
        "wished_member_ids": list(case.wishes),
        "topics": list(case.topics),
    }
    return forms.parse(Question, kept | values, words)


def _read_feedback(filling: Filling, values: Values) -> Form:
    words = filling.words
    return forms.parse(Feedbacking, {name: value for name, value in values.items() if name != MONTHS}, words)


def _offer(recorded: Recorded) -> int:
    if recorded.offer_id is None:
        raise NotFound("offer")
    return recorded.offer_id


def _commented(recorded: Recorded, form: Writing) -> Done:
    if not recorded.case.answers:
        raise NotFound("answer")
    answer_id = recorded.answer_id or recorded.case.answers[-1].id
    return answers.comment(recorded.session, recorded.actor, answer_id, form, recorded.at)


def _approved(recorded: Recorded, form: LessonWriting) -> Done:
    written = recorded.case.lesson
    changed = form if written is None or form.text != written.text else None
    return answers.approve(recorded.session, recorded.actor, recorded.case.id, recorded.at, form=changed)


RECORDINGS: dict[Act, Recording] = {
    Act.ACCEPT: Recording(_nothing, _read_nothing, lambda r, _: offers.accept(r.session, r.actor, _offer(r), r.at)),
    Act.DECLINE: Recording(
        _declining, _read(Declining), lambda r, form: offers.decline(r.session, r.actor, _offer(r), form, r.at)
    ),
    Act.QUERY: Recording(
        _text("query"), _read(Writing), lambda r, form: notes.query(r.session, r.actor, _offer(r), form, r.at)
    ),
    Act.ANSWER: Recording(
        _answering, _read(Answering), lambda r, form: answers.answer(r.session, r.actor, r.case.id, form, r.at)
    ),
    Act.COMPLETE: Recording(
        _question, _read_question, lambda r, form: cases.complete(r.session, r.actor, r.case.id, form, r.at)
    ),
    Act.EDIT: Recording(
        _question, _read_question, lambda r, form: cases.edit(r.session, r.actor, r.case.id, form, r.at)
    ),
    Act.NOTE: Recording(
        _text("note"), _read(Writing), lambda r, form: notes.progress(r.session, r.actor, r.case.id, form, r.at)
    ),
    Act.COMMENT: Recording(_text("comment"), _read(Writing), _commented),
    Act.LINK: Recording(
        _linking, _read(Linking), lambda r, form: cases.link(r.session, r.actor, r.case.id, form, r.at)
    ),
    Act.RELEASE: Recording(_nothing, _read_nothing, lambda r, _: offers.release(r.session, r.actor, _offer(r), r.at)),
    Act.PAUSE: Recording(
        _text("pause"), _read(Writing), lambda r, form: cases.pause(r.session, r.actor, r.case.id, form, r.at)
    ),
    Act.RESUME: Recording(_nothing, _read_nothing, lambda r, _: cases.resume(r.session, r.actor, r.case.id, r.at)),
    Act.CLOSE: Recording(
        _closing, _read(Closing), lambda r, form: answers.close(r.session, r.actor, r.case.id, form, r.at)
    ),
    Act.WITHDRAW: Recording(_nothing, _read_nothing, lambda r, _: cases.withdraw(r.session, r.actor, r.case.id, r.at)),
    Act.LESSON: Recording(
        _lesson, _read(LessonWriting), lambda r, form: answers.lesson(r.session, r.actor, r.case.id, form, r.at)
    ),
    Act.APPROVE: Recording(_lesson, _read(LessonWriting), _approved),
    Act.NAME: Recording(
        _naming, _read(Naming), lambda r, form: answers.name(r.session, r.actor, r.case.id, form.agrees, r.at)
    ),
    Act.FEEDBACK: Recording(
        _feedback,
        _read_feedback,
        lambda r, form: answers.feedback(r.session, r.actor, r.case.id, int(r.values[MONTHS]), form, r.at),
    ),
    Act.REOPEN: Recording(_nothing, _read_nothing, lambda r, _: cases.reopen(r.session, r.actor, r.case.id, r.at)),
}
"""Every act that a requester or a member does to their own case, in the order in which they are offered."""

_PARTS = {OfferStatus.PENDING: Part.ASKED, OfferStatus.ACCEPTED: Part.MEMBER}
