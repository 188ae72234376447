"""views.*: modals opened with a trigger, and App Homes."""

from typing import Any

from bot.workspace.refusal import RefusedError
from bot.workspace.request import Request
from bot.workspace.store import Document
from bot.workspace.validation import require_view

Answer = dict[str, Any]


def open_(request: Request) -> Answer:
    return _opened(request, pushed=False)


def push(request: Request) -> Answer:
    return _opened(request, pushed=True)


def update(request: Request) -> Answer:
    office = request.office
    view_id, external_id = request.text("view_id"), request.text("external_id")
    if not view_id and not external_id:
        raise RefusedError("invalid_arguments")
    given = request.document("view")
    owner, view = office.views.find(view_id=view_id, external_id=external_id)
    shown = office.views.api(office.views.update(view, given, request.text("hash") or None))
    if view["type"] == "home":
        office.live.push("home", {"view": shown}, [owner])
    else:
        office.live.push("view_updated", {"view": shown}, [owner])
    return {"view": shown}


def publish(request: Request) -> Answer:
    office = request.office
    user = office.people.get(request.required("user_id"))
    if user["deleted"] or user["is_bot"]:
        raise RefusedError("user_not_found")
    if not office.installation.manifest.home_tab:
        raise RefusedError("not_enabled")
    home = office.views.publish(user["id"], request.document("view"), request.text("hash") or None)
    shown = office.views.api(home)
    office.live.push("home", {"view": shown}, [user["id"]])
    return {"view": shown}


def _opened(request: Request, *, pushed: bool) -> Answer:
    office = request.office
    trigger_id = request.required("trigger_id")
    given = _modal(request)
    trigger = office.triggers.exchange(trigger_id)
    views = office.views
    view = views.push(trigger.user, given) if pushed else views.open(trigger.user, given)
    shown = views.api(view)
    office.live.push("view_opened", {"view": shown}, [trigger.user])
    return {"view": shown}


def _modal(request: Request) -> Document:
    """The view, checked before its trigger is used up."""
    given: Document = request.document("view")
    require_view(given, surface="modal")
    return given


METHODS = {
    "views.open": open_,
    "views.push": push,
    "views.update": update,
    "views.publish": publish,
}
