import datetime as dt
from collections.abc import Mapping

import pytest
from sqlalchemy import select

from bot import answers, cases, drafts, jobs, offers
from bot.reminders import timers
from bot.suggestions import Suggester
from bot.timers import Handler
from models.case import Case, DeclineReason, Degree, Draft, Offer
from models.database import Database
from models.forms import Clarification, Closing, Declining, Feedbacking, Question
from models.job import Job, JobKind
from models.life import OfferStatus, Status
from models.organisation import Choosing, Organisation
from models.people import Member, PauseCause
from tests.factories import Inhabitant, Town

BREAK = [
    {"name": {"sv": "uppehåll", "en": "break"}, "from": "03-05", "to": "03-15"},
]


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database)


def handlers() -> Mapping[str, Handler]:
    """The timers with nothing remembered of another test's members."""
    return timers(Suggester())


def until(town: Town, local: str) -> None:
    town.pass_time(handlers(), dt.datetime.fromisoformat(local).replace(tzinfo=town.zone).astimezone(dt.UTC))


def told(town: Town, *names: str) -> list[tuple[str, int | None]]:
    """The notices of these kinds, with whom they reach: through the coordinators with whom they are for."""
    reached = []
    for job in town.told(*names, "relay"):
        kind = job.data.get("notice", job.name)
        if kind in names:
            reached.append((kind, job.data.get("person")))
    return reached


def status(town: Town, case_id: int) -> Status:
    return town.see(lambda session: session.get_one(Case, case_id)).status


def questions(town: Town, case_id: int) -> list[tuple[int, OfferStatus]]:
    query = select(Offer).where(Offer.case_id == case_id).order_by(Offer.id)
    return town.see(lambda session: [(each.member_id, each.status) for each in session.scalars(query)])


def setting(town: Town, **columns: object) -> None:
    def change(session) -> None:  # type: ignore[no-untyped-def]
        organisation = session.get_one(Organisation, town.id)
        for name, value in columns.items():
            setattr(organisation, name, value)

    town.do(change)


# A question to a member


def test_a_member_is_reminded_once_and_then_the_next_is_asked_on_the_right_working_days(town: Town) -> None:
    anna, maj, lena, omar = town.requester(), town.coordinator(), town.member("Lena"), town.member("Omar")
    town.at("2026-03-26 10:00")
    case_id = town.file(anna).case_id
    offer_id = town.ask(maj, case_id, lena, omar, in_turn=True)
    until(town, "2026-03-31 09:59")
    assert town.told("offer_reminder") == []
    until(town, "2026-03-31 10:00")
    (reminder,) = town.told("offer_reminder")
    assert (reminder.subject_id, reminder.case_id) == (offer_id, case_id)
    until(town, "2026-04-02 09:59")
    assert questions(town, case_id) == [(lena.member, OfferStatus.PENDING)]
    until(town, "2026-04-02 10:00")
    assert questions(town, case_id) == [(lena.member, OfferStatus.EXPIRED), (omar.member, OfferStatus.PENDING)]
    until(town, "2026-04-09 10:00")
    assert len(town.told("offer_reminder")) == 2, "Good Friday and Easter Monday do not count"
    until(town, "2026-04-13 09:59")
    assert status(town, case_id) is Status.OFFERED
    until(town, "2026-04-13 10:00")
    assert status(town, case_id) is Status.SUBMITTED
    assert len(town.told("offer_reminder")) == 2


def test_who_is_not_in_the_chat_is_reminded_through_the_coordinators(town: Town) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena", chat=False)
    town.ask(maj, town.file(anna).case_id, lena)
    until(town, "2026-03-05 09:00")
    assert told(town, "offer_reminder") == [("offer_reminder", lena.person)]


@pytest.mark.parametrize("act", ["accept", "decline", "retract", "pause", "withdraw", "close"])
def test_whoever_has_answered_or_been_let_off_is_never_reminded(town: Town, act: str) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena")
    case_id = town.file(anna).case_id
    offer_id = town.ask(maj, case_id, lena)
    town.now += dt.timedelta(hours=1)
    match act:
        case "accept":
            town.do(offers.accept, lena, offer_id, town.now)
        case "decline":
            town.do(offers.decline, lena, offer_id, Declining(reason=DeclineReason.NO_TIME), town.now)
        case "retract":
            town.do(offers.retract, maj, offer_id, town.now)
        case "pause":
            town.do(cases.pause, maj, case_id, None, town.now)
        case "withdraw":
            town.do(cases.withdraw, anna, case_id, town.now)
        case "close":
            town.do(answers.close, maj, case_id, Closing(outcome="not_possible"), town.now)
    before = questions(town, case_id)
    until(town, "2026-06-01 12:00")
    assert town.told("offer_reminder", "feedback_later") == []
    assert questions(town, case_id) == before


def test_a_resumed_case_counts_its_days_afresh(town: Town) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena")
    case_id = town.file(anna).case_id
    town.ask(maj, case_id, lena)
    until(town, "2026-03-04 09:00")
    town.do(cases.pause, maj, case_id, None, town.now)
    until(town, "2026-03-18 09:00")
    town.do(cases.resume, maj, case_id, town.now)
    until(town, "2026-03-20 12:00")
    assert town.told("offer_reminder") == []
    until(town, "2026-03-23 09:00")
    assert len(town.told("offer_reminder")) == 1
    until(town, "2026-03-25 09:00")
    assert questions(town, case_id) == [(lena.member, OfferStatus.EXPIRED)]


def test_three_silences_in_a_row_pause_the_member(town: Town) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena")
    for _ in range(3):
        town.ask(maj, town.file(anna).case_id, lena)
    until(town, "2026-03-09 09:00")
    member = town.see(lambda session: session.get_one(Member, lena.member))
    assert member.paused_by is PauseCause.UNANSWERED
    assert len(town.told("member_paused")) == 1


def test_after_an_outage_a_question_ends_without_a_belated_reminder(town: Town) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena")
    case_id = town.file(anna).case_id
    town.ask(maj, case_id, lena)
    town.at("2026-03-24 11:00")
    town.run_due(handlers())
    assert questions(town, case_id) == [(lena.member, OfferStatus.EXPIRED)]
    assert town.told("offer_reminder") == []


def test_a_quiet_period_set_meanwhile_puts_everything_off_to_the_next_working_day(town: Town) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena")
    case_id = town.file(anna).case_id
    town.ask(maj, case_id, lena)
    waiting = town.file(anna, title="Väntar på fördelning").case_id
    town.at("2026-03-03 10:00")
    setting(town, quiet_periods=BREAK)
    until(town, "2026-03-15 23:00")
    assert town.told("offer_reminder", "triage_deputy") == []
    assert questions(town, case_id) == [(lena.member, OfferStatus.PENDING)]
    until(town, "2026-03-16 09:00")
    assert questions(town, case_id) == [(lena.member, OfferStatus.EXPIRED)]
    assert {job.case_id for job in town.told("triage_deputy")} == {waiting}


# A case that nobody distributes


def test_silent_coordinators_are_reminded_then_the_deputies_and_never_bypassed(town: Town) -> None:
    anna, maj, eva = town.requester(), town.coordinator(), town.coordinator(deputy=True)
    town.member("Lena", keywords=["vräkning"])
    case_id = town.file(anna, title="Vräkning").case_id
    until(town, "2026-03-04 08:59")
    assert town.told("triage_reminder") == []
    until(town, "2026-03-04 09:00")
    receivers = sorted(job.key.split(":", 3)[3] for job in town.told("triage_reminder"))
    assert receivers == ["channel:coordinators", f"person:{maj.person}"]
    until(town, "2026-03-06 09:00")
    (deputy,) = town.told("triage_deputy")
    assert deputy.key.endswith(f"person:{eva.person}")
    until(town, "2026-06-01 09:00")
    assert (status(town, case_id), questions(town, case_id)) == (Status.SUBMITTED, [])
    assert len(town.told("triage_reminder", "triage_deputy")) == 3


def test_without_deputies_the_coordinators_channel_is_told(town: Town) -> None:
    town.coordinator()
    town.file(town.requester())
    until(town, "2026-03-06 09:00")
    (deputy,) = town.told("triage_deputy")
    assert deputy.key.endswith("channel:coordinators")


def test_a_case_asked_about_and_come_back_is_reminded_of_from_then_on(town: Town) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena")
    case_id = town.file(anna).case_id
    town.do(cases.take, maj, case_id, town.now)
    until(town, "2026-03-03 09:00")
    offer_id = town.ask(maj, case_id, lena)
    until(town, "2026-03-03 15:00")
    town.do(offers.decline, lena, offer_id, Declining(reason=DeclineReason.NO_TIME), town.now)
    until(town, "2026-03-05 14:59")
    assert town.told("triage_reminder") == [], "the first two days are void"
    until(town, "2026-03-05 15:00")
    assert len(town.told("triage_reminder")) == 2


def test_a_question_drawn_back_leaves_a_case_that_is_reminded_of(town: Town) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena")
    offer_id = town.ask(maj, town.file(anna).case_id, lena)
    until(town, "2026-03-03 15:00")
    town.do(offers.retract, maj, offer_id, town.now)
    until(town, "2026-03-05 15:00")
    assert len(town.told("triage_reminder")) == 2


def test_the_requester_is_reminded_of_what_to_complete_until_it_is_completed(town: Town) -> None:
    anna, maj = town.requester(), town.coordinator()
    first, second = (town.file(anna, title=title).case_id for title in ("Oklar fråga", "En annan oklar"))
    for case_id in (first, second):
        town.do(cases.clarify, maj, case_id, Clarification(text="Vilken målgrupp?"), town.now)
    until(town, "2026-03-05 09:00")
    form = Question(
        title="Klar fråga",
        question="Nu står målgruppen här.",
        help="evaluation",
        answer_kind="meeting",
        unit_id=town.units["Barn och unga"],
    )
    town.do(cases.complete, anna, first, form, town.now)
    until(town, "2026-06-01 09:00")
    (reminder,) = town.told("clarify_reminder")
    assert reminder.case_id == second
    assert [job.case_id for job in town.told("triage_deputy")] == [first]


# Asked without a coordinator


def eviction(town: Town, by: Inhabitant, **fields: object) -> int:
    return town.file(by, title="Hur förebygger vi vräkning och hyresskulder?", **fields).case_id


def test_the_first_suggestion_is_asked_by_itself_and_then_the_next(database: Database) -> None:
    town = Town(database, choosing=Choosing.AUTOMATIC)
    anna = town.requester()
    town.coordinator()
    first = town.member("Lena", keywords=["vräkning", "hyresskulder", "förebygger"])
    second = town.member("Omar", keywords=["vräkning", "hyresskulder"])
    town.member("Nils", keywords=["registerstudier"])
    paused = town.member("Paus", keywords=["vräkning", "hyresskulder", "förebygger"], paused_at=town.now)
    case_id = eviction(town, anna)
    until(town, "2026-03-02 09:00")
    assert questions(town, case_id) == [(first.member, OfferStatus.PENDING)]
    until(town, "2026-03-09 09:00")
    assert questions(town, case_id) == [(first.member, OfferStatus.EXPIRED), (second.member, OfferStatus.PENDING)]
    until(town, "2026-05-01 09:00")
    assert paused.member not in dict(questions(town, case_id))
    assert status(town, case_id) is Status.SUBMITTED
    assert town.told("triage_deputy"), "when nobody is left the coordinators are reminded"


def test_as_many_members_as_are_wanted_are_asked_at_once(database: Database) -> None:
    town = Town(database, choosing=Choosing.AUTOMATIC)
    for name in ("Lena", "Omar", "Nils"):
        town.member(name, keywords=["vräkning", "hyresskulder"])
    for name, keyword in {"Ida": "registerstudier", "Per": "demens", "Siv": "missbruksvård", "Ulf": "LSS"}.items():
        town.member(name, keywords=[keyword])
    case_id = eviction(town, town.requester(), members_wanted=2)
    until(town, "2026-03-02 09:00")
    assert [state for _, state in questions(town, case_id)] == [OfferStatus.PENDING] * 2


def test_what_is_not_clear_or_not_shown_is_left_to_the_coordinators(database: Database) -> None:
    town = Town(database, choosing=Choosing.AUTOMATIC)
    anna = town.requester()
    town.member("Lena", keywords=["vräkning", "hyresskulder"])
    unclear = town.file(anna, title="Djurhållning i parken").case_id
    hidden = eviction(town, anna, shown=False)
    until(town, "2026-03-02 10:00")
    assert questions(town, unclear) == questions(town, hidden) == []
    (notice,) = town.told("not_distributed")
    assert notice.case_id == unclear


def test_a_setting_changed_before_the_date_counts(database: Database) -> None:
    town = Town(database, choosing=Choosing.AUTOMATIC)
    town.member("Lena", keywords=["vräkning", "hyresskulder"])
    case_id = eviction(town, town.requester())
    setting(town, choosing=Choosing.COORDINATOR)
    until(town, "2026-03-02 10:00")
    assert questions(town, case_id) == []


def test_on_a_sunday_nobody_is_asked(database: Database) -> None:
    town = Town(database, choosing=Choosing.AUTOMATIC)
    lena = town.member("Lena", keywords=["vräkning", "hyresskulder"])
    town.at("2026-03-08 15:30")
    case_id = eviction(town, town.requester())
    until(town, "2026-03-09 15:29")
    assert questions(town, case_id) == []
    until(town, "2026-03-09 15:30")
    assert questions(town, case_id) == [(lena.member, OfferStatus.PENDING)]


def test_whom_the_requester_wishes_is_asked_unless_they_cannot(database: Database) -> None:
    town = Town(database, choosing=Choosing.REQUESTER)
    anna = town.requester()
    paused = town.member("Paus", paused_at=town.now)
    lena = town.member("Lena")
    case_id = town.file(anna, wished_member_ids=[paused.member, lena.member]).case_id
    nobody = town.file(anna, title="Bara den som pausar", wished_member_ids=[paused.member]).case_id
    until(town, "2026-03-02 10:00")
    assert questions(town, case_id) == [(lena.member, OfferStatus.PENDING)]
    assert questions(town, nobody) == []
    assert [job.case_id for job in town.told("not_distributed")] == [nobody]


# Months later


def test_what_came_of_the_advice_is_asked_after_six_and_twelve_months(town: Town) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena", capacity=9)
    done = town.active(anna, maj, lena, title="Får råd")
    given = town.active(anna, maj, lena, title="Har berättat redan")
    reopened = town.active(anna, maj, lena, title="Öppnas igen")
    for case_id in (done, given, reopened):
        town.close(maj, case_id, lena)
    town.do(cases.reopen, maj, reopened, town.now)
    none = town.file(anna, title="Gick inte").case_id
    town.do(answers.close, maj, none, Closing(outcome="not_possible"), town.now)
    town.do(answers.feedback, anna, given, 6, Feedbacking(helped=Degree.YES), town.now)
    until(town, "2027-06-01 09:00")
    asked = [(job.case_id, job.data["months"]) for job in town.told("feedback_later")]
    assert sorted(asked) == sorted([(done, 6), (done, 12), (given, 12)])


# Drafts


def keep(town: Town, by: Inhabitant) -> int:
    return town.do(drafts.begin, by, {"title": "Halv"}, town.now)


def test_an_abandoned_draft_is_offered_again_and_deleted_after_its_days(town: Town) -> None:
    anna = town.requester()
    town.at("2026-03-06 14:00")
    draft_id = keep(town, anna)
    until(town, "2026-03-09 13:59")
    assert town.told("draft_offer") == []
    until(town, "2026-03-09 14:00")
    (offer,) = town.told("draft_offer")
    assert offer.subject_id == draft_id
    until(town, "2026-03-20 13:59")
    assert town.see(lambda session: session.get(Draft, draft_id)) is not None
    until(town, "2026-03-20 14:00")
    assert town.see(lambda session: session.get(Draft, draft_id)) is None
    assert len(town.told("draft_offer")) == 1


def test_a_draft_worked_on_is_left_in_peace_and_a_filed_one_forgotten(town: Town) -> None:
    anna = town.requester()
    kept, thrown = keep(town, anna), keep(town, anna)
    town.do(drafts.discard, anna, thrown)
    until(town, "2026-03-03 08:00")
    town.do(drafts.keep, anna, kept, {"title": "Mer"}, town.now)
    until(town, "2026-03-04 07:59")
    assert town.told("draft_offer") == []
    until(town, "2026-03-04 08:00")
    assert [job.subject_id for job in town.told("draft_offer")] == [kept]
    until(town, "2026-03-17 07:59")
    assert town.see(lambda session: session.get(Draft, kept)) is not None
    until(town, "2026-03-17 08:00")
    assert town.see(lambda session: session.get(Draft, kept)) is None


# All of them


def test_every_timer_that_is_ever_set_has_a_handler(town: Town) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena")
    keep(town, anna)
    setting(town, choosing=Choosing.AUTOMATIC)
    town.do(cases.clarify, maj, town.file(anna).case_id, Clarification(text="Vad menas?"), town.now)
    town.close(maj, town.active(anna, maj, lena), lena)
    names = town.see(lambda session: set(session.scalars(select(Job.name).where(Job.kind == JobKind.TIMER))))
    assert names | {"digest"} == set(handlers())


def test_doing_a_timer_twice_changes_nothing(town: Town) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena")
    town.ask(maj, town.file(anna).case_id, lena)
    town.file(anna)
    keep(town, anna)
    town.at("2026-03-05 09:00")
    town.run_due(handlers())
    before = len(town.told())

    def again(session) -> None:  # type: ignore[no-untyped-def]
        for job in session.scalars(select(Job).where(Job.kind == JobKind.TIMER, Job.due_at <= town.now)):
            handlers()[job.name](session, job, town.now)

    town.do(again)
    assert len(town.told()) == before
    assert max(len(job.key) for job in town.told()) <= jobs.KEY_LENGTH
