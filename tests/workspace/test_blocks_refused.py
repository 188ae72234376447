"""What Slack refuses in blocks and views, each with the place it names; and what it takes."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.workspace import Person, block_problems, view_problems
from tests.workspace.conftest import ANNA

Document = dict[str, Any]


def plain(text: str) -> Document:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Document:
    return {"type": "mrkdwn", "text": text}


def option(value: str = "v", text: str = "Val", **extra: Any) -> Document:
    return {"text": plain(text), "value": value, **extra}


def button(**extra: Any) -> Document:
    return {"type": "button", "text": plain("Ja"), "action_id": "yes", **extra}


def confirm(**extra: Any) -> Document:
    return {"title": plain("a"), "text": plain("b"), "confirm": plain("c"), "deny": plain("d"), **extra}


def section(text: Document | None = None, **extra: Any) -> Document:
    return {"type": "section", "text": text or mrkdwn("Hej"), **extra}


def actions(*elements: Document, **extra: Any) -> Document:
    return {"type": "actions", "elements": list(elements), **extra}


def asked(element: Document, **extra: Any) -> Document:
    return {"type": "input", "label": plain("Fråga"), "element": element, **extra}


def select(kind: str = "static_select", **extra: Any) -> Document:
    return {"type": kind, "action_id": "s", **extra}


def typed(kind: str = "plain_text_input", **extra: Any) -> Document:
    return {"type": kind, "action_id": "t", **extra}


def modal(*blocks: Document, **extra: Any) -> Document:
    return {"type": "modal", "title": plain("Titel"), "submit": plain("Ok"), "blocks": list(blocks), **extra}


def without(document: Document, name: str) -> Document:
    return {key: value for key, value in document.items() if key != name}


MANY = [option(f"v{n}") for n in range(101)]
BAD_MESSAGES: list[tuple[str, list[Any], str]] = [
    ("51 blocks", [{"type": "divider"}] * 51, "/blocks"),
    ("block without type", [{"text": plain("x")}], "/blocks/0"),
    ("unknown block", [{"type": "carousel"}], "/blocks/0/type"),
    ("markdown block", [{"type": "markdown", "text": "x"}], "/blocks/0/type"),
    ("block is a text", ["hej"], "/blocks/0"),
    ("long header", [{"type": "header", "text": plain("x" * 151)}], "/blocks/0/text/text"),
    ("header in mrkdwn", [{"type": "header", "text": mrkdwn("x")}], "/blocks/0/text/type"),
    ("header without text", [{"type": "header"}], "/blocks/0"),
    ("long section", [section(mrkdwn("x" * 3001))], "/blocks/0/text/text"),
    ("empty section text", [section(mrkdwn(""))], "/blocks/0/text/text"),
    ("empty section", [{"type": "section"}], "/blocks/0"),
    ("text is a string", [{"type": "section", "text": "hej"}], "/blocks/0/text"),
    ("11 fields", [section(fields=[mrkdwn("x")] * 11)], "/blocks/0/fields"),
    ("no fields", [section(fields=[])], "/blocks/0/fields"),
    ("long field", [section(fields=[mrkdwn("x" * 2001)])], "/blocks/0/fields/0/text"),
    ("unknown property", [section(colour="red")], "/blocks/0"),
    ("header as accessory", [section(accessory={"type": "header"})], "/blocks/0/accessory/type"),
    ("text input as accessory", [section(accessory=typed())], "/blocks/0/accessory/type"),
    ("11 in context", [{"type": "context", "elements": [mrkdwn("x")] * 11}], "/blocks/0/elements"),
    ("empty context", [{"type": "context", "elements": []}], "/blocks/0/elements"),
    ("button in context", [{"type": "context", "elements": [button()]}], "/blocks/0/elements/0/type"),
    ("26 in actions", [actions(*[button(action_id=f"a{n}") for n in range(26)])], "/blocks/0/elements"),
    ("empty actions", [actions()], "/blocks/0/elements"),
    ("text input in actions", [actions(typed())], "/blocks/0/elements/0/type"),
    ("image in actions", [actions({"type": "image", "alt_text": "x"})], "/blocks/0/elements/0/type"),
    ("unknown element", [actions({"type": "slider"})], "/blocks/0/elements/0/type"),
    ("same block_id", [section(block_id="a"), section(block_id="a")], "/blocks/1/block_id"),
    ("long block_id", [section(block_id="x" * 256)], "/blocks/0/block_id"),
    ("same action_id", [actions(button(), button())], "/blocks/0/elements/1/action_id"),
    ("long action_id", [actions(button(action_id="x" * 256))], "/blocks/0/elements/0/action_id"),
    ("long button text", [actions(button(text=plain("x" * 76)))], "/blocks/0/elements/0/text/text"),
    ("button in mrkdwn", [actions(button(text=mrkdwn("x")))], "/blocks/0/elements/0/text/type"),
    ("long button value", [actions(button(value="x" * 2001))], "/blocks/0/elements/0/value"),
    ("button value number", [actions(button(value=7))], "/blocks/0/elements/0/value"),
    ("button style", [actions(button(style="default"))], "/blocks/0/elements/0/style"),
    (
        "long confirm title",
        [actions(button(confirm=confirm(title=plain("x" * 101))))],
        "/blocks/0/elements/0/confirm/title/text",
    ),
    (
        "long confirm text",
        [actions(button(confirm=confirm(text=plain("x" * 301))))],
        "/blocks/0/elements/0/confirm/text/text",
    ),
    ("long deny", [actions(button(confirm=confirm(deny=plain("x" * 31))))], "/blocks/0/elements/0/confirm/deny/text"),
    ("confirm without deny", [actions(button(confirm=without(confirm(), "deny")))], "/blocks/0/elements/0/confirm"),
    ("select without options", [actions(select())], "/blocks/0/elements/0"),
    ("no options", [actions(select(options=[]))], "/blocks/0/elements/0/options"),
    ("101 options", [actions(select(options=MANY))], "/blocks/0/elements/0/options"),
    (
        "options and groups",
        [actions(select(options=[option()], option_groups=[{"label": plain("a"), "options": [option()]}]))],
        "/blocks/0/elements/0",
    ),
    (
        "long option text",
        [actions(select(options=[option(text="x" * 76)]))],
        "/blocks/0/elements/0/options/0/text/text",
    ),
    ("long option value", [actions(select(options=[option("x" * 76)]))], "/blocks/0/elements/0/options/0/value"),
    ("option without value", [actions(select(options=[{"text": plain("x")}]))], "/blocks/0/elements/0/options/0"),
    (
        "long option description",
        [actions(select(options=[option(description=plain("x" * 76))]))],
        "/blocks/0/elements/0/options/0/description/text",
    ),
    (
        "option in mrkdwn",
        [actions(select(options=[{"text": mrkdwn("x"), "value": "v"}]))],
        "/blocks/0/elements/0/options/0/text/type",
    ),
    (
        "url of a select's option",
        [actions(select(options=[option(url="https://example.org")]))],
        "/blocks/0/elements/0/options/0",
    ),
    (
        "long group label",
        [actions(select(option_groups=[{"label": plain("x" * 76), "options": [option()]}]))],
        "/blocks/0/elements/0/option_groups/0/label/text",
    ),
    (
        "initial option unknown",
        [actions(select(options=[option("a")], initial_option=option("b")))],
        "/blocks/0/elements/0/initial_option",
    ),
    (
        "long placeholder",
        [actions(select(options=[option()], placeholder=plain("x" * 151)))],
        "/blocks/0/elements/0/placeholder/text",
    ),
    (
        "initial options over most",
        [actions(select("multi_static_select", options=MANY[:3], initial_options=MANY[:2], max_selected_items=1))],
        "/blocks/0/elements/0/initial_options",
    ),
    (
        "max_selected_items zero",
        [actions(select("multi_users_select", max_selected_items=0))],
        "/blocks/0/elements/0/max_selected_items",
    ),
    (
        "min_query_length as text",
        [actions(select("external_select", min_query_length="3"))],
        "/blocks/0/elements/0/min_query_length",
    ),
    (
        "conversation filter",
        [actions(select("conversations_select", filter={"include": ["secret"]}))],
        "/blocks/0/elements/0/filter/include/0",
    ),
    ("11 radio buttons", [actions(select("radio_buttons", options=MANY[:11]))], "/blocks/0/elements/0/options"),
    ("11 checkboxes", [actions(select("checkboxes", options=MANY[:11]))], "/blocks/0/elements/0/options"),
    (
        "checkbox unknown",
        [actions(select("checkboxes", options=MANY[:2], initial_options=[option("z")]))],
        "/blocks/0/elements/0/initial_options",
    ),
    ("overflow with one", [section(accessory=select("overflow", options=MANY[:1]))], "/blocks/0/accessory/options"),
    ("overflow with six", [section(accessory=select("overflow", options=MANY[:6]))], "/blocks/0/accessory/options"),
    (
        "date of another form",
        [actions(select("datepicker", initial_date="4/5 2026"))],
        "/blocks/0/elements/0/initial_date",
    ),
    (
        "date that is none",
        [actions(select("datepicker", initial_date="2026-02-30"))],
        "/blocks/0/elements/0/initial_date",
    ),
    ("time that is none", [actions(select("timepicker", initial_time="24:00"))], "/blocks/0/elements/0/initial_time"),
    ("image without alt", [{"type": "image", "image_url": "https://example.org/a.png"}], "/blocks/0"),
    ("image without source", [{"type": "image", "alt_text": "x"}], "/blocks/0"),
    ("image from nowhere", [{"type": "image", "alt_text": "x", "image_url": "a.png"}], "/blocks/0/image_url"),
    (
        "rich text unknown",
        [{"type": "rich_text", "elements": [{"type": "poem", "elements": []}]}],
        "/blocks/0/elements/0/type",
    ),
    ("number input in a message", [asked(typed("number_input", is_decimal_allowed=False))], "/blocks/0/element/type"),
]

BAD_MODALS: list[tuple[str, Any, str]] = [
    ("long title", modal(title=plain("Begär forskningskonsultation")), "/view/title/text"),
    ("title in mrkdwn", modal(title=mrkdwn("x")), "/view/title/type"),
    ("no title", without(modal(), "title"), "/view"),
    ("no blocks", without(modal(), "blocks"), "/view"),
    ("long submit", modal(submit=plain("x" * 25)), "/view/submit/text"),
    ("long close", modal(close=plain("x" * 25)), "/view/close/text"),
    ("101 blocks", modal(*[{"type": "divider"}] * 101), "/view/blocks"),
    ("long metadata", modal(private_metadata="x" * 3001), "/view/private_metadata"),
    ("metadata object", modal(private_metadata={"a": 1}), "/view/private_metadata"),
    ("long callback_id", modal(callback_id="x" * 256), "/view/callback_id"),
    ("unknown property", modal(colour="red"), "/view"),
    ("home opened as modal", {"type": "home", "blocks": []}, "/view/type"),
    ("not an object", "modal", "/view"),
    ("input without submit", without(modal(asked(typed())), "submit"), "/view"),
    ("input without label", modal(without(asked(typed()), "label")), "/view/blocks/0"),
    ("long label", modal(asked(typed(), label=plain("x" * 2001))), "/view/blocks/0/label/text"),
    ("long hint", modal(asked(typed(), hint=plain("x" * 2001))), "/view/blocks/0/hint/text"),
    ("button in input", modal(asked(button())), "/view/blocks/0/element/type"),
    ("long initial value", modal(asked(typed(initial_value="x" * 3001))), "/view/blocks/0/element/initial_value"),
    ("long max_length", modal(asked(typed(max_length=3001))), "/view/blocks/0/element/max_length"),
    ("min over max", modal(asked(typed(min_length=9, max_length=5))), "/view/blocks/0/element/min_length"),
    ("number without decimals said", modal(asked(typed("number_input"))), "/view/blocks/0/element"),
    (
        "numbers out of order",
        modal(asked(typed("number_input", is_decimal_allowed=True, min_value="5", max_value="2"))),
        "/view/blocks/0/element/min_value",
    ),
    (
        "two in focus",
        modal(asked(typed(focus_on_load=True)), asked(typed(focus_on_load=True))),
        "/view/blocks/1/element/focus_on_load",
    ),
    (
        "dispatch on nothing",
        modal(asked(typed(dispatch_action_config={"trigger_actions_on": ["blink"]}))),
        "/view/blocks/0/element/dispatch_action_config/trigger_actions_on/0",
    ),
    ("same block_id", modal(section(block_id="a"), asked(typed(), block_id="a")), "/view/blocks/1/block_id"),
]

BAD_HOMES: list[tuple[str, Any, str]] = [
    ("home with a title", {"type": "home", "title": plain("x"), "blocks": []}, "/view"),
    ("modal as home", modal(), "/view/type"),
    (
        "e-mail field in home",
        {"type": "home", "blocks": [asked(typed("email_text_input"))]},
        "/view/blocks/0/element/type",
    ),
]

GOOD_BLOCKS: list[list[Document]] = [
    [section(mrkdwn("x" * 3000), block_id="b" * 255)],
    [section(fields=[mrkdwn("x" * 2000)] * 10)],
    [{"type": "section", "fields": [plain("a")]}],
    [{"type": "header", "text": {**plain("x" * 150), "emoji": True}}, {"type": "divider"}],
    [
        {
            "type": "context",
            "elements": [mrkdwn("x"), {"type": "image", "image_url": "https://example.org/a", "alt_text": "a"}],
        }
    ],
    [actions(*[button(action_id=f"a{n}", value="x" * 2000, style="danger") for n in range(25)])],
    [actions(button(url="https://example.org", confirm=confirm(style="primary"), accessibility_label="Ja tack"))],
    [actions(select(options=MANY[:100], initial_option=MANY[5], placeholder=plain("x" * 150)))],
    [actions(select(option_groups=[{"label": plain("a"), "options": [option("b")]}], initial_option=option("b")))],
    [
        actions(
            select("multi_external_select", min_query_length=2),
            select("users_select", action_id="u", initial_user=ANNA),
        )
    ],
    [actions(select("conversations_select", filter={"include": ["private"]}, default_to_current_conversation=True))],
    [
        actions(
            select("datepicker", initial_date="2028-02-29"), select("timepicker", action_id="t", initial_time="23:59")
        )
    ],
    [actions(select("checkboxes", options=[{"text": mrkdwn("*a*"), "value": "a"}]))],
    [section(accessory=select("overflow", options=[option("a", url="https://example.org"), option("b")]))],
    [{"type": "image", "image_url": "https://example.org/a.png", "alt_text": "En bild", "title": plain("Bild")}],
    [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]}],
    [asked(typed(initial_value="x" * 3000, max_length=3000, min_length=0), dispatch_action=True, hint=plain("Tips"))],
    [{"type": "divider"}] * 50,
]


def _ids(cases: list[tuple[str, Any, str]]) -> list[str]:
    return [name for name, _, _ in cases]


def _pointers(problems: list[str]) -> list[str]:
    return [problem.partition("[json-pointer:")[2].rstrip("]") for problem in problems]


@pytest.mark.parametrize(("name", "blocks", "pointer"), BAD_MESSAGES, ids=_ids(BAD_MESSAGES))
def test_message_refused(name: str, blocks: Any, pointer: str) -> None:
    assert pointer in _pointers(block_problems(blocks)), block_problems(blocks)


@pytest.mark.parametrize(("name", "view", "pointer"), BAD_MODALS, ids=_ids(BAD_MODALS))
def test_modal_refused(name: str, view: Any, pointer: str) -> None:
    assert pointer in _pointers(view_problems(view, surface="modal"))


@pytest.mark.parametrize(("name", "view", "pointer"), BAD_HOMES, ids=_ids(BAD_HOMES))
def test_home_refused(name: str, view: Any, pointer: str) -> None:
    assert pointer in _pointers(view_problems(view, surface="home"))


@pytest.mark.parametrize("blocks", GOOD_BLOCKS, ids=range(len(GOOD_BLOCKS)))
def test_taken(blocks: list[Document]) -> None:
    assert block_problems(blocks) == []
    assert view_problems(modal(*blocks), surface="modal") == []
    assert view_problems({"type": "home", "blocks": blocks}, surface="home") == []


def test_the_answer_names_the_place(client: WebClient, anna: Person) -> None:
    blocks = [{"type": "header", "text": plain("x" * 151)}]
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="C0FORUM", text="x", blocks=blocks)
    answer = caught.value.response
    message = "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    assert (answer["error"], answer["response_metadata"]["messages"]) == ("invalid_blocks", [message])
    with pytest.raises(SlackApiError) as caught:
        client.views_publish(user_id=ANNA, view={"type": "home", "blocks": blocks})
    answer = caught.value.response
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [message.replace("/blocks", "/view/blocks")]
    assert anna.home() is None
