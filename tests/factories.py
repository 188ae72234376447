"""A small town to test in: an organisation with units, people and members, founded in one line.

    town = Town(database)
    anna = town.requester()                        # an Actor that also knows `person_id` and `member_id`
    maj = town.coordinator()
    lena = town.member(keywords=["hemlöshet"])     # chat=False: a member whom only coordinators reach
    filed = town.file(anna)                        # the act's `Done`
    offer_id = town.ask(maj, filed.case_id, lena)
    town.do(offers.accept, lena, offer_id, town.now)

Every act is done in a transaction of its own at `town.now` (UTC), which `at()` sets and `pass_time()` moves on, doing
each timer on its day.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import answers, cases, offers
from bot.actors import Actor
from bot.events import Done
from bot.jobs import WAITING
from bot.timers import Handler, Timers
from models.case import AnswerKind, Help, Offer
from models.database import Database, sort_key
from models.forms import Answering, Asking, Closing, Question
from models.job import Job, JobKind
from models.organisation import District, Organisation, Unit, University, Workspace
from models.people import Identity, Member, Person, Role, RoleKind

P = ParamSpec("P")
T = TypeVar("T")

MONDAY = "2026-03-02 09:00"
"""An ordinary Monday: no holiday and no clock change near it."""


@dataclass(frozen=True, slots=True)
class Inhabitant(Actor):
    """A person of the town, ready to act; `member_id` for members."""

    member_id: int | None = None

    @property
    def person(self) -> int:
        """The person's id."""
        assert self.person_id is not None
        return self.person_id

    @property
    def member(self) -> int:
        """The member's id."""
        assert self.member_id is not None
        return self.member_id


class Town:
    """An organisation with two districts (Farsta, Skarpnäck), a unit in each and a city-wide one.

    `settings` are columns of `Organisation`. Names are invented: "Kontakt 1", "Ledamot 2" … unless given.
    """

    def __init__(self, database: Database, name: str = "Provstad", **settings: Any) -> None:
        self.database = database
        self.zone = ZoneInfo(settings.get("zone", "Europe/Stockholm"))
        self.now = self.at(MONDAY)
        self._people = 0
        with database.writing() as session:
            organisation = Organisation(name=name, **settings)
            session.add(organisation)
            session.flush()
            self.id = organisation.id
            self.team = f"T{self.id}"
            session.add(Workspace(organisation_id=self.id, platform="slack", team=self.team))
            self.districts = {each: self._add(session, District, each).id for each in ("Farsta", "Skarpnäck")}
            self.units = {
                each: self._add(session, Unit, each, district_id=self.districts.get(district)).id
                for each, district in (
                    ("Barn och unga", "Farsta"),
                    ("Vuxenenheten", "Skarpnäck"),
                    ("Familjerådgivningen", ""),
                )
            }
            self.university_id = self._add(session, University, "Norra universitetet").id

    # Time

    def at(self, local: str) -> dt.datetime:
        """The moment (UTC) of a local time like "2026-03-02 09:00"; from now on it is `now`."""
        self.now = dt.datetime.fromisoformat(local).replace(tzinfo=self.zone).astimezone(dt.UTC)
        return self.now

    @property
    def today(self) -> dt.date:
        """The day of `now` in the town's zone."""
        return self.now.astimezone(self.zone).date()

    def local(self, moment: dt.datetime) -> str:
        """A moment as the town reads it: "2026-03-02 09:00"."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def pass_time(self, handlers: Mapping[str, Handler], to: dt.datetime) -> None:
        """Let time pass, stopping at every timer's date to do what is due. A timer that fails fails the test."""
        while (due := self._next_due(to)) is not None:
            self.now = max(self.now, due)
            self.run_due(handlers)
        self.now = max(self.now, to)

    def run_due(self, handlers: Mapping[str, Handler]) -> int:
        """Do what is due at `now`, as after an outage. Returns how many timers were done."""
        done = Timers(self.database, handlers, back_off=lambda tries: dt.timedelta(hours=1), on_parked=None).run_due(
            self.now
        )
        failed = self.see(lambda session: session.scalars(select(Job.why).where(Job.attempts > 0)).all())
        assert not failed, failed
        return done

    def connect(self, team: str, **channels: str) -> None:
        """Let the town talk in a workspace that is really there, with these channels."""
        with self.database.writing() as session:
            workspace = session.scalars(select(Workspace).where(Workspace.organisation_id == self.id)).one()
            workspace.team = self.team = team
            for column, channel in channels.items():
                setattr(workspace, column, channel)

    # People

    def requester(self, name: str = "", unit: str = "Barn och unga", chat: bool = True) -> Inhabitant:
        """A contact person (kontaktperson) who asks for a unit."""
        return self._with_role(name or "Kontakt", RoleKind.REQUESTER, chat, unit_id=self.units[unit])

    def coordinator(self, name: str = "", chat: bool = True, deputy: bool = False) -> Inhabitant:
        """A coordinator, or a deputy."""
        kind = RoleKind.DEPUTY if deputy else RoleKind.COORDINATOR
        return self._with_role(name or "Samordnare", kind, chat)

    def member(self, name: str = "", chat: bool = True, **columns: Any) -> Inhabitant:
        """A member of the academy; `columns` are those of `Member`."""
        with self.database.writing() as session:
            person_id = self._person(session, name or "Ledamot", chat)
            columns.setdefault("university_id", self.university_id)
            member = Member(organisation_id=self.id, person_id=person_id, **columns)
            session.add(member)
            session.flush()
            return Inhabitant(self.id, person_id, member_id=member.id)

    # Acts

    def do(self, act: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """An act, or anything that writes, in a transaction of its own."""
        with self.database.writing() as session:
            return act(session, *args, **kwargs)

    def see(self, read: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Anything that only reads, in a session of its own."""
        with self.database.reading() as session:
            return read(session, *args, **kwargs)

    def file(
        self, by: Actor, title: str = "Hur följer vi upp våra insatser?", question: str = "", **fields: Any
    ) -> Done:
        """File a consultation now; `fields` are those of `Question`."""
        form = Question(
            title=title,
            question=question or f"Vi undrar: {title}",
            **{
                "help": Help.EVALUATION,
                "answer_kind": AnswerKind.MEETING,
                "unit_id": self.units["Barn och unga"],
                **fields,
            },
        )
        return self.do(cases.file, by, form, self.now)

    def ask(self, by: Actor, case_id: int, *members: Inhabitant, in_turn: bool = False) -> int:
        """Ask members now; returns the id of the latest question."""
        form = Asking(member_ids=[each.member for each in members], in_turn=in_turn)
        self.do(offers.ask, by, case_id, form, self.now)
        return self.latest_offer(case_id)

    def latest_offer(self, case_id: int) -> int:
        """The id of a case's latest question."""
        found = self.see(lambda session: session.scalar(select(func.max(Offer.id)).where(Offer.case_id == case_id)))
        assert found is not None
        return found

    def active(self, by: Actor, coordinator: Actor, member: Inhabitant, **fields: Any) -> int:
        """A consultation that the member has said yes to, all of it now; returns its id."""
        case_id = self.file(by, **fields).case_id
        self.do(offers.accept, member, self.ask(coordinator, case_id, member), self.now)
        return case_id

    def close(self, by: Actor, case_id: int, answering: Actor, lesson: str = "") -> None:
        """Answer and close a consultation now, perhaps with a lesson; whose words it is decides if it is approved."""
        self.do(answers.answer, answering, case_id, Answering(text="Gör så här."), self.now)
        self.do(answers.close, by, case_id, Closing(outcome="answered", lesson=lesson), self.now)

    # What is queued

    def told(self, *names: str) -> list[Job]:
        """The notices queued, oldest first: all of them, or those of some kinds."""
        query = select(Job).where(Job.organisation_id == self.id, Job.kind == JobKind.TELL).order_by(Job.id)
        if names:
            query = query.where(Job.name.in_(names))
        return self.see(lambda session: list(session.scalars(query)))

    def _next_due(self, to: dt.datetime) -> dt.datetime | None:
        query = select(func.min(Job.due_at)).where(WAITING, Job.kind == JobKind.TIMER, Job.due_at <= to)
        return self.see(lambda session: session.scalar(query))

    def _with_role(self, name: str, kind: RoleKind, chat: bool, unit_id: int | None = None) -> Inhabitant:
        with self.database.writing() as session:
            person_id = self._person(session, name, chat)
            role = Role(organisation_id=self.id, person_id=person_id, kind=kind, unit_id=unit_id)
            role.confirmed_at = self.now
            session.add(role)
            return Inhabitant(self.id, person_id)

    def _person(self, session: Session, name: str, chat: bool) -> int:
        self._people += 1
        if name in {"Kontakt", "Samordnare", "Ledamot"}:
            name = f"{name} {self._people}"
        person = Person(name=name, sort_key=sort_key(name))
        session.add(person)
        session.flush()
        if chat:
            session.add(Identity(person_id=person.id, platform="slack", team=self.team, user=f"U{self.id}P{person.id}"))
        return person.id

    def _add(self, session: Session, table: Any, name: str, **columns: Any) -> Any:
        row = table(organisation_id=self.id, name=name, sort_key=sort_key(name), **columns)
        session.add(row)
        session.flush()
        return row
