"""How often each date's effect was saved: noted beside it, in its own transaction, by the processes under attack."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.orm import Session

from bot.suggestions import Suggester
from bot.timers import Handler
from models.job import Job

FIRED = Table("fired", MetaData(), Column("job_id", Integer, nullable=False))
Timers = Callable[[Suggester], Mapping[str, Handler]]


def noted(timers: Timers) -> Timers:
    """The same handlers, each of which also leaves a row."""

    def made(suggester: Suggester) -> Mapping[str, Handler]:
        return {name: partial(_note, handler) for name, handler in timers(suggester).items()}

    return made


def counted(session: Session) -> Counter[int]:
    """How often each timer's effect was saved, by the job's id."""
    return Counter(session.scalars(select(FIRED.c.job_id)))


def _note(handler: Handler, session: Session, job: Job, at: dt.datetime) -> None:
    session.execute(insert(FIRED).values(job_id=job.id))
    handler(session, job, at)
