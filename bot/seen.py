"""Platform events already taken care of: what a platform delivers twice is done once."""

import datetime as dt

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.job import SeenEvent

KEPT = dt.timedelta(hours=1)
"""How long an event is remembered, in real time; platforms repeat within minutes."""


def first_time(session: Session, event_id: str, real_now: dt.datetime) -> bool:
    """Whether this event comes for the first time. It is remembered with the caller's transaction, so that an event
    whose handling failed may come again."""
    session.execute(delete(SeenEvent).where(SeenEvent.seen_at < real_now - KEPT))
    embedded = session.get_bind().dialect.name == "sqlite"
    new = (sqlite.insert if embedded else postgresql.insert)(SeenEvent).values(id=event_id[:120], seen_at=real_now)
    once = new.on_conflict_do_nothing(index_elements=["id"]).returning(SeenEvent.id)
    return session.execute(once).scalar_one_or_none() is not None
