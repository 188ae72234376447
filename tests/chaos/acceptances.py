"""What came of many acceptances: who won, what the others were told, and whether the rows say the same."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from models.case import Case, Event, Offer
from models.database import Database
from models.job import Job, JobKind
from models.life import Act, OfferStatus, Status

AGAIN = 20
"""How often somebody who is asked to try again in a moment does so."""
WON = "won"
SENTENCES = ("har redan fått sin ledamot", "är tillbakadragen")
"""What those who come too late are told, whether their question still stood when they were let in or not."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that waits for a yes, and whose it is."""

    organisation_id: int
    case_id: int
    offer_id: int
    person_id: int


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody was answered, in the end, and how often they were asked to try again before."""

    question: Asked
    answer: str
    again: int


def counted(database: Database, said: Sequence[Said]) -> tuple[str, bool]:
    """The figures, and whether the wanted number won everywhere and everybody else was told, once."""
    won = Counter(each.question.case_id for each in said if each.answer == WON)
    told = [each for each in said if any(sentence in each.answer for sentence in SENTENCES)]
    with database.reading() as session:
        wanted = dict(session.execute(select(Case.id, Case.members_wanted)).all())
        active = session.scalar(select(func.count()).where(Case.status == Status.ACTIVE)) or 0
        stood = dict(session.execute(select(Offer.id, Offer.status)).all())
        notices = Counter(
            session.scalars(select(Job.subject_id).where(Job.kind == JobKind.TELL, Job.name == "retracted"))
        )
        recorded = Counter(session.scalars(select(Event.offer_id).where(Event.act.in_([Act.ACCEPT, Act.RETRACT]))))
    right = [each for each in said if (each.answer == WON) is (stood[each.question.offer_id] is OfferStatus.ACCEPTED)]
    lost = {offer_id for offer_id, status in stood.items() if status is OfferStatus.RETRACTED}
    holds = (
        won == wanted
        and active == len(wanted)
        and len(right) == len(said) == len(stood)
        and len(told) == len(lost) == len(said) - sum(wanted.values())
        and notices == Counter(dict.fromkeys(lost, 1))
        and set(recorded.values()) == {1}
    )
    figures = (
        f"{len(said)} acceptances, {won.total()} won of {sum(wanted.values())} wanted, {len(told)} told in a sentence, "
        f"{notices.total()} notices that the question is drawn back, {len(said) - won.total() - len(told)} errors, "
        f"{sum(each.again for each in said)} times asked to try again"
    )
    return figures, holds
