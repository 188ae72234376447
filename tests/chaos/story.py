"""One company's story while nothing can be saved: what each of them tries, what they see, and how it goes on."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import offers
from bot.actors import Actor
from bot.workspace import Person
from models.case import Case, Offer
from models.database import Database
from models.forms import Asking
from models.job import Posted
from models.life import OfferStatus
from models.people import Identity, Member, Role, RoleKind
from tests.chaos.cast import MONDAY, Company
from tests.chaos.dialogue import QUESTION, RECEIPT
from tests.chaos.lines import Line
from tests.outside.installation import Installed
from tests.slack.town_hall import texts

UNSAVED = "Inget har sparats"
UNCHANGED = "inget har ändrats"
FIRST, SECOND = "Före avbrottet", "Under avbrottet"
SEEING = 120.0
"""Seconds until something must be seen that comes by itself."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody saw of what they tried, and whether it was as it should be."""

    what: str
    saw: str
    right: bool


class Story:
    """The asker has filed one case, and her next form stands open; a member is asked; another never opened her home."""

    def __init__(self, made: Installed, company: Company) -> None:
        self._database: Database = made.database
        self._asker = made.screen(company.asker)
        self._asked = made.screen(company.members[0])
        self._newcomer = made.screen(company.members[1])
        self._member = company.members[0]
        self._question = ("", "")

    def begin(self) -> None:
        """Come so far while all is well."""
        self._opens_form()
        self._asker.wait_for(lambda: self._asker.fill(**_request(FIRST))["result"] == "updated", SEEING)
        self._asker.wait_for(lambda: self._asker.fill()["result"] == "updated", SEEING)
        assert RECEIPT in texts(self._asker.modal())
        self._asker.close()
        self._ask()
        self._question = self._asked.wait_for(self._place, SEEING)
        self._opens_form()

    def tries(self) -> list[Seen]:
        """Everybody tries something; nothing can be saved. The first of them may be known to the process or not."""
        return [self._commands(), self._files(), self._accepts(), self._opens_home()]

    def goes_on(self) -> list[Seen]:
        """Everybody tries again, where they were, and all of it is done."""
        self._asked.wait_for(lambda: self._asked.modal() is None or self._asked.close(), SEEING)
        return [self._files_again(), self._accepts_again(), self._sees_home()]

    def _commands(self) -> Seen:
        before = len(_whispered(self._newcomer))
        answer = self._newcomer.command("/consult mina")
        said = [each["text"] for each in _whispered(self._newcomer)[before:]]
        return Seen("a command", _first(said) or str(answer), bool(said) and UNCHANGED in said[0])

    def _files(self) -> Seen:
        answer = self._asker.fill(**_request(SECOND))
        said = [str(each) for each in (answer.get("errors") or {}).values()]
        stands = QUESTION in str(self._asker.modal())
        return Seen("a form", _first(said) or str(answer), bool(said) and UNSAVED in said[0] and stands)

    def _accepts(self) -> Seen:
        channel, ts = self._question
        answer = self._asked.click(channel, ts, "offer.accept")
        try:
            said = self._asked.wait_for(lambda: self._told(self._asked), 10)
        except TimeoutError:
            said = ""
        return Seen("a button", said or str(answer), UNCHANGED in said)

    def _opens_home(self) -> Seen:
        self._newcomer.open_home()
        return Seen("App Home", "nothing yet", self._newcomer.home() is None)

    def _files_again(self) -> Seen:
        answer = self._asker.fill(**_request(SECOND))
        if answer["result"] == "updated":
            answer = self._asker.fill()
        said = texts(self._asker.modal())
        return Seen("the same form", said.partition("\n")[0] or str(answer), RECEIPT in said)

    def _accepts_again(self) -> Seen:
        channel, ts = self._question
        self._asked.click(channel, ts, "offer.accept")
        said = self._asked.wait_for(lambda: "Du har tackat ja" in texts(self._asked.message(channel, ts)), SEEING)
        with self._database.reading() as session:
            status = session.scalars(self._offers(FIRST)).one().status
        return Seen("the same button", "the question says yes", bool(said) and status is OfferStatus.ACCEPTED)

    def _sees_home(self) -> Seen:
        self._newcomer.wait_for(self._newcomer.home, SEEING)
        return Seen("App Home", "it came by itself", True)

    def _opens_form(self) -> None:
        self._asker.wait_for(lambda: self._asker.command("/consult")["ok"], SEEING)
        self._asker.wait_for(self._asker.modal, SEEING)

    def _ask(self) -> None:
        """A coordinator asks, by the act itself."""
        with self._database.writing(dt.timedelta(seconds=20)) as session:
            case = session.scalars(select(Case).where(Case.title == FIRST)).one()
            member = select(Member.id).join(Identity, Identity.person_id == Member.person_id)
            member_id = session.scalars(member.where(Identity.user == self._member)).one()
            asking = Asking(member_ids=[member_id])
            offers.ask(session, _coordinator(session, case.organisation_id), case.id, asking, MONDAY)

    def _place(self) -> tuple[str, str] | None:
        with self._database.reading() as session:
            offer = session.scalars(self._offers(FIRST)).one()
            posted = session.scalar(select(Posted).where(Posted.key == f"offer:{offer.id}"))
        return (posted.channel, posted.ts) if posted and posted.channel and posted.ts else None

    @staticmethod
    def _offers(title: str) -> "select[tuple[Offer]]":
        return select(Offer).join(Case, Case.id == Offer.case_id).where(Case.title == title)

    @staticmethod
    def _told(screen: Person) -> str:
        """What stands in a view, or below the message."""
        modal = screen.modal()
        return texts(modal) if modal else _first([each["text"] for each in _whispered(screen)])


def lines(name: str, seen: list[Seen], again: list[Seen]) -> list[Line]:
    """What they saw meanwhile, and afterwards."""
    return [
        Line(f"{name}: what persons see meanwhile", _told(seen), all(each.right for each in seen)),
        Line(f"{name}: what they see afterwards", _told(again), all(each.right for each in again)),
    ]


def _told(seen: list[Seen]) -> str:
    return "; ".join(f"{each.what}: “{' '.join(each.saw.split())[:110]}”" for each in seen)


def _first(said: list[str]) -> str:
    return said[0] if said else ""


def _whispered(screen: Person) -> list[dict[str, str]]:
    return [each for each in screen.messages() if each.get("ephemeral")]


def _coordinator(session: Session, organisation_id: int) -> Actor:
    role = select(Role.person_id).where(Role.organisation_id == organisation_id, Role.kind == RoleKind.COORDINATOR)
    return Actor(organisation_id, session.scalars(role.limit(1)).one())


def _request(title: str) -> dict[str, str]:
    return {"title": title, "question": QUESTION, "help": "evaluation", "answer_kind": "meeting"}
