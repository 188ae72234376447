"""Members of the academy (ledamöter): their profiles and declared ties, by themselves or by a coordinator.

Every change bumps the profile's version.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import events, notices, offers
from bot.actors import Actor
from bot.authority import coordinates
from bot.organisations import belongs, manages
from bot.refusals import Invalid, NotAllowed, NotFound
from bot.registration import plain_email
from models.case import Case, DeclineReason, Offer
from models.database import sort_key
from models.forms import Declining, Profile
from models.life import OfferStatus, Status
from models.organisation import District, University
from models.people import Conflict, Member, Person


@dataclass(frozen=True, slots=True)
class Tie:
    """A declared tie, to a district or to a person, by name; ties to one case only are not listed."""

    id: int
    name: str


def name_of(session: Session, member_id: int) -> str:
    """The member's name."""
    query = select(Person.name).join(Member, Member.person_id == Person.id).where(Member.id == member_id)
    return session.scalars(query).one()


def own(session: Session, actor: Actor) -> int | None:
    """The member that the actor is or stands for; None for somebody who is no member, or has left."""
    return session.scalar(
        select(Member.id).where(
            Member.organisation_id == actor.organisation_id,
            Member.person_id == actor.stands_for,
            Member.left_at.is_(None),
        )
    )


def profile(session: Session, organisation_id: int, member_id: int) -> Profile:
    """The profile as it is, ready to be changed. Raises `NotFound` when there is no such member."""
    member = _member(session, organisation_id, member_id)
    return Profile.model_construct(**{name: getattr(member, name) for name in Profile.model_fields})


def ties(session: Session, member_id: int) -> list[Tie]:
    """The ties that the member has declared, the first first."""
    query = (
        select(Conflict.id, District.name, Person.name)
        .outerjoin(District, District.id == Conflict.district_id)
        .outerjoin(Person, Person.id == Conflict.person_id)
        .where(Conflict.member_id == member_id, Conflict.case_id.is_(None))
        .order_by(Conflict.id)
    )
    return [Tie(tie_id, district or person) for tie_id, district, person in session.execute(query)]


def add(
    session: Session, actor: Actor, name: str, email: str | None, form: Profile, *, person_id: int | None = None
) -> int:
    """Add a member and return their id. Somebody known, by `person_id` or by the e-mail address, becomes one; who had
    left comes back.

    No address and no account are needed: such a member is reached by the coordinators (R22). Raises `NotAllowed`
    unless the actor manages the organisation, `Invalid` for a blank name or an address of somebody who is a member.
    """
    if not manages(session, actor.organisation_id, actor.person_id):
        raise NotAllowed("manage")
    address = plain_email(email)
    if person_id is not None:
        person = session.get(Person, person_id) if belongs(session, actor.organisation_id, person_id) else None
    else:
        person = session.scalar(select(Person).where(Person.email == address)) if address else None
    there = person and session.scalar(
        select(Member).where(Member.organisation_id == actor.organisation_id, Member.person_id == person.id)
    )
    if there and there.left_at is None:
        raise Invalid("member_exists", field="email")
    person = person or make_person(session, name, address)
    member = admit(session, actor.organisation_id, person.id)
    write(session, member, form)
    _refresh(session, member)
    return member.id


def update_profile(session: Session, actor: Actor, member_id: int, form: Profile) -> None:
    """Change a profile; the same once more changes nothing. Raises `Invalid` for an unknown university."""
    member = authorised(session, actor, member_id)
    if write(session, member, form):
        _refresh(session, member)


def declare_conflict(
    session: Session,
    actor: Actor,
    member_id: int,
    at: dt.datetime,
    *,
    district_id: int | None = None,
    person_id: int | None = None,
) -> None:
    """Declare a conflict of interest or other tie (jäv eller annan bindning) to a district or a person; the member is
    not asked there. Declaring twice is declaring once. Raises `Invalid` unless exactly one, known here, is named.
    """
    member = authorised(session, actor, member_id)
    if (district_id is None) == (person_id is None):
        raise Invalid("tie_to_one", field="district_id")
    if district_id is not None:
        district = session.get(District, district_id)
        if district is None or district.organisation_id != member.organisation_id:
            raise Invalid("district_unknown", field="district_id")
    elif not belongs(session, member.organisation_id, person_id or 0):
        raise Invalid("person_unknown", field="person_id")
    same = select(Conflict.id).where(
        Conflict.member_id == member.id, Conflict.district_id == district_id, Conflict.person_id == person_id
    )
    if session.scalar(same.where(Conflict.case_id.is_(None)).limit(1)) is None:
        session.add(
            Conflict(
                organisation_id=member.organisation_id,
                member_id=member.id,
                district_id=district_id,
                person_id=person_id,
                declared_at=at,
            )
        )
        record_change(session, member)


def remove_conflict(session: Session, actor: Actor, conflict_id: int) -> None:
    """Take a declared tie back. Raises `NotFound` when there is no such tie."""
    tie = session.get(Conflict, conflict_id)
    if tie is None or tie.organisation_id != actor.organisation_id:
        raise NotFound("tie")
    member = authorised(session, actor, tie.member_id)
    session.delete(tie)
    record_change(session, member)


def leave(session: Session, actor: Actor, member_id: int, at: dt.datetime) -> None:
    """Leave the academy. Questions that wait are declined or drawn back, and the member is released from open cases;
    what they answered stays."""
    authorised(session, actor, member_id, lock=False)
    _leave_cases(session, actor, member_id, at)
    member = authorised(session, actor, member_id)
    member.left_at = at
    record_change(session, member)


def make_person(session: Session, name: str, address: str | None) -> Person:
    """A new person. Raises `Invalid` for a blank or too long name."""
    plain = " ".join(name.split())
    if not plain or len(plain) > 200:
        raise Invalid("name_length", field="name", longest=200)
    person = Person(name=plain, sort_key=sort_key(plain), email=address)
    session.add(person)
    session.flush()
    return person


def admit(session: Session, organisation_id: int, person_id: int) -> Member:
    """The person's membership, new or taken up again; the caller has authorised it."""
    member = session.scalar(
        select(Member).where(Member.organisation_id == organisation_id, Member.person_id == person_id)
    )
    if member is None:
        member = Member(organisation_id=organisation_id, person_id=person_id)
        session.add(member)
    elif member.left_at is not None:
        member.left_at = None
        member.version += 1
    session.flush()
    return member


def write(session: Session, member: Member, form: Profile) -> bool:
    """Write a profile down, whether anything changed; the caller has authorised it. Raises `Invalid` for a university
    that is not the organisation's."""
    if form.university_id is not None:
        university = session.get(University, form.university_id)
        if university is None or university.organisation_id != member.organisation_id:
            raise Invalid("university_unknown", field="university_id")
    values = form.model_dump() | {
        "keywords": _each_once(form.keywords),
        "publications": _each_once(form.publications),
        "languages": _each_once(form.languages) or ["sv"],
    }
    changed = {column: value for column, value in values.items() if getattr(member, column) != value}
    for column, value in changed.items():
        setattr(member, column, value)
    if changed:
        member.version += 1
    session.flush()
    return bool(changed)


def authorised(session: Session, actor: Actor, member_id: int, *, lock: bool = True) -> Member:
    """The member, held by this transaction, for themself or a coordinator.

    Raises `NotFound` when there is no such member or they have left, `NotAllowed` for anybody else.
    """
    member = _member(session, actor.organisation_id, member_id, lock=lock)
    if not is_own(actor, member) and not coordinates(session, actor.organisation_id, actor.person_id):
        raise NotAllowed("member")
    return member


def is_own(actor: Actor, member: Member) -> bool:
    """Whether the member acts themself; not when a coordinator records it for them."""
    return actor.behalf is None and actor.person_id == member.person_id


def record_change(session: Session, member: Member) -> None:
    """Give the member a new version after a change, and show it in the homes concerned."""
    member.version += 1
    session.flush()
    _refresh(session, member)


def _member(session: Session, organisation_id: int, member_id: int, *, lock: bool = False) -> Member:
    query = select(Member).where(
        Member.organisation_id == organisation_id, Member.id == member_id, Member.left_at.is_(None)
    )
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    member = session.scalar(query)
    if member is None:
        raise NotFound("member_unknown")
    return member


def _leave_cases(session: Session, actor: Actor, member_id: int, at: dt.datetime) -> None:
    over = (Status.CLOSED, Status.WITHDRAWN)
    live = session.execute(
        select(Offer.id, Offer.status, Case.id)
        .join(Case, Case.id == Offer.case_id)
        .where(Offer.member_id == member_id, Offer.status.in_(notices.LIVE), Case.status.not_in(over))
        .order_by(Case.id)
    ).all()
    for case_id in dict.fromkeys(case_id for _, _, case_id in live):
        events.locked(session, actor.organisation_id, case_id)
    by_coordinator = coordinates(session, actor.organisation_id, actor.person_id)
    for offer_id, status, _ in live:
        if status is OfferStatus.ACCEPTED:
            offers.release(session, actor, offer_id, at)
        elif by_coordinator:
            offers.retract(session, actor, offer_id, at)
        else:
            offers.decline(session, actor, offer_id, Declining(reason=DeclineReason.WITHHELD), at)


def _refresh(session: Session, member: Member) -> None:
    notices.homes(session, member.organisation_id, [member.person_id])


def _each_once(texts: list[str]) -> list[str]:
    """The texts trimmed, without blank ones and repetitions that differ only in case."""
    kept: dict[str, str] = {}
    for text in texts:
        plain = " ".join(text.replace("\x00", "").split())
        if plain:
            kept.setdefault(plain.casefold(), plain)
    return list(kept.values())
