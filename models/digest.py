"""The weekly digest (veckobrev): one decision per ISO week."""

import datetime as dt
import enum

from sqlalchemy import ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.database import Base, Owned, owned


class Decision(enum.StrEnum):
    """What was decided about a week's digest."""

    POSTED = "posted"
    SKIPPED = "skipped"


class Digest(Base, Owned):
    """What was decided for one ISO week, and the span it tells of: from `covers_from` until just before `covers_to`."""

    __tablename__ = "digest"
    __table_args__ = owned(
        UniqueConstraint("organisation_id", "year", "week"), ForeignKeyConstraint(["person_id"], ["person.id"])
    )

    year: Mapped[int]
    week: Mapped[int]
    decision: Mapped[Decision]
    why: Mapped[str] = mapped_column(String(40), default="")
    covers_from: Mapped[dt.datetime]
    covers_to: Mapped[dt.datetime]
    decided_at: Mapped[dt.datetime]
    person_id: Mapped[int | None]
