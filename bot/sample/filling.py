"""Filling a database with the sample organisation."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from bot import timetable
from bot.notices import LIVE
from bot.sample import scripts, town
from bot.sample.play import Days, Play, Scene
from models.case import Case, Offer
from models.database import Database
from models.job import Job, JobKind, JobState
from models.life import OfferStatus, Status
from models.organisation import Organisation
from models.people import RoleKind

WAIT = dt.timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of the sample who is in the workspace. `title` says who they are in one line."""

    user: str
    handle: str
    name: str
    title: str
    email: str
    locale: str
    coordinates: bool
    administers: bool

    def as_user(self) -> dict[str, str | bool]:
        """The person as a user of the local workspace."""
        return {
            "id": self.user,
            "name": self.handle,
            "real_name": self.name,
            "title": self.title,
            "email": self.email,
            "locale": self.locale,
            "is_admin": self.administers,
        }


def fill(database: Database, now: dt.datetime, *, team: str = "T0DEMO") -> list[Somebody]:
    """Make the sample organisation, once, and return its people in the workspace, coordinators first.

    Every consultation is made through the real acts, by those who did them, on working days before `now` (business
    time, aware): so every event is real. What the acts enqueued for the past must not be told now, so the demo starts
    calm: notices of the past are skipped and dates that have passed cancelled. What stays waiting is what a living
    organisation has in front of it: the cards, rooms and questions of open consultations, the texts to relay to members
    without an account who have a question to answer, and every date to come.
    """
    script, academy = scripts.city(), scripts.members()
    with database.writing(WAIT) as session:
        if session.scalar(select(Organisation.id).where(Organisation.name == script.name)) is None:
            _fill(session, now, team)
    people = [
        Somebody(
            user=person.key,
            handle=_handle(person.email),
            name=person.name,
            title=person.line,
            email=person.email,
            locale=person.locale,
            coordinates=bool({RoleKind.COORDINATOR, RoleKind.DEPUTY} & set(person.roles)),
            administers=RoleKind.ADMINISTRATOR in person.roles,
        )
        for person in script.person
    ]
    people += [
        Somebody(
            user=member.key,
            handle=_handle(member.email),
            name=member.name,
            title=member.line,
            email=member.email,
            locale=member.locale,
            coordinates=False,
            administers=False,
        )
        for member in academy
        if member.chat
    ]
    return sorted(people, key=lambda person: not person.coordinates)


def _fill(session: Session, now: dt.datetime, team: str) -> None:
    script, academy = scripts.city(), scripts.members()
    entries = scripts.cases()
    founded = min(dt.datetime.combine(entry.step[0].on or now.date(), dt.time(), dt.UTC) for entry in entries)
    place = town.build(session, script, academy, team, founded)
    organisation = session.get_one(Organisation, place.organisation_id)
    days = Days(timetable.calendar_of(organisation), now)
    scenes = [Scene(entry, step, days.of(step, number)) for entry in entries for number, step in enumerate(entry.step)]
    scenes.sort(key=lambda scene: scene.at)
    merged_on = max(entry.ended_on for entry in script.district if entry.ended_on is not None)
    play = Play(session, place)
    for scene in (scene for scene in scenes if scene.at.date() <= merged_on):
        play.do(scene)
    town.merge_former(session, script, place)
    for scene in (scene for scene in scenes if scene.at.date() > merged_on):
        play.do(scene)
    town.settle_members(session, academy, place, now, days.ago)
    _calm(session, organisation.id, now)


def _calm(session: Session, organisation_id: int, now: dt.datetime) -> None:
    """Leave waiting only what a living organisation has in front of it."""
    over = select(Case.id).where(Case.status.in_([Status.CLOSED, Status.WITHDRAWN]))
    pending = select(Offer.id).where(Offer.status == OfferStatus.PENDING)
    live = select(Offer.id).where(Offer.status.in_(LIVE))
    to_relay = and_(Job.name == "relay", Job.event_id.is_(None), Job.subject_id.in_(pending))
    told = and_(Job.kind == JobKind.TELL, ~to_relay)
    shown = and_(
        Job.kind == JobKind.SHOW,
        or_(Job.case_id.in_(over), and_(Job.name == "offer", Job.subject_id.not_in(live))),
    )
    _end(session, organisation_id, or_(told, shown), JobState.SKIPPED)
    _end(session, organisation_id, and_(Job.kind == JobKind.TIMER, Job.due_at <= now), JobState.CANCELLED)


def _end(session: Session, organisation_id: int, which: ColumnElement[bool], state: JobState) -> None:
    session.execute(
        update(Job)
        .where(Job.organisation_id == organisation_id, Job.state == JobState.WAITING, which)
        .values(state=state, done_at=dt.datetime.now(dt.UTC))
        .execution_options(synchronize_session=False)
    )


def _handle(email: str) -> str:
    return email.partition("@")[0]
