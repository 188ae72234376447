"""A town in which everything has happened at least once, and in which every text that a person ever wrote can be
replaced by another one."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import answers, availability, cases, digest, drafts, members, notes, notices, offers, registration
from bot.actors import Actor
from bot.surfaces import Delivery
from models.case import Answer, CaseOutcome, Degree, Offer
from models.digest import Digest
from models.forms import (
    Answering,
    Asking,
    Away,
    Clarification,
    Closing,
    Diary,
    Feedbacking,
    LessonWriting,
    Linking,
    Question,
    Writing,
)
from models.job import Job, JobKind, Lane
from models.life import Status
from models.organisation import Area, Cluster
from models.people import Member, Person, RoleKind
from tests.factories import Inhabitant, Town
from tests.slack.story import Story
from tests.slack.written import rewrite

A_WEEK_ON = "2026-03-09 09:00"
"""When everything is looked at: this week's digest is still to come."""


class Saga(Story):
    """Everybody, and a consultation in each state with all that can grow on one."""

    def __init__(self, town: Town) -> None:
        super().__init__(town)
        self.bo = town.requester("Bo Berg", unit="Vuxenenheten")
        self.chef = town._with_role("Alva Admin", RoleKind.ADMINISTRATOR, chat=True)
        self.vera = town.coordinator("Vera Vik", deputy=True)
        self.utan = town.requester("Ulla Utan", chat=False)
        self.ny = self._newcomer("Nadja Ny")
        town.do(self._landscape)
        other = [town.units["Vuxenenheten"]]
        self.cases = {status: self.in_state(status) for status in Status}
        self.rich = town.active(self.anna, self.maj, self.lena, other_unit_ids=other, wanted_by="2026-06-01")
        self.shut = town.active(self.anna, self.maj, self.lena, members_wanted=2, wished_member_ids=[self.siv.member])
        self.offline = town.file(self.utan, "En fråga per telefon", "Hur når vi dem som saknar chatt?").case_id
        self._enrich()
        self._shut()
        self._relay()
        self._people()
        self.deliveries = [*self._enqueued(), *self._dated()]
        town.at(A_WEEK_ON)

    def __repr__(self) -> str:
        return "the saga"

    @property
    def everybody(self) -> dict[str, Inhabitant]:
        """One of each kind of reader."""
        return {
            "requester": self.anna,
            "other unit": self.bo,
            "coordinator": self.maj,
            "deputy": self.vera,
            "administrator": self.chef,
            "member": self.lena,
            "member asked": self.siv,
            "newcomer": self.ny,
        }

    def rewrite(self, texts: Sequence[str], language: str) -> None:
        """Put these texts in turn wherever a person wrote; everybody reads this language from now on."""
        with self.town.database.writing() as session:
            rewrite(session, texts, language)

    def _newcomer(self, name: str) -> Inhabitant:
        with self.town.database.writing() as session:
            return Inhabitant(self.town.id, self.town._person(session, name, chat=True))

    def _landscape(self, session: Session) -> None:
        town = self.town
        session.add(Area(organisation_id=town.id, code="barn", name="Barn", name_en="Children"))
        session.add(Cluster(organisation_id=town.id, name="Söder", theme="Barn"))
        for person in session.scalars(select(Person)):
            person.email = f"p{person.id}@example.org"

    def _enrich(self) -> None:
        town, rich, at = self.town, self.rich, self.town.now
        town.do(cases.confirm, self.bo, rich, town.units["Vuxenenheten"], at)
        town.do(cases.diary, self.anna, rich, Diary(unit_id=town.units["Barn och unga"], dnr="SOC 2026/12"), at)
        town.do(cases.link, self.anna, rich, Linking(url="https://example.org/plan", title="Planen"), at)
        town.do(notes.progress, self.lena, rich, Writing(text="Vi har börjat."), at)
        answer = Answering(text="Mät före.", links=["https://example.org/rapport"])
        town.do(answers.answer, self.lena, rich, answer, at)
        given = town.see(lambda session: session.scalars(select(Answer.id)).all()[-1])
        town.do(answers.comment, self.anna, given, Writing(text="Tack."), at)
        town.do(cases.pause, self.maj, rich, Writing(text="Semester."), at)
        town.do(cases.resume, self.maj, rich, at)
        asked = town.latest_offer(self.cases[Status.OFFERED])
        waiting = town.ask(self.maj, self.cases[Status.SUBMITTED], self.siv)
        town.do(notes.query, self.siv, waiting, Writing(text="Vilka?"), at)
        town.do(notes.reply, self.maj, waiting, Writing(text="Alla."), at)
        town.do(notes.query, self.siv, waiting, Writing(text="Hur många?"), at)
        by_mail = self.maj.for_person(self.per.person, "brev den 3 mars")
        town.do(notes.query, by_mail, asked, Writing(text="Får jag ringa?"), at)
        left = town.active(self.anna, self.maj, self.siv, members_wanted=2)
        town.do(offers.release, self.siv, town.latest_offer(left), at)
        silent = town.ask(self.maj, left, self.lena)
        town.do(lambda session: offers.expire(session, session.get_one(Offer, silent), at))
        handed = town.active(self.anna, self.maj, self.siv)
        drawn_back = town.ask(self.maj, self.filed(), self.lena)
        town.do(offers.retract, self.maj, drawn_back, at)
        completed = self.filed()
        town.do(cases.clarify, self.maj, completed, Clarification(text="Vilka?"), at)
        request = Question(
            title="Nu tydligare",
            question="Hur mäter vi det vi gör?",
            help="plan",
            answer_kind="meeting",
            unit_id=town.units["Barn och unga"],
        )
        town.do(cases.complete, self.anna, completed, request, at)
        passed_on = Asking(member_ids=[self.lena.member])
        town.do(offers.reassign, self.maj, town.latest_offer(handed), passed_on, at)
        self.untouched = self.filed(wished_member_ids=[self.siv.member], other_unit_ids=[town.units["Vuxenenheten"]])

    def _shut(self) -> None:
        town, shut, at = self.town, self.shut, self.town.now
        town.do(answers.answer, self.lena, shut, Answering(text="Gör så här."), at)
        town.do(answers.close, self.maj, shut, Closing(outcome=CaseOutcome.ANSWERED, hours=3, lesson="Mät."), at)
        town.do(answers.name, self.lena, shut, True, at)
        helped = Feedbacking(helped=Degree.YES, usable=Degree.PARTLY, text="Det hjälpte.")
        reopened = town.active(self.anna, self.maj, self.lena)
        town.do(answers.answer, self.lena, reopened, Answering(text="Svar."), at)
        town.do(answers.close, self.maj, reopened, Closing(outcome=CaseOutcome.ANSWERED, lesson="Lär."), at)
        town.do(answers.feedback, self.anna, reopened, 0, helped, at)
        town.do(cases.reopen, self.maj, reopened, at)
        learned = town.active(self.anna, self.maj, self.lena)
        town.close(self.maj, learned, self.lena, lesson="Börja i tid.")
        town.do(answers.name, self.lena, learned, True, at)
        town.do(answers.approve, self.anna, learned, at, form=LessonWriting(text="Börja i god tid."))

    def _relay(self) -> None:
        town = self.town
        town.ask(self.maj, self.offline, self.per)

    def _people(self) -> None:
        town, at = self.town, self.town.now
        town.do(availability.pause, self.siv, self.siv.member, at)
        town.do(availability.away, self.lena, self.lena.member, Away(first_day="2026-07-01", last_day="2026-07-20"), at)
        farsta = town.districts["Farsta"]
        town.do(members.declare_conflict, self.lena, self.lena.member, at, district_id=farsta)
        town.do(members.declare_conflict, self.siv, self.siv.member, at, person_id=self.anna.person)
        self.fresh = self._newcomer("Frida Färsk")
        town.do(registration.register, self.fresh, town.units["Barn och unga"], at)
        typed = {
            "title": "Ett utkast",
            "question": "Hur gör vi det?",
            "unit_id": str(town.units["Barn och unga"]),
            "help": "plan",
            "answer_kind": "meeting",
            "links": "https://example.org/utkast",
            "wished_member_ids": [str(self.lena.member)],
        }
        self.drafts = [town.do(drafts.begin, each, typed, at) for each in (self.anna, self.maj, self.anna)]
        silent = town.member("Tyst Tallberg", keywords=["tystnad"])
        with town.database.writing() as session:
            member = session.get_one(Member, silent.member)
            member.paused_at, member.paused_by = at, "unanswered"

    def _enqueued(self) -> list[Delivery]:
        """Whatever the acts have enqueued."""
        with self.town.database.reading() as session:
            query = select(Job, Lane.receiver).join(Lane, Lane.id == Job.lane_id).where(Job.kind != JobKind.TIMER)
            return [_delivery(job, receiver) for job, receiver in session.execute(query.order_by(Job.id))]

    def _dated(self) -> list[Delivery]:
        """What only dates bring."""
        town, at = self.town, self.town.now
        posted: Digest = town.do(digest.post_now, self.maj, at)
        job = town.see(lambda session: session.scalars(select(Job.id).limit(1)).one())
        subjects: list[tuple[str, Actor, int | None, int | None, dict[str, Any]]] = [
            ("offer_reminder", self.siv, self.cases[Status.SUBMITTED], None, {}),
            ("triage_reminder", self.maj, self.untouched, None, {}),
            ("triage_deputy", self.vera, self.untouched, None, {}),
            ("not_distributed", self.maj, self.untouched, None, {}),
            ("clarify_reminder", self.anna, self.cases[Status.CLARIFYING], None, {}),
            ("feedback_later", self.anna, self.shut, None, {"months": 6}),
            ("draft_offer", self.anna, None, self.drafts[0], {}),
            ("member_paused", self.siv, None, self.siv.member, {}),
            ("requester_new", self.maj, None, self.fresh.person, {}),
            ("parked", self.maj, self.rich, job, {}),
            ("digest", self.maj, None, posted.id, {}),
        ]
        made = [
            Delivery(
                organisation_id=town.id,
                job_id=0,
                kind=JobKind.TELL,
                name=name,
                key=name,
                surface="slack",
                receiver=notices.FORUM if name == "digest" else f"person:{to.person_id}",
                address=None,
                place=None,
                case_id=case_id,
                event_id=None,
                subject_id=town.latest_offer(case_id) if name == "offer_reminder" else subject,
                data=data,
            )
            for name, to, case_id, subject, data in subjects
        ]
        homes = [
            dataclasses.replace(made[-1], name="home", receiver=f"home:{each.person}", subject_id=each.person)
            for each in self.everybody.values()
        ]
        return [*made, *homes]


def _delivery(job: Job, receiver: str) -> Delivery:
    return Delivery(
        organisation_id=job.organisation_id,
        job_id=job.id,
        kind=job.kind,
        name=job.name,
        key=job.key,
        surface="slack",
        receiver=receiver,
        address=None,
        place=None,
        case_id=job.case_id,
        event_id=job.event_id,
        subject_id=job.subject_id,
        data=job.data,
    )
