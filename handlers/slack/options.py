"""What pickers offer while one types: units, members, people, districts and universities."""

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot import districts, pickers
from bot.districts import UnitChoice
from bot.services import Services
from bot.wording import Words
from handlers.slack import blocks, limits
from handlers.slack.asker import Asker, answered, asker_of
from handlers.slack.blocks import VALUE, Choice

Source = Callable[[Session, Asker, str], list[Choice]]


def register(app: App, services: Services) -> None:
    """Answer every picker; which one it is, its block says, for that is the form's field."""

    @app.options(VALUE)
    @answered
    def offer(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:  # noqa: ARG001
        source = SOURCES[body["block_id"]]
        with services.database.reading() as session:
            choices = source(session, asker_of(context), body.get("value") or "")
        ack(options=[blocks.option(choice) for choice in choices[: limits.OPTIONS]])


def unit_choice(words: Words, unit: UnitChoice) -> Choice:
    """A unit with its district, or with that it is city-wide."""
    return Choice(str(unit.id), f"{unit.name}, {unit.heading(words)}")


def member_choice(member: pickers.MemberLine) -> Choice:
    """A member with their title."""
    return Choice(str(member.member_id), ", ".join(part for part in (member.name, member.title) if part))


def _units(session: Session, asker: Asker, typed: str) -> list[Choice]:
    found = districts.units(session, asker.actor.organisation_id, typed, limits.OPTIONS)
    return [unit_choice(asker.words, unit) for unit in found]


def _members(session: Session, asker: Asker, typed: str) -> list[Choice]:
    return [member_choice(member) for member in pickers.members(session, asker.actor.organisation_id, typed)]


def _requesters(session: Session, asker: Asker, typed: str) -> list[Choice]:
    found = pickers.requesters(session, asker.actor.organisation_id, typed)
    return [Choice(str(person.id), person.label) for person in found]


def _people(session: Session, asker: Asker, typed: str) -> list[Choice]:
    return [Choice(str(each.id), each.label) for each in pickers.people(session, asker.actor.organisation_id, typed)]


def _districts(session: Session, asker: Asker, typed: str) -> list[Choice]:
    found = districts.districts(session, asker.actor.organisation_id)
    return [Choice(str(each.id), each.name) for each in found if typed.casefold().strip() in each.name.casefold()]


def _universities(session: Session, asker: Asker, typed: str) -> list[Choice]:
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
