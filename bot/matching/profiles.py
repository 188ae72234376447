"""What goes into the matching and what comes out of it, as plain values."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Field = Literal["keywords", "title", "bio", "publications", "evidence"]
Via = Literal["exact", "stem", "compound", "spelling", "abbreviation", "synonym", "narrower", "broader", "related"]
Confidence = Literal["clear", "weak", "none"]
Why = Literal["conflict", "away", "full", "paused", "declined", "asked"]

FIELDS: tuple[Field, ...] = ("keywords", "title", "bio", "publications", "evidence")


@dataclass(frozen=True, slots=True)
class Profile:
    """A member as the matching sees them. `evidence` holds the texts of closed consultations with lessons that speak
    for the member, `declined` those of requests that they declined as outside their field; `lang` decides where a text
    does not show its own language. `name` and `university` are never searched: a namesake or a colleague is no expert
    for it."""

    id: str
    name: str
    title: str = ""
    university: str = ""
    keywords: tuple[str, ...] = ()
    bio: str = ""
    publications: tuple[str, ...] = ()
    lang: str = "sv"
    version: int = 0
    evidence: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()

    def texts(self, field: Field) -> tuple[str, ...]:
        """The texts of one field."""
        match field:
            case "keywords":
                return self.keywords
            case "title":
                return (self.title,)
            case "bio":
                return (self.bio,)
            case "publications":
                return self.publications
            case "evidence":
                return self.evidence


@dataclass(frozen=True, slots=True)
class State:
    """Where a member stands towards one request. `conflict` says what the tie is; `away_until` is set only
    when the member is away on the day that counts; `capacity` is how many open consultations they take at
    most (None: no limit); `asked_days_ago` is None for someone never asked; `declined` and `asked` are about
    this very request; `advised_before` says that they have advised the same requester, which is told where a review
    is wanted and keeps nobody from being asked."""

    id: str
    conflict: str | None = None
    away_until: date | None = None
    paused: bool = False
    open_cases: int = 0
    capacity: int | None = None
    asked_days_ago: int | None = None
    declined: bool = False
    asked: bool = False
    advised_before: bool = False

    def why_not(self) -> Why | None:
        """Why the member cannot be asked now, or None when they can."""
        reasons: tuple[tuple[bool, Why], ...] = (
            (self.conflict is not None, "conflict"),
            (self.declined, "declined"),
            (self.asked, "asked"),
            (self.paused, "paused"),
            (self.away_until is not None, "away"),
            (self.capacity is not None and self.open_cases >= self.capacity, "full"),
        )
        return next((why for holds, why in reasons if holds), None)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a member was found: `asked` as it stands in the request, `profile` as it stands in the profile."""

    asked: str
    profile: str
    field: Field
    via: Via


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A ranked member. The score orders one request's members; it says nothing between requests. `doubts` quotes what
    in the profile speaks for the member, but led to a question before that they declined as outside their field."""

    member: str
    score: float
    reasons: tuple[Reason, ...]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A member who would have stood among or above those shown, and why they do not."""

    member: str
    why: Why
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """Where a certain member stands for a request: at which place of how many to whom anything points (None when
    nothing points to them), with what speaks for them and, when they cannot be asked, why not."""

    place: int | None
    among: int
    suggestion: Suggestion
    why: Why | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The answer to one request."""

    confidence: Confidence
    ranking: tuple[Suggestion, ...]
    left_out: tuple[LeftOut, ...] = ()
