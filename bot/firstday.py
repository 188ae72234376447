"""The first day without anybody at the keyboard: what the settings name, done where nobody has chosen yet."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot import organisations
from bot.digest import ensure_timer
from models.database import insert
from models.organisation import Organisation, Workspace
from models.people import Role, RoleKind


def connect(session: Session, platform: str, team: str, team_name: str, organisation: str) -> int:
    """Let the workspace's organisation talk there, founded under this name when the workspace is new; its id.

    Of two processes that start at once the later finds what the earlier has made.
    """
    known = _connected(session, platform, team)
    if known is None:
        try:
            with session.begin_nested():
                founded = organisations.found(session, organisation).id
                organisations.connect(session, founded, platform, team, team_name)
            return founded
        except IntegrityError:
            known = _connected(session, platform, team)
            if known is None:
                raise
    organisations.connect(session, known, platform, team, team_name)
    return known


def unfilled(session: Session, organisation_id: int) -> set[RoleKind]:
    """The kinds of role that nobody has: only these are given by settings."""
    filled = session.scalars(select(Role.kind).where(Role.organisation_id == organisation_id).distinct())
    return set(RoleKind) - set(filled)


def name(session: Session, organisation_id: int, person_id: int, kind: RoleKind, at: dt.datetime) -> None:
    """Give a person a role that the settings name; another process may just have done so."""
    given = insert(session, Role).values(
        organisation_id=organisation_id, person_id=person_id, kind=kind, confirmed_at=at
    )
    session.execute(given.on_conflict_do_nothing(index_elements=["organisation_id", "person_id", "kind"]))


def begin(
    session: Session, organisation_id: int, at: dt.datetime, *, coordinators: str | None, forum: str | None
) -> None:
    """Choose the channels that the settings name, where none is chosen, and see to it that the digest has its date."""
    workspace = organisations.workspace_of(session, organisation_id)
    if workspace is not None:
        workspace.coordinators_channel = workspace.coordinators_channel or coordinators
        workspace.forum_channel = workspace.forum_channel or forum
    ensure_timer(session, session.get_one(Organisation, organisation_id), at)


def _connected(session: Session, platform: str, team: str) -> int | None:
    return session.scalar(
        select(Workspace.organisation_id).where(Workspace.platform == platform, Workspace.team == team)
    )
