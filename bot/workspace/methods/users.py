"""users.*: the people of the workspace."""

from typing import Any

from bot.workspace.request import Request
from bot.workspace.store import Document

Answer = dict[str, Any]


def info(request: Request) -> Answer:
    request.need("users:read")
    user = request.office.people.get(request.required("user", "user_not_found"))
    return {"user": _shown(request, user, locale=request.flag("include_locale"))}


def list_(request: Request) -> Answer:
    request.need("users:read")
    people = request.office.people.all()
    page, cursor = request.page(people, lambda user: str(user["id"]), default=1000)
    locale = request.flag("include_locale")
    return {
        "members": [_shown(request, user, locale=locale) for user in page],
        "cache_ts": request.office.messages.seconds(),
        "response_metadata": {"next_cursor": cursor},
    }


def lookup_by_email(request: Request) -> Answer:
    request.need("users:read.email")
    user = request.office.people.by_email(request.required("email", "users_not_found"))
    return {"user": _shown(request, user, locale=False)}


def _shown(request: Request, user: Document, *, locale: bool) -> Document:
    office = request.office
    email = "users:read.email" in office.installation.manifest.scopes
    return office.people.api(user, email=email, locale=locale)


METHODS = {"users.info": info, "users.list": list_, "users.lookupByEmail": lookup_by_email}
