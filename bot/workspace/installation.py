"""The one team of the workspace and the one app installed in it."""

import secrets
import string
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from bot.workspace.manifest import Manifest

_LETTERS = string.ascii_uppercase + string.digits


@dataclass(frozen=True)
class Installation:
    manifest: Manifest
    team_id: str
    team_name: str
    domain: str
    app_id: str
    bot_user: str
    bot_id: str
    bot_token: str
    app_token: str
    signing_secret: str

    @property
    def team(self) -> dict[str, str]:
        return {"id": self.team_id, "domain": self.domain}


def new_id(prefix: str) -> str:
    """An identifier of Slack's form: a letter for the kind, then ten letters and digits."""
    return prefix + "".join(secrets.choice(_LETTERS) for _ in range(10))


def utc_offset(zone: str, at: datetime) -> int:
    """Seconds east of UTC in a zone at a moment; an unknown zone counts as UTC."""
    where: tzinfo
    try:
        where = ZoneInfo(zone)
    except (KeyError, ValueError):
        where = UTC
    offset = at.astimezone(where).utcoffset()
    return int(offset.total_seconds()) if offset else 0
