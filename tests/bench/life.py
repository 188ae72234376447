"""Lives: how a consultation goes on, from the filing to what came of it, and what each step brings with it."""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot import notices
from models.case import DeclineReason
from models.life import Act, OfferStatus, Status
from tests.bench.places import Place
from tests.bench.sayings import Saying

DAY = dt.timedelta(days=1)
EXPIRY = DAY * 7
_REMINDER = DAY * 4

_BY_REQUESTER = frozenset(
    {Act.FILE, Act.COMPLETE, Act.WITHDRAW, Act.COMMENT, Act.NOTE, Act.CLOSE, Act.APPROVE, Act.FEEDBACK}
)

Step = tuple[float, Act, int]
"""Days after the filing, what is done, and to which of the case's questions."""


@dataclass(slots=True)
class Question:
    """A question to a member."""

    id: int
    member_id: int
    person_id: int
    asked_at: dt.datetime
    status: OfferStatus = OfferStatus.PENDING
    decided_at: dt.datetime | None = None
    reason: DeclineReason | None = None


@dataclass(slots=True)
class Life:
    """A case on its way. `members` are those who are asked, in this order, as member and person."""

    id: int
    place: Place
    dice: random.Random
    requester_id: int
    members: list[tuple[int, int]]
    status: Status = Status.SUBMITTED
    version: int = 0
    changed_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    coordinator_id: int | None = None
    questions: list[Question] = field(default_factory=list)
    answer_id: int = 0
    lesson: Saying | None = None
    learned_at: dt.datetime | None = None
    approved_at: dt.datetime | None = None
    words: set[str] = field(default_factory=set)


def course(dice: random.Random, wanted: int) -> Iterator[Step]:
    """What is done to a case and when, if nobody hurries; it ends within 25 days."""
    yield 0, Act.FILE, 0
    fate, day, asked = dice.random(), 1.0, 0
    if fate < 0.06:
        yield 2, Act.WITHDRAW, 0
        return
    if fate < 0.12:
        yield day, Act.CLARIFY, 0
        yield day + 1.5, Act.COMPLETE, 0
        day += 2
    while dice.random() < 0.25 and asked < 2:
        yield day, Act.ASK, asked
        yield day + 1, dice.choice([Act.DECLINE, Act.DECLINE, Act.EXPIRE]), asked
        day, asked = day + 1, asked + 1
    for which in range(asked, asked + wanted):
        yield day, Act.ASK, which
        yield day + 1.5, Act.ACCEPT, which
        day += 0.2
    if dice.random() < 0.3:
        yield day + 4, Act.NOTE, 0
    if dice.random() < 0.06:
        yield day + 5, Act.PAUSE, 0
        yield day + 8, Act.RESUME, 0
    for which in range(asked, asked + wanted):
        yield day + 9, Act.ANSWER, which
        day += 0.5
    if dice.random() < 0.3:
        yield day + 10, Act.COMMENT, 0
    yield day + 13, Act.CLOSE, 0
    if dice.random() < 0.45:
        yield day + 14, Act.LESSON, 0
        if dice.random() < 0.8:
            yield day + 15, Act.APPROVE, 0
    if dice.random() < 0.6:
        yield day + 16, Act.FEEDBACK, 0


def actor(life: Life, act: Act, question: Question | None) -> int | None:
    """Whose act it was (None: the clock's)."""
    if act is Act.EXPIRE:
        return None
    if question is not None and act is not Act.ASK:
        return question.person_id
    return life.requester_id if act in _BY_REQUESTER else life.place.coordinators[0]


def told_of(life: Life, act: Act) -> Iterator[tuple[str, str]]:
    """Each notice of an act with its receiver, as `notices.follow` finds them."""
    told = notices.TOLD.get(act, notices.Told())
    if told.requester:
        yield told.requester, f"person:{life.requester_id}"
    if told.coordinator:
        yield told.coordinator, f"person:{life.place.coordinators[0]}"
    if told.room:
        yield told.room, f"room:{life.id}"
    if told.members:
        for each in life.questions:
            if each.status is OfferStatus.ACCEPTED:
                yield told.members, f"person:{each.person_id}"


def dates(
    life: Life, act: Act, question: Question | None, at: dt.datetime
) -> Iterator[tuple[str, dt.datetime, str, dict[str, Any]]]:
    """The timers that an act sets, as `bot.timetable` does: name, date, the rest of the key, data."""
    generation = {"generation": life.version}
    if act is Act.FILE:
        for name, days in (("triage.reminder", 2), ("triage.deputy", 4)):
            yield name, at + DAY * days, f"{life.id}:{life.version}", generation
    elif act is Act.ASK and question is not None:
        due_at = at + EXPIRY
        for name, moment in (("offer.reminder", at + _REMINDER), ("offer.expiry", due_at)):
            yield name, moment, f"{question.id}:{due_at:%Y%m%dT%H%M%S}", {"due": due_at.isoformat()}
    elif act is Act.CLOSE:
        for months in (6, 12):
            mark = f"{life.id}:{life.version}:{months}"
            yield "feedback", at + DAY * (30.5 * months), mark, {**generation, "months": months}
