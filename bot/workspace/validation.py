"""Whether a message's blocks or a view are what Slack would take."""

from collections.abc import Iterator
from typing import Any

from bot.workspace import limits
from bot.workspace.elements import (
    ELEMENTS,
    IMAGE_ELEMENT,
    IMAGE_SOURCE,
    MODAL_ONLY,
    PICKERS,
    TYPED,
    identifier,
)
from bot.workspace.refusal import RefusedError
from bot.workspace.rules import (
    Findings,
    Rule,
    Shape,
    anything,
    boolean,
    by_type,
    exactly_one_of,
    items,
    one_of,
    plain,
    string,
    text,
)

_BASE: dict[str, Rule] = {"type": anything, "block_id": identifier}
_IN_ACTIONS = PICKERS | {"button", "overflow"}
_RICH_FIELDS: dict[str, dict[str, Rule]] = {
    "rich_text_section": {},
    "rich_text_preformatted": {"border": anything},
    "rich_text_quote": {"border": anything},
    "rich_text_list": {
        "style": one_of("bullet", "ordered"),
        "indent": anything,
        "border": anything,
        "offset": anything,
    },
}
_RICH = by_type(
    {
        kind: Shape({"elements": items(anything, most=1000, least=0)}, {"type": anything, **fields})
        for kind, fields in _RICH_FIELDS.items()
    }
)


def _text_or_fields(findings: Findings, block: Any, at: str) -> None:
    if block.get("text") is None and block.get("fields") is None:
        findings.add("must define either `text` or `fields`", at)


def _in_context(findings: Findings, value: Any, at: str) -> None:
    if isinstance(value, dict) and value.get("type") in ("plain_text", "mrkdwn"):
        text(limits.CONTEXT_TEXT)(findings, value, at)
    else:
        by_type({"image": IMAGE_ELEMENT})(findings, value, at)


BLOCKS: dict[str, Shape] = {
    "section": Shape(
        {},
        {
            **_BASE,
            "text": text(limits.SECTION_TEXT),
            "fields": items(text(limits.SECTION_FIELD), most=limits.SECTION_FIELDS),
            "accessory": by_type({**ELEMENTS, "image": IMAGE_ELEMENT}, allowed=_IN_ACTIONS | frozenset({"image"})),
            "expand": boolean,
        },
        (_text_or_fields,),
    ),
    "header": Shape({"text": plain(limits.HEADER_TEXT)}, _BASE),
    "divider": Shape({}, _BASE),
    "context": Shape({"elements": items(_in_context, most=limits.CONTEXT_ELEMENTS)}, _BASE),
    "actions": Shape({"elements": items(by_type(ELEMENTS, allowed=_IN_ACTIONS), most=limits.ACTIONS_ELEMENTS)}, _BASE),
    "image": Shape(
        {"alt_text": string(limits.IMAGE_ALT)},
        {**_BASE, **IMAGE_SOURCE, "title": plain(limits.IMAGE_TITLE)},
        (exactly_one_of("image_url", "slack_file"),),
    ),
    "input": Shape(
        {"label": plain(limits.LABEL), "element": by_type(ELEMENTS, allowed=PICKERS | TYPED)},
        {**_BASE, "hint": plain(limits.HINT), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": Shape({"elements": items(_RICH, most=1000)}, _BASE),
}

_NAMED: dict[str, Rule] = {
    "type": anything,
    "callback_id": string(limits.IDENTIFIER, 0),
    "external_id": string(limits.IDENTIFIER, 0),
    "private_metadata": string(limits.PRIVATE_METADATA, 0),
}
_VIEWS: dict[str, Shape] = {
    "modal": Shape(
        {
            "title": plain(limits.VIEW_TITLE),
            "blocks": items(by_type(BLOCKS), most=limits.VIEW_BLOCKS, least=0),
        },
        {
            **_NAMED,
            "submit": plain(limits.VIEW_SUBMIT),
            "close": plain(limits.VIEW_CLOSE),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
    ),
    "home": Shape(
        {"blocks": items(by_type(BLOCKS), most=limits.VIEW_BLOCKS, least=0)},
        {**_NAMED},
    ),
}


def block_problems(blocks: Any) -> list[str]:
    """What is wrong with a message's blocks, in Slack's words; nothing when they may be posted."""
    findings = Findings()
    items(by_type(BLOCKS), most=limits.MESSAGE_BLOCKS, least=0)(findings, blocks, "/blocks")
    if not findings.messages:
        _between_blocks(findings, blocks, "/blocks", surface="message")
    return findings.messages


def view_problems(view: Any, *, surface: str) -> list[str]:
    """What is wrong with a view for a surface ("modal" or "home"), in Slack's words."""
    findings = Findings()
    by_type(_VIEWS, allowed=frozenset({surface}))(findings, view, "/view")
    if not findings.messages:
        _between_blocks(findings, view["blocks"], "/view/blocks", surface=surface)
        asks = any(block["type"] == "input" for block in view["blocks"])
        if surface == "modal" and asks and view.get("submit") is None:
            findings.add("submit is required when an input block is within the blocks array", "/view")
    return findings.messages


def require_blocks(blocks: Any) -> None:
    """Refuse blocks as Slack does: `invalid_blocks`, each problem with its place."""
    problems = block_problems(blocks)
    if problems:
        raise RefusedError(
            "invalid_blocks",
            errors=[problem.removeprefix("[ERROR] ") for problem in problems],
            response_metadata={"messages": problems},
        )


def require_view(view: Any, *, surface: str) -> None:
    """Refuse a view as Slack does: `invalid_arguments`, each problem with its place."""
    problems = view_problems(view, surface=surface)
    if problems:
        raise RefusedError("invalid_arguments", response_metadata={"messages": problems})


def _between_blocks(findings: Findings, blocks: list[dict[str, Any]], at: str, *, surface: str) -> None:
    seen: set[str] = set()
    focused = 0
    for index, block in enumerate(blocks):
        here = f"{at}/{index}"
        name = block.get("block_id")
        if name is not None and name in seen:
            findings.add(f"block_id {name} already exists", f"{here}/block_id")
        seen.add(name or "")
        actions: set[str] = set()
        for place, element in _elements(block):
            action = element.get("action_id")
            if action is not None and action in actions:
                findings.add(f"action_id {action} already exists", f"{here}/{place}/action_id")
            actions.add(action or "")
            focused += bool(element.get("focus_on_load"))
            if focused > 1 and element.get("focus_on_load"):
                findings.add("only one element may set focus_on_load", f"{here}/{place}/focus_on_load")
            if element["type"] in MODAL_ONLY and surface != "modal":
                findings.add(f"unsupported type: {element['type']}", f"{here}/{place}/type")


def _elements(block: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if block["type"] == "actions":
        for index, element in enumerate(block["elements"]):
            yield f"elements/{index}", element
    elif block["type"] == "input":
        yield "element", block["element"]
    elif block["type"] == "section" and block.get("accessory"):
        yield "accessory", block["accessory"]
