"""The app manifest: what Slack must grant, made from what the code uses."""

from typing import Any

SCOPES = (
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "groups:history",
    "groups:read",
    "groups:write",
    "im:history",
    "im:write",
    "users:read",
    "users:read.email",
)
"""`*:history` only to look whether a doubtful post arrived; no message event is subscribed to."""

EVENTS = ("app_home_opened", "team_join", "user_change")
COMMAND = "/consult"


def manifest(public_url: str | None = None) -> dict[str, Any]:
    """The manifest, for Socket Mode, or for HTTP when the endpoint's public address is given."""
    endpoint = f"{public_url.rstrip('/')}/slack/events" if public_url else None
    command: dict[str, Any] = {
        "command": COMMAND,
        "description": "Begär konsultation av socialtjänstakademin",
        "usage_hint": "[din fråga] | mina | status [nr] | sök [ord] | hjälp",
        "should_escape": False,
    }
    events: dict[str, Any] = {"bot_events": list(EVENTS)}
    interactivity: dict[str, Any] = {"is_enabled": True}
    if endpoint:
        command["url"] = events["request_url"] = interactivity["request_url"] = endpoint
        interactivity["message_menu_options_url"] = endpoint
    return {
        "display_information": {
            "name": "konsult",
            "description": "Stadsdelarnas väg till socialtjänstakademins råd",
            "background_color": "#1f4e5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "konsult", "always_online": True},
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": events,
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": endpoint is None,
            "token_rotation_enabled": False,
        },
    }
