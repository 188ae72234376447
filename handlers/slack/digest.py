"""The weekly digest (veckobrev) as the forum reads it, and the coordinators' look at it beforehand."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot import digest
from bot.digest import DigestContent, Edition
from bot.news import Entry, Section
from bot.services import Services
from bot.standing import OPEN
from bot.wording import Words
from handlers.slack import blocks
from handlers.slack.asker import Asker, answered, asker_of
from handlers.slack.blocks import Block, Message
from handlers.slack.ids import Action, View
from handlers.slack.markup import Markup, bold, cut, joined, lines, quote, speak, speak_n
from handlers.slack.question import capitalised
from handlers.slack.rendering import Renderer, Scene
from models.life import Act, Status

LESSON = 600
"""How much of a lesson is quoted, in characters; the rest is read in the consultation."""

TITLE = 150
UNIT = 200

Telling = Callable[[Words, Entry], Markup]
"""What is said of one consultation below its title."""


def register(app: App, services: Services) -> None:
    """Posting by hand, from the preview."""

    @app.action(Action.DIGEST_POST)
    @answered
    def post(ack: Ack, body: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        ack()
        asker = asker_of(context)
        with services.database.writing() as session:
            digest.post_now(session, asker.actor, services.clock.now())
        said = blocks.section(asker.words("digest.posted"))
        view = blocks.modal(View.DIGEST, asker.words("view.digest"), [said], close=asker.words("button.close"))
        client.views_update(view_id=body["view"]["id"], view=view)


def preview_view(services: Services, asker: Asker) -> Block:
    """The digest as it would be if it were posted now, with the button that posts it.

    Raises `NotAllowed` for somebody who does not coordinate.
    """
    words = asker.words
    with services.database.reading() as session:
        content = digest.preview(session, asker.actor, services.clock.now())
    post = blocks.button(
        words("digest.post"),
        Action.DIGEST_POST,
        style="primary",
        confirm=blocks.confirm(
            words("digest.post_title"), words("digest.post_text"), words("digest.post"), words("button.cancel")
        ),
    )
    return blocks.modal(
        View.DIGEST,
        words("view.digest"),
        [
            blocks.section(words("digest.preview" if content.happened else "digest.preview_silent")),
            blocks.actions(post),
            blocks.divider(),
            *letter(words, content),
        ],
        close=words("button.close"),
    )


def letter(words: Words, content: DigestContent) -> list[Block]:
    """The whole letter."""
    return [
        blocks.header(words("digest.title", week=words.week(content.week))),
        blocks.context(_span(words, content)),
        blocks.section(speak(words, "digest.hello_long" if content.long else "digest.hello")),
        *_section(words, "new", content.new, _filed),
        *_section(words, "looking", content.looking, _since),
        *_section(words, "under_way", content.under_way, _changes),
        *_section(words, "answered", content.answered, _plain),
        *_section(words, "closed", content.closed, _learned),
        *_section(words, "lessons", content.lessons, _learned),
        *_section(words, "coming", content.coming, _wanted),
        blocks.divider(),
        blocks.section(lines([bold(words("digest.numbers")), _numbers(words, content)])),
        blocks.actions(blocks.button(words("button.file"), Action.FILE)),
        blocks.context(words("digest.footer")),
    ]


def _message(scene: Scene) -> Message:
    words = scene.words
    edition = digest.edition(scene.session, scene.delivery.subject_id or 0)
    text = words("digest.text", week=words.week(edition.week))
    if edition.why:
        return blocks.message(text, _line(words, edition))
    return blocks.message(text, letter(words, edition.content))


def _line(words: Words, edition: Edition) -> list[Block]:
    """A week without news, or a quiet period: a friendly line."""
    said = speak(words, f"digest.line_{edition.why}", week=words.week(edition.week))
    return [blocks.section(said), blocks.actions(blocks.button(words("button.file"), Action.FILE))]


def _span(words: Words, content: DigestContent) -> str:
    last = content.covers_to - dt.timedelta(seconds=1)
    return words("digest.span", first=words.date(content.covers_from), last=words.date(last))


def _section(words: Words, name: str, section: Section, more_of: Telling) -> list[Block]:
    """A heading and the consultations; what only counts, and what there is no room for, in a last line."""
    if not section.total:
        return []
    rows = [_row(words, entry, more_of) for entry in section.entries]
    rest = [
        speak_n(words, "digest.more", section.more) if section.more else "",
        speak_n(words, "digest.hidden", section.hidden) if section.hidden else "",
    ]
    return [
        blocks.header(words(f"digest.{name}")),
        *(blocks.section(chunk) for chunk in _chunks(rows)),
        *([blocks.context(joined(" ", rest))] if any(rest) else []),
    ]


def _chunks(rows: list[Markup]) -> list[Markup]:
    """Two rows in a block: a letter with all its sections full then stays within a message's fifty blocks."""
    return [Markup("\n\n".join(rows[first : first + 2])) for first in range(0, len(rows), 2)]


def _row(words: Words, entry: Entry, more_of: Telling) -> Markup:
    name = joined(" ", [f"#{entry.number}", bold(cut(entry.title, TITLE))])
    return lines([joined(" · ", [name, cut(entry.unit, UNIT)]), more_of(words, entry)])


def _plain(words: Words, entry: Entry) -> Markup:  # noqa: ARG001
    return Markup()


def _filed(words: Words, entry: Entry) -> Markup:
    """New: whether somebody is on it already."""
    return speak(words, f"digest.state_{entry.status}") if entry.status in OPEN else Markup()


def _since(words: Words, entry: Entry) -> Markup:
    key = "digest.since_asked" if entry.status is Status.OFFERED else "digest.since"
    return speak(words, key, day=words.day(entry.filed_at))


def _changes(words: Words, entry: Entry) -> Markup:
    """Under way: what has changed, the weightiest."""
    told = next((act for act in _TOLD if act in entry.changes), None)
    return speak(words, f"digest.change_{told}") if told else Markup()


def _learned(words: Words, entry: Entry) -> Markup:
    """Closed: how it ended, and the lesson in the words it was approved in."""
    outcome = capitalised(words(f"outcome.{entry.outcome}")) if entry.outcome else ""
    thanks = speak(words, "digest.thanks", names=words.names(entry.members)) if entry.members else Markup()
    return lines([outcome, quote(entry.lesson, LESSON) if entry.lesson else "", thanks])


def _wanted(words: Words, entry: Entry) -> Markup:
    return speak(words, "digest.wanted", day=words.day(entry.wanted_by)) if entry.wanted_by else Markup()


def _numbers(words: Words, content: DigestContent) -> str:
    numbers = content.numbers
    told = {
        "filed": numbers.filed,
        "accepted": numbers.accepted,
        "answers": numbers.answers,
        "closed": numbers.closed,
        "looking": numbers.looking,
        "going_on": numbers.under_way,
    }
    return " · ".join(words.n(f"digest.number_{name}", count) for name, count in told.items())


_TOLD = (Act.ACCEPT, Act.REOPEN, Act.PAUSE, Act.RESUME, Act.RELEASE, Act.REASSIGN, Act.NOTE)

RENDERERS: dict[str, Renderer] = {"digest": _message}
