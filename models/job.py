"""What is still to be told, shown or done at a date: jobs, their lanes, and what stands posted where."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.database import Base, Owned, owned


class JobKind(enum.StrEnum):
    """`TELL` is one fact to one receiver, `SHOW` a message that mirrors state, `TIMER` a date."""

    TELL = "tell"
    SHOW = "show"
    TIMER = "timer"


class JobState(enum.StrEnum):
    """`SKIPPED` had become obsolete; `PARKED` needs a person to look at it."""

    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"
    PARKED = "parked"
    CANCELLED = "cancelled"


_HELD = "lease_until IS NOT NULL"


class Lane(Base, Owned):
    """Everything to one receiver on one surface, delivered one at a time and oldest first.

    `receiver` is a kind and an id: `person:5`, `home:5`, `room:12` (a case's own channel), `channel:coordinators`,
    `channel:forum`. `address` is the platform's channel id, once known. `lease_until` and `next_at` are real time;
    `token` fences late workers off.
    """

    __tablename__ = "lane"
    __table_args__ = owned(
        UniqueConstraint("organisation_id", "surface", "receiver"),
        Index("ix_lane_next_at", "next_at"),
        Index("ix_lane_held", "lease_until", sqlite_where=text(_HELD), postgresql_where=text(_HELD)),
    )

    surface: Mapped[str] = mapped_column(String(20))
    receiver: Mapped[str] = mapped_column(String(60))
    address: Mapped[str | None] = mapped_column(String(60))
    token: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[dt.datetime | None]
    next_at: Mapped[dt.datetime | None]


_WAITING = text("state = 'waiting'")
_PARKED = text("state = 'parked'")
_TO_DELIVER = text("state = 'waiting' AND lane_id IS NOT NULL")


class Job(Base, Owned):
    """One thing to do, enqueued in the transaction of the act that wants it; `key` makes it happen once.

    `name` says which notice or timer; `case_id`, `event_id` and `subject_id` what it is about (ids only, never text).
    `due_at` (timers) is business time; `created_at`, `done_at` and `next_at` are real time. A timer that failed is not
    tried again before `next_at`; a delivery waits with its lane.
    `maybe_sent`: an earlier try may have reached the platform, so look before posting again; of a timer, it may have
    been done before, so look before posting what it enqueues.
    `request` is the id of the click or run that wanted it, for the logs; of changes that coalesce, the first one's.
    """

    __tablename__ = "job"
    __table_args__ = owned(
        UniqueConstraint("organisation_id", "key"),
        ForeignKeyConstraint(["organisation_id", "lane_id"], ["lane.organisation_id", "lane.id"]),
        Index("ix_job_lane_waiting", "lane_id", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_job_kind_state", "kind", "state"),
        Index("ix_job_to_deliver", "id", "lane_id", sqlite_where=_TO_DELIVER, postgresql_where=_TO_DELIVER),
        Index("ix_job_due_waiting", "due_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_job_parked", "organisation_id", "id", sqlite_where=_PARKED, postgresql_where=_PARKED),
        Index("ix_job_done_at", "done_at"),
    )

    kind: Mapped[JobKind]
    name: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(120))
    lane_id: Mapped[int | None]
    case_id: Mapped[int | None] = mapped_column(index=True)
    event_id: Mapped[int | None]
    subject_id: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    due_at: Mapped[dt.datetime | None]
    next_at: Mapped[dt.datetime | None]
    state: Mapped[JobState] = mapped_column(default=JobState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    maybe_sent: Mapped[bool] = mapped_column(default=False)
    why: Mapped[str] = mapped_column(String(300), default="")
    request: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[dt.datetime]
    done_at: Mapped[dt.datetime | None]


class SpentKey(Base):
    """The key of a job that was done long ago and is gone: it cannot be enqueued again. `spent_at` is real time."""

    __tablename__ = "spent_key"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    spent_at: Mapped[dt.datetime]


class Throttle(Base):
    """A platform has asked for a pause: nobody who shares its limit delivers before `until` (real time).

    `account` is what the platform counts requests by, as `Surface.account` names it.
    """

    __tablename__ = "throttle"

    account: Mapped[str] = mapped_column(String(120), primary_key=True)
    until: Mapped[dt.datetime]


class Posted(Base, Owned):
    """A message that mirrors state: where it stands (`channel`, `ts`), which version is wanted and which is shown."""

    __tablename__ = "posted"
    __table_args__ = owned(UniqueConstraint("organisation_id", "surface", "key"))

    surface: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(120))
    channel: Mapped[str | None] = mapped_column(String(60))
    ts: Mapped[str | None] = mapped_column(String(60))
    wanted: Mapped[int] = mapped_column(default=1)
    shown: Mapped[int] = mapped_column(default=0)


class SeenEvent(Base):
    """A platform event already taken care of; kept for at least ten minutes. `seen_at` is real time."""

    __tablename__ = "seen_event"

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    seen_at: Mapped[dt.datetime] = mapped_column(index=True)
