"""Platform events already taken care of: what a platform delivers twice is done once."""

import datetime as dt

from sqlalchemy.orm import Session

from models.database import insert
from models.job import SeenEvent


def first_time(session: Session, event_id: str, real_now: dt.datetime) -> bool:
    """Whether this event comes for the first time, to whichever process.

    It is remembered with the caller's transaction, so that an event whose handling failed may come again.
    """
    new = insert(session, SeenEvent).values(id=event_id[:120], seen_at=real_now)
    once = new.on_conflict_do_nothing(index_elements=["id"]).returning(SeenEvent.id)
    return session.execute(once).scalar_one_or_none() is not None
