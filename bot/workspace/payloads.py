"""The payloads Slack sends an app for what a person did."""

from typing import Any

from bot.workspace.installation import Installation
from bot.workspace.store import Document


class Payloads:
    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def command(self, user: Document, channel: Document, command: str, text: str, **ids: str) -> Document:
        """A slash command; `ids` are its trigger_id and response_url."""
        names = {"im": "directmessage", "private": "privategroup", "mpim": channel["name"]}
        return {
            "token": "verification",
            "team_id": self._installation.team_id,
            "team_domain": self._installation.domain,
            "channel_id": channel["id"],
            "channel_name": names.get(channel["kind"], channel["name"]),
            "user_id": user["id"],
            "user_name": user["name"],
            "command": command,
            "text": text,
            "api_app_id": self._installation.app_id,
            "is_enterprise_install": "false",
            **ids,
        }

    def interaction(self, kind: str, user: Document, **fields: Any) -> Document:
        """A block_actions, view_submission, view_closed or block_suggestion payload."""
        return {
            "type": kind,
            "user": {
                "id": user["id"],
                "username": user["name"],
                "name": user["name"],
                "team_id": self._installation.team_id,
            },
            "api_app_id": self._installation.app_id,
            "token": "verification",
            "team": self._installation.team,
            "enterprise": None,
            "is_enterprise_install": False,
            **fields,
        }
