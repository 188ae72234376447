"""The life of a case: statuses, parts, and the table of acts — from what, by whom, to what.

Everything that asks "may this be done now, by this person" reads this table; the diagram in the docs is drawn from it.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass


class Status(enum.StrEnum):
    """Where a case (konsultation) stands."""

    SUBMITTED = "submitted"
    CLARIFYING = "clarifying"
    OFFERED = "offered"
    ACTIVE = "active"
    PAUSED = "paused"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class OfferStatus(enum.StrEnum):
    """Where a question to a member (fråga till ledamot) stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    RELEASED = "released"
    DECLINED = "declined"
    EXPIRED = "expired"
    RETRACTED = "retracted"


class Part(enum.StrEnum):
    """What part a person has in a case. `ASKED` has a pending question, `MEMBER` an accepted one,
    `DISTRICT` asks for another unit of the same case, `FORUM` is everybody else in the organisation,
    `CLOCK` is nobody: a date that came."""

    REQUESTER = "requester"
    COORDINATOR = "coordinator"
    ASKED = "asked"
    MEMBER = "member"
    DISTRICT = "district"
    FORUM = "forum"
    CLOCK = "clock"


class Act(enum.StrEnum):
    """What can be done to a case."""

    FILE = "file"
    EDIT = "edit"
    CLARIFY = "clarify"
    COMPLETE = "complete"
    TAKE = "take"
    ASK = "ask"
    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    RETRACT = "retract"
    RELEASE = "release"
    REASSIGN = "reassign"
    QUERY = "query"
    REPLY = "reply"
    NOTE = "note"
    LINK = "link"
    DIARY = "diary"
    CONFIRM = "confirm"
    ANSWER = "answer"
    COMMENT = "comment"
    PAUSE = "pause"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    CLOSE = "close"
    LESSON = "lesson"
    NAME = "name"
    APPROVE = "approve"
    REOPEN = "reopen"
    FEEDBACK = "feedback"


class To(enum.StrEnum):
    """Where an act leads when not to a status of its own."""

    SAME = "same"
    OFFERS = "offers"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: in which statuses an act may be done, by which parts, and where it leads.

    `To.OFFERS` means: to what the offers say (`status_of`). Where the offers do not decide, because the case waits for
    a completion, is paused or over, acts on its offers leave it there; completing, resuming and reopening lead back.
    """

    within: frozenset[Status]
    by: frozenset[Part]
    to: Status | To


S, P = Status, Part
_OPEN = frozenset({S.SUBMITTED, S.CLARIFYING, S.OFFERED, S.ACTIVE, S.PAUSED})
_EVERY = frozenset(Status)
_BOTH = frozenset({P.REQUESTER, P.COORDINATOR})


def _rule(within: Iterable[Status], by: Iterable[Part], to: Status | To) -> Rule:
    return Rule(frozenset(within), frozenset(by), to)


ACTS: dict[Act, Rule] = {
    Act.FILE: _rule((), _BOTH | {P.DISTRICT, P.FORUM}, S.SUBMITTED),
    Act.EDIT: _rule({S.SUBMITTED, S.CLARIFYING}, _BOTH, To.SAME),
    Act.CLARIFY: _rule({S.SUBMITTED, S.OFFERED}, {P.COORDINATOR}, S.CLARIFYING),
    Act.COMPLETE: _rule({S.CLARIFYING}, _BOTH, To.OFFERS),
    Act.TAKE: _rule(_OPEN, {P.COORDINATOR}, To.SAME),
    Act.ASK: _rule({S.SUBMITTED, S.OFFERED, S.ACTIVE}, _BOTH | {P.CLOCK}, To.OFFERS),
    Act.ACCEPT: _rule({S.OFFERED, S.ACTIVE, S.PAUSED}, {P.ASKED}, To.OFFERS),
    Act.DECLINE: _rule({S.OFFERED, S.ACTIVE, S.PAUSED}, {P.ASKED}, To.OFFERS),
    Act.EXPIRE: _rule({S.OFFERED, S.ACTIVE}, {P.CLOCK}, To.OFFERS),
    Act.RETRACT: _rule(_EVERY - {S.SUBMITTED}, {P.COORDINATOR, P.CLOCK}, To.OFFERS),
    Act.RELEASE: _rule({S.ACTIVE, S.PAUSED}, {P.MEMBER, P.COORDINATOR}, To.OFFERS),
    Act.REASSIGN: _rule({S.ACTIVE}, {P.COORDINATOR}, To.OFFERS),
    Act.QUERY: _rule({S.OFFERED, S.ACTIVE, S.PAUSED}, {P.ASKED}, To.SAME),
    Act.REPLY: _rule({S.OFFERED, S.ACTIVE, S.PAUSED}, _BOTH, To.SAME),
    Act.NOTE: _rule({S.ACTIVE, S.PAUSED}, _BOTH | {P.MEMBER}, To.SAME),
    Act.LINK: _rule(_OPEN, _BOTH | {P.MEMBER, P.DISTRICT}, To.SAME),
    Act.DIARY: _rule(_EVERY, _BOTH | {P.DISTRICT}, To.SAME),
    Act.CONFIRM: _rule(_OPEN, {P.DISTRICT, P.COORDINATOR}, To.SAME),
    Act.ANSWER: _rule({S.ACTIVE}, {P.MEMBER}, To.SAME),
    Act.COMMENT: _rule({S.ACTIVE, S.PAUSED, S.CLOSED}, _BOTH | {P.MEMBER, P.DISTRICT}, To.SAME),
    Act.PAUSE: _rule(_OPEN - {S.PAUSED}, _BOTH, S.PAUSED),
    Act.RESUME: _rule({S.PAUSED}, _BOTH, To.OFFERS),
    Act.WITHDRAW: _rule(_OPEN, _BOTH, S.WITHDRAWN),
    Act.CLOSE: _rule(_OPEN - {S.CLARIFYING}, _BOTH | {P.MEMBER}, S.CLOSED),
    Act.LESSON: _rule({S.CLOSED}, _BOTH | {P.MEMBER}, To.SAME),
    Act.NAME: _rule({S.CLOSED}, {P.MEMBER}, To.SAME),
    Act.APPROVE: _rule({S.CLOSED}, {P.REQUESTER}, To.SAME),
    Act.REOPEN: _rule({S.CLOSED, S.WITHDRAWN}, _BOTH, To.OFFERS),
    Act.FEEDBACK: _rule({S.CLOSED}, {P.REQUESTER}, To.SAME),
}

FROM_OFFERS = frozenset({Status.SUBMITTED, Status.OFFERED, Status.ACTIVE})
"""The statuses that only the offers decide."""


TELLING = (Act.APPROVE, Act.CLOSE, Act.DECLINE, Act.LESSON, Act.REOPEN)
"""The acts by which a case comes to speak for its members or against them, or ceases to."""

_RETURNING = frozenset({Act.COMPLETE, Act.RESUME, Act.REOPEN})


def status_of(offers: Iterable[OfferStatus]) -> Status:
    """What the offers say: one accepted is active, one pending offered, otherwise submitted. Computed only here."""
    found = set(offers)
    if OfferStatus.ACCEPTED in found:
        return Status.ACTIVE
    return Status.OFFERED if OfferStatus.PENDING in found else Status.SUBMITTED


def status_after(act: Act, before: Status, offers: Iterable[OfferStatus]) -> Status:
    """Where an act leads from `before`, given how its offers stand afterwards."""
    to = ACTS[act].to
    if isinstance(to, Status):
        return to
    if to is To.SAME:
        return before
    if before not in FROM_OFFERS and act not in _RETURNING:
        return before
    return status_of(offers)
