"""Districts and their units with succession, clusters, universities and areas; and what pickers offer of them."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.actors import Actor
from bot.organisations import manages
from bot.refusals import Invalid, NotAllowed
from bot.wording import Words
from models.database import sort_key
from models.organisation import Area, Cluster, District, Unit, University
from models.people import Conflict, Member, Role

CITY_WIDE = "district.city_wide"
"""The sentence under which units without a district stand."""


@dataclass(frozen=True, slots=True)
class UnitChoice:
    """A unit to choose; `district` is None for a city-wide one."""

    id: int
    name: str
    district: str | None

    def heading(self, words: Words) -> str:
        """What the unit stands under in a list."""
        return self.district if self.district is not None else words(CITY_WIDE)


@dataclass(frozen=True, slots=True)
class Choice:
    """A district or university to choose."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class AreaChoice:
    """An area of work to choose."""

    id: int
    code: str
    name: str
    name_en: str

    def label(self, words: Words) -> str:
        """The area in the reader's language."""
        return self.name_en if words.language == "en" else self.name


def units(session: Session, organisation_id: int, search: str = "", limit: int = 100) -> list[UnitChoice]:
    """Current units whose name, or whose district's, holds every word of `search`: by district in Swedish order,
    city-wide ones last. At most `limit`; whoever misses theirs searches."""
    query = (
        select(Unit.id, Unit.name, District.name)
        .outerjoin(District, District.id == Unit.district_id)
        .where(Unit.organisation_id == organisation_id, Unit.ended_on.is_(None))
        .order_by(Unit.district_id.is_(None), District.sort_key, Unit.sort_key, Unit.id)
        .limit(limit)
    )
    for word in sort_key(search).split():
        query = query.where(
            Unit.sort_key.contains(word, autoescape=True) | District.sort_key.contains(word, autoescape=True)
        )
    return [UnitChoice(*row) for row in session.execute(query)]


def districts(session: Session, organisation_id: int) -> list[Choice]:
    """Current districts in Swedish order."""
    query = select(District.id, District.name).where(
        District.organisation_id == organisation_id, District.ended_on.is_(None)
    )
    return [Choice(*row) for row in session.execute(query.order_by(District.sort_key, District.id))]


def universities(session: Session, organisation_id: int, search: str = "", limit: int = 100) -> list[Choice]:
    """Universities whose name holds every word of `search`, in Swedish order."""
    query = select(University.id, University.name).where(University.organisation_id == organisation_id)
    for word in sort_key(search).split():
        query = query.where(University.sort_key.contains(word, autoescape=True))
    return [Choice(*row) for row in session.execute(query.order_by(University.sort_key, University.id).limit(limit))]


def areas(session: Session, organisation_id: int) -> list[AreaChoice]:
    """The areas of work in the organisation's own order."""
    query = select(Area.id, Area.code, Area.name, Area.name_en).where(Area.organisation_id == organisation_id)
    return [AreaChoice(*row) for row in session.execute(query.order_by(Area.position, Area.id))]


def add_district(session: Session, actor: Actor, name: str, cluster: str = "") -> int:
    """Add a district, perhaps to a cluster. Raises `Invalid` when the name is blank or taken, `NotAllowed` unless the
    actor manages the organisation."""
    _authorise(session, actor)
    wanted = _named(name)
    if district_named(session, actor.organisation_id, wanted) is not None:
        raise Invalid("district_exists", field="name")
    return make_district(session, actor.organisation_id, wanted, cluster).id


def add_unit(session: Session, actor: Actor, name: str, district_id: int | None) -> int:
    """Add a unit to a district, or a city-wide one. Raises `Invalid` when the name is blank or taken there, or the
    district is not there any more; `NotAllowed` unless the actor manages the organisation."""
    _authorise(session, actor)
    wanted = _named(name)
    if district_id is not None:
        _current(session, actor.organisation_id, district_id, "district_id")
    there = unit_named(session, actor.organisation_id, wanted, district_id)
    if there is not None and there.ended_on is None:
        raise Invalid("unit_exists", field="name")
    return make_unit(session, actor.organisation_id, wanted, district_id).id


def add_university(session: Session, actor: Actor, name: str) -> int:
    """The university of this name, added when it is new. Raises `Invalid` when the name is blank, `NotAllowed` unless
    the actor manages the organisation."""
    _authorise(session, actor)
    return make_university(session, actor.organisation_id, _named(name)).id


def merge(session: Session, actor: Actor, old_id: int, into_id: int, on: dt.date) -> None:
    """A district goes up in another one, on its last day `on` (P13, AST 4.1: districts merge).

    Old cases keep the units and the district they were filed by. Every unit lives on under its name in the successor:
    its requesters ask for that one from now on, and a declared tie to the old district is one to the new.
    Raises `Invalid` when either district is not there any more or both are the same.
    """
    _authorise(session, actor)
    old = _current(session, actor.organisation_id, old_id, "old_id")
    into = _current(session, actor.organisation_id, into_id, "into_id")
    if old.id == into.id:
        raise Invalid("district_same", field="into_id")
    succeed(session, old, into, on)


def succeed(session: Session, old: District, into: District, on: dt.date) -> None:
    """What `merge` does, for two districts already found to be current and different."""
    old.successor_id = into.id
    old.ended_on = on
    leaving = session.scalars(
        select(Unit).where(Unit.district_id == old.id, Unit.ended_on.is_(None)).order_by(Unit.id)
    ).all()
    for unit in leaving:
        unit.ended_on = on
        heir = make_unit(session, unit.organisation_id, unit.name, into.id)
        session.execute(update(Role).where(Role.unit_id == unit.id).values(unit_id=heir.id))
    _carry_ties(session, old, into)
    session.flush()


def district_named(session: Session, organisation_id: int, name: str) -> District | None:
    """The district of this name, current or former; case and accents do not matter."""
    query = select(District).where(District.organisation_id == organisation_id, District.sort_key == sort_key(name))
    return session.scalar(query.order_by(District.ended_on.is_not(None), District.id).limit(1))


def unit_named(session: Session, organisation_id: int, name: str, district_id: int | None) -> Unit | None:
    """The unit of this name in a district, or among the city-wide ones, current or former."""
    query = select(Unit).where(
        Unit.organisation_id == organisation_id, Unit.sort_key == sort_key(name), Unit.district_id == district_id
    )
    return session.scalar(query.order_by(Unit.ended_on.is_not(None), Unit.id).limit(1))


def make_district(session: Session, organisation_id: int, name: str, cluster: str = "") -> District:
    """A new district, the caller having authorised it and found the name free."""
    district = District(organisation_id=organisation_id, name=name, sort_key=sort_key(name))
    district.cluster_id = make_cluster(session, organisation_id, cluster).id if cluster.strip() else None
    session.add(district)
    session.flush()
    return district


def make_unit(session: Session, organisation_id: int, name: str, district_id: int | None) -> Unit:
    """The unit of this name there, brought back when it had ended, otherwise new; the caller has authorised it."""
    unit = unit_named(session, organisation_id, name, district_id)
    if unit is None:
        unit = Unit(organisation_id=organisation_id, name=name, sort_key=sort_key(name), district_id=district_id)
        session.add(unit)
    unit.ended_on = None
    session.flush()
    return unit


def make_cluster(session: Session, organisation_id: int, name: str) -> Cluster:
    """The cluster of this name, made when it is new; the caller has authorised it."""
    query = select(Cluster).where(Cluster.organisation_id == organisation_id, Cluster.name == name.strip())
    cluster = session.scalar(query)
    if cluster is None:
        cluster = Cluster(organisation_id=organisation_id, name=name.strip())
        session.add(cluster)
        session.flush()
    return cluster


def make_university(session: Session, organisation_id: int, name: str) -> University:
    """The university of this name, whatever its case, made when it is new; the caller has authorised it."""
    query = select(University).where(
        University.organisation_id == organisation_id, University.sort_key == sort_key(name.strip())
    )
    university = session.scalar(query.order_by(University.id).limit(1))
    if university is None:
        university = University(organisation_id=organisation_id, name=name.strip(), sort_key=sort_key(name.strip()))
        session.add(university)
        session.flush()
    return university


def _authorise(session: Session, actor: Actor) -> None:
    if not manages(session, actor.organisation_id, actor.person_id):
        raise NotAllowed("manage")


def _named(name: str) -> str:
    wanted = " ".join(name.split())
    if not wanted or len(wanted) > 200:
        raise Invalid("name_length", field="name", longest=200)
    return wanted


def _current(session: Session, organisation_id: int, district_id: int, field: str) -> District:
    district = session.scalar(
        select(District)
        .where(District.organisation_id == organisation_id, District.id == district_id, District.ended_on.is_(None))
        .with_for_update(key_share=True)
    )
    if district is None:
        raise Invalid("district_unknown", field=field)
    return district


def _carry_ties(session: Session, old: District, into: District) -> None:
    ties = session.scalars(select(Conflict).where(Conflict.district_id == old.id).order_by(Conflict.id)).all()
    tied = set(session.scalars(select(Conflict.member_id).where(Conflict.district_id == into.id)))
    for tie in ties:
        if tie.member_id not in tied:
            tied.add(tie.member_id)
            session.add(
                Conflict(
                    organisation_id=tie.organisation_id,
                    member_id=tie.member_id,
                    district_id=into.id,
                    declared_at=tie.declared_at,
                )
            )
            session.get_one(Member, tie.member_id).version += 1
