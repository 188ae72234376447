"""A case (konsultation) and what grows on it: questions to members, answers, notes, the lesson, feedback, events."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.database import Base, Owned, owned, within
from models.life import TELLING, Act, OfferStatus, Status


class Help(enum.StrEnum):
    """What help is asked for."""

    EVALUATION = "evaluation"
    PLAN = "plan"
    OVERVIEW = "overview"
    METHOD = "method"
    IMPLEMENTATION = "implementation"
    ETHICS = "ethics"
    SEMINAR = "seminar"


class AnswerKind(enum.StrEnum):
    """What kind of answer is wanted."""

    POINTER = "pointer"
    REFERENCES = "references"
    MEETING = "meeting"
    OPINION = "opinion"
    REVIEW = "review"


class Phase(enum.StrEnum):
    """Which phase the work is in, in plain choices and not as a ladder (AST 5.2); `UNKNOWN` is *vet inte*."""

    UNDESCRIBED = "undescribed"
    UNDOCUMENTED_GROUP = "undocumented_group"
    DOCUMENT_METHOD = "document_method"
    EVALUATE_MODEL = "evaluate_model"
    NEW_METHOD = "new_method"
    READY_FOR_EFFECTS = "ready_for_effects"
    UNKNOWN = "unknown"


class CaseOutcome(enum.StrEnum):
    """How a case ended; `COMMISSION` is *övergår i uppdrag*: the city contracts a performer (R22)."""

    ANSWERED = "answered"
    COMMISSION = "commission"
    NOT_POSSIBLE = "not_possible"
    WITHDRAWN = "withdrawn"


class DeclineReason(enum.StrEnum):
    """Why a member says no; the reason may be withheld."""

    NO_TIME = "no_time"
    OUTSIDE_FIELD = "outside_field"
    CONFLICT = "conflict"
    NOT_NOW = "not_now"
    WITHHELD = "withheld"


class NoteKind(enum.StrEnum):
    """What a note on a case is for."""

    PROGRESS = "progress"
    CLARIFY = "clarify"
    QUERY = "query"
    REPLY = "reply"
    PAUSE = "pause"


class Degree(enum.StrEnum):
    """An answer to a feedback question."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Draft(Base, Owned):
    """A form as far as it was filled in, kept before it is acknowledged. `form` holds the fields as typed."""

    __tablename__ = "draft"
    __table_args__ = owned(ForeignKeyConstraint(["person_id"], ["person.id"]))

    person_id: Mapped[int] = mapped_column(index=True)
    form: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]


class Case(Base, Owned):
    """A consultation. `number` counts within the organisation; `shown` is whether the forum may read it.

    `version` grows with every act, so that an old button can be told from a fresh one.
    `standby` holds the members to ask in turn, `wishes` those the requester would like, `topics` what it is about.
    `draft_id` is unique: the same form filed twice is the same case. It is no foreign key, for drafts are deleted.
    """

    __tablename__ = "case"
    __table_args__ = owned(
        UniqueConstraint("organisation_id", "number"),
        UniqueConstraint("draft_id"),
        within("area_id", "area"),
        ForeignKeyConstraint(["requester_id"], ["person.id"]),
        ForeignKeyConstraint(["coordinator_id"], ["person.id"]),
        CheckConstraint("members_wanted BETWEEN 1 AND 3", name="members_wanted"),
        Index("ix_case_organisation_status", "organisation_id", "status", "changed_at"),
        Index("ix_case_organisation_filed", "organisation_id", "filed_at"),
    )

    number: Mapped[int]
    draft_id: Mapped[int | None]
    status: Mapped[Status]
    title: Mapped[str] = mapped_column(String(150))
    question: Mapped[str] = mapped_column(Text)
    area_id: Mapped[int | None]
    help: Mapped[Help]
    answer_kind: Mapped[AnswerKind]
    phase: Mapped[Phase]
    wanted_by: Mapped[dt.date | None]
    shown: Mapped[bool]
    members_wanted: Mapped[int] = mapped_column(default=1)
    standby: Mapped[list[int]] = mapped_column(default=list)
    wishes: Mapped[list[int]] = mapped_column(default=list)
    topics: Mapped[list[str]] = mapped_column(default=list)
    requester_id: Mapped[int] = mapped_column(index=True)
    coordinator_id: Mapped[int | None] = mapped_column(index=True)
    filed_at: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]
    outcome: Mapped[CaseOutcome | None]
    hours: Mapped[float | None]
    version: Mapped[int] = mapped_column(default=1)


class CaseUnit(Base, Owned):
    """A unit that asks. One is responsible (ansvarig); the others are told and confirm.

    `dnr` is the diary number of that unit's own board, in free format: one number per board.
    """

    __tablename__ = "case_unit"
    __table_args__ = owned(UniqueConstraint("case_id", "unit_id"), within("case_id", "case"), within("unit_id", "unit"))

    case_id: Mapped[int] = mapped_column(index=True)
    unit_id: Mapped[int] = mapped_column(index=True)
    responsible: Mapped[bool] = mapped_column(default=False)
    dnr: Mapped[str] = mapped_column(String(60), default="")
    confirmed_at: Mapped[dt.datetime | None]


class CaseLink(Base, Owned):
    """A link added to a case: a project plan in the kunskapsbank, a report, a shared document."""

    __tablename__ = "case_link"
    __table_args__ = owned(within("case_id", "case"), ForeignKeyConstraint(["person_id"], ["person.id"]))

    case_id: Mapped[int] = mapped_column(index=True)
    person_id: Mapped[int]
    url: Mapped[str] = mapped_column(String(1000))
    title: Mapped[str] = mapped_column(String(200), default="")
    added_at: Mapped[dt.datetime]


_LIVE = text("status IN ('pending', 'accepted')")


class Offer(Base, Owned):
    """A question to a member (fråga till ledamot). `due_at` is when the next one is asked instead.

    `asked_by` is None when the first suggestion was asked automatically.
    """

    __tablename__ = "offer"
    __table_args__ = owned(
        within("case_id", "case"),
        within("member_id", "member"),
        ForeignKeyConstraint(["asked_by"], ["person.id"]),
        Index("uq_offer_live", "case_id", "member_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_offer_member_status", "member_id", "status", "asked_at"),
        Index("ix_offer_member_asked", "member_id", "asked_at"),
    )

    case_id: Mapped[int] = mapped_column(index=True)
    member_id: Mapped[int]
    status: Mapped[OfferStatus]
    asked_by: Mapped[int | None]
    asked_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    decided_at: Mapped[dt.datetime | None]
    note: Mapped[str] = mapped_column(String(1000), default="")
    hours: Mapped[int]
    reason: Mapped[DeclineReason | None]
    ask_again_from: Mapped[dt.date | None]


class Answer(Base, Owned):
    """A member's answer (svar): an object of its own, found by search, exported and commented on."""

    __tablename__ = "answer"
    __table_args__ = owned(within("case_id", "case"), within("member_id", "member"))

    case_id: Mapped[int] = mapped_column(index=True)
    member_id: Mapped[int] = mapped_column(index=True)
    text: Mapped[str] = mapped_column(Text)
    links: Mapped[list[str]] = mapped_column(default=list)
    given_at: Mapped[dt.datetime]


class Comment(Base, Owned):
    """What somebody in the case says about an answer."""

    __tablename__ = "comment"
    __table_args__ = owned(
        within("case_id", "case"), within("answer_id", "answer"), ForeignKeyConstraint(["person_id"], ["person.id"])
    )

    case_id: Mapped[int] = mapped_column(index=True)
    answer_id: Mapped[int] = mapped_column(index=True)
    person_id: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[dt.datetime]


class Note(Base, Owned):
    """A short text in the course of a case: what to complete, a query before accepting, its reply, a progress note."""

    __tablename__ = "note"
    __table_args__ = owned(
        within("case_id", "case"), within("offer_id", "offer"), ForeignKeyConstraint(["person_id"], ["person.id"])
    )

    case_id: Mapped[int] = mapped_column(index=True)
    offer_id: Mapped[int | None]
    kind: Mapped[NoteKind]
    person_id: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[dt.datetime]


class Lesson(Base, Owned):
    """What can be learned from a case (lärdom). The forum sees it when the requester has approved it.

    `names_members`: whether the members agree to be named; until they do they are not.
    """

    __tablename__ = "lesson"
    __table_args__ = owned(
        UniqueConstraint("case_id"), within("case_id", "case"), ForeignKeyConstraint(["person_id"], ["person.id"])
    )

    case_id: Mapped[int]
    person_id: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[dt.datetime]
    approved_at: Mapped[dt.datetime | None]
    names_members: Mapped[bool] = mapped_column(default=False)


class Feedback(Base, Owned):
    """The requester's view: at closing (`months` 0, two questions), and 6 and 12 months later what came of it."""

    __tablename__ = "feedback"
    __table_args__ = owned(UniqueConstraint("case_id", "months"), within("case_id", "case"))

    case_id: Mapped[int]
    months: Mapped[int]
    helped: Mapped[Degree]
    usable: Mapped[Degree | None]
    text: Mapped[str] = mapped_column(Text, default="")
    given_at: Mapped[dt.datetime]


_TELLING = text(f"act IN ({', '.join(repr(act.value) for act in TELLING)})")


class Event(Base, Owned):
    """One act, never changed. `at` is business time, `recorded_at` real time; `seq` counts within the case.

    `actor_id` is who did it (None: the clock), `for_id` on whose behalf and `source` how that is known.
    `data` holds ids and enumerations, never a text that somebody wrote.
    """

    __tablename__ = "event"
    __table_args__ = owned(
        UniqueConstraint("case_id", "seq"),
        within("case_id", "case"),
        ForeignKeyConstraint(["actor_id"], ["person.id"]),
        ForeignKeyConstraint(["for_id"], ["person.id"]),
        Index("ix_event_organisation_at", "organisation_id", "at"),
        Index("ix_event_telling", "organisation_id", "id", "case_id", sqlite_where=_TELLING, postgresql_where=_TELLING),
    )

    case_id: Mapped[int]
    seq: Mapped[int]
    act: Mapped[Act]
    at: Mapped[dt.datetime]
    recorded_at: Mapped[dt.datetime]
    before: Mapped[Status | None]
    after: Mapped[Status]
    actor_id: Mapped[int | None]
    for_id: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(200), default="")
    offer_id: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
