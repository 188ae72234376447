"""Every act with the smallest form it takes, so that a test can do any of them by name."""

import datetime as dt
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import answers, cases, notes, offers
from bot.actors import Actor
from models.case import Answer, CaseUnit, Offer
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
from models.life import Act, OfferStatus
from models.people import Member

Deed = Callable[[Session, Actor, int, dt.datetime], object]


def question(unit_id: int, *others: int, wanted: int = 1, shown: bool = True, title: str = "Hur mäter vi?") -> Question:
    return Question(
        title=title,
        question="Vi vill veta om kontaktpersoner gör nytta för de unga.",
        help="evaluation",
        answer_kind="meeting",
        unit_id=unit_id,
        other_unit_ids=list(others),
        members_wanted=wanted,
        shown=shown,
    )


def offer_in(session: Session, case_id: int, *statuses: OfferStatus, person_id: int | None = None) -> int:
    """The question an act is about: the actor's own, otherwise the latest in these statuses, otherwise any."""
    rows = session.execute(
        select(Offer.id, Offer.status, Member.person_id)
        .join(Member, Member.id == Offer.member_id)
        .where(Offer.case_id == case_id)
        .order_by(Offer.id.desc())
    ).all()
    own = [row.id for row in rows if row.status in statuses and row.person_id == person_id]
    fitting = [row.id for row in rows if row.status in statuses]
    every = [row.id for row in rows]
    return (own or fitting or every or [0])[0]


def _pending(session: Session, actor: Actor, case_id: int) -> int:
    return offer_in(session, case_id, OfferStatus.PENDING, person_id=actor.stands_for)


def _accepted(session: Session, actor: Actor, case_id: int) -> int:
    return offer_in(session, case_id, OfferStatus.ACCEPTED, person_id=actor.stands_for)


def _unit(session: Session, case_id: int) -> int:
    query = select(CaseUnit.unit_id).where(CaseUnit.case_id == case_id).order_by(CaseUnit.responsible, CaseUnit.id)
    return session.scalars(query).first() or 0


def _answer(session: Session, case_id: int) -> int:
    return session.scalars(select(Answer.id).where(Answer.case_id == case_id)).first() or 0


def deeds(unit_id: int, spare_member_id: Callable[[Session, int], int]) -> dict[Act, Deed]:
    """Every act but filing and expiring. `spare_member_id` names a member who can be asked in a case."""

    def asking(session: Session, case_id: int) -> Asking:
        return Asking(member_ids=[spare_member_id(session, case_id)])

    text = Writing(text="Några ord om läget.")
    return {
        Act.EDIT: lambda s, a, c, at: cases.edit(s, a, c, question(unit_id, title="Hur mäter vi nu?", wanted=2), at),
        Act.CLARIFY: lambda s, a, c, at: cases.clarify(s, a, c, Clarification(text="Vilka unga gäller det?"), at),
        Act.COMPLETE: lambda s, a, c, at: cases.complete(s, a, c, question(unit_id, wanted=2), at),
        Act.TAKE: cases.take,
        Act.ASK: lambda s, a, c, at: offers.ask(s, a, c, asking(s, c), at),
        Act.ACCEPT: lambda s, a, c, at: offers.accept(s, a, _pending(s, a, c), at),
        Act.DECLINE: lambda s, a, c, at: offers.decline(s, a, _pending(s, a, c), Declining(reason="no_time"), at),
        Act.RETRACT: lambda s, a, c, at: offers.retract(s, a, _pending(s, a, c), at),
        Act.RELEASE: lambda s, a, c, at: offers.release(s, a, _accepted(s, a, c), at),
        Act.REASSIGN: lambda s, a, c, at: offers.reassign(s, a, _accepted(s, a, c), asking(s, c), at),
        Act.QUERY: lambda s, a, c, at: notes.query(s, a, _pending(s, a, c), text, at),
        Act.REPLY: lambda s, a, c, at: notes.reply(s, a, _pending(s, a, c), text, at),
        Act.NOTE: lambda s, a, c, at: notes.progress(s, a, c, text, at),
        Act.LINK: lambda s, a, c, at: cases.link(s, a, c, Linking(url="https://example.se/plan"), at),
        Act.DIARY: lambda s, a, c, at: cases.diary(s, a, c, Diary(unit_id=_unit(s, c), dnr="3.2-0582/2026"), at),
        Act.CONFIRM: lambda s, a, c, at: cases.confirm(s, a, c, _unit(s, c), at),
        Act.ANSWER: lambda s, a, c, at: answers.answer(s, a, c, Answering(text="Börja med en nollmätning."), at),
        Act.COMMENT: lambda s, a, c, at: answers.comment(s, a, _answer(s, c), text, at),
        Act.PAUSE: lambda s, a, c, at: cases.pause(s, a, c, None, at),
        Act.RESUME: cases.resume,
        Act.WITHDRAW: cases.withdraw,
        Act.CLOSE: lambda s, a, c, at: answers.close(s, a, c, Closing(outcome="not_possible"), at),
        Act.LESSON: lambda s, a, c, at: answers.lesson(s, a, c, LessonWriting(text="Mät före, inte bara efter."), at),
        Act.NAME: lambda s, a, c, at: answers.name(s, a, c, True, at),
        Act.APPROVE: answers.approve,
        Act.REOPEN: cases.reopen,
        Act.FEEDBACK: lambda s, a, c, at: answers.feedback(s, a, c, 0, Feedbacking(helped="yes"), at),
    }
