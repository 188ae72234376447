"""A case's file: everything in it as plain values, whoever reads it and on whatever surface."""

import datetime as dt
from dataclasses import dataclass, replace

from models.case import AnswerKind, CaseOutcome, DeclineReason, Help, NoteKind, Phase
from models.life import OfferStatus, Status


@dataclass(frozen=True, slots=True)
class UnitSeen:
    """A unit in a case, with its district (None: city-wide)."""

    id: int
    name: str
    district: str | None
    responsible: bool
    dnr: str
    confirmed: bool

    @property
    def label(self) -> str:
        """Unit and district in one line."""
        return f"{self.name}, {self.district}" if self.district else self.name


@dataclass(frozen=True, slots=True)
class OfferSeen:
    """A question to a member as coordinators see it."""

    id: int
    member_id: int
    person_id: int
    name: str
    status: OfferStatus
    asked_at: dt.datetime
    due_at: dt.datetime
    decided_at: dt.datetime | None
    reason: DeclineReason | None
    ask_again_from: dt.date | None
    note: str
    hours: int


@dataclass(frozen=True, slots=True)
class TextSeen:
    """A text that somebody wrote in a case."""

    id: int
    person_id: int
    name: str
    text: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class NoteSeen(TextSeen):
    """A note; `offer_id` when it belongs to a question to a member."""

    kind: NoteKind
    offer_id: int | None


@dataclass(frozen=True, slots=True)
class AnswerSeen(TextSeen):
    """An answer with what was said about it."""

    links: tuple[str, ...]
    comments: tuple[TextSeen, ...]


@dataclass(frozen=True, slots=True)
class LessonSeen:
    """The lesson; `approved` when the requester has let the forum read it."""

    text: str
    approved: bool
    names_members: bool
    person_id: int


@dataclass(frozen=True, slots=True)
class CaseSeen:
    """A whole case. What of it somebody may read is told by `parts`."""

    id: int
    organisation_id: int
    number: int
    version: int
    status: Status
    title: str
    question: str
    area_id: int | None
    area: str | None
    area_en: str | None
    help: Help
    answer_kind: AnswerKind
    phase: Phase
    wanted_by: dt.date | None
    shown: bool
    members_wanted: int
    standby: tuple[int, ...]
    wishes: tuple[int, ...]
    topics: tuple[str, ...]
    requester_id: int
    requester: str
    coordinator_id: int | None
    coordinator: str | None
    filed_at: dt.datetime
    changed_at: dt.datetime
    closed_at: dt.datetime | None
    outcome: CaseOutcome | None
    hours: float | None
    units: tuple[UnitSeen, ...]
    offers: tuple[OfferSeen, ...]
    answers: tuple[AnswerSeen, ...]
    notes: tuple[NoteSeen, ...]
    links: tuple[tuple[str, str], ...]
    lesson: LessonSeen | None

    @property
    def members(self) -> tuple[OfferSeen, ...]:
        """The members whose acceptance holds."""
        return tuple(offer for offer in self.offers if offer.status is OfferStatus.ACCEPTED)

    @property
    def pending(self) -> tuple[OfferSeen, ...]:
        """The questions that wait for an answer."""
        return tuple(offer for offer in self.offers if offer.status is OfferStatus.PENDING)

    @property
    def unit(self) -> UnitSeen | None:
        """The responsible unit."""
        return next((unit for unit in self.units if unit.responsible), None)


def without_pending_names(case: CaseSeen) -> CaseSeen:
    """The case as the requester and the forum read it: who has been asked and not yet answered is not named."""
    offers = (replace(offer, name="") if offer.status is OfferStatus.PENDING else offer for offer in case.offers)
    return replace(case, offers=tuple(offers))
