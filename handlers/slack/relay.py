"""Relaying: what somebody outside the chat must be told, as text for a coordinator to send (R22)."""

import re
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.casefile import CaseSeen
from bot.wording import Words
from handlers.slack import asked, blocks, told
from handlers.slack.blocks import Block, Message
from handlers.slack.ids import Action
from handlers.slack.markup import Markup, bold, escape, lines, speak, web
from handlers.slack.rendering import Renderer, Scene
from models.forms import Button
from models.life import Act, OfferStatus
from models.people import Identity, Person

PIECE = 2800
"""So many characters of a text stand in one block."""

RUN = 500
"""So many characters of one line stay together; escaped they are at most five times as many."""

_LINK = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_STYLE = re.compile(r"(?<!\w)([*_~])(?=\S)(.+?)(?<=\S)\1(?!\w)")


def relay(scene: Scene) -> Message | None:
    """The text for the person, in their language, with what can be recorded when they answer; None when obsolete."""
    person = scene.session.get_one(Person, int(scene.delivery.data["person"]))
    notice = str(scene.delivery.data["notice"])
    reader = scene.as_read_by(person.id)
    reader = replace(reader, delivery=replace(scene.delivery, name=notice))
    text = _question(reader) if notice == "offer" else _notice(reader, notice)
    if text is None:
        return None
    words = scene.words
    shown = [
        blocks.section(lines([speak(words, "relay.intro", name=bold(person.name)), _address(words, person)])),
        *(blocks.section(Markup(f"```\n{piece}\n```")) for piece in _pieces(text)),
        *_recording(scene, notice),
    ]
    return blocks.message(words("relay.text", name=person.name), shown)


def flat(session: Session, shown: Iterable[Block]) -> str:
    """A message's blocks as plain text: no buttons, no signs of Slack's, people by name and links in full."""
    parts = []
    for block in shown:
        texts = [block.get("text"), *block.get("elements", [])]
        found = [_plain(session, each) for each in texts if each and each.get("type") in {"mrkdwn", "plain_text"}]
        labelled = [_plain(session, each).replace("\n", ": ", 1) for each in block.get("fields", [])]
        parts.append("\n".join([*found, *labelled]))
    return "\n\n".join(part for part in parts if part)


def _question(reader: Scene) -> str | None:
    """The question with everything a member is told, and how to answer it without the chat."""
    case, words = reader.case(), reader.words
    offer = next((each for each in case.offers if each.id == reader.delivery.subject_id), None)
    if offer is None or offer.status is not OfferStatus.PENDING:
        return None
    text = flat(reader.session, asked.question(reader, case, offer))
    return f"{text}\n\n{words('relay.how_to_answer', day=words.day(offer.due_at))}"


def _notice(reader: Scene, notice: str) -> str | None:
    message = told.RENDERERS[notice](reader)
    return None if message is None else flat(reader.session, message.blocks) or message.text


def _address(words: Words, person: Person) -> Markup:
    if not person.email:
        return speak(words, "relay.no_address")
    return speak(words, "relay.address", address=web(f"mailto:{person.email}", person.email))


def _recording(scene: Scene, notice: str) -> list[Block]:
    words = scene.words
    if scene.delivery.case_id is None:
        return []
    case = scene.case()
    if notice != "offer":
        button = Button(case=case.id, version=case.version)
        return [blocks.actions(blocks.button(words("relay.record"), Action.BEHALF, button))]
    return [blocks.actions(*_answers(words, case, scene.delivery.subject_id))]


def _answers(words: Words, case: CaseSeen, offer_id: int | None) -> list[Block]:
    def button(key: str, act: Act | None, style: str | None = None) -> Block:
        value = Button(act=act, case=case.id, offer=offer_id, version=case.version)
        return blocks.button(words(key), f"{Action.BEHALF}:{act or 'other'}", value, style=style)

    return [
        button("relay.yes", Act.ACCEPT, "primary"),
        button("relay.no", Act.DECLINE),
        button("relay.other", None),
    ]


def _plain(session: Session, text: Block) -> str:
    if text["type"] == "plain_text":
        return str(text["text"])
    said = _STYLE.sub(r"\2", str(text["text"]))
    said = _LINK.sub(lambda found: _spelled(session, found[1], found[2] or ""), said)
    said = re.sub(r"^> ?", "", said, flags=re.MULTILINE)
    return said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _spelled(session: Session, target: str, label: str) -> str:
    """A link with its address, a person by name; a channel is nothing to somebody who is not in the chat."""
    if target.startswith("@"):
        name = session.scalar(
            select(Person.name).join(Identity, Identity.person_id == Person.id).where(Identity.user == target[1:])
        )
        return name or label
    if target.startswith(("#", "!")):
        return label
    return target if label in {"", target} else f"{label}: {target}"


def _pieces(text: str) -> list[str]:
    """The text in pieces that a block can hold once escaped, parted between lines where that can be."""
    pieces = [""]
    for line in text.splitlines():
        for start in range(0, max(len(line), 1), RUN):
            part = ("\n" if start == 0 else "") + _escaped(line[start : start + RUN])
            if len(pieces[-1]) + len(part) > PIECE:
                pieces.append("")
            pieces[-1] += part
    return [piece.strip("\n") for piece in pieces if piece.strip()]


def _escaped(text: str) -> str:
    """Text that can stand between the signs that set it apart, and not end them."""
    return str(escape(text.replace("`", "´")))


RENDERERS: dict[str, Renderer] = {"relay": relay}
