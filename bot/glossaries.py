"""Glossaries: an organisation's own terms, beside the taxonomy of the field."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.matching.concept import Area, Concept, read
from bot.matching.taxonomy import Taxonomy, standard
from bot.matching.terms_check import problems
from models.organisation import Glossary, Organisation

KEY = "own"
"""The area that an organisation's own concepts stand in."""

_UNNAMED = Area(KEY, KEY, KEY)
"""What that area is when the file does not say what it is called."""


class Faulty(Exception):
    """A file of terms that can be read and says something wrong: `problems` has a sentence for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def version(session: Session, organisation_id: int) -> int:
    """Which version of its own terms the organisation has; 0 when it never had any."""
    return session.scalar(select(Glossary.version).where(Glossary.organisation_id == organisation_id)) or 0


def taxonomy_of(session: Session, organisation_id: int) -> Taxonomy:
    """The taxonomy of the field with the organisation's own terms; their area is called by the organisation's name
    unless the file names it."""
    text = written(session, organisation_id)
    if not text:
        return standard()
    name = session.get_one(Organisation, organisation_id).name
    area, concepts = read(text, KEY, name)
    return standard().with_terms(concepts, Area(KEY, name, name) if area == _UNNAMED else area)


def written(session: Session, organisation_id: int) -> str:
    """The organisation's own terms, as they were imported; empty when it has none."""
    return session.scalar(select(Glossary.text).where(Glossary.organisation_id == organisation_id)) or ""


def write(session: Session, organisation_id: int, text: str, where: str, at: dt.datetime) -> int:
    """Take a file of terms in place of those the organisation had, and return how many concepts it has.

    `where` is what problems call the file. The same file again changes nothing. Raises `Unusable` when it cannot be
    read, `Faulty` when something in it is wrong; then nothing is written.
    """
    concepts, wrong = checked(text, where)
    if wrong:
        raise Faulty(wrong)
    session.scalars(
        select(Organisation.id).where(Organisation.id == organisation_id).with_for_update(key_share=True)
    ).one()
    glossary = session.scalar(select(Glossary).where(Glossary.organisation_id == organisation_id))
    if glossary is None:
        glossary = Glossary(organisation_id=organisation_id, text="", version=0)
        session.add(glossary)
    if glossary.text != text:
        glossary.text = text
        glossary.version += 1
        glossary.changed_at = at
    session.flush()
    return len(concepts)


def checked(text: str, where: str) -> tuple[list[Concept], list[str]]:
    """The concepts of a file and everything that is wrong with it, together with the taxonomy of the field, a sentence
    each. What is wrong with that taxonomy itself is not the file's.

    Raises `Unusable` when the file cannot be read.
    """
    area, concepts = read(text, where, where)
    names = {concept.name for concept in concepts}
    known = set(problems(_told_last(standard(), names, where)))
    whole = _told_last(standard().with_terms(concepts, area), names, where)
    return concepts, [_placed(problem, where) for problem in problems(whole) if problem not in known]


def _told_last(whole: Taxonomy, names: Collection[str], where: str) -> Taxonomy:
    """The taxonomy with the file's concepts last, and standing in the file also when the taxonomy has them: of two
    concepts with one name the later is told to be wrong."""
    others = {name: concept for name, concept in whole.concepts.items() if name not in names}
    own = {name: replace(concept, area=where) for name, concept in whole.concepts.items() if name in names}
    return Taxonomy({**others, **own}, whole.areas)


def _placed(problem: str, where: str) -> str:
    """A problem that names the file: a circle may be told from a concept of the taxonomy that it goes through."""
    return problem if problem.startswith(f"{where}: ") else f"{where}: {problem}"
