"""The academy as the matcher reads it: its members' profiles, with what their closed consultations say for them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from bot import glossaries
from bot.matching.profiles import Profile
from bot.matching.rank import Matcher
from models.case import Case, DeclineReason, Event, Lesson, Offer
from models.life import TELLING, OfferStatus, Status
from models.organisation import University
from models.people import Member, Person

FEW = 20
"""Up to so many changed profiles are read anew one by one; more of them make the index new."""

Mark = tuple[int, str]
"""What tells an old profile from a fresh one: its version and the member's name."""

LOOKED_BACK = 50
"""So many of the latest telling acts are remembered. The last one alone would not do: of two at the same time the later
may be seen first."""


@dataclass(slots=True)
class _Shelf:
    marks: dict[int, Mark] = field(default_factory=dict)
    acts: Mapping[int, int] = field(default_factory=dict)
    glossary: int = 0
    matcher: Matcher = field(default_factory=Matcher)


class Academy:
    """One matcher for each organisation, kept in memory and brought up to date at every use.

    Any process can serve any organisation: what is out of date is seen from the members' versions and from what was
    done since, in a few statements that read no history, and only those profiles are read again. New terms of the
    organisation's own make all of it new. Threads may share an academy.
    """

    def __init__(self) -> None:
        self._shelves: dict[int, _Shelf] = {}

    def matcher(self, session: Session, organisation_id: int) -> Matcher:
        """The organisation's matcher as its profiles are now."""
        shelf = self._shelves.get(organisation_id, _Shelf())
        marks = _marks(session, organisation_id)
        acts = _latest_acts(session, organisation_id)
        glossary = glossaries.version(session, organisation_id)
        gone = shelf.marks.keys() - marks.keys()
        changed = {member_id for member_id, mark in marks.items() if shelf.marks.get(member_id) != mark}
        new = acts.keys() - shelf.acts.keys()
        if not gone and not changed and not new and glossary == shelf.glossary:
            return shelf.matcher
        if new and shelf.marks:
            changed |= marks.keys() & _asked_in(session, {acts[event_id] for event_id in new})
        if len(gone) + len(changed) > FEW or len(new) == LOOKED_BACK or glossary != shelf.glossary:
            terms = glossaries.taxonomy_of(session, organisation_id)
            matcher = Matcher(profiles(session, organisation_id), taxonomy=terms)
        else:
            matcher = shelf.matcher
            for member_id in gone:
                matcher = matcher.without(str(member_id))
            for profile in profiles(session, organisation_id, changed) if changed else ():
                matcher = matcher.updated(profile)
        self._shelves[organisation_id] = _Shelf(marks, acts, glossary, matcher)
        return matcher


def profiles(session: Session, organisation_id: int, member_ids: Collection[int] | None = None) -> list[Profile]:
    """The profiles of the organisation's members who have not left, all or some of them, in order of name."""
    query = (
        select(Member, Person.name, University.name)
        .join(Person, Person.id == Member.person_id)
        .outerjoin(University, University.id == Member.university_id)
        .where(Member.organisation_id == organisation_id, Member.left_at.is_(None))
        .order_by(Person.sort_key, Member.id)
    )
    if member_ids is not None:
        query = query.where(Member.id.in_(member_ids))
    evidence = _texts(session, _lessons(organisation_id, Offer.member_id, Case.title, Lesson.text), member_ids)
    declined = _texts(session, _outside(organisation_id, Offer.member_id, Case.title, Case.question), member_ids)
    return [
        Profile(
            id=str(member.id),
            name=name,
            title=member.title,
            university=university or "",
            keywords=tuple(member.keywords),
            bio=member.bio,
            publications=tuple(member.publications),
            lang=_language(member.languages),
            version=member.version,
            evidence=tuple(evidence.get(member.id, ())),
            declined=tuple(declined.get(member.id, ())),
        )
        for member, name, university in session.execute(query)
    ]


def _marks(session: Session, organisation_id: int) -> dict[int, Mark]:
    members = (
        select(Member.id, Member.version, Person.name)
        .join(Person, Person.id == Member.person_id)
        .where(Member.organisation_id == organisation_id, Member.left_at.is_(None))
    )
    return {member_id: (version, name) for member_id, version, name in session.execute(members)}


def _latest_acts(session: Session, organisation_id: int) -> dict[int, int]:
    """The latest telling acts by their events, each with its case. Written out in the SQL for their index to serve."""
    acts = bindparam("acts", TELLING, Event.act.type, expanding=True, literal_execute=True)
    query = (
        select(Event.id, Event.case_id)
        .where(Event.organisation_id == organisation_id, Event.act.in_(acts))
        .order_by(Event.id.desc())
        .limit(LOOKED_BACK)
    )
    return dict(session.execute(query).all())


def _asked_in(session: Session, case_ids: Collection[int]) -> set[int]:
    """Everybody who was ever asked in these cases."""
    return set(session.scalars(select(Offer.member_id).where(Offer.case_id.in_(case_ids))))


def _texts(session: Session, query: Select[Any], member_ids: Collection[int] | None) -> dict[int, list[str]]:
    """What a query for member, title and text finds, by member; all of them or some."""
    if member_ids is not None:
        query = query.where(Offer.member_id.in_(member_ids))
    found: dict[int, list[str]] = {}
    for member_id, title, text in session.execute(query):
        found.setdefault(member_id, []).append(f"{title}\n{text}")
    return found


def _lessons(organisation_id: int, *columns: Any) -> Select[Any]:
    """The approved lessons of closed consultations shown in the forum, once for each member who was in them.

    What is not shown in the forum is not shown through a member's profile either.
    """
    return (
        select(*columns)
        .select_from(Lesson)
        .join(Case, Case.id == Lesson.case_id)
        .join(Offer, Offer.case_id == Case.id)
        .where(
            Lesson.organisation_id == organisation_id,
            Lesson.approved_at.is_not(None),
            Case.status == Status.CLOSED,
            Case.shown,
            Offer.status == OfferStatus.ACCEPTED,
        )
    )


def _outside(organisation_id: int, *columns: Any) -> Select[Any]:
    """The questions that members declined as outside their field, a case at a time."""
    return (
        select(*columns)
        .select_from(Offer)
        .join(Case, Case.id == Offer.case_id)
        .where(
            Offer.organisation_id == organisation_id,
            Offer.status == OfferStatus.DECLINED,
            Offer.reason == DeclineReason.OUTSIDE_FIELD,
        )
    )


def _language(languages: list[str]) -> str:
    return "sv" if "sv" in languages or not languages else languages[0]
