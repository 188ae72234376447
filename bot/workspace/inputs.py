"""What a person has entered: the state of a view's or a message's elements, and what is wrong with it."""

import re
from collections.abc import Mapping
from typing import Any

from bot.workspace import blocks as block_list
from bot.workspace import limits, rules
from bot.workspace.elements import offered
from bot.workspace.sentences import sentence

Document = dict[str, Any]
Values = dict[str, dict[str, Document]]

FIELDS: dict[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
SEVERAL = frozenset(kind for kind, (name, _) in FIELDS.items() if name.endswith("s") and name != "value")


def entered(given: Any) -> Values:
    """What a page sent, reduced to what has the form of values by block_id and action_id."""
    if not isinstance(given, dict):
        return {}
    return {
        str(block_id): {str(name): value for name, value in inner.items() if isinstance(value, dict)}
        for block_id, inner in given.items()
        if isinstance(inner, dict)
    }


def state(blocks: block_list.Blocks, *given: Mapping[str, Any]) -> Values:
    """Every element that keeps a value, with the first of `given` that knows it, else its initial value."""
    values: Values = {}
    for block, element in block_list.elements(blocks):
        if element["type"] in FIELDS:
            inner = values.setdefault(block["block_id"], {})
            inner[element["action_id"]] = _value(block, element, given)
    return values


def retained(values: Mapping[str, Any], blocks: block_list.Blocks) -> Values:
    """What survives a view's update: the values whose block_id, action_id and type stand in it still."""
    kept: Values = {}
    for block, element in block_list.elements(blocks):
        known = values.get(block["block_id"], {}).get(element["action_id"])
        if known is not None and known.get("type") == element["type"]:
            kept.setdefault(block["block_id"], {})[element["action_id"]] = known
    return kept


def _value(block: Document, element: Document, given: tuple[Mapping[str, Any], ...]) -> Document:
    name, initial = FIELDS[element["type"]]
    value = element.get(initial)
    for source in given:
        known = source.get(block["block_id"], {}).get(element["action_id"], {})
        if name in known:
            value = known[name]
            break
    return {"type": element["type"], name: chosen(element, value)}


def chosen(element: Document, value: Any) -> Any:
    """A value as the element knows it: options are the element's own, nothing is None, many are a list."""
    known = {each["value"]: each for each in offered(element)}
    if element["type"] in SEVERAL:
        several = value if isinstance(value, list) else []
        return [known.get(_option_value(each), each) if known else each for each in several]
    if value in ("", [], {}):
        return None
    if known and isinstance(value, dict):
        return known.get(_option_value(value), value)
    return value


def _option_value(option: Any) -> str:
    return str(option.get("value")) if isinstance(option, dict) else ""


def problems(blocks: block_list.Blocks, values: Values, locale: str) -> dict[str, str]:
    """A sentence for each input block that may not be submitted as it is; nothing else is looked at."""
    found: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        value = values[block["block_id"]][element["action_id"]][FIELDS[element["type"]][0]]
        if value in (None, "", []) or (isinstance(value, str) and not value.strip()):
            if not block.get("optional"):
                found[block["block_id"]] = sentence("required", locale)
            continue
        key, count = wrong(element, value)
        if key is not None:
            found[block["block_id"]] = sentence(key, locale, count=count)
    return found


def wrong(element: Document, value: Any) -> tuple[str | None, object]:
    """The key of the sentence that says what is wrong with an entered value, and its number."""
    name = FIELDS[element["type"]][0]
    if name == "value":
        return _wrong_text(element, value)
    most = element.get("max_selected_items")
    if name == "selected_date":
        key = None if rules.is_date(value) else "bad_date"
    elif name == "selected_time":
        key = None if re.fullmatch(rules.TIME, str(value)) else "bad_time"
    elif name.startswith("selected_option"):
        several = value if isinstance(value, list) else [value]
        key = None if all(_acceptable(element, each) for each in several) else "not_offered"
    else:
        key = None if _plain(name, value) else "not_offered"
    if key is None and most is not None and len(value) > most:
        key = "too_many"
    return key, most


def _plain(name: str, value: Any) -> bool:
    """Identifiers, dates and times are texts; only a date with a time is a number."""
    if name == "selected_date_time":
        return isinstance(value, int)
    return all(isinstance(each, str) for each in (value if isinstance(value, list) else [value]))


def _acceptable(element: Document, option: Any) -> bool:
    if not isinstance(option, dict) or not isinstance(option.get("value"), str):
        return False
    return "external" in element["type"] or option in offered(element)


def _wrong_text(element: Document, value: Any) -> tuple[str | None, object]:
    kind = element["type"]
    least, most = element.get("min_length", 0), element.get("max_length", limits.INPUT_TEXT)
    if not isinstance(value, str) or len(value) > most:
        return "too_long", most
    if len(value) < least:
        return "too_short", least
    if kind == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+[.][^@\s]+", value):
        return "bad_email", None
    if kind == "url_text_input" and not re.fullmatch(r"https?://\S+", value):
        return "bad_url", None
    if kind == "number_input":
        return _wrong_number(element, value)
    return None, None


def _wrong_number(element: Document, value: str) -> tuple[str | None, object]:
    if not re.fullmatch(r"-?\d+([.]\d+)?", value):
        return "bad_number", None
    if "." in value and not element["is_decimal_allowed"]:
        return "bad_integer", None
    if "min_value" in element and float(value) < float(element["min_value"]):
        return "too_low", element["min_value"]
    if "max_value" in element and float(value) > float(element["max_value"]):
        return "too_high", element["max_value"]
    return None, None
