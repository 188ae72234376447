"""The first day without anybody at the keyboard: what the settings name, done where nobody has chosen yet."""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import organisations
from bot.digest import ensure_timer
from models.database import Database
from models.organisation import Organisation, Workspace
from models.people import Role, RoleKind

WAIT = dt.timedelta(seconds=20)
"""How long a process waits for those that start at the same moment."""

PLACE = 1
"""The number of the place where they wait for each other."""


@contextmanager
def alone(database: Database) -> Iterator[Session]:
    """A session that writes while no other process is doing what belongs to the first day."""
    with database.writing(WAIT) as session:
        database.alone(session, PLACE)
        yield session


def connect(session: Session, platform: str, team: str, team_name: str, organisation: str) -> int:
    """Let the workspace's organisation talk there, founded under this name when the workspace is new; its id."""
    known = session.scalar(
        select(Workspace.organisation_id).where(Workspace.platform == platform, Workspace.team == team)
    )
    organisation_id = known if known is not None else organisations.found(session, organisation).id
    organisations.connect(session, organisation_id, platform, team, team_name)
    return organisation_id


def unfilled(session: Session, organisation_id: int) -> set[RoleKind]:
    """The kinds of role that nobody has: only these are given by settings."""
    filled = session.scalars(select(Role.kind).where(Role.organisation_id == organisation_id).distinct())
    return set(RoleKind) - set(filled)


def name(session: Session, organisation_id: int, named: Iterable[tuple[int, RoleKind]], at: dt.datetime) -> None:
    """Give people the roles that the settings name, of the kinds that nobody has."""
    free = unfilled(session, organisation_id)
    for person_id, kind in dict.fromkeys(named):
        if kind in free:
            session.add(Role(organisation_id=organisation_id, person_id=person_id, kind=kind, confirmed_at=at))


def begin(
    session: Session, organisation_id: int, at: dt.datetime, *, coordinators: str | None, forum: str | None
) -> None:
    """Choose the channels that the settings name, where none is chosen, and see to it that the digest has its date."""
    workspace = organisations.workspace_of(session, organisation_id)
    if workspace is not None:
        workspace.coordinators_channel = workspace.coordinators_channel or coordinators
        workspace.forum_channel = workspace.forum_channel or forum
    ensure_timer(session, session.get_one(Organisation, organisation_id), at)
