"""Accepted blocks: their identifiers, and finding an element in them."""

import secrets
from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]
Blocks = list[Document]


def named(blocks: Blocks) -> Blocks:
    """A copy in which every block and every element has an identifier, invented where none was given."""
    result: Blocks = _without_nothing(blocks)
    for block in result:
        block.setdefault("block_id", secrets.token_urlsafe(4))
        for element in _of(block):
            if element["type"] != "image":
                element.setdefault("action_id", secrets.token_urlsafe(4))
    return result


def elements(blocks: Blocks) -> Iterator[tuple[Document, Document]]:
    """Every interactive element, with the block it stands in."""
    for block in blocks:
        for element in _of(block):
            if "action_id" in element:
                yield block, element


def find(blocks: Blocks, block_id: str, action_id: str) -> tuple[Document, Document] | None:
    """The block and the element of these identifiers."""
    for block, element in elements(blocks):
        if block["block_id"] == block_id and element["action_id"] == action_id:
            return block, element
    return None


def _without_nothing(value: Any) -> Any:
    """A copy without the fields that are null, which mean the same as absent ones."""
    if isinstance(value, dict):
        return {name: _without_nothing(each) for name, each in value.items() if each is not None}
    return [_without_nothing(each) for each in value] if isinstance(value, list) else value


def _of(block: Document) -> list[Document]:
    if block["type"] == "actions":
        return list(block["elements"])
    if block["type"] == "input":
        return [block["element"]]
    if block["type"] == "section" and block.get("accessory"):
        return [block["accessory"]]
    return []
