"""The app as its manifest describes it: what it may do, and what it is told."""

from collections.abc import Mapping
from typing import Any

EVENT_SCOPES: dict[str, tuple[str, ...]] = {
    "app_home_opened": (),
    "app_mention": ("app_mentions:read",),
    "channel_archive": ("channels:read",),
    "channel_created": ("channels:read",),
    "channel_rename": ("channels:read",),
    "group_archive": ("groups:read",),
    "group_rename": ("groups:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "message.mpim": ("mpim:history",),
    "team_join": ("users:read",),
    "user_change": ("users:read",),
}


class ManifestError(ValueError):
    """A manifest that Slack would not install; the text names what is wrong."""


class Manifest:
    """A Slack app manifest, read once.

    Raises ManifestError when commands or events lack their scopes, or an event is not known here.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        display = document.get("display_information") or {}
        features = document.get("features") or {}
        settings = document.get("settings") or {}
        subscriptions = settings.get("event_subscriptions") or {}
        home = features.get("app_home") or {}
        self.name = str(display.get("name") or "app")
        self.description = str(display.get("description") or "")
        self.color = str(display.get("background_color") or "#4a154b")
        self.bot_name = str((features.get("bot_user") or {}).get("display_name") or self.name)
        self.commands: dict[str, Mapping[str, Any]] = {
            each["command"]: each for each in features.get("slash_commands") or []
        }
        oauth = document.get("oauth_config") or {}
        self.scopes = frozenset((oauth.get("scopes") or {}).get("bot") or [])
        self.events = frozenset(subscriptions.get("bot_events") or [])
        self.interactive = bool((settings.get("interactivity") or {}).get("is_enabled"))
        self.socket_mode = bool(settings.get("socket_mode_enabled"))
        self.home_tab = bool(home.get("home_tab_enabled"))
        self.messages_tab = bool(home.get("messages_tab_enabled", True))
        self.messages_read_only = bool(home.get("messages_tab_read_only_enabled"))
        self._check()

    def _check(self) -> None:
        if self.commands and "commands" not in self.scopes:
            raise ManifestError("features.slash_commands needs the bot scope commands")
        for command in self.commands:
            if not command.startswith("/") or command != command.lower() or " " in command:
                raise ManifestError(f"features.slash_commands: {command} must begin with / and be lower case")
        for event in sorted(self.events):
            if event not in EVENT_SCOPES:
                raise ManifestError(f"settings.event_subscriptions: {event} is not an event of this workspace")
            needed = EVENT_SCOPES[event]
            if needed and not self.scopes.intersection(needed):
                raise ManifestError(f"settings.event_subscriptions: {event} needs the bot scope {' or '.join(needed)}")
