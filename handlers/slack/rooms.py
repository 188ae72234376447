"""A case's own channel: the message at its top that says where the case stands, and who belongs in the channel."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import reach
from bot.casefile import CaseSeen, without_pending_names
from bot.wording import Words
from handlers.slack import blocks, facts
from handlers.slack.blocks import Block, Message
from handlers.slack.ids import Action
from handlers.slack.markup import bold, joined, lines, mention, quote, speak
from handlers.slack.rendering import Renderer, Scene
from models.case import Case, CaseUnit
from models.forms import Button
from models.life import Status
from models.people import Role, RoleKind

LESSON = 1500
ANSWERING = frozenset({Status.ACTIVE})
ENDED = frozenset({Status.CLOSED, Status.WITHDRAWN})


def room_name(number: int) -> str:
    """The name of a case's channel, the same in every language: channels have one name."""
    return f"konsultation-{number}"


def members_of_room(session: Session, case_id: int) -> set[int]:
    """The persons who belong in the case's channel: the requester, the members who said yes, the responsible
    coordinator (all of them while there is none), and those who ask for another unit that has confirmed."""
    case = session.get_one(Case, case_id)
    coordinating = (
        reach.coordinators(session, case.organisation_id) if case.coordinator_id is None else [case.coordinator_id]
    )
    others = session.scalars(
        select(Role.person_id)
        .join(CaseUnit, CaseUnit.unit_id == Role.unit_id)
        .where(
            CaseUnit.case_id == case_id,
            CaseUnit.responsible.is_(False),
            CaseUnit.confirmed_at.is_not(None),
            Role.organisation_id == case.organisation_id,
            Role.kind == RoleKind.REQUESTER,
            Role.confirmed_at.is_not(None),
        )
    )
    return {case.requester_id, *reach.members_of(session, case), *coordinating, *others}


def room(scene: Scene) -> Message:
    """The summary at the top of the channel, as the case stands now."""
    case, words = scene.case(), scene.words
    shown = [
        blocks.header(words("room.title", number=case.number, title=case.title)),
        blocks.section(facts.standing(words, without_pending_names(case))),
        blocks.section(quote(case.question, 2000)),
        blocks.fields([*_people(scene, case), *facts.details(words, case)[1:6]]),
        *_texts(words, case),
        *_acts(words, case),
    ]
    return blocks.message(words("room.text", number=case.number, title=case.title), shown)


def _people(scene: Scene, case: CaseSeen) -> list[tuple[str, str]]:
    words = scene.words
    members = joined(", ", [_called(scene, each.person_id, each.name) for each in case.members])
    coordinator = words("fact.nobody")
    if case.coordinator_id is not None and case.coordinator is not None:
        coordinator = _called(scene, case.coordinator_id, case.coordinator)
    return [
        (words("fact.requester"), _called(scene, case.requester_id, case.requester)),
        (words("room.members"), members or words("room.no_member")),
        (words("fact.coordinator"), coordinator),
    ]


def _called(scene: Scene, person_id: int, name: str) -> str:
    """A person as the channel knows them, or by name with the remark that they are not in the chat."""
    user = scene.user(person_id)
    return mention(user) if user else scene.words("room.outside", name=name)


def _texts(words: Words, case: CaseSeen) -> list[Block]:
    links = facts.links(case)
    shown = [blocks.section(lines([bold(words("room.links")), links]))] if links else []
    if case.lesson is not None and case.status is Status.CLOSED:
        shown.append(blocks.section(lines([bold(words("room.lesson")), quote(case.lesson.text, LESSON)])))
    return shown


def _acts(words: Words, case: CaseSeen) -> list[Block]:
    button = Button(case=case.id, version=case.version)
    view = blocks.button(words("button.open"), Action.CASE_OPEN, button)
    if case.status in ENDED:
        return [blocks.actions(view)]
    answer = blocks.button(words("asked.answer"), Action.ANSWER, button, style="primary")
    note = blocks.button(words("room.note"), Action.NOTE, button)
    close = blocks.button(words("room.close"), Action.CLOSE, button)
    return [
        blocks.actions(
            *([answer] if case.status in ANSWERING else []),
            view,
            *([note] if case.status in ANSWERING | {Status.PAUSED} else []),
            close,
        ),
        blocks.context(speak(words, "room.fine")),
    ]


RENDERERS: dict[str, Renderer] = {"room": room}
