"""The coordinator's part of App Home: what to distribute, what is late, who is silent or new, the week in numbers."""

import dataclasses

from bot import caselists, registration, waiting
from bot.caselists import Page
from bot.waiting import Named
from bot.wording import Words
from bot.yearly import week_in_numbers
from handlers.slack import blocks
from handlers.slack.blocks import Block
from handlers.slack.commands import Written
from handlers.slack.facts import today
from handlers.slack.ids import Action
from handlers.slack.lists import Kind, Turning, case_row
from handlers.slack.markup import bold, joined, speak_n
from handlers.slack.rendering import Scene
from handlers.slack.requesting import SHOWN, all_of_it, more
from models.forms import Button
from models.life import Status

NAMES = 10
"""How many members without chat are named."""


def section(scene: Scene, organisation_id: int) -> list[Block]:
    """Everything that a coordinator looks after."""
    session, words = scene.session, scene.words
    to_distribute = caselists.to_distribute(session, organisation_id, size=SHOWN)
    overdue = caselists.overdue(session, organisation_id, today(scene.services, words), size=SHOWN)
    return [
        blocks.header(words("home.to_distribute")),
        *_cases(words, to_distribute, "home.to_distribute_none", Turning(kind=Kind.STATUS, status=Status.SUBMITTED)),
        *([blocks.header(words("home.overdue"))] if overdue.total else []),
        *_cases(words, overdue, "", Turning(kind=Kind.STATUS)),
        *_newcomers(scene, organisation_id),
        *_silent(words, waiting.silent_members(session, organisation_id, SHOWN)),
        *_without_chat(words, waiting.members_without_chat(session, organisation_id, NAMES)),
        *_parked(words, waiting.parked(session, organisation_id)),
        *_week(scene, organisation_id),
    ]


def _cases(words: Words, page: Page, none: str, list_of_all: Turning) -> list[Block]:
    if not page.total:
        return [blocks.section(words(none))] if none else []
    return [*(case_row(words, line) for line in page.lines), *more(words, page.total - len(page.lines), list_of_all)]


def _newcomers(scene: Scene, organisation_id: int) -> list[Block]:
    """Requesters whose unit a coordinator has still to confirm."""
    words = scene.words
    found = registration.unconfirmed(scene.session, organisation_id)
    if not found:
        return []
    rest = len(found) - SHOWN
    return [
        blocks.header(words("home.newcomers")),
        *(
            blocks.section(
                joined(" · ", [bold(each.name), ", ".join(part for part in (each.unit, each.district) if part)]),
                blocks.button(
                    words("home.confirm"), f"{Action.REQUESTER_CONFIRM}:{each.person_id}", Button(person=each.person_id)
                ),
            )
            for each in found[:SHOWN]
        ),
        *([blocks.context(speak_n(words, "home.more", rest))] if rest > 0 else []),
    ]


def _silent(words: Words, silent: Named) -> list[Block]:
    if not silent.total:
        return []
    rest = silent.total - len(silent.members)
    return [
        blocks.header(words("home.silent")),
        *(
            blocks.section(
                bold(name), blocks.button(words("home.see_profile"), f"{Action.MEMBER_OPEN}:{key}", Button(member=key))
            )
            for key, name in silent.members
        ),
        *([blocks.context(speak_n(words, "home.more", rest))] if rest > 0 else []),
    ]


def _without_chat(words: Words, members: Named) -> list[Block]:
    if not members.total:
        return []
    names = words.names(name for _, name in members.members)
    rest = members.total - len(members.members)
    return [
        blocks.header(words("home.without_chat")),
        blocks.section(
            joined(" ", [f"{names}.", speak_n(words, "home.more", rest) if rest > 0 else "", words("home.relayed")]),
            blocks.button(words("home.find_accounts"), Action.FIND_ACCOUNTS),
        ),
    ]


def _parked(words: Words, count: int) -> list[Block]:
    return [blocks.section(speak_n(words, "home.parked", count))] if count else []


def _week(scene: Scene, organisation_id: int) -> list[Block]:
    words = scene.words
    numbers = dataclasses.asdict(week_in_numbers(scene.session, organisation_id, scene.services.clock.now()))
    return [
        blocks.header(words("home.week")),
        blocks.fields((words(f"home.week_{name}"), words.number(count)) for name, count in numbers.items()),
        blocks.actions(
            all_of_it(words, Turning(kind=Kind.STATUS)),
            blocks.button(words("home.digest"), Action.COMMAND, Written(text="veckobrev")),
        ),
    ]
