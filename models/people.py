"""People: who they are, how they are reached, and what they are to an organisation."""

import datetime as dt
import enum

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.database import Base, Owned, SortKey, owned, within


class RoleKind(enum.StrEnum):
    """What a person is to an organisation; one person may be several things."""

    REQUESTER = "requester"
    COORDINATOR = "coordinator"
    DEPUTY = "deputy"
    ADMINISTRATOR = "administrator"


class PauseCause(enum.StrEnum):
    """Why a member is not asked for a while: their own wish, silence, or the coordinator's choice."""

    OWN = "own"
    UNANSWERED = "unanswered"
    COORDINATOR = "coordinator"


class Person(Base):
    """A human being, known to one or several organisations. `email` is casefolded and may be missing (guests)."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    sort_key: Mapped[str] = mapped_column(SortKey)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    language: Mapped[str] = mapped_column(String(5), default="sv")


class Identity(Base):
    """A person on a chat platform: (platform, team, user) is who they are there, never the e-mail address."""

    __tablename__ = "identity"
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        UniqueConstraint("platform", "team", "user"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(index=True)
    platform: Mapped[str] = mapped_column(String(20))
    team: Mapped[str] = mapped_column(String(60))
    user: Mapped[str] = mapped_column(String(60))
    active: Mapped[bool] = mapped_column(default=True)


class Role(Base, Owned):
    """What a person is to the organisation, for a requester with the unit they ask for.

    A requester registers by asking; `confirmed_at` is when a coordinator vouched for the unit.
    """

    __tablename__ = "role"
    __table_args__ = owned(
        UniqueConstraint("organisation_id", "person_id", "kind"),
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        within("unit_id", "unit"),
    )

    person_id: Mapped[int] = mapped_column(index=True)
    kind: Mapped[RoleKind]
    unit_id: Mapped[int | None]
    confirmed_at: Mapped[dt.datetime | None]


class Member(Base, Owned):
    """A member of the academy (ledamot): a researcher who answers between other things (R22).

    `capacity` is how many consultations they want at the same time; how many they have is always counted.
    `resumed_at` is when they last came back from a pause: silence before it is forgotten.
    `version` grows with every change of the profile, so that any process knows when its index is old.
    """

    __tablename__ = "member"
    __table_args__ = owned(
        UniqueConstraint("organisation_id", "person_id"),
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        within("university_id", "university"),
        CheckConstraint("capacity >= 0", name="capacity"),
    )

    person_id: Mapped[int] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(String(200), default="")
    university_id: Mapped[int | None]
    keywords: Mapped[list[str]] = mapped_column(default=list)
    bio: Mapped[str] = mapped_column(String(3000), default="")
    publications: Mapped[list[str]] = mapped_column(default=list)
    languages: Mapped[list[str]] = mapped_column(default=lambda: ["sv"])
    capacity: Mapped[int] = mapped_column(default=2)
    paused_at: Mapped[dt.datetime | None]
    paused_by: Mapped[PauseCause | None]
    resumed_at: Mapped[dt.datetime | None]
    ask_again_from: Mapped[dt.date | None]
    left_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class Absence(Base, Owned):
    """Days, both included, when a member is away. Nobody asks why."""

    __tablename__ = "absence"
    __table_args__ = owned(within("member_id", "member"))

    member_id: Mapped[int] = mapped_column(index=True)
    first_day: Mapped[dt.date]
    last_day: Mapped[dt.date]


class Conflict(Base, Owned):
    """A declared conflict of interest or other tie (jäv eller annan bindning): to a district, a person or one case."""

    __tablename__ = "conflict"
    __table_args__ = owned(
        within("member_id", "member"),
        within("district_id", "district"),
        within("case_id", "case"),
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        CheckConstraint(
            "(district_id IS NOT NULL) OR (person_id IS NOT NULL) OR (case_id IS NOT NULL)", name="something"
        ),
    )

    member_id: Mapped[int] = mapped_column(index=True)
    district_id: Mapped[int | None]
    person_id: Mapped[int | None]
    case_id: Mapped[int | None]
    declared_at: Mapped[dt.datetime]
