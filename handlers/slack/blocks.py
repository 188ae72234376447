"""Slack's blocks, made so that no limit can be passed: every text is escaped, then cut, on its way in.

Whoever builds a view or message uses these and nothing else.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.slack import limits
from handlers.slack.markup import Markup, cut, escape
from models.forms import Form

Block = dict[str, Any]

VALUE = "value"
"""The action id of every input; the block id is the form's field, so that errors find their place."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: blocks, and the text for notifications and readers of screens."""

    text: str
    blocks: list[Block]


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a select, radio button or checkbox."""

    value: str
    text: str
    description: str = ""


def plain(text: str, length: int) -> Block:
    """A plain text object; empty text becomes a dash, for Slack refuses empty ones."""
    return {"type": "plain_text", "text": cut(str(text).replace("\x00", ""), length) or "–", "emoji": False}


def mrkdwn(text: str, length: int = limits.SECTION) -> Block:
    """A mrkdwn text object."""
    return {"type": "mrkdwn", "text": cut(escape(text), length) or "–"}


def header(text: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain(" ".join(text.split()), limits.HEADER)}


def section(text: str, accessory: Block | None = None, *, block_id: str | None = None) -> Block:
    """A paragraph, perhaps with a button or menu beside it."""
    return _with({"type": "section", "text": mrkdwn(text)}, accessory=accessory, block_id=block_id)


def fields(pairs: Iterable[tuple[str, str]]) -> Block:
    """Short facts in two columns, each under its label."""
    cells = [mrkdwn(Markup(f"*{escape(label)}*\n{escape(value)}"), limits.FIELD) for label, value in pairs if value]
    return {"type": "section", "fields": cells[: limits.FIELDS]}


def context(*texts: str) -> Block:
    """Small print."""
    return {"type": "context", "elements": [mrkdwn(text) for text in texts[: limits.CONTEXT_ELEMENTS]]}


def divider() -> Block:
    """A line."""
    return {"type": "divider"}


def actions(*elements: Block, block_id: str | None = None) -> Block:
    """Buttons and menus in a row."""
    return _with({"type": "actions", "elements": list(elements[: limits.ACTIONS])}, block_id=block_id)


def button(
    text: str, action_id: str, value: Form | None = None, *, style: str | None = None, confirm: Block | None = None
) -> Block:
    """A button; its value is typed and holds ids, never state."""
    carried = value.model_dump_json(exclude_none=True) if value is not None else None
    return _with(
        {"type": "button", "text": plain(text, limits.BUTTON_TEXT), "action_id": action_id},
        value=carried,
        style=style,
        confirm=confirm,
    )


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    """A question before a button does what it says."""
    return {
        "title": plain(title, limits.CONFIRM_TITLE),
        "text": plain(text, limits.CONFIRM_TEXT),
        "confirm": plain(yes, limits.CONFIRM_BUTTON),
        "deny": plain(no, limits.CONFIRM_BUTTON),
    }


def option(choice: Choice) -> Block:
    """An option object."""
    return _with(
        {"text": plain(choice.text, limits.OPTION_TEXT), "value": choice.value[: limits.OPTION_VALUE]},
        description=plain(choice.description, limits.OPTION_TEXT) if choice.description else None,
    )


def overflow(action_id: str, choices: Sequence[Choice]) -> Block:
    """A menu of two to five further acts."""
    return {"type": "overflow", "action_id": action_id, "options": [option(choice) for choice in choices[:5]]}


def text_input(
    *, multiline: bool = False, initial: str = "", most: int = limits.INPUT, least: int = 0, placeholder: str = ""
) -> Block:
    """A field to write in."""
    return _with(
        {"type": "plain_text_input", "action_id": VALUE, "multiline": multiline, "max_length": min(most, limits.INPUT)},
        initial_value=cut(initial.replace("\x00", ""), min(most, limits.INPUT)) or None,
        min_length=least or None,
        placeholder=plain(placeholder, limits.PLACEHOLDER) if placeholder else None,
    )


def number_input(
    *, initial: float | None = None, least: float = 0, most: float = 1000, decimals: bool = False
) -> Block:
    """A field for a number."""
    return _with(
        {
            "type": "number_input",
            "action_id": VALUE,
            "is_decimal_allowed": decimals,
            "min_value": str(least),
            "max_value": str(most),
        },
        initial_value=f"{initial:g}" if initial is not None else None,
    )


def select(
    choices: Sequence[Choice], *, initial: str | None = None, placeholder: str = "", action_id: str = VALUE
) -> Block:
    """A menu of at most a hundred options, one of them to choose."""
    options = [option(choice) for choice in choices[: limits.OPTIONS]]
    return _with(
        {"type": "static_select", "action_id": action_id, "options": options},
        initial_option=_initial(options, initial),
        placeholder=plain(placeholder, limits.PLACEHOLDER) if placeholder else None,
    )


def search_select(
    *, initial: Choice | None = None, placeholder: str = "", least: int = 0, action_id: str = VALUE
) -> Block:
    """A menu whose options come as one types (`block_suggestion`); for lists that may pass a hundred."""
    return _with(
        {"type": "external_select", "action_id": action_id, "min_query_length": least},
        initial_option=option(initial) if initial else None,
        placeholder=plain(placeholder, limits.PLACEHOLDER) if placeholder else None,
    )


def multi_search_select(
    *, initial: Sequence[Choice] = (), placeholder: str = "", most: int | None = None, least: int = 0
) -> Block:
    """Like `search_select`, several to choose."""
    return _with(
        {"type": "multi_external_select", "action_id": VALUE, "min_query_length": least},
        initial_options=[option(choice) for choice in initial] or None,
        placeholder=plain(placeholder, limits.PLACEHOLDER) if placeholder else None,
        max_selected_items=most,
    )


def user_select(*, placeholder: str = "") -> Block:
    """Somebody of the workspace to choose."""
    return _with(
        {"type": "users_select", "action_id": VALUE},
        placeholder=plain(placeholder, limits.PLACEHOLDER) if placeholder else None,
    )


def channel_select(*, initial: str | None = None, placeholder: str = "") -> Block:
    """A channel to choose, a private one too when the person is in it."""
    return _with(
        {
            "type": "conversations_select",
            "action_id": VALUE,
            "filter": {"include": ["public", "private"], "exclude_bot_users": True},
        },
        initial_conversation=initial,
        placeholder=plain(placeholder, limits.PLACEHOLDER) if placeholder else None,
    )


def radios(choices: Sequence[Choice], *, initial: str | None = None) -> Block:
    """At most ten choices, one of them to choose."""
    options = [option(choice) for choice in choices[: limits.CHOICES]]
    return _with(
        {"type": "radio_buttons", "action_id": VALUE, "options": options}, initial_option=_initial(options, initial)
    )


def checkboxes(choices: Sequence[Choice], *, initial: Sequence[str] = ()) -> Block:
    """At most ten choices, any of them to choose."""
    options = [option(choice) for choice in choices[: limits.CHOICES]]
    chosen = [item for item in options if item["value"] in initial]
    return _with({"type": "checkboxes", "action_id": VALUE, "options": options}, initial_options=chosen or None)


def date_input(*, initial: dt.date | None = None) -> Block:
    """A day."""
    return _with({"type": "datepicker", "action_id": VALUE}, initial_date=initial.isoformat() if initial else None)


def field(name: str, label: str, element: Block, *, optional: bool = False, hint: str = "") -> Block:
    """A labelled input; `name` is the form's field."""
    return _with(
        {
            "type": "input",
            "block_id": name,
            "label": plain(label, limits.LABEL),
            "element": element,
            "optional": optional,
        },
        hint=plain(hint, limits.HINT) if hint else None,
    )


def modal(
    callback_id: str,
    title: str,
    blocks: Sequence[Block],
    *,
    submit: str | None = None,
    close: str,
    metadata: Form | None = None,
) -> Block:
    """A modal view. Swedish words are long: titles and buttons hold 24 characters."""
    return _with(
        {
            "type": "modal",
            "callback_id": callback_id,
            "title": plain(title, limits.MODAL_TITLE),
            "close": plain(close, limits.MODAL_TITLE),
            "blocks": list(blocks[: limits.VIEW_BLOCKS]),
        },
        submit=plain(submit, limits.MODAL_TITLE) if submit else None,
        private_metadata=metadata.model_dump_json(exclude_none=True) if metadata is not None else None,
    )


def home(blocks: Sequence[Block]) -> Block:
    """An App Home view."""
    return {"type": "home", "blocks": list(blocks[: limits.VIEW_BLOCKS])}


def message(text: str, blocks: Sequence[Block]) -> Message:
    """A message with its text for notifications; too many blocks end in three dots."""
    kept = list(blocks)
    if len(kept) > limits.MESSAGE_BLOCKS:
        kept = [*kept[: limits.MESSAGE_BLOCKS - 1], context("…")]
    return Message(cut(escape(text), limits.MESSAGE_TEXT), kept)


def _with(block: Block, **parts: Any) -> Block:
    return block | {name: part for name, part in parts.items() if part is not None}


def _initial(options: list[Block], value: str | None) -> Block | None:
    return next((item for item in options if item["value"] == value), None)
