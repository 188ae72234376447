"""A town in which everything has happened at least once, and in which every text that a person ever wrote can be
replaced by another one."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import JSON, Column, Enum, String, Table, select, update
from sqlalchemy.orm import Session

from bot import answers, availability, cases, digest, drafts, members, notes, notices, offers, registration
from bot.actors import Actor
from bot.surfaces import Delivery
from models.case import Answer, CaseOutcome, Degree, Draft, Offer
from models.database import Base
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
from models.organisation import Area, Cluster, Organisation
from models.people import Member, Person, RoleKind
from tests.factories import Inhabitant, Town
from tests.slack.story import Story

WRITTEN: dict[str, frozenset[str]] = {
    "answer": frozenset({"text", "links"}),
    "area": frozenset({"name", "name_en"}),
    "case": frozenset({"title", "question"}),
    "case_link": frozenset({"url", "title"}),
    "case_unit": frozenset({"dnr"}),
    "cluster": frozenset({"name", "theme"}),
    "comment": frozenset({"text"}),
    "district": frozenset({"name"}),
    "draft": frozenset({"form"}),
    "event": frozenset({"source"}),
    "feedback": frozenset({"text"}),
    "lesson": frozenset({"text"}),
    "member": frozenset({"title", "keywords", "bio", "publications", "languages"}),
    "note": frozenset({"text"}),
    "offer": frozenset({"note"}),
    "organisation": frozenset(
        {"name", "terms", "terms_en", "coordinator_title", "coordinator_title_en", "quiet_periods"}
    ),
    "person": frozenset({"name", "email"}),
    "unit": frozenset({"name"}),
    "university": frozenset({"name"}),
    "workspace": frozenset({"name"}),
}
"""Every column that holds what a person wrote."""

OURS: dict[str, frozenset[str]] = {
    "area": frozenset({"code"}),
    "case": frozenset({"standby", "wishes"}),
    "case_word": frozenset({"word"}),
    "digest": frozenset({"why"}),
    "district": frozenset({"sort_key"}),
    "event": frozenset({"data"}),
    "identity": frozenset({"platform", "team", "user"}),
    "job": frozenset({"name", "key", "data", "why"}),
    "lane": frozenset({"surface", "receiver", "address"}),
    "organisation": frozenset({"zone", "language", "feedback_months"}),
    "person": frozenset({"language", "sort_key"}),
    "posted": frozenset({"surface", "key", "channel", "ts"}),
    "seen_event": frozenset({"id"}),
    "unit": frozenset({"sort_key"}),
    "university": frozenset({"sort_key"}),
    "workspace": frozenset({"platform", "team", "coordinators_channel", "forum_channel"}),
}
"""Every other column of text: what the bot or the platform put there."""

LONGEST = 12_000
"""Of the texts without a length of their own: an answer's."""

A_WEEK_ON = "2026-03-09 09:00"
"""When everything is looked at: this week's digest is still to come."""

KNOWN = "hemlöshet boendestöd"
"""What the question is about and members know, so that somebody is suggested whatever else they wrote."""


def text_columns() -> dict[str, frozenset[str]]:
    """Every column of the schema that can hold a text, by table."""
    found = {
        table.name: frozenset(column.name for column in table.columns if _is_text(column))
        for table in Base.metadata.sorted_tables
    }
    return {name: columns for name, columns in found.items() if columns}


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
        turn = 0
        with self.town.database.writing() as session:
            for table in Base.metadata.sorted_tables:
                for row_id in session.scalars(select(table.c.id)) if table.name in WRITTEN else ():
                    values = {}
                    for name in sorted(WRITTEN[table.name] - {"form"}):
                        values[name] = _instead(table, name, row_id, texts[turn % len(texts)])
                        turn += 1
                    if values:
                        session.execute(update(table).where(table.c.id == row_id).values(values))
            for draft in session.scalars(select(Draft)):
                text = texts[draft.id % len(texts)]
                written = {"title": f"Utkast {text}"[:150], "question": f"{KNOWN} {text}"[:3000], "source": text[:200]}
                draft.form = {**draft.form, **written}
            session.execute(update(Member).values(version=Member.version + 1))
            session.execute(update(Person).values(language=language))
            session.execute(update(Organisation).values(language=language))

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


def _is_text(column: Column[Any]) -> bool:
    kind = column.type
    return isinstance(kind, JSON) or (isinstance(kind, String) and not isinstance(kind, Enum))


def _instead(table: Table, name: str, row_id: int, text: str) -> Any:
    """The text as this column can hold it; names that must differ end in their row's number."""
    match table.name, name:
        case "answer", "links":
            return [_address(text)]
        case "case_link", "url":
            return _address(text)
        case "case", "question":
            return f"{KNOWN} {text}"[:LONGEST]
        case "member", "keywords":
            return [KNOWN, text[:80], *text.split()[:38]]
        case "member", "publications":
            return [text[:1000]] * 3
        case "member", "languages":
            return ["sv", text[:8] or "en"]
        case "organisation", "quiet_periods":
            return [{"name": {"sv": f"x{text}"[:60], "en": f"x{text}"[:60]}, "from": "12-24", "to": "01-06"}]
        case "person", "email":
            return f"{text[:200]}{row_id}@example.org"
    length = getattr(table.c[name].type, "length", None) or LONGEST
    if any(name in {column.name for column in each.columns} for each in table.constraints if hasattr(each, "columns")):
        return f"{text[: length - 8]} {row_id}"
    return text[:length]


def _address(text: str) -> str:
    """A web address with the text in it, as the form lets it through."""
    try:
        return Linking(url=f"https://example.org/{text[:200]}").url
    except ValidationError:
        return "https://example.org/"
