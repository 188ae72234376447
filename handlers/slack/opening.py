"""Opening a view from a click, after looking whether what it is for may still be done."""

import re
from typing import Any

from slack_sdk import WebClient
from sqlalchemy.orm import Session

from bot import casebook
from bot.actors import Actor
from bot.authority import authorise
from bot.casefile import CaseSeen
from bot.refusals import NotFound
from handlers.slack.ids import Action
from models.case import Case, Offer
from models.forms import Button
from models.life import Act


def named(action: Action) -> re.Pattern[str]:
    """The action's id, alone or followed by `:` and what makes it unique in its message."""
    return re.compile(rf"^{re.escape(action)}(:.*)?$")


def carried(body: dict[str, Any]) -> Button:
    """What the button that was clicked carries."""
    return Button.model_validate_json(body["actions"][0]["value"])


def kept(body: dict[str, Any]) -> Button:
    """What the view that was sent carries."""
    return Button.model_validate_json(body["view"]["private_metadata"])


def open_view(client: WebClient, body: dict[str, Any], view: dict[str, Any]) -> None:
    """Open the view; on top of an open one when the click came from there."""
    pushed = (body.get("view") or {}).get("type") == "modal"
    opened = client.views_push if pushed else client.views_open
    opened(trigger_id=body["trigger_id"], view=view)


def allowed(session: Session, actor: Actor, case_id: int, act: Act, offer_id: int | None = None) -> CaseSeen:
    """The case, when the act may be done to it now; refused as `authorise` refuses, before anything is filled in.

    The act itself is authorised again when it is carried out.
    """
    case = session.get(Case, case_id)
    if case is None or case.organisation_id != actor.organisation_id:
        raise NotFound("case")
    offer = session.get(Offer, offer_id) if offer_id is not None else None
    authorise(session, case, actor, act, offer)
    return casebook.read(session, case_id)


def of_offer(session: Session, actor: Actor, offer_id: int, act: Act) -> CaseSeen:
    """The case of a question to a member, when the act may be done to it now. Raises `NotFound`, or as `allowed`."""
    offer = session.get(Offer, offer_id)
    if offer is None or offer.organisation_id != actor.organisation_id:
        raise NotFound("offer")
    return allowed(session, actor, offer.case_id, act, offer_id)
