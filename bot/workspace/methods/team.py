"""api.test, auth.test, team.info and bots.info: who is here."""

from typing import Any

from bot.workspace.refusal import RefusedError
from bot.workspace.request import Request

Answer = dict[str, Any]


def api_test(request: Request) -> Answer:
    if request.given("error"):
        raise RefusedError(request.text("error"))
    return {}


def auth_test(request: Request) -> Answer:
    installed = request.office.installation
    return {
        "url": request.base_url,
        "team": installed.team_name,
        "user": installed.manifest.bot_name.lower(),
        "team_id": installed.team_id,
        "user_id": installed.bot_user,
        "bot_id": installed.bot_id,
        "is_enterprise_install": False,
    }


def team_info(request: Request) -> Answer:
    request.need("team:read")
    installed = request.office.installation
    return {
        "team": {
            "id": installed.team_id,
            "name": installed.team_name,
            "domain": installed.domain,
            "url": request.base_url,
            "email_domain": "",
            "icon": {"image_default": True},
        }
    }


def bots_info(request: Request) -> Answer:
    request.need("users:read")
    installed = request.office.installation
    if request.text("bot", installed.bot_id) != installed.bot_id:
        raise RefusedError("bot_not_found")
    return {
        "bot": {
            "id": installed.bot_id,
            "deleted": False,
            "name": installed.manifest.bot_name,
            "updated": 0,
            "app_id": installed.app_id,
            "user_id": installed.bot_user,
            "icons": {},
        }
    }


METHODS = {"api.test": api_test, "auth.test": auth_test, "team.info": team_info, "bots.info": bots_info}
