"""A small workspace with invented people, served on loopback."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.workspace import Person, Server, Workspace, serve

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "Rådgivaren", "description": "Provar sig fram"},
    "features": {
        "bot_user": {"display_name": "radgivaren"},
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [{"command": "/consult", "description": "Begär råd", "usage_hint": "[fråga]"}],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "channels:history",
                "channels:join",
                "channels:manage",
                "channels:read",
                "chat:write",
                "commands",
                "groups:history",
                "groups:read",
                "groups:write",
                "im:history",
                "im:read",
                "im:write",
                "mpim:write",
                "team:read",
                "users:read",
                "users:read.email",
            ]
        }
    },
    "settings": {
        "interactivity": {"is_enabled": True},
        "event_subscriptions": {"bot_events": ["app_home_opened", "member_joined_channel"]},
        "socket_mode_enabled": True,
    },
}
ANNA, BO, CLARE, GONE = "U0ANNA", "U0BO", "U0CLARE", "U0GONE"


def populate(workspace: Workspace) -> None:
    workspace.add_user(id=ANNA, name="anna", real_name="Anna Åkerö", email="anna@example.org", is_admin=True)
    workspace.add_user(id=BO, name="bo", real_name="Bo Björkö", title="Utvecklare")
    workspace.add_user(id=CLARE, name="clare", real_name="Clare Dunmore", locale="en-GB", email="c@example.org")
    workspace.add_user(id=GONE, name="gone", real_name="Gunnar Borta", email="g@example.org", deleted=True)
    bot = workspace.bot_user
    workspace.add_channel(name="forum", id="C0FORUM", members=[ANNA, BO, CLARE, bot])
    workspace.add_channel(name="utan-bot", id="C0WITHOUT", members=[ANNA])
    workspace.add_channel(name="enskild", id="C0PRIVATE", private=True, members=[ANNA])


def made(**changes: Any) -> Workspace:
    workspace = Workspace(None, MANIFEST, signing_secret="hemlig", **changes)
    populate(workspace)
    return workspace


def web_client(server: Server, token: str = "xoxb-workspace") -> WebClient:
    return WebClient(token, base_url=server.api_url, retry_handlers=[])


@pytest.fixture
def workspace() -> Workspace:
    return made()


@pytest.fixture
def server(workspace: Workspace) -> Iterator[Server]:
    running = serve(workspace)
    yield running
    running.stop()


@pytest.fixture
def client(server: Server) -> WebClient:
    return web_client(server)


@pytest.fixture
def anna(server: Server) -> Person:
    return Person(server, ANNA)
