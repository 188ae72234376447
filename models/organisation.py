"""Organisations and what they are made of: districts, units, clusters, universities, areas."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.database import Base, Owned, SortKey, owned, within


class Choosing(enum.StrEnum):
    """Who chooses the member to ask."""

    COORDINATOR = "coordinator"
    REQUESTER = "requester"
    AUTOMATIC = "automatic"


class Silence(enum.StrEnum):
    """What the digest does in a week without anything to tell."""

    SKIP = "skip"
    LINE = "line"


class Installation(Base):
    """What holds for the whole installation; one row, number 1.

    `clock_offset` (seconds) is what business time runs ahead of real time: always 0 outside the demo.
    """

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    clock_offset: Mapped[int] = mapped_column(default=0)


class Organisation(Base):
    """A city whose districts ask. Whatever a coordinator may change is a column here.

    Days are working days, months calendar months. `last_number` is the number of the case filed last.
    """

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    zone: Mapped[str] = mapped_column(String(60), default="Europe/Stockholm")
    language: Mapped[str] = mapped_column(String(5), default="sv")
    coordinator_title: Mapped[str] = mapped_column(String(80), default="FoU-samordnare")
    coordinator_title_en: Mapped[str] = mapped_column(String(80), default="R&D coordinator")
    choosing: Mapped[Choosing] = mapped_column(default=Choosing.COORDINATOR)
    reminder_days: Mapped[int] = mapped_column(default=3)
    offer_days: Mapped[int] = mapped_column(default=5)
    triage_reminder_days: Mapped[int] = mapped_column(default=2)
    triage_deputy_days: Mapped[int] = mapped_column(default=4)
    unanswered_limit: Mapped[int] = mapped_column(default=3)
    draft_days: Mapped[int] = mapped_column(default=14)
    feedback_months: Mapped[list[int]] = mapped_column(default=lambda: [6, 12])
    hours_usual: Mapped[int] = mapped_column(default=4)
    digest_weekday: Mapped[int] = mapped_column(default=0)
    digest_hour: Mapped[int] = mapped_column(default=8)
    digest_silence: Mapped[Silence] = mapped_column(default=Silence.SKIP)
    quiet_periods: Mapped[list[dict[str, Any]] | None]
    terms: Mapped[str] = mapped_column(String(1500), default="")
    terms_en: Mapped[str] = mapped_column(String(1500), default="")
    last_number: Mapped[int] = mapped_column(default=0)


class Workspace(Base, Owned):
    """A chat workspace that an organisation talks in. Channels are kept by id: names change."""

    __tablename__ = "workspace"
    __table_args__ = owned(UniqueConstraint("platform", "team"))

    platform: Mapped[str] = mapped_column(String(20))
    team: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200), default="")
    coordinators_channel: Mapped[str | None] = mapped_column(String(60))
    forum_channel: Mapped[str | None] = mapped_column(String(60))


class Cluster(Base, Owned):
    """A planned group of districts with a theme (AST-kluster, AST 6.2.1)."""

    __tablename__ = "cluster"
    __table_args__ = owned(UniqueConstraint("organisation_id", "name"))

    name: Mapped[str] = mapped_column(String(200))
    theme: Mapped[str] = mapped_column(String(400), default="")


class District(Base, Owned):
    """A stadsdelsförvaltning. Districts merge: a former one names its successor and keeps its old cases."""

    __tablename__ = "district"
    __table_args__ = owned(
        UniqueConstraint("organisation_id", "name"),
        within("cluster_id", "cluster"),
        within("successor_id", "district"),
    )

    name: Mapped[str] = mapped_column(String(200))
    sort_key: Mapped[str] = mapped_column(SortKey)
    cluster_id: Mapped[int | None]
    successor_id: Mapped[int | None]
    ended_on: Mapped[dt.date | None]


class Unit(Base, Owned):
    """Who asks (verksamhet, enhet): part of a district, or city-wide with none (R22, M19)."""

    __tablename__ = "unit"
    __table_args__ = owned(
        UniqueConstraint("organisation_id", "district_id", "name"), within("district_id", "district")
    )

    name: Mapped[str] = mapped_column(String(200))
    sort_key: Mapped[str] = mapped_column(SortKey)
    district_id: Mapped[int | None]
    ended_on: Mapped[dt.date | None]


class University(Base, Owned):
    """A lärosäte."""

    __tablename__ = "university"
    __table_args__ = owned(UniqueConstraint("organisation_id", "name"))

    name: Mapped[str] = mapped_column(String(200))
    sort_key: Mapped[str] = mapped_column(SortKey)


class Area(Base, Owned):
    """An area of work (verksamhetsområde), in the organisation's own order (P13)."""

    __tablename__ = "area"
    __table_args__ = owned(UniqueConstraint("organisation_id", "code"))

    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(75))
    name_en: Mapped[str] = mapped_column(String(75))
    position: Mapped[int] = mapped_column(default=0)


class Glossary(Base, Owned):
    """The organisation's own terms beside the taxonomy of the field, as the file they were imported from.

    `version` grows with every change, so that any process knows when its matcher is old.
    """

    __tablename__ = "glossary"
    __table_args__ = owned(UniqueConstraint("organisation_id"))

    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[dt.datetime]
