"""Whatever is sent, the workspace answers: refused or taken, never broken."""

import asyncio
import copy
import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk import WebClient

from bot.workspace import Server, Workspace, block_problems, view_problems
from bot.workspace.blocks import named
from bot.workspace.inputs import entered, problems, state
from bot.workspace.methods import METHODS
from tests.workspace.conftest import ANNA
from tests.workspace.test_blocks_refused import GOOD_BLOCKS, modal
from tests.workspace.test_web_api import raw

SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5) | st.just("plain_text")
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "value"]), inner),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(each for key, below in inner for each in places(below, (*path, key)))]


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    blocks = copy.deepcopy(draw(st.sampled_from(GOOD_BLOCKS[:-1])))
    path = draw(st.sampled_from([path for path in places(blocks) if path]))
    target: Any = blocks
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = draw(VALUES)
    return blocks


@settings(max_examples=400, deadline=None)
@given(damaged(), VALUES)
def test_damaged_blocks_are_refused_or_taken(blocks: Any, sent: Any) -> None:
    assert isinstance(block_problems(blocks), list)
    if not view_problems(modal(*blocks), surface="modal"):
        kept = named(blocks)
        assert view_problems(modal(*kept), surface="modal") == []
        anything = {
            block["block_id"]: {element["action_id"]: {"value": sent, "selected_option": sent}}
            for block in kept
            for element in [block.get("element") or {}]
            if "action_id" in element
        }
        assert isinstance(problems(kept, state(kept, entered(anything)), "sv-SE"), dict)
        assert isinstance(state(kept, entered(sent)), dict)


NAMES = st.sampled_from(
    [
        *("channel", "user", "users", "text", "blocks", "metadata", "thread_ts", "ts", "view", "view_id"),
        *("user_id", "trigger_id", "limit", "cursor", "oldest", "latest", "types", "name", "email", "hash"),
    ]
)
ARGUMENTS = st.dictionaries(NAMES, VALUES | st.sampled_from(["C0FORUM", ANNA, "im", "[]", "{}", "1.1", "nan"]))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(method=st.sampled_from(sorted(METHODS)), arguments=ARGUMENTS)
def test_every_method_answers_every_argument(server: Server, method: str, arguments: dict[str, Any]) -> None:
    answer = _call(server, method, arguments)
    assert answer["ok"] is True or answer["error"]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(
        ["action", "view/submit", "view/close", "options", "message", "command", "dm", "read", "clock"]
    ),
    body=st.dictionaries(
        st.sampled_from(
            [
                *("channel", "text", "view_id", "values", "container", "action"),
                *("state", "command", "block_id", "with", "preset", "to"),
            ]
        ),
        VALUES | st.just("C0FORUM"),
    ),
)
def test_every_page_request_is_answered(server: Server, path: str, body: dict[str, Any]) -> None:
    data = json.dumps({"user": ANNA, **body}).encode()
    request = urllib.request.Request(f"{server.url}page/{path}", data)
    try:
        with urllib.request.urlopen(request) as response:
            status = response.status
    except urllib.error.HTTPError as refused:
        with refused:
            status = refused.code
    assert 200 <= status < 500


def test_null_means_absent(client: WebClient) -> None:
    section = {"type": "section", "block_id": None, "text": {"type": "mrkdwn", "text": "x"}, "accessory": None}
    posted = client.chat_postMessage(channel="C0FORUM", text="x", blocks=[section])
    assert posted["message"]["blocks"][0]["block_id"]


def _call(server: Server, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps(arguments).encode()
    return raw(server, method, body, Content_Type="application/json", Authorization="Bearer xoxb-workspace")


@pytest.mark.parametrize("path", ["/api/chat.postMessage", "/hooks/any"])
def test_a_caller_that_hangs_up_in_the_middle_leaves_nothing_behind(workspace: Workspace, path: str) -> None:
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": [(b"host", b"127.0.0.1")]}
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(workspace.asgi({**scope, "http_version": "1.1", "scheme": "http"}, receive, send))
    assert sent[0]["status"] == 400
    assert len(workspace.calls) == 0
