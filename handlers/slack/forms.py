"""What a person typed into a view, as a form; and a form's refusals, at their fields, in the person's language."""

from typing import Any, TypeVar

from pydantic import ValidationError

from bot.wording import Words, catalogue
from models.forms import Form

F = TypeVar("F", bound=Form)

_OF_TEXT = {"too_short": "string_too_short", "too_long": "string_too_long"}
"""A text's length is checked after it is trimmed, and pydantic then speaks of it as of a list's."""


class Mistakes(Exception):
    """The form cannot be used; `at` has a sentence for each field that is wrong."""

    def __init__(self, at: dict[str, str]) -> None:
        super().__init__(", ".join(at))
        self.at = at


def typed(view: dict[str, Any]) -> dict[str, Any]:
    """The values of a view's inputs by field name, as plain strings and lists; what was left empty is not there."""
    found: dict[str, Any] = {}
    for name, elements in view.get("state", {}).get("values", {}).items():
        for element in elements.values():
            value = _value(element)
            if value is not None:
                found[name] = value
    return found


def parse(form: type[F], values: dict[str, Any], words: Words, **context: Any) -> F:
    """The form. Raises `Mistakes` with a sentence for each wrong field."""
    try:
        return form.model_validate(values, context=context or None)
    except ValidationError as error:
        raise Mistakes(
            {str(item["loc"][0]) if item["loc"] else "": _sentence(words, item) for item in error.errors()}
        ) from error


def _sentence(words: Words, error: Any) -> str:
    kind = error["type"]
    key = f"error.{_OF_TEXT.get(kind, kind) if isinstance(error.get('input'), str) else kind}"
    if key not in catalogue(words.language):
        key = "error.other"
    limits = {
        name: words.number(value) if isinstance(value, int | float) else value
        for name, value in error.get("ctx", {}).items()
        if isinstance(value, int | float | str)
    }
    return words(key, **limits)


def _value(element: dict[str, Any]) -> Any:
    kind = element.get("type", "")
    if kind in {"static_select", "external_select", "radio_buttons"}:
        return (element.get("selected_option") or {}).get("value")
    if kind in {"multi_static_select", "multi_external_select", "checkboxes"}:
        return [item["value"] for item in element.get("selected_options") or []]
    for name in ("selected_date", "selected_conversation", "selected_user", "selected_channel"):
        if name in element:
            return element[name]
    for name in ("selected_users", "selected_conversations"):
        if name in element:
            return element[name]
    return element.get("value")
