"""A second opinion on what Slack takes: a package of others, which knows nothing of our tables of limits."""

from typing import Any

import blockkit
from blockkit.core import ComponentValidationError, FieldValidationError

Document = dict[str, Any]

KINDS: dict[str, Any] = {
    "actions": blockkit.Actions,
    "button": blockkit.Button,
    "checkboxes": blockkit.Checkboxes,
    "context": blockkit.Context,
    "conversations_select": blockkit.ConversationsSelect,
    "datepicker": blockkit.DatePicker,
    "divider": blockkit.Divider,
    "external_select": blockkit.ExternalSelect,
    "header": blockkit.Header,
    "home": blockkit.Home,
    "input": blockkit.Input,
    "modal": blockkit.Modal,
    "multi_external_select": blockkit.MultiExternalSelect,
    "number_input": blockkit.NumberInput,
    "overflow": blockkit.Overflow,
    "plain_text_input": blockkit.PlainTextInput,
    "radio_buttons": blockkit.RadioButtons,
    "section": blockkit.Section,
    "static_select": blockkit.StaticSelect,
    "users_select": blockkit.UsersSelect,
}
"""A kind that is not here fails loudly: it is to be added, not passed over."""

STRICTER = frozenset({"min_query_length"})
"""Where the package refuses what Slack takes: 0 shows a list's options before anything is typed."""

NUMBERS = frozenset({"initial_value", "min_value", "max_value"})
FIELDS, FIELD = 10, 2000
MESSAGE_BLOCKS = 50
"""What the package leaves open: the fields of a section, and how many blocks a message may have."""


def refused_view(view: Document) -> str:
    """Why the package does not take a modal or a home; nothing when it does."""
    return _refused(view)


def refused_message(text: str, blocks: list[Document]) -> str:
    """Why the package does not take a message; nothing when it does."""
    if len(blocks) > MESSAGE_BLOCKS:
        return f"{len(blocks)} blocks"
    try:
        blockkit.Message(text=text, blocks=[_made(block) for block in blocks]).build()
    except (FieldValidationError, ComponentValidationError) as refusal:
        return str(refusal)
    return _too_much(blocks)


def _refused(view: Document) -> str:
    try:
        _made(view).build()
    except (FieldValidationError, ComponentValidationError) as refusal:
        return str(refusal)
    return _too_much(view["blocks"])


def _too_much(blocks: list[Document]) -> str:
    sections = [block.get("fields") or [] for block in blocks]
    longest = max((len(field["text"]) for fields in sections for field in fields), default=0)
    most = max(map(len, sections), default=0)
    return f"{most} fields, the longest of {longest}" if longest > FIELD or most > FIELDS else ""


def _made(part: Any, name: str = "") -> Any:
    """The package's own object for a part of a document."""
    if isinstance(part, list):
        return [_made(each) for each in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") in {"plain_text", "mrkdwn"}:
        return blockkit.Text(**part)
    inner = {key: _made(value, key) for key, value in part.items() if key not in {"type", *STRICTER}}
    if "type" not in part:
        return _composed(inner, name)
    if part["type"] == "number_input":
        inner |= {key: _number(inner[key]) for key in NUMBERS & inner.keys()}
    return KINDS[part["type"]](**inner)


def _composed(inner: Document, name: str) -> Any:
    if name == "confirm":
        return blockkit.Confirm(**inner)
    if name == "filter":
        return blockkit.ConversationFilter(**inner)
    return blockkit.Option(**inner)


def _number(text: str) -> float:
    return float(text) if "." in text else int(text)
