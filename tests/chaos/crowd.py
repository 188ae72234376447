"""A crowd at its screens: members who are asked about the same cases, and press the same button at the same instant.

The workspace hands their clicks over signed HTTP to several `konsult serve`, in turn.
"""

import datetime as dt
import random
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import cases, offers, organisations, registration, transfer
from bot.actors import Actor
from bot.authority import authorise_filing
from bot.jobs import WAITING
from bot.workspace import Person
from models.case import AnswerKind, Case, Help, Offer
from models.database import Database
from models.forms import Asking, Question
from models.job import Job, JobKind, Posted
from models.life import OfferStatus
from models.people import Identity, Member, Role, RoleKind
from tests.chaos import databases
from tests.chaos.acceptances import AGAIN, WON, Asked, Said, counted
from tests.chaos.lines import Line
from tests.outside.installation import ANNA, MAJ, Installed, free_port, installed
from tests.slack.town_hall import texts

PROCESSES = 4
ANSWERING, SETTLING = 15.0, 900.0


def run(seed: int, number: int, members: int) -> list[Line]:
    """So many cases, on PostgreSQL."""
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="konsult-crowd-")))
        database = held.enter_context(databases.fresh("postgresql", folder))
        return through_the_wire(database, folder, seed, number, members)


def through_the_wire(database: Database, folder: Path, seed: int, number: int, members: int) -> list[Line]:
    """So many cases, one after the other, each with all members asked and all of them saying yes."""
    ports = [free_port() for _ in range(PROCESSES)]
    dice = random.Random(seed)
    with installed(database, folder, ports) as made:
        crowd = Crowd(made, members)
        serving = [made.start("serve", PORT=str(port)) for port in ports]
        made.start("work", WORKER_THREADS="8")
        asked = [crowd.ask(dice.randint(1, 3)) for _ in range(number)]
        crowd.settle()
        said = [each for questions in asked for each in crowd.press(questions)]
        crowd.settle()
        figures, holds = counted(database, said)
        lost = [each.question for each in said if each.answer != WON]
        drawn_back = sum(crowd.sees_drawn_back(each) for each in lost)
        served = [process.alive and process.get("/healthz")[0] == 200 for process in serving]
    return [
        Line(
            f"race over HTTP: {number} cases × {members} members, {PROCESSES} × serve", figures, holds and all(served)
        ),
        Line(
            "race over HTTP: at the screens of those who came too late",
            f"{drawn_back} of {len(lost)} have the notice once and the question without its buttons",
            drawn_back == len(lost),
        ),
    ]


class Crowd:
    """Members with screens of their own, and what they are asked."""

    def __init__(self, made: Installed, members: int) -> None:
        self._made = made
        self._database = made.database
        users = [f"U0SAYS{number}" for number in range(members)]
        for user in users:
            made.workspace.add_user(id=user, name=user.lower(), real_name=f"Ledamot {user}")
        with self._database.writing() as session:
            self._home = organisations.only(session).id
            sheet = "\n".join(["name,slack_user_id", *(f"Ledamot {user},{user}" for user in users)])
            transfer.import_members(session, self._home, f"{sheet}\n".encode())
            anna = registration.arrive(session, "slack", made.workspace.team, ANNA, "Anna Ask", None, "sv-SE")
            registration.register(session, anna, made.unit_id, dt.datetime.now(dt.UTC))
            self._anna = anna
            self._screens = {
                person_id: made.screen(user)
                for person_id, user in session.execute(
                    select(Identity.person_id, Identity.user).where(Identity.user.in_(users))
                )
            }

    def ask(self, wanted: int) -> list[Asked]:
        """File a case and ask every member about it, by the acts themselves; the worker brings the questions."""
        now = dt.datetime.now(dt.UTC)
        form = Question(
            title="Hur följer vi upp våra insatser?",
            question="Vi undrar hur vi följer upp våra insatser.",
            help=Help.EVALUATION,
            answer_kind=AnswerKind.MEETING,
            unit_id=self._made.unit_id,
            members_wanted=wanted,
        )
        with self._database.writing(dt.timedelta(seconds=30)) as session:
            authorise_filing(session, self._anna)
            case_id = cases.file(session, self._anna, form, now).case_id
            everybody = session.scalars(select(Member.id).where(Member.person_id.in_(self._screens))).all()
            asking = Asking.model_construct(member_ids=list(everybody), in_turn=False, note="", hours=None)
            offers.ask(session, self._coordinator(session), case_id, asking, now)
            rows = select(Offer.id, Member.person_id).join(Member).where(Offer.case_id == case_id)
            return [Asked(self._home, case_id, *row) for row in session.execute(rows)]

    def press(self, questions: Sequence[Asked]) -> list[Said]:
        """Everybody presses yes at the same instant, and once more when they are asked to try again, if the button is
        still there: otherwise the message says why not."""
        starting = threading.Barrier(len(questions))
        with ThreadPoolExecutor(len(questions)) as pool:
            return list(pool.map(lambda each: self._presses(each, starting), questions))

    def settle(self) -> None:
        """Wait until everything is brought."""
        self._made.screen(MAJ).wait_for(lambda: not self._left(), SETTLING)

    def sees_drawn_back(self, question: Asked) -> bool:
        """Whether the member has the notice once, and the question as it ended."""
        number = self._number(question)
        shown = [texts(each) for each in self._screens[question.person_id].messages()]
        about = [each for each in shown if f"nr {number} " in each]
        notices = [each for each in about if "Tack för att du finns med" in each]
        return len(notices) == 1 and not any("Tacka ja" in each for each in about)

    def _presses(self, question: Asked, starting: threading.Barrier) -> Said:
        screen, number = self._screens[question.person_id], self._number(question)
        channel, ts = self._place(question)
        starting.wait()
        for again in range(AGAIN):
            before = len(self._whispered(screen))
            try:
                clicked = screen.click(channel, ts, "offer.accept")
            except LookupError:
                return Said(question, texts(screen.message(channel, ts)), again)
            try:
                answer = screen.wait_for(lambda seen=before: self._answer(screen, question, seen), ANSWERING)
            except TimeoutError:
                answer = str(clicked.get("message") or "error: nothing was said")
            if "Försök igen" not in answer:
                return Said(question, answer, again)
        return Said(question, f"error: nobody answered about nr {number}", AGAIN)

    def _answer(self, screen: Person, question: Asked, seen: int) -> str | None:
        """What the person is told, in a view or below the message; or that the place is theirs."""
        modal = screen.modal()
        if modal is not None:
            screen.close()
            return texts(modal)
        whispered = self._whispered(screen)
        if len(whispered) > seen:
            return str(whispered[-1]["text"])
        with self._database.reading() as session:
            return WON if session.get_one(Offer, question.offer_id).status is OfferStatus.ACCEPTED else None

    @staticmethod
    def _whispered(screen: Person) -> list[dict[str, Any]]:
        return [each for each in screen.messages() if each.get("ephemeral")]

    def _coordinator(self, session: Session) -> Actor:
        maj = select(Role.person_id).where(Role.organisation_id == self._home, Role.kind == RoleKind.COORDINATOR)
        return Actor(self._home, session.scalars(maj).one())

    def _left(self) -> int:
        with self._database.reading() as session:
            return session.scalar(select(func.count()).where(WAITING, Job.kind != JobKind.TIMER)) or 0

    def _number(self, question: Asked) -> int:
        with self._database.reading() as session:
            return session.get_one(Case, question.case_id).number

    def _place(self, question: Asked) -> tuple[str, str]:
        with self._database.reading() as session:
            posted = session.scalars(select(Posted).where(Posted.key == f"offer:{question.offer_id}")).one()
        assert posted.channel is not None
        assert posted.ts is not None
        return posted.channel, posted.ts
