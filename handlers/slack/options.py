"""What pickers offer while one types: units, members, people, districts and universities."""

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot import districts, pickers
from bot.grounds import subject_line
from bot.services import Services
from bot.suggestions import Suggestee
from bot.wording import Words
from handlers.slack import blocks, limits
from handlers.slack.asker import Asker, answered, asker_of
from handlers.slack.blocks import VALUE, Choice
from handlers.slack.facts import today
from handlers.slack.markup import cut
from handlers.slack.question import unit_choice

Source = Callable[[Session, Services, Asker, str], list[Choice]]

LEAST = 3
"""From so many letters on, what is typed may be a topic as well as a name."""

DASH = " – "

SUITED = 10
"""So many members are offered for a topic."""


def register(app: App, services: Services) -> None:
    """Answer every picker; which one it is, its block says, for that is the form's field."""

    @app.options(VALUE)
    @answered
    def offer(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        source = SOURCES[body["block_id"]]
        with services.database.reading() as session:
            choices = source(session, services, asker_of(context), body.get("value") or "")
        ack(options=[blocks.option(choice) for choice in choices[: limits.OPTIONS]])


def member_choice(member: pickers.MemberLine) -> Choice:
    """A member with their title."""
    return Choice(str(member.member_id), ", ".join(part for part in (member.name, member.title) if part))


def _units(session: Session, _services: Services, asker: Asker, typed: str) -> list[Choice]:
    found = districts.units(session, asker.actor.organisation_id, typed, limits.OPTIONS)
    return [unit_choice(asker.words, unit) for unit in found]


def _members(session: Session, services: Services, asker: Asker, typed: str) -> list[Choice]:
    """Members whose name holds what is typed, then those who fit it as a topic."""
    named = [member_choice(member) for member in pickers.members(session, asker.actor.organisation_id, typed)]
    if len(typed.strip()) < LEAST:
        return named
    organisation_id, day = asker.actor.organisation_id, today(services, asker.words)
    suited = services.suggester.for_text(session, organisation_id, typed, day, SUITED).members
    there = {choice.value for choice in named}
    return [*named, *(_suited(asker.words, each) for each in suited if str(each.member_id) not in there)]


def _suited(words: Words, member: Suggestee) -> Choice:
    """A member with what they write about, which is worth more than the title when there is no room for both."""
    about = subject_line(words, member)
    for who in (f"{member.name}, {member.title}" if member.title else member.name, member.name):
        if len(who) + len(DASH) + len(about) <= limits.OPTION_TEXT:
            return Choice(str(member.member_id), f"{who}{DASH}{about}")
    about = cut(about, limits.OPTION_TEXT // 2)
    who = cut(member.name, limits.OPTION_TEXT - len(about) - len(DASH))
    return Choice(str(member.member_id), f"{who}{DASH}{about}")


def _requesters(session: Session, _services: Services, asker: Asker, typed: str) -> list[Choice]:
    found = pickers.requesters(session, asker.actor.organisation_id, typed)
    return [Choice(str(person.id), person.label) for person in found]


def _people(session: Session, _services: Services, asker: Asker, typed: str) -> list[Choice]:
    return [Choice(str(each.id), each.label) for each in pickers.people(session, asker.actor.organisation_id, typed)]


def _districts(session: Session, _services: Services, asker: Asker, typed: str) -> list[Choice]:
    found = districts.districts(session, asker.actor.organisation_id)
    return [Choice(str(each.id), each.name) for each in found if typed.casefold().strip() in each.name.casefold()]


def _universities(session: Session, _services: Services, asker: Asker, typed: str) -> list[Choice]:
    found = districts.universities(session, asker.actor.organisation_id, typed, limits.OPTIONS)
    return [Choice(str(each.id), each.name) for each in found]


SOURCES: dict[str, Source] = {
    "unit_id": _units,
    "other_unit_ids": _units,
    "member_id": _members,
    "member_ids": _members,
    "requester_id": _requesters,
    "person_id": _people,
    "district_id": _districts,
    "into_id": _districts,
    "university_id": _universities,
}
"""Where each picker's options come from, by its block."""
