"""The manifest asks for exactly what the code uses: every scope is needed by something, and nothing lacks one."""

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_sdk import WebClient
from typer.testing import CliRunner

from bot.cli import main
from bot.workspace import ManifestError, Workspace
from handlers.slack.app import USE_CASES
from handlers.slack.manifest import COMMAND, EVENTS, SCOPES, manifest

HANDLERS = Path(__file__).parents[1] / "handlers" / "slack"
CHANNELS = frozenset({"channels:read", "groups:read"})
PRIVATE = frozenset({"groups:write"})
NEEDED_BY_CALL: dict[str, frozenset[str]] = {
    "auth_test": frozenset(),
    "chat_getPermalink": frozenset(),
    "chat_postEphemeral": frozenset({"chat:write"}),
    "chat_postMessage": frozenset({"chat:write"}),
    "chat_update": frozenset({"chat:write"}),
    "conversations_create": PRIVATE,
    "conversations_history": frozenset({"channels:history", "groups:history", "im:history"}),
    "conversations_info": CHANNELS,
    "conversations_invite": PRIVATE,
    "conversations_kick": PRIVATE,
    "conversations_list": CHANNELS,
    "conversations_members": CHANNELS,
    "conversations_open": frozenset({"im:write"}),
    "conversations_rename": PRIVATE,
    "conversations_replies": frozenset({"channels:history", "groups:history", "im:history"}),
    "conversations_setTopic": PRIVATE,
    "users_conversations": CHANNELS,
    "users_info": frozenset({"users:read"}),
    "users_list": frozenset({"users:read"}),
    "users_lookupByEmail": frozenset({"users:read.email"}),
    "views_open": frozenset(),
    "views_publish": frozenset(),
    "views_push": frozenset(),
    "views_update": frozenset(),
}
"""As Slack's reference of the methods says, for a bot that makes private channels only and writes in public and
private ones and in direct messages."""
NEEDED_BY_EVENT = {
    "app_home_opened": frozenset[str](),
    "member_joined_channel": CHANNELS,
    "member_left_channel": CHANNELS,
    "team_join": frozenset({"users:read"}),
    "user_change": frozenset({"users:read"}),
}
READS_EMAIL = "users:read.email"
"""Without it `users_info` leaves the address out of the profile."""


class Listening:
    """Stands where the Bolt app stands and notes what the use cases listen to."""

    def __init__(self) -> None:
        self.heard: dict[str, set[Any]] = {}

    def __getattr__(self, kind: str) -> Callable[..., Any]:
        def listen(to: Any, *_matching: Any, **_choices: Any) -> Callable[[Any], Any]:
            self.heard.setdefault(kind, set()).add(to)
            return lambda listener: listener

        return listen


def listened_to(*use_cases: Any) -> dict[str, set[Any]]:
    """What the use cases listen to, by kind: event, command, action …"""
    listening = Listening()
    for use_case in use_cases:
        use_case.register(listening, None)
    return listening.heard


def called(folder: Path) -> tuple[set[str], set[str]]:
    """The methods of Slack's client that the source files call, and every text in them."""
    methods, texts = set(), set()
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            if isinstance(node, ast.Attribute) and hasattr(WebClient, node.attr):
                holder = ast.unparse(node.value).rpartition(".")[2]
                methods |= {node.attr} if holder in {"web", "_web", "client"} else set()
    return methods - {"token"}, texts


def scopes_for(methods: set[str], texts: set[str], heard: dict[str, set[Any]]) -> set[str]:
    """The scopes that all this needs; a KeyError names what the tables above do not know."""
    needed = {scope for method in methods for scope in NEEDED_BY_CALL[method]}
    needed |= {scope for event in heard.get("event", ()) for scope in NEEDED_BY_EVENT[event]}
    needed |= {"commands"} if heard.get("command") else set()
    return needed | ({READS_EMAIL} if "users_info" in methods and "email" in texts else set())


def test_the_scopes_are_exactly_those_that_are_used() -> None:
    assert set(SCOPES) == scopes_for(*called(HANDLERS), listened_to(*USE_CASES))
    assert list(SCOPES) == sorted(set(SCOPES))


def test_the_events_are_exactly_those_that_are_listened_to() -> None:
    assert set(EVENTS) == listened_to(*USE_CASES)["event"]


def test_the_command_is_the_one_that_is_listened_to() -> None:
    assert listened_to(*USE_CASES)["command"] == {COMMAND} == {"/consult"}
    assert [each["command"] for each in manifest()["features"]["slash_commands"]] == [COMMAND]


class NewUseCase:
    """Listens to what nobody listens to yet."""

    @staticmethod
    def register(app: Any, _services: Any) -> None:
        app.event("member_joined_channel")(print)


def test_a_new_call_and_a_new_event_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text(
        "def joined(client):\n    client.conversations_setTopic(channel='C1')\n"
        "    self._web.users_lookupByEmail(email='a@example.org')\n"
    )
    heard = listened_to(NewUseCase)
    assert heard == {"event": {"member_joined_channel"}}
    assert scopes_for(*called(tmp_path), heard) == {"channels:read", "groups:read", "groups:write", "users:read.email"}


@pytest.mark.parametrize("address", [None, "https://konsult.example.org", "https://konsult.example.org/"])
def test_the_workspace_takes_it(address: str | None) -> None:
    made = manifest(address)
    Workspace(None, made, signing_secret="secret").close()
    assert made["settings"]["socket_mode_enabled"] is (address is None)
    if address is None:
        assert "url" not in json.dumps(made)
    else:
        assert json.dumps(made).count('"https://konsult.example.org/slack/events"') == 4


@pytest.mark.parametrize("scope", ["commands", "users:read"])
def test_the_workspace_refuses_it_without_a_scope(scope: str) -> None:
    made = manifest()
    made["oauth_config"]["scopes"]["bot"].remove(scope)
    with pytest.raises(ManifestError, match=scope):
        Workspace(None, made, signing_secret="secret")


def test_slacks_own_lengths_are_kept() -> None:
    made = manifest("https://konsult.example.org")
    (command,) = made["features"]["slash_commands"]
    assert len(made["display_information"]["name"]) <= 35
    assert len(made["display_information"]["description"]) <= 140
    assert len(made["features"]["bot_user"]["display_name"]) <= 80
    assert len(command["command"]) <= 32
    assert len(command["description"]) <= 2000
    assert len(command["usage_hint"]) <= 1000


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize("address", [None, "https://konsult.example.org"])
def test_the_command_line_writes_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: str, address: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    if address is None:
        monkeypatch.delenv("KONSULT_PUBLIC_URL", raising=False)
    else:
        monkeypatch.setenv("KONSULT_PUBLIC_URL", address)
    written = CliRunner().invoke(main, ["manifest", "slack", "--format", form])
    assert written.exit_code == 0
    assert "Begär konsultation av socialtjänstakademin" in written.stdout
    assert (json.loads if form == "json" else yaml.safe_load)(written.stdout) == manifest(address)
