"""Every id is both shown and heard: no button without a listener, no listener for what nobody can click."""

import ast
import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from handlers.slack.app import USE_CASES
from handlers.slack.ids import Action, View

HANDLERS = Path(__file__).parents[2] / "handlers" / "slack"


class Listening:
    """Takes the place of the Bolt app and keeps which ids are listened to."""

    def __init__(self) -> None:
        self.heard: dict[str, list[str | re.Pattern[str]]] = {}
        for use_case in USE_CASES:
            use_case.register(self, None)

    def __getattr__(self, kind: str) -> Callable[..., Callable[[Any], Any]]:
        def listen(to: Any, **_: Any) -> Callable[[Any], Any]:
            self.heard.setdefault(kind, []).append(to)
            return lambda listener: listener

        return listen

    def hears(self, kind: str, each: str) -> bool:
        return any(means(to, each) for to in self.heard[kind])


def means(to: str | re.Pattern[str], each: str) -> bool:
    return to == each if isinstance(to, str) else bool(to.match(each))


@pytest.fixture(scope="module")
def listening() -> Listening:
    return Listening()


def trees() -> Iterator[ast.Module]:
    return (ast.parse(path.read_text("utf-8")) for path in HANDLERS.rglob("*.py") if path.name != "ids.py")


def named_in(node: ast.AST, ids: type[StrEnum]) -> set[str]:
    """The members of the enum that the code names, but not where it starts to listen to them."""
    if isinstance(node, ast.FunctionDef) and node.name == "register":
        return set()
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == ids.__name__:
        return {node.attr}
    return set().union(*(named_in(child, ids) for child in ast.iter_child_nodes(node)))


def read_only() -> set[str]:
    """The views that have nothing to send, wherever they are made."""
    sends: dict[str, bool] = {}
    for node in (node for tree in trees() for node in ast.walk(tree)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "modal":
            for name in named_in(node.args[0], View):
                sends[name] = sends.get(name, False) or any(word.arg == "submit" for word in node.keywords)
    return {name for name, sent in sends.items() if not sent}


@pytest.mark.parametrize("ids", [Action, View])
def test_every_id_is_shown_somewhere(ids: type[StrEnum]) -> None:
    shown = set().union(*(named_in(tree, ids) for tree in trees()))
    assert sorted(set(ids.__members__) - shown) == []


def test_every_button_is_listened_to(listening: Listening) -> None:
    assert [each.name for each in Action if not listening.hears("action", each)] == []


def test_every_view_that_sends_something_is_listened_to(listening: Listening) -> None:
    heard = {each.name for each in View if listening.hears("view", each)}
    assert sorted(set(View.__members__) - heard) == sorted(read_only())


def test_nothing_is_listened_to_that_has_no_id(listening: Listening) -> None:
    for kind, ids in (("action", Action), ("view", View)):
        idle = [to for to in listening.heard[kind] if not any(means(to, each) for each in ids)]
        assert idle == []
