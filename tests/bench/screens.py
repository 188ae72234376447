"""Screens: what people of one organisation of a nation open, each made whole as for its reader, up to Slack's door."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Select, select

from bot import notices
from bot.actors import Actor
from bot.clock import Clock
from bot.reach import coordinators
from bot.services import Services
from bot.suggestions import Suggester
from bot.surfaces import Delivery
from bot.wording import words
from handlers.slack.app import renderers
from handlers.slack.asker import Asker
from handlers.slack.commands import view_for
from handlers.slack.rendering import scene
from models.case import Case, Offer
from models.database import Database
from models.job import JobKind
from models.life import OfferStatus, Status
from models.people import Member
from tests.bench.nation import NOW
from tests.bench.sayings import Sayings

Open = Callable[[], object]

READERS = 8
"""So many people, cases or words a screen is opened for in turn."""

COMMON = 4
"""So many topics count as the most common ones."""


class Screens:
    """What one organisation opens. The latest cases and their people are looked at, which are the same in a nation of
    any age."""

    def __init__(self, database: Database, organisation_id: int) -> None:
        self._database = database
        self._organisation_id = organisation_id
        self._services = Services(database, Clock(lambda: NOW - dt.datetime.now(dt.UTC)), Suggester())
        self._renderers = renderers()

    def every(self) -> dict[str, list[Open]]:
        """Each screen by name, as often as there are readers to open it for."""
        coordinating = self._coordinators()
        asking = self._found(select(Case.requester_id), Case.filed_at)
        maj, anna = coordinating[0], asking[0]
        topics = Sayings().topics
        return {
            "App Home, requester": [self._home(each) for each in asking],
            "App Home, member": [self._home(each) for each in self._asked()],
            "App Home, coordinator": [self._home(each) for each in coordinating],
            "`/consult status N`": [self._command(maj, f"status {each}") for each in self._numbers()],
            "Triage card": [self._card(each) for each in self._to_distribute()],
            "Search, a topic": [self._command(anna, f"sök {each}") for each in self._topics()],
            "Search, a common topic": [self._command(anna, f"sök {each}") for each in topics[:COMMON]],
            "Search, as coordinator": [self._command(maj, f"sök {each}") for each in self._topics()],
            "Digest": [self._command(maj, "veckobrev")],
        }

    def others(self) -> dict[str, list[Open]]:
        """The lists behind buttons, and what everybody else sees of a status."""
        maj, anna, lena = (
            self._coordinators()[0],
            self._found(select(Case.requester_id), Case.filed_at)[0],
            self._asked()[0],
        )
        return {
            "`/consult mine`": [self._command(each, "mina") for each in (anna, lena)],
            "`/consult status`": [self._command(each, "status") for each in (anna, maj)],
            "`/consult members`": [self._command(anna, "ledamöter"), self._command(anna, "ledamöter vräkning")],
            "`/consult profile`": [self._command(lena, "profil")],
        }

    def _home(self, person_id: int) -> Open:
        return self._rendered("home", f"home:{person_id}", None)

    def _card(self, case_id: int) -> Open:
        return self._rendered("card", notices.COORDINATORS, case_id)

    def _rendered(self, name: str, receiver: str, case_id: int | None) -> Open:
        delivery = Delivery(
            organisation_id=self._organisation_id,
            job_id=0,
            kind=JobKind.SHOW,
            name=name,
            key="",
            surface=notices.SURFACE,
            receiver=receiver,
            address=None,
            place=None,
            case_id=case_id,
            event_id=None,
            subject_id=None,
            data={},
        )

        def render() -> object:
            with self._database.reading() as session:
                return self._renderers[name](scene(self._services, session, delivery))

        return render

    def _command(self, person_id: int, text: str) -> Open:
        asker = Asker(Actor(self._organisation_id, person_id), words("sv", "Europe/Stockholm"), "", "")
        return lambda: view_for(self._services, asker, text)

    def _coordinators(self) -> list[int]:
        with self._database.reading() as session:
            return coordinators(session, self._organisation_id)

    def _asked(self) -> list[int]:
        """Members with a question to answer or one answered lately."""
        query = select(Member.person_id).join(Offer, Offer.member_id == Member.id).join(Case, Case.id == Offer.case_id)
        return self._found(query.where(Offer.status.in_([OfferStatus.PENDING, OfferStatus.ACCEPTED])), Offer.asked_at)

    def _to_distribute(self) -> Sequence[int]:
        return self._found(select(Case.id).where(Case.status.in_([Status.SUBMITTED, Status.OFFERED])), Case.filed_at)

    def _numbers(self) -> Sequence[int]:
        return self._found(select(Case.number), Case.filed_at)

    def _topics(self) -> Iterable[str]:
        """What the latest cases are about."""
        titles = self._found(select(Case.title), Case.filed_at)
        return [title.rpartition(" med ")[2].rstrip("?") for title in titles]

    def _found(self, query: Select, latest: object) -> list:
        """The organisation's latest ones, each once."""
        with self._database.reading() as session:
            found = session.scalars(
                query.where(Case.organisation_id == self._organisation_id).order_by(latest.desc()).limit(60)
            )
            return list(dict.fromkeys(found))[:READERS]
