"""Annals: one consultation after the other as history leaves it: the case, its questions, answers, lesson and events,
its words for search, its jobs and messages."""

import datetime as dt
import random
from typing import Any

from bot import notices
from bot.cleanup import JOBS_KEPT
from models.case import (
    Answer,
    AnswerKind,
    Case,
    CaseLink,
    CaseOutcome,
    CaseUnit,
    Comment,
    DeclineReason,
    Degree,
    Event,
    Feedback,
    Help,
    Lesson,
    Note,
    NoteKind,
    Offer,
    Phase,
)
from models.job import Job, JobKind, JobState, Lane, Posted, SpentKey
from models.life import Act, OfferStatus, status_after
from models.word import CaseWord
from tests.bench.life import DAY, EXPIRY, Life, Question, actor, course, dates, told_of
from tests.bench.places import Place
from tests.bench.rows import Rows
from tests.bench.sayings import Sayings

_DECIDED = {
    Act.ACCEPT: OfferStatus.ACCEPTED,
    Act.DECLINE: OfferStatus.DECLINED,
    Act.EXPIRE: OfferStatus.EXPIRED,
}


class Annals:
    """Writes cases, the oldest first, until `now`. `ahead` is what real time runs ahead of business time."""

    def __init__(self, rows: Rows, sayings: Sayings, now: dt.datetime, ahead: dt.timedelta) -> None:
        self._rows = rows
        self._sayings = sayings
        self._now = now
        self._ahead = ahead
        self._lanes: dict[tuple[int, str], int] = {}

    def case(self, place: Place, dice: random.Random, filed_at: dt.datetime) -> None:
        """One case, with everything that was done to it."""
        place.number += 1
        requester_id, unit_id = dice.choice(place.requesters)
        life = Life(self._rows.number(Case), place, dice, requester_id, dice.sample(place.members, 4))
        pace, wanted = dice.uniform(0.4, 1.3), 2 if dice.random() < 0.15 else 1
        for days, act, which in course(dice, wanted):
            at = filed_at + DAY * (days * pace)
            if at <= self._now:
                self._act(life, act, which, at)
        self._keep(life, filed_at, unit_id, wanted)
        self._mirror(life)

    def _act(self, life: Life, act: Act, which: int, at: dt.datetime) -> None:
        """Do it, and put on record that it was done, whom it was told and which dates it brought."""
        question = self._do(life, act, which, at)
        before = life.status if act is not Act.FILE else None
        if before is not None:
            life.status = status_after(act, before, [each.status for each in life.questions])
        life.version += 1
        life.changed_at = at
        event_id = self._rows.new(
            Event,
            organisation_id=life.place.id,
            case_id=life.id,
            seq=life.version,
            act=act,
            at=at,
            recorded_at=at + self._ahead,
            before=before,
            after=life.status,
            actor_id=actor(life, act, question),
            offer_id=question.id if question else None,
            data={"reason": question.reason} if question and question.reason else {},
        )
        for kind, receiver in told_of(life, act):
            self._job(life, JobKind.TELL, kind, f"{kind}:{event_id}:{receiver}", at, receiver, event_id=event_id)
        self._job(life, JobKind.SHOW, "card", f"slack/card:{life.id}#{life.version}", at, notices.COORDINATORS)
        for name, due_at, mark, data in dates(life, act, question, at):
            about = question.id if question else None
            self._job(life, JobKind.TIMER, name, f"{name}:{mark}", due_at, subject_id=about, data=data)

    def _do(self, life: Life, act: Act, which: int, at: dt.datetime) -> Question | None:
        """What the act leaves behind besides its event; returns the question that it is about."""
        match act:
            case Act.ASK:
                life.coordinator_id = life.place.coordinators[0]
                life.questions.append(Question(self._rows.number(Offer), *life.members[which], at))
                return life.questions[which]
            case Act.ACCEPT | Act.DECLINE | Act.EXPIRE:
                question = life.questions[which]
                question.status, question.decided_at = _DECIDED[act], at
                if act is Act.DECLINE:
                    outside = life.dice.random() < 0.2
                    question.reason = DeclineReason.OUTSIDE_FIELD if outside else DeclineReason.NO_TIME
                return question
            case Act.ANSWER:
                saying = self._sayings.passage(life.dice)
                life.words |= saying.stems
                about = {"organisation_id": life.place.id, "case_id": life.id}
                member_id = life.questions[which].member_id
                life.answer_id = self._rows.new(Answer, member_id=member_id, text=saying.text, given_at=at, **about)
                return life.questions[which]
            case Act.COMMENT | Act.NOTE:
                self._remark(life, act, at)
            case Act.CLOSE:
                life.closed_at = at
            case Act.LESSON:
                life.lesson, life.learned_at = self._sayings.passage(life.dice), at
            case Act.APPROVE if life.lesson is not None:
                life.approved_at = at
                life.words |= life.lesson.stems
            case Act.FEEDBACK:
                about = {"organisation_id": life.place.id, "case_id": life.id}
                self._rows.new(Feedback, months=0, helped=Degree.YES, usable=Degree.PARTLY, given_at=at, **about)
        return None

    def _remark(self, life: Life, act: Act, at: dt.datetime) -> None:
        said: dict[str, Any] = {"text": "Vi har börjat, tack.", "written_at": at, "person_id": life.requester_id}
        about = {"organisation_id": life.place.id, "case_id": life.id}
        if act is Act.NOTE:
            self._rows.new(Note, kind=NoteKind.PROGRESS, **about, **said)
        else:
            self._rows.new(Comment, answer_id=life.answer_id, **about, **said)

    def _keep(self, life: Life, filed_at: dt.datetime, unit_id: int, wanted: int) -> None:
        """The case with its units and questions as they stand, its lesson and its words."""
        dice, place = life.dice, life.place
        title, question = self._sayings.title(dice), self._sayings.passage(dice)
        about = {"organisation_id": place.id, "case_id": life.id}
        self._rows.add(
            Case,
            id=life.id,
            organisation_id=place.id,
            number=place.number,
            status=life.status,
            title=title.text,
            question=question.text,
            area_id=dice.choice(place.areas),
            help=dice.choice(list(Help)),
            answer_kind=dice.choice(list(AnswerKind)),
            phase=dice.choice(list(Phase)),
            wanted_by=(filed_at + DAY * dice.randint(10, 50)).date() if dice.random() < 0.7 else None,
            shown=dice.random() < 0.85,
            members_wanted=wanted,
            standby=[member_id for member_id, _ in life.members[len(life.questions) :]] if dice.random() < 0.1 else [],
            wishes=[life.members[0][0]] if dice.random() < 0.3 else [],
            requester_id=life.requester_id,
            coordinator_id=life.coordinator_id,
            filed_at=filed_at,
            changed_at=life.changed_at,
            closed_at=life.closed_at,
            outcome=CaseOutcome.ANSWERED if life.closed_at else None,
            hours=4.0 if life.closed_at else None,
            version=life.version,
        )
        for each in {unit_id} | ({dice.choice(place.units)} if dice.random() < 0.15 else set()):
            first = each == unit_id
            self._rows.new(CaseUnit, unit_id=each, responsible=first, confirmed_at=filed_at if first else None, **about)
        if dice.random() < 0.2:
            url = f"https://www.exempel.se/projekt/{life.id}"
            self._rows.new(
                CaseLink, person_id=life.requester_id, url=url, title="Projektplan", added_at=filed_at, **about
            )
        for each in life.questions:
            self._rows.add(
                Offer,
                id=each.id,
                member_id=each.member_id,
                status=each.status,
                asked_by=life.coordinator_id,
                asked_at=each.asked_at,
                due_at=each.asked_at + EXPIRY,
                decided_at=each.decided_at,
                hours=4,
                reason=each.reason,
                **about,
            )
        if life.lesson is not None:
            self._rows.new(
                Lesson,
                person_id=life.requester_id,
                text=life.lesson.text,
                written_at=life.learned_at,
                approved_at=life.approved_at,
                names_members=dice.random() < 0.5,
                **about,
            )
        for word in sorted(life.words | title.stems | question.stems):
            self._rows.add(CaseWord, word=word, **about)

    def _mirror(self, life: Life) -> None:
        """The messages that show the case: its card, its questions, its own channel."""
        live = [each for each in life.questions if each.status is not OfferStatus.EXPIRED]
        room = any(each.status is OfferStatus.ACCEPTED for each in live)
        if room:
            self._lane(life.place, f"room:{life.id}")
        shown = [
            (f"card:{life.id}", f"C{life.place.id}S"),
            *((f"offer:{each.id}", f"D{each.person_id}") for each in live),
            *([(f"room:{life.id}", f"G{life.id}")] if room else []),
        ]
        for key, channel in shown:
            self._rows.new(
                Posted,
                organisation_id=life.place.id,
                surface=notices.SURFACE,
                key=key,
                channel=channel,
                ts=f"{life.id}.{life.version:06}",
                wanted=life.version,
                shown=life.version,
            )

    def _job(
        self,
        life: Life,
        kind: JobKind,
        name: str,
        key: str,
        at: dt.datetime,
        receiver: str = "",
        *,
        event_id: int | None = None,
        subject_id: int | None = None,
        data: dict[str, Any] | None = None,
    ) -> None:
        """A job that is done, one that waits for its date, or what clean-up has left of an old one."""
        real, timer = at + self._ahead, kind is JobKind.TIMER
        if at < self._now - JOBS_KEPT:
            if kind is not JobKind.SHOW:
                self._rows.add(SpentKey, organisation_id=life.place.id, key=key, spent_at=real + JOBS_KEPT)
            return
        waits = at > self._now
        self._rows.new(
            Job,
            organisation_id=life.place.id,
            kind=kind,
            name=name,
            key=key,
            lane_id=None if timer else self._lane(life.place, receiver),
            case_id=life.id,
            event_id=event_id,
            subject_id=subject_id,
            data=data or {},
            due_at=at if timer else None,
            state=JobState.WAITING if waits else JobState.DONE,
            attempts=0 if waits else 1,
            created_at=(life.changed_at or at) + self._ahead,
            done_at=None if waits else real,
        )

    def _lane(self, place: Place, receiver: str) -> int:
        there = (place.id, receiver)
        if there not in self._lanes:
            self._lanes[there] = self._rows.new(
                Lane,
                organisation_id=place.id,
                surface=notices.SURFACE,
                receiver=receiver,
                address=f"C{place.id}S" if receiver == notices.COORDINATORS else f"D{receiver}",
                token=1,
            )
        return self._lanes[there]
