"""The play: a script's acts, done for real by those who did them, each at its moment."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import answers, cases, notes, offers
from bot.actors import Actor
from bot.sample.scripts import CaseEntry, Step
from bot.sample.town import Town
from bot.wording import words
from bot.workdays import Calendar
from models.case import Answer, Offer
from models.forms import (
    Answering,
    Asking,
    Clarification,
    Closing,
    Declining,
    Diary,
    Feedbacking,
    LessonWriting,
    Linking,
    Question,
    Writing,
)
from models.life import Act

MORNING = dt.time(8, 40)
STEP = dt.timedelta(minutes=23)
"""The acts of one day are this far apart."""


class Days:
    """Working days of the past, and the moments of the acts on them."""

    def __init__(self, calendar: Calendar, now: dt.datetime) -> None:
        self._calendar = calendar
        self._days: list[dt.date] = []
        self._next = calendar.local(now).date() - dt.timedelta(days=1)

    def ago(self, days: int, place: int = 0) -> dt.datetime:
        """So many working days ago (1: the last one before today), the `place`th act of a case, in UTC."""
        while len(self._days) < days:
            if self._calendar.is_working_day(self._next):
                self._days.append(self._next)
            self._next -= dt.timedelta(days=1)
        return self.on(self._days[days - 1], place)

    def on(self, day: dt.date, place: int = 0) -> dt.datetime:
        """A moment of that day's working hours, in UTC."""
        zone = self._calendar.local(dt.datetime.now(dt.UTC)).tzinfo
        return (dt.datetime.combine(day, MORNING, zone) + place * STEP).astimezone(dt.UTC)

    def of(self, step: Step, place: int) -> dt.datetime:
        """When a step of a case was done."""
        return self.on(step.on, place) if step.on else self.ago(step.ago or 1, place)


@dataclass(frozen=True, slots=True)
class Scene:
    """One act to be done: `case_id` 0 while the case has not been filed."""

    entry: CaseEntry
    step: Step
    at: dt.datetime
    case_id: int = 0


class Play:
    """Does the acts of scenes. A member's acts are done on their behalf where the step says so."""

    def __init__(self, session: Session, town: Town) -> None:
        self._session = session
        self._town = town
        self._cases: dict[str, int] = {}
        self._acts: Mapping[Act, Callable[[Scene, Actor], object]] = {
            Act.FILE: self._file,
            Act.EDIT: lambda s, a: cases.edit(session, a, s.case_id, self._question(s), s.at),
            Act.CLARIFY: lambda s, a: cases.clarify(session, a, s.case_id, Clarification(text=s.step.text), s.at),
            Act.COMPLETE: lambda s, a: cases.complete(session, a, s.case_id, self._question(s), s.at),
            Act.TAKE: lambda s, a: cases.take(session, a, s.case_id, s.at),
            Act.ASK: lambda s, a: offers.ask(session, a, s.case_id, self._asking(s), s.at),
            Act.ACCEPT: lambda s, a: offers.accept(session, a, self._offer(s).id, s.at),
            Act.DECLINE: lambda s, a: offers.decline(session, a, self._offer(s).id, self._declining(s), s.at),
            Act.EXPIRE: self._expire,
            Act.RETRACT: lambda s, a: offers.retract(session, a, self._offer(s).id, s.at),
            Act.RELEASE: lambda s, a: offers.release(session, a, self._offer(s).id, s.at),
            Act.QUERY: lambda s, a: notes.query(session, a, self._offer(s).id, Writing(text=s.step.text), s.at),
            Act.REPLY: lambda s, a: notes.reply(session, a, self._offer(s).id, Writing(text=s.step.text), s.at),
            Act.NOTE: lambda s, a: notes.progress(session, a, s.case_id, Writing(text=s.step.text), s.at),
            Act.LINK: lambda s, a: cases.link(session, a, s.case_id, Linking(url=s.step.url, title=s.step.text), s.at),
            Act.DIARY: lambda s, a: cases.diary(session, a, s.case_id, self._diary(s), s.at),
            Act.CONFIRM: lambda s, a: cases.confirm(session, a, s.case_id, town.units[s.step.unit], s.at),
            Act.ANSWER: lambda s, a: answers.answer(session, a, s.case_id, self._answering(s), s.at),
            Act.COMMENT: lambda s, a: answers.comment(session, a, self._answer_id(s), Writing(text=s.step.text), s.at),
            Act.PAUSE: lambda s, a: cases.pause(session, a, s.case_id, Writing(text=s.step.text), s.at),
            Act.RESUME: lambda s, a: cases.resume(session, a, s.case_id, s.at),
            Act.WITHDRAW: lambda s, a: cases.withdraw(session, a, s.case_id, s.at),
            Act.CLOSE: lambda s, a: answers.close(session, a, s.case_id, self._closing(s), s.at),
            Act.LESSON: lambda s, a: answers.lesson(session, a, s.case_id, LessonWriting(text=s.step.text), s.at),
            Act.NAME: lambda s, a: answers.name(session, a, s.case_id, s.step.agrees, s.at),
            Act.APPROVE: lambda s, a: answers.approve(session, a, s.case_id, s.at),
            Act.REOPEN: lambda s, a: cases.reopen(session, a, s.case_id, s.at),
            Act.FEEDBACK: lambda s, a: answers.feedback(
                session, a, s.case_id, s.step.months, self._feedbacking(s), s.at
            ),
        }

    def do(self, scene: Scene) -> None:
        """Do the act as its person."""
        step = scene.step
        actor = self._town.actor(step.by) if step.by else Actor(self._town.organisation_id, None)
        if step.on_behalf:
            source = step.source.format(day=words("sv").day(scene.at))
            actor = actor.for_person(self._town.people[step.on_behalf], source)
        self._acts[step.act](replace(scene, case_id=self._cases.get(scene.entry.title, 0)), actor)
        self._session.flush()

    def _file(self, scene: Scene, actor: Actor) -> None:
        filed = cases.file(self._session, actor, self._question(scene), scene.at)
        self._cases[scene.entry.title] = filed.case_id

    def _expire(self, scene: Scene, _: Actor) -> None:
        offer = self._offer(scene)
        offers.expire(self._session, offer, max(offer.due_at, offer.asked_at))

    def _question(self, scene: Scene) -> Question:
        entry, step = scene.entry, scene.step
        filed = scene.entry.step[0]
        wanted_by = None
        if entry.wanted_in is not None and step is filed:
            wanted_by = scene.at.date() + dt.timedelta(days=entry.wanted_in)
        return Question(
            title=entry.title,
            question=step.text or entry.question,
            area_id=self._town.areas[entry.area],
            help=entry.help,
            answer_kind=entry.answer_kind,
            phase=entry.phase,
            unit_id=self._town.units[entry.unit],
            other_unit_ids=[self._town.units[unit] for unit in entry.other_units],
            wanted_by=wanted_by,
            shown=entry.shown,
            members_wanted=entry.members_wanted,
            dnr=entry.dnr,
            links=entry.links,
            wished_member_ids=[self._town.members[key] for key in entry.wishes],
        )

    def _asking(self, scene: Scene) -> Asking:
        step = scene.step
        hours = None if step.hours is None else round(step.hours)
        member_ids = [self._town.members[key] for key in step.to]
        return Asking(member_ids=member_ids, in_turn=step.in_turn, note=step.note, hours=hours)

    def _declining(self, scene: Scene) -> Declining:
        step = scene.step
        again = scene.at.date() + dt.timedelta(days=step.again_in) if step.again_in else None
        return Declining(reason=step.reason, ask_again_from=again)

    def _answering(self, scene: Scene) -> Answering:
        return Answering(text=scene.step.text, links=scene.step.links)

    def _closing(self, scene: Scene) -> Closing:
        step = scene.step
        return Closing(outcome=step.outcome, hours=step.hours, lesson=step.lesson)

    def _feedbacking(self, scene: Scene) -> Feedbacking:
        step = scene.step
        return Feedbacking(helped=step.helped, usable=step.usable, text=step.text)

    def _diary(self, scene: Scene) -> Diary:
        return Diary(unit_id=self._town.units[scene.step.unit], dnr=scene.step.dnr)

    def _offer(self, scene: Scene) -> Offer:
        """The latest question to the member whom the step names, or who acts."""
        step = scene.step
        key = step.to[0] if step.to else step.on_behalf or step.by
        query = select(Offer).where(Offer.case_id == scene.case_id, Offer.member_id == self._town.members[key])
        return self._session.scalars(query.order_by(Offer.id.desc()).limit(1)).one()

    def _answer_id(self, scene: Scene) -> int:
        query = select(Answer.id).where(Answer.case_id == scene.case_id).order_by(Answer.id.desc()).limit(1)
        return self._session.scalars(query).one()
