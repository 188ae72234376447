"""Search: the words of the consultations, kept in an indexed table and fed by the matcher's own words."""

from sqlalchemy import ColumnElement, delete, false, func, insert, select
from sqlalchemy.orm import Session

from bot.matching.words import fold, language, stem, subjects, words
from models.case import Answer, Case, Lesson
from models.database import plain
from models.life import Status
from models.word import CaseWord, beginning

_KEEP = insert(plain(CaseWord))


def stems_of(text: str) -> list[str]:
    """The stems that a text is found by, each once, in the order they are first written."""
    written = words(text)
    tongue = language(written)
    return list(dict.fromkeys(stem(word.key, tongue)[:80] for word in subjects(written)))


def index(session: Session, case: Case) -> None:
    """Keep the case's words: title, question, answers, and the lesson once it is approved."""
    answers = session.scalars(select(Answer.text).where(Answer.case_id == case.id)).all()
    lessons = session.scalars(select(Lesson.text).where(Lesson.case_id == case.id, Lesson.approved_at.is_not(None)))
    session.execute(delete(CaseWord).where(CaseWord.case_id == case.id))
    add(session, case, *answers, *lessons)


def add(session: Session, case: Case, *texts: str) -> None:
    """Keep the words of a case that has none kept yet: title, question, and these texts."""
    found: dict[str, None] = {}
    for text in (case.title, case.question, *texts):
        found.update(dict.fromkeys(stems_of(text)))
    rows = [{"organisation_id": case.organisation_id, "word": word, "case_id": case.id} for word in found]
    if rows:
        session.execute(_KEEP, rows)


def find(
    session: Session,
    organisation_id: int,
    text: str,
    *,
    own: ColumnElement[bool] | None = None,
    first: int = 0,
    size: int = 10,
) -> tuple[list[int], int]:
    """The cases that share most words with the text, and how many there are in all.

    Only what the forum may see, and besides it the cases for which `own` holds. Among equals those closed with an
    answer come first, then the latest. Words match from their beginning, so that half a word finds its compounds.
    """
    stems = stems_of(text) or [fold(word)[:80] for word in text.split()]
    if not stems:
        return [], 0
    hits = [beginning(word) for word in stems[:12]]
    per_word = [
        select(CaseWord.case_id, func.max(1).label("hit"))
        .where(CaseWord.organisation_id == organisation_id, hit)
        .group_by(CaseWord.case_id)
        for hit in hits
    ]
    every = per_word[0].union_all(*per_word[1:]).subquery() if len(per_word) > 1 else per_word[0].subquery()
    count = func.sum(every.c.hit)
    visible = (Case.shown.is_(True) & (Case.status != Status.WITHDRAWN)) | (false() if own is None else own)
    query = (
        select(Case.id, count, func.count().over())
        .join(every, every.c.case_id == Case.id)
        .where(Case.organisation_id == organisation_id, visible)
        .group_by(Case.id)
        .order_by(count.desc(), Case.closed_at.is_(None), Case.filed_at.desc(), Case.id.desc())
        .offset(first)
        .limit(size)
    )
    rows = session.execute(query).all()
    return [row[0] for row in rows], rows[0][2] if rows else 0
