"""Notes: short texts in the course of a case."""

import datetime as dt

from sqlalchemy.orm import Session

from bot.actors import Actor
from bot.authority import authorise
from bot.events import Done, done, locked, record
from bot.refusals import NotFound
from models.case import Case, Note, NoteKind, Offer
from models.forms import Writing
from models.life import Act


def write(
    session: Session, case: Case, actor: Actor, kind: NoteKind, text: str, at: dt.datetime, offer: Offer | None = None
) -> Note:
    """Keep a note as written by whom the actor stands for; the caller has authorised it."""
    written = Note(
        organisation_id=case.organisation_id,
        case_id=case.id,
        offer_id=offer.id if offer else None,
        kind=kind,
        person_id=actor.stands_for,
        text=text,
        written_at=at,
    )
    session.add(written)
    session.flush()
    return written


def progress(session: Session, actor: Actor, case_id: int, form: Writing, at: dt.datetime) -> Done:
    """Write a progress note that everybody in the case reads."""
    case = locked(session, actor.organisation_id, case_id)
    authorise(session, case, actor, Act.NOTE)
    written = write(session, case, actor, NoteKind.PROGRESS, form.text, at)
    return done(case, record(session, case, actor, Act.NOTE, at, note=written.id))


def query(session: Session, actor: Actor, offer_id: int, form: Writing, at: dt.datetime) -> Done:
    """Ask back before answering a question (fråga tillbaka); the question keeps its day."""
    case, offer = of_offer(session, actor, offer_id)
    authorise(session, case, actor, Act.QUERY, offer)
    written = write(session, case, actor, NoteKind.QUERY, form.text, at, offer)
    return done(case, record(session, case, actor, Act.QUERY, at, offer=offer, note=written.id))


def reply(session: Session, actor: Actor, offer_id: int, form: Writing, at: dt.datetime) -> Done:
    """Reply to a member who asked back."""
    case, offer = of_offer(session, actor, offer_id)
    authorise(session, case, actor, Act.REPLY)
    written = write(session, case, actor, NoteKind.REPLY, form.text, at, offer)
    return done(case, record(session, case, actor, Act.REPLY, at, offer=offer, note=written.id))


def of_offer(session: Session, actor: Actor, offer_id: int) -> tuple[Case, Offer]:
    """A question and its case, the case held first. Raises `NotFound` when there is none in the organisation."""
    offer = session.get(Offer, offer_id)
    if offer is None or offer.organisation_id != actor.organisation_id:
        raise NotFound("offer")
    case = locked(session, actor.organisation_id, offer.case_id)
    session.refresh(offer, with_for_update=True)
    return case, offer
