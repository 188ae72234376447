"""Interactive elements and what stands in them: the fields Slack documents, and no others."""

from typing import Any

from bot.workspace import limits, rules
from bot.workspace.rules import Findings, Rule, Shape, anything, boolean, items, one_of, plain, string, text

identifier = string(limits.IDENTIFIER)

confirm = Shape(
    {
        "title": plain(limits.CONFIRM_TITLE),
        "text": text(limits.CONFIRM_TEXT),
        "confirm": plain(limits.CONFIRM_BUTTON),
        "deny": plain(limits.CONFIRM_BUTTON),
    },
    {"style": one_of("primary", "danger")},
)


def option(texts: Rule, *, url: bool = False) -> Shape:
    extra = {"url": string(limits.OPTION_URL)} if url else {}
    return Shape(
        {"text": texts, "value": string(limits.OPTION_VALUE)},
        {"description": text(limits.OPTION_DESCRIPTION), **extra},
    )


chosen = option(plain(limits.OPTION_TEXT))
marked = option(text(limits.OPTION_TEXT))
options = items(chosen, most=limits.OPTIONS)
option_groups = items(Shape({"label": plain(limits.GROUP_LABEL), "options": options}), most=limits.OPTION_GROUPS)
choices = items(marked, most=limits.CHOICES)


def offered(element: dict[str, Any]) -> list[dict[str, Any]]:
    """Every option an element offers, those in groups too."""
    alone = element.get("options") or []
    grouped = [each for group in element.get("option_groups") or [] for each in group["options"]]
    return [*alone, *grouped]


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(one["value"] == other["value"] and one["text"]["text"] == other["text"]["text"])


def _initial_among_options(findings: Findings, element: Any, at: str) -> None:
    for name in ("initial_option", "initial_options"):
        initial = element.get(name)
        for each in initial if isinstance(initial, list) else [initial] if initial else []:
            if not any(_same(each, known) for known in offered(element)):
                findings.add(f"{name} must match one of the options", f"{at}/{name}")


def _initial_not_more_than_most(findings: Findings, element: Any, at: str) -> None:
    most = element.get("max_selected_items")
    if most is not None and len(element.get("initial_options") or []) > most:
        findings.add(f"no more than {most} items allowed", f"{at}/initial_options")


def _lengths_in_order(findings: Findings, element: Any, at: str) -> None:
    if (element.get("min_length") or 0) > (element.get("max_length") or limits.INPUT_TEXT):
        findings.add("min_length must not be greater than max_length", f"{at}/min_length")


def _numbers_in_order(findings: Findings, element: Any, at: str) -> None:
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and high is not None and float(low) > float(high):
        findings.add("min_value must not be greater than max_value", f"{at}/min_value")


_BASE: dict[str, Rule] = {"type": anything, "action_id": identifier}
_FOCUS: dict[str, Rule] = {"focus_on_load": boolean}
_TYPED: dict[str, Rule] = {
    **_BASE,
    **_FOCUS,
    "placeholder": plain(limits.PLACEHOLDER),
    "dispatch_action_config": Shape(
        {}, {"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), most=2)}
    ),
}
_PICKED: dict[str, Rule] = {
    **_BASE,
    **_FOCUS,
    "confirm": confirm,
    "placeholder": plain(limits.PLACEHOLDER),
}
_SEVERAL: dict[str, Rule] = {**_PICKED, "max_selected_items": rules.integer(1, limits.OPTIONS)}
_FILTER = Shape(
    {},
    {
        "include": items(one_of("im", "mpim", "private", "public"), most=4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
_CONVERSATION: dict[str, Rule] = {"default_to_current_conversation": boolean, "filter": _FILTER}
_ids = items(identifier, most=limits.OPTIONS)
_GIVEN: dict[str, Rule] = {"options": options, "option_groups": option_groups}
_one_source = rules.exactly_one_of("options", "option_groups")
_single: dict[str, Rule] = {"response_url_enabled": boolean}

ELEMENTS: dict[str, Shape] = {
    "button": Shape(
        {"text": plain(limits.BUTTON_TEXT)},
        {
            **_BASE,
            "value": string(limits.BUTTON_VALUE),
            "url": string(limits.BUTTON_URL),
            "style": one_of("primary", "danger"),
            "confirm": confirm,
            "accessibility_label": string(limits.ACCESSIBILITY_LABEL),
        },
    ),
    "static_select": Shape({}, {**_PICKED, **_GIVEN, "initial_option": chosen}, (_one_source, _initial_among_options)),
    "multi_static_select": Shape(
        {},
        {**_SEVERAL, **_GIVEN, "initial_options": options},
        (_one_source, _initial_among_options, _initial_not_more_than_most),
    ),
    "external_select": Shape({}, {**_PICKED, "initial_option": chosen, "min_query_length": rules.integer(0, 255)}),
    "multi_external_select": Shape(
        {},
        {**_SEVERAL, "initial_options": options, "min_query_length": rules.integer(0, 255)},
        (_initial_not_more_than_most,),
    ),
    "users_select": Shape({}, {**_PICKED, "initial_user": identifier}),
    "multi_users_select": Shape({}, {**_SEVERAL, "initial_users": _ids}),
    "conversations_select": Shape({}, {**_PICKED, **_CONVERSATION, **_single, "initial_conversation": identifier}),
    "multi_conversations_select": Shape({}, {**_SEVERAL, **_CONVERSATION, "initial_conversations": _ids}),
    "channels_select": Shape({}, {**_PICKED, **_single, "initial_channel": identifier}),
    "multi_channels_select": Shape({}, {**_SEVERAL, "initial_channels": _ids}),
    "overflow": Shape(
        {
            "options": items(
                option(plain(limits.OPTION_TEXT), url=True),
                least=limits.OVERFLOW_LEAST,
                most=limits.OVERFLOW_MOST,
            )
        },
        {**_BASE, "confirm": confirm},
    ),
    "radio_buttons": Shape(
        {"options": choices},
        {**_BASE, **_FOCUS, "confirm": confirm, "initial_option": marked},
        (_initial_among_options,),
    ),
    "checkboxes": Shape(
        {"options": choices},
        {**_BASE, **_FOCUS, "confirm": confirm, "initial_options": choices},
        (_initial_among_options,),
    ),
    "datepicker": Shape({}, {**_PICKED, "initial_date": rules.calendar_date}),
    "timepicker": Shape({}, {**_PICKED, "initial_time": rules.clock_time, "timezone": string(100)}),
    "datetimepicker": Shape(
        {},
        {**_BASE, **_FOCUS, "confirm": confirm, "initial_date_time": rules.integer(10**9, 10**10 - 1)},
    ),
    "plain_text_input": Shape(
        {},
        {
            **_TYPED,
            "initial_value": string(limits.INPUT_TEXT, 0),
            "multiline": boolean,
            "min_length": rules.integer(0, limits.INPUT_TEXT),
            "max_length": rules.integer(1, limits.INPUT_TEXT),
        },
        (_lengths_in_order,),
    ),
    "email_text_input": Shape({}, {**_TYPED, "initial_value": string(limits.INPUT_TEXT, 0)}),
    "url_text_input": Shape({}, {**_TYPED, "initial_value": string(limits.INPUT_TEXT, 0)}),
    "number_input": Shape(
        {"is_decimal_allowed": boolean},
        {
            **_TYPED,
            "initial_value": rules.number_text,
            "min_value": rules.number_text,
            "max_value": rules.number_text,
        },
        (_numbers_in_order,),
    ),
}

IMAGE_SOURCE: dict[str, Rule] = {
    "image_url": rules.both(string(limits.IMAGE_URL), rules.web_address),
    "slack_file": Shape({}, {"id": identifier, "url": string(limits.IMAGE_URL)}),
}
IMAGE_ELEMENT = Shape(
    {"alt_text": string(limits.IMAGE_ALT)},
    {"type": anything, **IMAGE_SOURCE},
    (rules.exactly_one_of("image_url", "slack_file"),),
)

PICKERS = frozenset(
    name for name in ELEMENTS if name.endswith(("_select", "picker")) or name in ("radio_buttons", "checkboxes")
)
TYPED = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input"})
MODAL_ONLY = frozenset({"email_text_input", "url_text_input", "number_input"})
