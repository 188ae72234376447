"""Answers, and what a case leaves behind: closing, the lesson, feedback."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import offers, reach, search, timetable
from bot.actors import Actor
from bot.authority import authorise
from bot.events import Done, done, locked, record
from bot.refusals import Invalid, NotFound, TooLate
from models.case import Answer, Case, CaseOutcome, Comment, Event, Feedback, Lesson
from models.forms import Answering, Closing, Feedbacking, LessonWriting, Writing
from models.life import Act
from models.people import Member


def answer(session: Session, actor: Actor, case_id: int, form: Answering, at: dt.datetime) -> Done:
    """Give an answer (svar); a case can have several."""
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.ANSWER)
    member_id = session.scalars(
        select(Member.id).where(Member.organisation_id == case.organisation_id, Member.person_id == actor.stands_for)
    ).one()
    given = Answer(
        organisation_id=case.organisation_id,
        case_id=case.id,
        member_id=member_id,
        text=form.text,
        links=form.links,
        given_at=at,
    )
    session.add(given)
    session.flush()
    search.index(session, case)
    return done(case, record(session, case, actor, Act.ANSWER, at, answer=given.id))


def comment(session: Session, actor: Actor, answer_id: int, form: Writing, at: dt.datetime) -> Done:
    """Comment on an answer. Raises `NotFound` when there is no such answer in the organisation."""
    given = session.get(Answer, answer_id)
    if given is None or given.organisation_id != actor.organisation_id:
        raise NotFound("answer")
    case = locked(session, actor.organisation_id, given.case_id)
    authorise(session, case, actor, Act.COMMENT)
    written = Comment(
        organisation_id=case.organisation_id,
        case_id=case.id,
        answer_id=given.id,
        person_id=actor.stands_for,
        text=form.text,
        written_at=at,
    )
    session.add(written)
    session.flush()
    return done(case, record(session, case, actor, Act.COMMENT, at, answer=given.id, comment=written.id))


def close(session: Session, actor: Actor, case_id: int, form: Closing, at: dt.datetime) -> Done:
    """Close with an outcome, hours spent and perhaps a lesson, which the requester approves before the forum sees it.

    Raises `Invalid` when the outcome is "answered" and there is no answer. Questions still waiting are drawn back.
    """
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.CLOSE)
    if form.outcome is CaseOutcome.ANSWERED and not _answered(session, case):
        raise Invalid("no_answer_yet", field="outcome")
    case.standby = []
    case.outcome = form.outcome
    case.hours = form.hours if form.hours is not None else case.hours
    case.closed_at = at
    event = record(session, case, actor, Act.CLOSE, at, outcome=form.outcome.value)
    offers.retract_pending(session, case, at)
    timetable.feedback_dates(session, case, at)
    if form.lesson:
        event = _write_lesson(session, case, actor, form.lesson, at)
    return done(case, event)


def lesson(session: Session, actor: Actor, case_id: int, form: LessonWriting, at: dt.datetime) -> Done:
    """Write or rewrite the lesson (lärdom); a new wording must be approved anew, unless the requester wrote it."""
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.LESSON)
    return done(case, _write_lesson(session, case, actor, form.text, at))


def approve(
    session: Session, actor: Actor, case_id: int, at: dt.datetime, *, form: LessonWriting | None = None
) -> Done:
    """Approve the lesson, as it stands or in the requester's own wording: from now on the forum may read it.

    Raises `NotFound` when there is no lesson, `TooLate` when it is approved already.
    """
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.APPROVE)
    written = _lesson_of(session, case)
    if form is None and written.approved_at is not None:
        raise TooLate("lesson_approved", number=case.number)
    if form is not None and form.text != written.text:
        written.text = form.text
        written.names_members = False
    written.approved_at = at
    search.index(session, case)
    return done(case, record(session, case, actor, Act.APPROVE, at, lesson=written.id))


def name(session: Session, actor: Actor, case_id: int, agrees: bool, at: dt.datetime) -> Done:
    """Say whether the members may be named with the lesson. Each member speaks for the whole: one no is a no."""
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.NAME)
    written = _lesson_of(session, case)
    event = record(session, case, actor, Act.NAME, at, lesson=written.id, agrees=agrees)
    written.names_members = agrees and _all_agree(session, case)
    return done(case, event)


def feedback(session: Session, actor: Actor, case_id: int, months: int, form: Feedbacking, at: dt.datetime) -> Done:
    """Answer the questions after closing (`months` 0), or what came of the advice after so many months.

    Raises `TooLate` when they were answered before.
    """
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.FEEDBACK)
    if session.scalar(select(Feedback.id).where(Feedback.case_id == case.id, Feedback.months == months)):
        raise TooLate("feedback_given", number=case.number)
    session.add(
        Feedback(
            organisation_id=case.organisation_id,
            case_id=case.id,
            months=months,
            helped=form.helped,
            usable=form.usable,
            text=form.text,
            given_at=at,
        )
    )
    return done(case, record(session, case, actor, Act.FEEDBACK, at, months=months))


def _answered(session: Session, case: Case) -> bool:
    return session.scalar(select(Answer.id).where(Answer.case_id == case.id).limit(1)) is not None


def _write_lesson(session: Session, case: Case, actor: Actor, text: str, at: dt.datetime) -> Event:
    written = session.scalar(select(Lesson).where(Lesson.case_id == case.id))
    if written is None:
        written = Lesson(organisation_id=case.organisation_id, case_id=case.id)
        session.add(written)
    written.person_id = actor.stands_for or case.requester_id
    written.text = text
    written.written_at = at
    written.approved_at = at if actor.stands_for == case.requester_id else None
    written.names_members = False
    session.flush()
    search.index(session, case)
    return record(session, case, actor, Act.LESSON, at, lesson=written.id)


def _lesson_of(session: Session, case: Case) -> Lesson:
    written = session.scalar(select(Lesson).where(Lesson.case_id == case.id).with_for_update(key_share=True))
    if written is None:
        raise NotFound("lesson")
    return written


def _all_agree(session: Session, case: Case) -> bool:
    said = session.execute(
        select(Event.for_id, Event.actor_id, Event.data)
        .where(Event.case_id == case.id, Event.act == Act.NAME)
        .order_by(Event.seq)
    ).all()
    latest = {for_id or actor_id: data["agrees"] for for_id, actor_id, data in said}
    return all(latest.get(person_id, False) for person_id in reach.members_of(session, case))
