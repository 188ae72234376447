"""Lists: my consultations, what a search finds, where everything stands, and the members; ten at a time."""

import enum
import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot import authority, caselists, overview, pickers
from bot.caselists import Line, Page
from bot.pickers import MemberLine
from bot.services import Services
from bot.topics import Topic, chosen_topics
from bot.wording import Words
from handlers.slack import blocks, topics
from handlers.slack.asker import Asker, answered, asker_of
from handlers.slack.blocks import Block
from handlers.slack.consult import show
from handlers.slack.facts import today
from handlers.slack.ids import Action, View
from handlers.slack.markup import bold, joined, lines, speak, speak_n
from handlers.slack.opening import named
from handlers.slack.question import capitalised
from handlers.slack.review import member_lines
from models.forms import Button, Form
from models.life import Status
from models.personal_number import personal_numbers

SIZE = 10
LONGEST_QUERY = 500
MOST_TOPICS = 3
"""So many chosen topics one list is for; the first one makes way for a fourth."""

_CONTROL = re.compile(r"[\x00-\x1f]+")


def _short(query: str) -> str:
    """What a button can carry of a query: a control character would take six."""
    return _CONTROL.sub(" ", query)[:LONGEST_QUERY]


class Kind(enum.StrEnum):
    """Which list."""

    MINE = "mine"
    SEARCH = "search"
    STATUS = "status"
    MEMBERS = "members"


class Turning(Form):
    """A page of a list, as its buttons carry it. `also` is the first line of the second list, where there are two;
    `topics` are chosen to say what a query for members is about."""

    kind: Kind
    status: Status | None = None
    query: Annotated[str, BeforeValidator(_short)] = ""
    topics: Annotated[tuple[Annotated[str, Field(max_length=120)], ...], Field(max_length=MOST_TOPICS)] = ()
    first: Annotated[int, Field(ge=0)] = 0
    also: Annotated[int, Field(ge=0)] = 0


def register(app: App, services: Services) -> None:
    """Turn the pages of every list; a button outside a list opens it."""

    def turn(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        turning = Turning.model_validate_json(body["actions"][0]["value"])
        show(client, body, page_view(services, asker_of(context), turning))
        ack()

    for action in (Action.PAGE, Action.PAGE_BACK, Action.TOPIC):
        app.action(named(action))(answered(turn))


def mine_view(services: Services, asker: Asker) -> Block:
    """The person's own consultations, and those they advise."""
    return page_view(services, asker, Turning(kind=Kind.MINE))


def search_view(services: Services, asker: Asker, query: str) -> Block:
    """What the words find of what the person may read."""
    return page_view(services, asker, Turning(kind=Kind.SEARCH, query=query))


def status_view(services: Services, asker: Asker) -> Block:
    """How many stand where, for coordinators; for everybody else what of their own is still open."""
    return page_view(services, asker, Turning(kind=Kind.STATUS))


def members_view(services: Services, asker: Asker, topic: str = "") -> Block:
    """Who might know about a topic, with reasons; without one, every member."""
    return page_view(services, asker, Turning(kind=Kind.MEMBERS, query=topic))


def page_view(services: Services, asker: Asker, turning: Turning) -> Block:
    """One page of a list."""
    words = asker.words
    if personal_numbers(turning.query):
        shown = [blocks.section(words("list.personal_number"))]
    else:
        with services.database.reading() as session:
            shown = _LISTS[turning.kind](session, services, asker, turning)
    return blocks.modal(View.LIST, words(f"list.title_{turning.kind}"), shown, close=words("button.close"))


def _mine(session: Session, services: Services, asker: Asker, turning: Turning) -> list[Block]:  # noqa: ARG001
    words = asker.words
    own = caselists.requested_by(session, asker.actor, first=turning.first, size=SIZE)
    advised = caselists.advised_by(session, asker.actor, first=turning.also, size=SIZE)
    if not own.total and not advised.total:
        return _empty(words, "list.mine_none")
    shown: list[Block] = []
    if own.total:
        shown += [blocks.header(words("list.requested")), *_cases(words, own), *_pager(words, own, turning)]
    if advised.total:
        shown += [
            blocks.header(words("list.advised")),
            *_cases(words, advised),
            *_pager(words, advised, turning, field="also"),
        ]
    return shown


def _search(session: Session, services: Services, asker: Asker, turning: Turning) -> list[Block]:  # noqa: ARG001
    words = asker.words
    if not turning.query.strip():
        return [blocks.section(speak(words, "list.search_how"))]
    page = caselists.found(session, asker.actor, turning.query, first=turning.first, size=SIZE)
    if not page.total:
        return _empty(words, "list.search_none", query=turning.query)
    return [
        blocks.section(speak_n(words, "list.search_found", page.total, query=turning.query)),
        *_cases(words, page),
        *_pager(words, page, turning),
    ]


def _status(session: Session, services: Services, asker: Asker, turning: Turning) -> list[Block]:  # noqa: ARG001
    words = asker.words
    organisation_id = asker.actor.organisation_id
    if not authority.coordinates(session, organisation_id, asker.actor.person_id):
        page = overview.open_of(session, asker.actor, first=turning.first, size=SIZE)
        if not page.total:
            return _empty(words, "list.open_none")
        counted = blocks.section(speak_n(words, "list.open", page.total))
        return [counted, *_cases(words, page), *_pager(words, page, turning)]
    if turning.status is None:
        return _counts(words, overview.counts(session, organisation_id))
    page = caselists.in_status(session, organisation_id, [turning.status], first=turning.first, size=SIZE)
    back = blocks.button(words("button.overview"), Action.PAGE_BACK, Turning(kind=Kind.STATUS))
    return [
        blocks.header(capitalised(words(f"status.{turning.status}"))),
        *(_cases(words, page) if page.total else [blocks.section(speak(words, "list.status_none"))]),
        *_pager(words, page, turning),
        blocks.actions(back),
    ]


def _counts(words: Words, counts: dict[Status, int]) -> list[Block]:
    return [
        blocks.section(speak_n(words, "list.overview", sum(counts.values()))),
        *(
            blocks.section(
                joined(": ", [bold(capitalised(words(f"status.{status}"))), words.number(count)]),
                blocks.button(words("button.open"), Action.PAGE, Turning(kind=Kind.STATUS, status=status))
                if count
                else None,
            )
            for status, count in counts.items()
        ),
    ]


def _members(session: Session, services: Services, asker: Asker, turning: Turning) -> list[Block]:
    words = asker.words
    if not turning.query.strip():
        return _everybody(session, asker, turning)
    organisation_id = asker.actor.organisation_id
    suggested = services.suggester.for_text(
        session, organisation_id, turning.query, today(services, words), top=SIZE, topics=turning.topics
    )
    chosen = chosen_topics(session, organisation_id, turning.topics)
    about = topics.pressable(words, suggested.choices, chosen, lambda topic: _about(turning, topic))
    if not suggested.members:
        return [
            blocks.section(speak(words, "list.members_none", topic=turning.query)),
            *about,
            blocks.actions(blocks.button(words("button.all_members"), Action.PAGE, Turning(kind=Kind.MEMBERS))),
        ]
    certain = "list.members_for" if suggested.confidence == "clear" else "list.members_perhaps"
    return [
        blocks.section(speak(words, certain, topic=turning.query)),
        *about,
        *(blocks.section(member_lines(words, each)) for each in suggested.members),
    ]


def _about(turning: Turning, topic: Topic) -> Turning:
    """The list when the topic is chosen as well, or no longer."""
    others = tuple(key for key in turning.topics if key != topic.key)
    chosen = others if topic.key in turning.topics else (*others, topic.key)
    return turning.model_copy(update={"topics": chosen[-MOST_TOPICS:]})


def _everybody(session: Session, asker: Asker, turning: Turning) -> list[Block]:
    words = asker.words
    total = pickers.count_members(session, asker.actor.organisation_id)
    members = pickers.members(session, asker.actor.organisation_id, first=turning.first, limit=SIZE)
    if not total:
        return [blocks.section(speak(words, "list.nobody"))]
    page = Page((), turning.first, total)
    return [
        blocks.section(speak_n(words, "list.everybody", total)),
        *(blocks.section(_profile_lines(member)) for member in members),
        *_pager(words, page, turning),
    ]


def _profile_lines(member: MemberLine) -> str:
    about = ", ".join(part for part in (member.title, member.university) if part)
    return lines([joined(" · ", [bold(member.name), about]), ", ".join(member.keywords[:8])])


def _cases(words: Words, page: Page) -> list[Block]:
    return [case_row(words, line) for line in page.lines]


def case_row(words: Words, line: Line) -> Block:
    """A consultation in a list: number and title, status, unit, the day it last changed, and a button to open it."""
    changed = words("list.changed", day=words.date(line.changed_at))
    status = words(f"outcome.{line.outcome}") if line.outcome else words(f"status.{line.status}")
    return blocks.section(
        lines(
            [
                joined(" ", [f"#{line.number}", bold(line.title)]),
                joined(" · ", [capitalised(status), line.unit, changed]),
            ]
        ),
        blocks.button(words("button.open"), Action.CASE_OPEN, Button(case=line.id)),
    )


def _pager(words: Words, page: Page, turning: Turning, field: str = "first") -> list[Block]:
    if page.total <= SIZE:
        return []
    buttons = []
    if page.first > 0:
        earlier = turning.model_copy(update={field: max(0, page.first - SIZE)})
        buttons.append(blocks.button(words("button.earlier"), Action.PAGE_BACK, earlier))
    if page.first + SIZE < page.total:
        later = turning.model_copy(update={field: page.first + SIZE})
        buttons.append(blocks.button(words("button.later"), Action.PAGE, later))
    last = min(page.first + SIZE, page.total)
    return [
        blocks.context(words("list.page", first=page.first + 1, last=last, total=words.number(page.total))),
        *([blocks.actions(*buttons)] if buttons else []),
    ]


def _empty(words: Words, key: str, **values: str) -> list[Block]:
    return [
        blocks.section(speak(words, key, **values)),
        blocks.actions(blocks.button(words("button.file"), Action.FILE)),
    ]


_LISTS: dict[Kind, Callable[[Session, Services, Asker, Turning], list[Block]]] = {
    Kind.MINE: _mine,
    Kind.SEARCH: _search,
    Kind.STATUS: _status,
    Kind.MEMBERS: _members,
}
