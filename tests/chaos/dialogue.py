"""What persons do: file, ask, accept or decline, answer and close, again and again until they see that it is done."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.workspace import Person
from models.case import Answer, Case, Offer
from models.database import Database
from models.job import Posted
from models.life import OfferStatus, Status
from models.people import Identity, Member
from tests.chaos.cast import Company
from tests.chaos.journal import Attempt, Journal, Saved
from tests.outside.installation import Installed
from tests.slack.town_hall import texts

PERSEVERANCE = 60
"""How often somebody tries one thing before they give up."""
LOOKING, RESTING = 2.5, 0.4
"""Seconds that somebody looks whether it is done, and that they rest before they try again."""
OPENING = 3.0
QUESTION = "Vi vill veta hur vi följer upp våra insatser, och vad forskningen säger om det."
RECEIPT = "konsultation nr "


@dataclass
class Dialogue:
    """One company and its consultations, one after another until told to stop."""

    installed: Installed
    journal: Journal
    company: Company
    dice: random.Random
    stop: threading.Event

    def go_on(self) -> None:
        """Live on; whatever goes wrong here, and not in the bot, is kept in the journal."""
        try:
            for user in (self.company.asker, self.company.coordinator, self.company.members[0]):
                self._screen(user).open_home()
            number = 0
            while not self.stop.is_set():
                number += 1
                self._consultation(f"Uppföljning {self.company.asker} nr {number}")
        except BaseException as fault:  # noqa: BLE001 - raised again where the thread is waited for
            self.journal.faults.append(fault)

    def _consultation(self, title: str) -> None:
        wanted = self.dice.choice((1, 1, 2))
        if not self._files(title, wanted) or self.dice.random() < 0.15:
            return
        asked = self.dice.sample(self.company.members, self.dice.randint(wanted, 3))
        if not self._asks(title, asked) or self.dice.random() < 0.15:
            return
        for user in asked:
            if self.dice.random() < 0.8:
                self._accepts(title, user)
            else:
                self._declines(title, user)
        advising = [user for user in asked if self._has(title, user, OfferStatus.ACCEPTED)]
        if advising and self._answers(title, advising[0]):
            self._closes(title)

    def _files(self, title: str, wanted: int) -> bool:
        screen = self._screen(self.company.asker)
        request = {"title": title, "question": QUESTION, "help": "evaluation", "answer_kind": "meeting"}

        def act(attempt: Attempt) -> None:
            if _top(screen) not in ("file", "file.review"):
                _close_all(screen)
                _understood(screen.command("/consult"))
                screen.wait_for(screen.modal, OPENING)
            if _top(screen) == "file":
                screen.fill(**request, members_wanted=str(wanted))
            if _top(screen) == "file.review":
                attempt.commits()
                screen.fill()
            told = texts(screen.modal() or {})
            if RECEIPT in told:
                self.journal.receipts[title] = int(told.partition(RECEIPT)[2].split()[0].strip(".,"))

        def saved(session: Session) -> bool:
            return case_of(session, title) is not None

        done = self._until(screen, title, act, saved, lambda: title in self.journal.receipts)
        _close_all(screen)
        return done

    def _asks(self, title: str, users: list[str]) -> bool:
        screen = self._screen(self.company.coordinator)

        def act(attempt: Attempt) -> None:
            if self._opens(screen, "offer.ask", "offer.ask_other", *self._place(f"card:{self._case_id(title)}")):
                attempt.commits()
                screen.fill(member_ids=[str(self._member_id(user)) for user in users], in_turn="false")
            _close_all(screen)

        def saved(session: Session) -> bool:
            asked = select(func.count()).select_from(Offer).join(Case, Case.id == Offer.case_id)
            return bool(session.scalar(asked.where(Case.title == title)))

        return self._until(screen, title, act, saved)

    def _accepts(self, title: str, user: str) -> None:
        screen = self._screen(user)

        def act(attempt: Attempt) -> None:
            place = self._place(f"offer:{self._offer_id(title, user)}")
            attempt.commits()
            for _ in range(self.dice.choice((1, 1, 2))):
                screen.click(*place, "offer.accept")

        self._until(screen, title, act, self._decided(title, user))

    def _declines(self, title: str, user: str) -> None:
        screen = self._screen(user)

        def act(attempt: Attempt) -> None:
            place = self._place(f"offer:{self._offer_id(title, user)}")
            if self._opens(screen, "offer.decline", "offer.decline", *place):
                attempt.commits()
                screen.fill(reason="no_time")
            _close_all(screen)

        self._until(screen, title, act, self._decided(title, user))

    def _answers(self, title: str, user: str) -> bool:
        screen = self._screen(user)

        def act(attempt: Attempt) -> None:
            place = self._place(f"offer:{self._offer_id(title, user)}")
            if self._opens(screen, "case.doing", "answer.give", *place):
                attempt.commits()
                screen.fill(text="Börja med att mäta före och efter.")
            _close_all(screen)

        def saved(session: Session) -> bool:
            given = select(func.count()).select_from(Answer).join(Case, Case.id == Answer.case_id)
            return bool(session.scalar(given.where(Case.title == title)))

        return self._until(screen, title, act, saved)

    def _closes(self, title: str) -> None:
        screen = self._screen(self.company.asker)

        def act(attempt: Attempt) -> None:
            if self._opens(screen, "case.doing", "case.close", *self._place(f"room:{self._case_id(title)}")):
                attempt.commits()
                screen.fill(outcome="answered", hours="2")
            _close_all(screen)

        def saved(session: Session) -> bool:
            case = case_of(session, title)
            return case is not None and case.status is Status.CLOSED

        self._until(screen, title, act, saved)

    def _until(
        self,
        screen: Person,
        title: str,
        act: Callable[[Attempt], None],
        saved: Saved,
        satisfied: Callable[[], bool] | None = None,
    ) -> bool:
        """Do it as people do: again, until they see that it is done. False when they give up, or everything ends."""

        def is_saved() -> bool:
            with self._database.reading() as session:
                return saved(session)

        content = satisfied or is_saved
        for _ in range(PERSEVERANCE):
            with self.journal.attempt(screen.user, title, saved) as attempt:
                _tolerated(lambda: act(attempt))
                _tolerated(lambda: screen.wait_for(content, LOOKING if attempt.awaited else RESTING))
                attempt.succeeded = is_saved()
            if content():
                return True
            if self.stop.wait(RESTING):
                return False
        return False

    def _opens(self, screen: Person, view: str, action: str, channel: str, ts: str) -> bool:
        """Press a button of a message that opens a view; whether the view is open then."""
        _close_all(screen)
        _understood(screen.click(channel, ts, action))
        screen.wait_for(screen.modal, OPENING)
        return _top(screen) == view

    def _decided(self, title: str, user: str) -> Saved:
        def saved(session: Session) -> bool:
            offer = offer_to(session, title, user)
            return offer is not None and offer.status is not OfferStatus.PENDING

        return saved

    def _has(self, title: str, user: str, status: OfferStatus) -> bool:
        with self._database.reading() as session:
            offer = offer_to(session, title, user)
            return offer is not None and offer.status is status

    def _offer_id(self, title: str, user: str) -> int:
        with self._database.reading() as session:
            offer = offer_to(session, title, user)
        if offer is None:
            raise LookupError(f"{user} was not asked")
        return offer.id

    def _case_id(self, title: str) -> int:
        with self._database.reading() as session:
            case = case_of(session, title)
        if case is None:
            raise LookupError(title)
        return case.id

    def _member_id(self, user: str) -> int:
        query = select(Member.id).join(Identity, Identity.person_id == Member.person_id).where(Identity.user == user)
        with self._database.reading() as session:
            return session.scalars(query).one()

    def _place(self, key: str) -> tuple[str, str]:
        """Where a message stands. Raises LookupError while it does not."""
        with self._database.reading() as session:
            posted = session.scalar(select(Posted).where(Posted.key == key))
        if posted is None or posted.channel is None or posted.ts is None:
            raise LookupError(f"{key} does not stand anywhere")
        return posted.channel, posted.ts

    def _screen(self, user: str) -> Person:
        return self.installed.screen(user)

    @property
    def _database(self) -> Database:
        return self.installed.database


def case_of(session: Session, title: str) -> Case | None:
    """The first case of this title."""
    return session.scalar(select(Case).where(Case.title == title).order_by(Case.id).limit(1))


def offer_to(session: Session, title: str, user: str) -> Offer | None:
    """The question about a case to somebody."""
    query = (
        select(Offer)
        .join(Case, Case.id == Offer.case_id)
        .join(Member, Member.id == Offer.member_id)
        .join(Identity, Identity.person_id == Member.person_id)
        .where(Case.title == title, Identity.user == user)
    )
    return session.scalar(query.order_by(Offer.id.desc()).limit(1))


def _top(screen: Person) -> str:
    modal = screen.modal()
    return str(modal["callback_id"]) if modal else ""


def _close_all(screen: Person) -> None:
    while screen.modal() is not None:
        screen.close()


def _understood(answer: dict[str, Any]) -> None:
    """Go on only when the bot has acknowledged: otherwise the person is shown that it did not. Raises LookupError."""
    if not answer["ok"]:
        raise LookupError(answer["message"])


def _tolerated(step: Callable[[], object]) -> None:
    """A step that may find nothing to click yet, or nobody who answers."""
    try:
        step()
    except (LookupError, TimeoutError):
        return
