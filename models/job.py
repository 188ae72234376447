"""What is still to be told, shown or done at a date: jobs, their lanes, and what stands posted where."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint, text
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


class Lane(Base, Owned):
    """Everything to one receiver on one surface, delivered one at a time and oldest first.

    `receiver` is a kind and an id: `person:5`, `home:5`, `room:12` (a case's own channel), `channel:coordinators`,
    `channel:forum`. `address` is the platform's channel id, once known. `lease_until` and `next_at` are real time;
    `token` fences late workers off.
    """

    __tablename__ = "lane"
    __table_args__ = owned(
        UniqueConstraint("organisation_id", "surface", "receiver"), Index("ix_lane_next_at", "next_at")
    )

    surface: Mapped[str] = mapped_column(String(20))
    receiver: Mapped[str] = mapped_column(String(60))
    address: Mapped[str | None] = mapped_column(String(60))
    token: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[dt.datetime | None]
    next_at: Mapped[dt.datetime | None]


_WAITING = text("state = 'waiting'")


class Job(Base, Owned):
    """One thing to do, enqueued in the transaction of the act that wants it; `key` makes it happen once.

    `name` says which notice or timer; `case_id`, `event_id` and `subject_id` what it is about (ids only, never text).
    `due_at` (timers) is business time; `created_at` and `done_at` are real time.
    `maybe_sent`: an earlier try may have reached the platform, so look before posting again.
    `request` is the id of the click or run that wanted it, for the logs; of changes that coalesce, the first one's.
    """

    __tablename__ = "job"
    __table_args__ = owned(
        UniqueConstraint("organisation_id", "key"),
        ForeignKeyConstraint(["organisation_id", "lane_id"], ["lane.organisation_id", "lane.id"]),
        Index("ix_job_lane_waiting", "lane_id", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_job_kind_state", "kind", "state"),
        Index("ix_job_due_waiting", "due_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
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
    state: Mapped[JobState] = mapped_column(default=JobState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    maybe_sent: Mapped[bool] = mapped_column(default=False)
    why: Mapped[str] = mapped_column(String(300), default="")
    request: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[dt.datetime]
    done_at: Mapped[dt.datetime | None]


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
    """A platform event already taken care of; kept for at least ten minutes of real time."""

    __tablename__ = "seen_event"

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    seen_at: Mapped[dt.datetime] = mapped_column(index=True)
