"""Addresses: which user or channel of a workspace a receiver is."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import notices
from bot.surfaces import NotSent, Refused
from models.organisation import Workspace
from models.people import Identity

UNTIL_SET_UP = 60.0
"""Seconds to wait before looking again for a channel that nobody has chosen yet."""


def of(session: Session, organisation_id: int, receiver: str) -> str:
    """The user id of `person:` and `home:` receivers, the channel id of `channel:` ones.

    Raises `Refused` for a person who is not in the chat, `NotSent` while a channel has not been chosen.
    """
    kind, _, subject = receiver.partition(":")
    if kind in {"person", "home"}:
        return user_of(session, organisation_id, int(subject))
    workspace = session.scalars(
        select(Workspace).where(Workspace.organisation_id == organisation_id, Workspace.platform == notices.SURFACE)
    ).first()
    chosen = None
    if workspace is not None:
        chosen = workspace.coordinators_channel if receiver == notices.COORDINATORS else workspace.forum_channel
    if chosen is None:
        raise NotSent(UNTIL_SET_UP, "channel_not_chosen")
    return chosen


def user_of(session: Session, organisation_id: int, person_id: int) -> str:
    """A person's user id in the organisation's workspace. Raises `Refused` when they have none that is active."""
    user = session.scalar(
        select(Identity.user)
        .join(Workspace, (Workspace.platform == Identity.platform) & (Workspace.team == Identity.team))
        .where(Workspace.organisation_id == organisation_id, Identity.person_id == person_id, Identity.active)
        .order_by(Identity.id)
        .limit(1)
    )
    if user is None:
        raise Refused("user_not_in_chat")
    return user
