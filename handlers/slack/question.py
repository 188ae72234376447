"""The request's fields: as they are shown, with what was typed before, and as they are read."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.orm import Session

from bot import districts, pickers
from bot.casefile import CaseSeen
from bot.districts import UnitChoice
from bot.wording import Words
from handlers.slack import blocks
from handlers.slack.asker import Asker
from handlers.slack.blocks import Block, Choice
from handlers.slack.forms import Mistakes, parse
from models.case import AnswerKind, Help, Phase
from models.forms import Form, Question, Text
from models.personal_number import personal_numbers

Typed = Mapping[str, Any]
"""Values by field name as they were typed: plain strings and lists of them."""


class Spoken(Form):
    """For whom a coordinator files, and how their wish is known; nobody when they file for themselves."""

    requester_id: int | None = None
    source: Annotated[Text, Field(max_length=200, validate_default=True)] = ""

    @field_validator("source")
    @classmethod
    def _said(cls, source: str, info: ValidationInfo) -> str:
        if info.data.get("requester_id") is not None and not source:
            raise PydanticCustomError("source_missing", "who speaks for somebody says how they know")
        return source


def fields(session: Session, asker: Asker, typed: Typed) -> list[Block]:
    """The fields of the request, filled in as far as `typed` goes."""
    words = asker.words
    return [
        blocks.field(
            "title",
            words("question.title"),
            blocks.text_input(initial=_text(typed, "title"), most=150, placeholder=words("question.title_placeholder")),
        ),
        blocks.field(
            "question",
            words("question.question"),
            blocks.text_input(multiline=True, initial=_text(typed, "question"), most=3000),
            hint=words("question.question_hint"),
        ),
        *_units(session, asker, typed),
        *_area(session, asker, typed),
        blocks.field("help", words("question.help"), _menu(words, "help", Help, typed.get("help"))),
        blocks.field("answer_kind", words("question.kind"), _menu(words, "kind", AnswerKind, typed.get("answer_kind"))),
        blocks.field(
            "phase",
            words("question.phase"),
            _menu(words, "phase", Phase, typed.get("phase") or Phase.UNKNOWN.value),
        ),
        blocks.field("wanted_by", words("question.wanted_by"), blocks.date_input(initial=_day(typed)), optional=True),
        blocks.field(
            "members_wanted",
            words("question.members_wanted"),
            blocks.select(
                [Choice(str(count), words.n("question.members", count)) for count in (1, 2, 3)],
                initial=str(typed.get("members_wanted") or 1),
            ),
        ),
        blocks.field(
            "shown",
            words("question.shown"),
            blocks.radios(
                [Choice("true", words("question.shown_yes")), Choice("false", words("question.shown_no"))],
                initial=typed.get("shown") or "true",
            ),
            hint=words("question.shown_hint"),
        ),
        blocks.field(
            "links",
            words("question.links"),
            blocks.text_input(multiline=True, initial=_text(typed, "links")),
            optional=True,
            hint=words("question.links_hint"),
        ),
        blocks.field(
            "dnr",
            words("question.dnr"),
            blocks.text_input(initial=_text(typed, "dnr"), most=60),
            optional=True,
            hint=words("question.dnr_hint"),
        ),
    ]


def read(session: Session, asker: Asker, typed: Typed, today: dt.date) -> tuple[Question, Spoken]:
    """The request, and for whom it is made, once its units are found to be still there. Raises `Mistakes`."""
    question, spoken = understood(asker, typed, today)
    if gone := _gone(session, asker, question):
        raise Mistakes(gone)
    return question, spoken


def understood(asker: Asker, typed: Typed, today: dt.date) -> tuple[Question, Spoken]:
    """The same as far as it can be told from what was typed. Raises `Mistakes` with every field that is wrong.

    No field may hold a personal number.
    """
    mistakes = {
        name: asker.words("error.personal_number")
        for name, value in typed.items()
        if any(personal_numbers(text) for text in ([value] if isinstance(value, str) else value or ()))
    }
    given = {name: value for name, value in typed.items() if value is not None}
    speaking = {name: given.pop(name) for name in Spoken.model_fields if name in given}
    question, spoken = None, None
    try:
        question = parse(Question, given, asker.words, today=today)
    except Mistakes as wrong:
        mistakes = {name or "other_unit_ids": sentence for name, sentence in wrong.at.items()} | mistakes
    try:
        spoken = parse(Spoken, speaking, asker.words)
    except Mistakes as wrong:
        mistakes = wrong.at | mistakes
    if mistakes or question is None or spoken is None:
        raise Mistakes(mistakes)
    return question, spoken


def typed_of(case: CaseSeen) -> dict[str, Any]:
    """A case's request as if it had just been typed, to be changed."""
    return {
        "title": case.title,
        "question": case.question,
        "area_id": case.area_id and str(case.area_id),
        "help": case.help.value,
        "answer_kind": case.answer_kind.value,
        "phase": case.phase.value,
        "unit_id": case.unit and str(case.unit.id),
        "other_unit_ids": [str(unit.id) for unit in case.units if not unit.responsible],
        "wanted_by": case.wanted_by and case.wanted_by.isoformat(),
        "shown": "true" if case.shown else "false",
        "members_wanted": str(case.members_wanted),
        "dnr": case.unit.dnr if case.unit else "",
        "links": "\n".join(url for url, _ in case.links),
        "wished_member_ids": [str(member_id) for member_id in case.wishes],
        "topics": list(case.topics),
    }


def unit_choice(words: Words, unit: UnitChoice) -> Choice:
    """A unit with its district, or with that it is city-wide."""
    return Choice(str(unit.id), f"{unit.name}, {unit.heading(words)}")


def capitalised(text: str) -> str:
    """With a capital first letter, as a choice in a menu."""
    return text[:1].upper() + text[1:]


def _units(session: Session, asker: Asker, typed: Typed) -> list[Block]:
    words = asker.words
    own, others = _ids([typed.get("unit_id")]), _ids(typed.get("other_unit_ids") or [])
    known = pickers.units_by_id(session, asker.actor.organisation_id, [*own, *others])
    choices = {key: unit_choice(words, unit) for key, unit in known.items()}
    return [
        blocks.field(
            "unit_id",
            words("question.unit"),
            blocks.search_select(
                initial=next((choices[key] for key in own if key in choices), None),
                placeholder=words("question.unit_placeholder"),
            ),
        ),
        blocks.field(
            "other_unit_ids",
            words("question.other_units"),
            blocks.multi_search_select(
                initial=[choices[key] for key in others if key in choices],
                placeholder=words("question.unit_placeholder"),
                most=20,
            ),
            optional=True,
            hint=words("question.other_units_hint"),
        ),
    ]


def _area(session: Session, asker: Asker, typed: Typed) -> list[Block]:
    words = asker.words
    areas = districts.areas(session, asker.actor.organisation_id)
    choices = [Choice(str(area.id), area.label(words)) for area in areas]
    menu = blocks.select(choices, initial=typed.get("area_id"), placeholder=words("question.choose"))
    return [blocks.field("area_id", words("question.area"), menu, optional=True)] if choices else []


def _menu(words: Words, prefix: str, values: type[Help | AnswerKind | Phase], initial: str | None) -> Block:
    choices = [Choice(value.value, capitalised(words(f"{prefix}.{value.value}"))) for value in values]
    return blocks.select(choices, initial=initial, placeholder=words("question.choose"))


def _gone(session: Session, asker: Asker, question: Question) -> dict[str, str]:
    wanted = {"unit_id": [question.unit_id], "other_unit_ids": question.other_unit_ids}
    known = pickers.units_by_id(session, asker.actor.organisation_id, [key for keys in wanted.values() for key in keys])
    return {name: asker.words("refusal.unit_unknown") for name, keys in wanted.items() if not set(keys) <= known.keys()}


def _ids(values: Iterable[Any]) -> list[int]:
    return [int(value) for value in values if value]


def _text(typed: Typed, name: str) -> str:
    return typed.get(name) or ""


def _day(typed: Typed) -> dt.date | None:
    day = typed.get("wanted_by")
    return dt.date.fromisoformat(day) if day else None
