import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot import answers, cases, digest, notes, offers
from bot.digest import DigestContent
from bot.refusals import NotAllowed, TooLate
from bot.reminders import timers
from bot.suggestions import Suggester
from bot.timetable import calendar_of
from bot.workdays import IsoWeek
from bot.yearly import Count, organisation_year, week_in_numbers
from models.case import CaseOutcome, Event
from models.database import Database
from models.digest import Decision, Digest
from models.forms import Closing, LessonWriting, Writing
from models.job import Job, JobKind
from models.life import Act
from models.organisation import Area, Organisation, Silence
from tests.factories import Town

HANDLERS = timers(Suggester())
WEEK = dt.timedelta(days=7)


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database)


def start(town: Town) -> None:
    town.do(lambda session: digest.ensure_timer(session, session.get_one(Organisation, town.id), town.now))


def decisions(town: Town) -> list[Digest]:
    query = select(Digest).where(Digest.organisation_id == town.id).order_by(Digest.year, Digest.week)
    return town.see(lambda session: list(session.scalars(query)))


def decided(town: Town) -> list[tuple[int, str, str]]:
    return [(each.week, each.decision.value, each.why) for each in decisions(town)]


def until(town: Town, local: str) -> None:
    town.pass_time(HANDLERS, dt.datetime.fromisoformat(local).replace(tzinfo=town.zone).astimezone(dt.UTC))


def compose(town: Town, days: int = 7) -> DigestContent:
    return town.see(digest.compose, town.id, town.now - dt.timedelta(days=days), town.now)


def titles(section: digest.DigestContent | object) -> list[str]:
    return [entry.title for entry in section.entries]  # type: ignore[attr-defined]


# When it comes


def test_the_first_digest_comes_on_monday_at_eight_and_tells_of_the_week_before(town: Town) -> None:
    town.at("2026-03-03 12:00")
    start(town)
    start(town)
    town.file(town.requester(), title="Vad gäller här?")
    until(town, "2026-03-09 07:59")
    assert decisions(town) == []
    until(town, "2026-03-09 08:00")
    (only,) = decisions(town)
    assert (only.year, only.week, only.decision, only.why) == (2026, 11, Decision.POSTED, "")
    assert (town.local(only.covers_from), town.local(only.covers_to)) == ("2026-03-02 08:00", "2026-03-09 08:00")
    (told,) = town.told("digest")
    assert (told.subject_id, told.kind, told.event_id) == (only.id, JobKind.TELL, None)
    edition = town.see(digest.edition, only.id)
    assert (edition.week, edition.decision, edition.why) == (IsoWeek(2026, 11), Decision.POSTED, "")
    assert titles(edition.content.new) == ["Vad gäller här?"]


def test_a_week_in_which_nothing_happened_is_skipped_or_gets_a_line(database: Database) -> None:
    skipping = Town(database)
    lining = Town(database, "Grannköping", digest_silence=Silence.LINE)
    for town in (skipping, lining):
        town.file(town.requester(), title="Söker länge efter en ledamot")
        town.at("2026-03-16 07:00")
        town.do(cases.withdraw, town.coordinator(), town.file(town.requester()).case_id, town.now)
        town.at("2026-03-30 07:00")
        start(town)
    for town in (skipping, lining):
        town.at("2026-03-30 07:00")
    until(skipping, "2026-03-30 08:00")
    assert decided(skipping) == [(14, "skipped", "silent")]
    assert decided(lining) == [(14, "posted", "silent")]
    assert len(skipping.told("digest")) == 0
    (line,) = lining.told("digest")
    assert line.subject_id is not None
    assert not lining.see(digest.edition, line.subject_id).content.happened


def test_easter_monday_moves_the_digest_to_tuesday_and_a_free_friday_gives_none(database: Database) -> None:
    mondays = Town(database)
    mondays.at("2026-03-31 12:00")
    start(mondays)
    mondays.file(mondays.requester())
    until(mondays, "2026-04-07 08:00")
    (only,) = decisions(mondays)
    assert mondays.local(only.decided_at) == "2026-04-07 08:00"

    fridays = Town(database, "Grannköping", digest_weekday=4)
    fridays.at("2026-03-30 12:00")
    start(fridays)
    fridays.file(fridays.requester())
    until(fridays, "2026-04-10 08:00")
    assert decided(fridays) == [(14, "skipped", "quiet"), (15, "posted", "")]
    assert len(compose(fridays, 14).new.entries) == 1
    assert titles(fridays.see(digest.edition, decisions(fridays)[1].id).content.new) != []


def test_in_a_quiet_period_nothing_comes_and_afterwards_everything(town: Town) -> None:
    town.at("2026-06-03 12:00")
    start(town)
    anna = town.requester()
    town.file(anna, title="Före sommaren")
    until(town, "2026-07-08 12:00")
    town.file(anna, title="Mitt i sommaren")
    until(town, "2026-08-17 09:00")
    rows = decisions(town)
    assert [(each.decision.value, each.why) for each in rows] == [
        ("posted", ""),
        *[("skipped", "quiet")] * 9,
        ("posted", ""),
    ]
    last = town.see(digest.edition, rows[-1].id).content
    assert (titles(last.new), last.long, last.covers_from) == (["Mitt i sommaren"], True, rows[0].covers_to)


def test_a_quiet_period_gets_its_line_once(database: Database) -> None:
    town = Town(database, digest_silence=Silence.LINE)
    town.at("2026-06-22 07:00")
    start(town)
    until(town, "2026-08-17 09:00")
    assert [each.decision.value for each in decisions(town)] == ["posted", *["skipped"] * 7, "posted"]
    assert [each.why for each in decisions(town)] == [*["quiet"] * 8, "silent"]
    assert len(town.told("digest")) == 2


def test_after_an_outage_one_late_digest_covers_the_gap(town: Town) -> None:
    start(town)
    anna = town.requester()
    until(town, "2026-03-09 08:00")
    for week in (10, 17, 24):
        town.at(f"2026-03-{week} 12:00")
        town.file(anna, title=f"Filad den {week}")
    town.at("2026-04-01 15:00")
    town.run_due(HANDLERS)
    assert decided(town) == [
        (11, "skipped", "silent"),
        (12, "skipped", "late"),
        (13, "skipped", "late"),
        (14, "posted", ""),
    ]
    content = town.see(digest.edition, decisions(town)[-1].id).content
    assert titles(content.new) == ["Filad den 10", "Filad den 17", "Filad den 24"]
    assert content.long
    until(town, "2026-04-06 23:00")
    assert len(decisions(town)) == 4
    until(town, "2026-04-07 08:00")
    assert decided(town)[-1] == (15, "skipped", "silent")


# By hand


def test_a_hand_post_is_that_weeks_digest(town: Town) -> None:
    anna, maj = town.requester(), town.coordinator()
    start(town)
    town.at("2026-03-09 07:30")
    town.file(anna, title="Hinner med")
    town.at("2026-03-09 07:31")
    assert titles(town.see(digest.preview, maj, town.now).new) == ["Hinner med"]
    town.do(digest.post_now, maj, town.now)
    with pytest.raises(TooLate) as refused:
        town.do(digest.post_now, maj, town.now)
    assert refused.value.key == "digest_posted"
    until(town, "2026-03-15 23:00")
    assert decided(town) == [(11, "posted", "")]
    assert decisions(town)[0].person_id == maj.person
    assert len(town.told("digest")) == 1
    until(town, "2026-03-16 08:00")
    assert len(decisions(town)) == 2


def test_a_skipped_week_can_still_be_posted_by_hand(town: Town) -> None:
    anna, maj = town.requester(), town.coordinator()
    start(town)
    until(town, "2026-03-09 08:00")
    assert decided(town) == [(11, "skipped", "silent")]
    town.at("2026-03-11 10:00")
    town.file(anna, title="Mitt i veckan")
    town.at("2026-03-11 11:00")
    town.do(digest.post_now, maj, town.now)
    assert decided(town) == [(11, "posted", "")]
    assert titles(town.see(digest.edition, decisions(town)[0].id).content.new) == ["Mitt i veckan"]


def test_only_coordinators_preview_and_post(town: Town) -> None:
    for somebody in (town.requester(), town.member()):
        with pytest.raises(NotAllowed):
            town.do(digest.post_now, somebody, town.now)
        with pytest.raises(NotAllowed):
            town.see(digest.preview, somebody, town.now)
    stranger = Town(town.database, "Grannköping").coordinator()
    assert town.see(digest.preview, stranger, town.now).numbers.filed == 0
    town.do(digest.post_now, town.coordinator(deputy=True), town.now)


def test_two_who_post_at_once_post_one(town: Town) -> None:
    who = [town.coordinator() for _ in range(4)]

    def post(index: int) -> bool:
        try:
            town.do(digest.post_now, who[index], town.now)
        except TooLate:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(post, range(4))) == [False, False, False, True]
    assert (len(decisions(town)), len(town.told("digest"))) == (1, 1)


def test_a_changed_weekday_counts_from_the_next_digest(town: Town) -> None:
    start(town)
    town.file(town.requester())

    def change(session) -> None:  # type: ignore[no-untyped-def]
        organisation = session.get_one(Organisation, town.id)
        organisation.digest_weekday, organisation.digest_hour = 2, 10
        digest.ensure_timer(session, organisation, town.now)

    town.do(change)
    until(town, "2026-03-18 12:00")
    assert [town.local(each.decided_at) for each in decisions(town)] == [
        "2026-03-04 10:00",
        "2026-03-11 10:00",
        "2026-03-18 10:00",
    ]


# Sixty weeks


@dataclass(frozen=True)
class Week:
    """What befalls a week: consultations filed on some weekdays, a hand post, the bot out of order until its end."""

    filed: tuple[int, ...] = ()
    posted: int | None = None
    out: bool = False


def live(town: Town, weeks: list[Week]) -> None:
    anna, maj = town.requester(), town.coordinator()
    calendar = town.see(lambda session: calendar_of(session.get_one(Organisation, town.id)))
    start(town)
    monday = calendar.week(town.now).start
    for week in weeks:
        for day in range(7):
            noon = calendar.local(monday + dt.timedelta(days=day, hours=2)).replace(hour=12).astimezone(dt.UTC)
            if noon <= town.now:
                continue
            if week.out:
                town.now = noon
            else:
                town.pass_time(HANDLERS, noon)
            if day in week.filed:
                town.file(anna, title=f"Filad {town.local(noon)}")
            if day == week.posted:
                town.now += dt.timedelta(hours=1)
                try:
                    town.do(digest.post_now, maj, town.now)
                except TooLate:
                    assert any(each.decision is Decision.POSTED for each in decisions(town))
        monday = calendar.week(monday + dt.timedelta(days=7, hours=12)).start
    town.pass_time(HANDLERS, monday + dt.timedelta(days=7))


def check_decisions(town: Town) -> None:
    calendar = town.see(lambda session: calendar_of(session.get_one(Organisation, town.id)))
    rows = decisions(town)
    weeks = [IsoWeek(each.year, each.week) for each in rows]
    for earlier, later in pairwise(weeks):
        assert calendar.week(earlier.end) == later, "exactly one decision for every week"
    for row, week in zip(rows, weeks, strict=True):
        assert row.why == "late" or calendar.week(row.decided_at) == week
        assert row.why in {"", "late", "quiet", "silent"}
        if row.decision is Decision.POSTED and row.person_id is None and row.why != "quiet":
            assert not calendar.is_quiet(calendar.local(row.decided_at).date())
    told = [row for row in rows if row.decision is Decision.POSTED]
    assert sorted(row.id for row in told) == sorted(job.subject_id or 0 for job in town.told("digest"))
    spans = sorted((row.covers_from, row.covers_to) for row in rows if row.covers_from < row.covers_to)
    assert all(earlier[1] == later[0] for earlier, later in pairwise(spans)), "no moment twice, none left out"
    filed = town.see(lambda session: session.scalars(select(Event.at).where(Event.act == Act.FILE)).all())
    for at in filed:
        if spans and spans[0][0] <= at < spans[-1][1]:
            assert sum(row.covers_from <= at < row.covers_to for row in told) == 1, "everything is told once"
    waiting = town.see(
        lambda session: session.scalars(
            select(Job.due_at).where(Job.name == "digest", Job.kind == JobKind.TIMER, Job.due_at > town.now)
        ).all()
    )
    assert len(waiting) == 1, "the next one is always set"


def test_sixty_weeks_with_both_clock_changes_christmas_summer_an_outage_and_hand_posts(town: Town) -> None:
    weeks = [
        Week(
            filed=(number % 7,) if number % 3 else (),
            posted=number % 5 if number % 8 == 0 else None,
            out=number in {9, 10, 11, 30},
        )
        for number in range(60)
    ]
    town.at("2026-02-02 06:00")
    live(town, weeks)
    check_decisions(town)
    rows = decisions(town)
    assert len(rows) >= 60
    on_time = {town.local(row.decided_at)[11:] for row in rows if row.why != "late" and row.person_id is None}
    assert {"08:00"} <= on_time
    assert sum(row.why == "quiet" for row in rows) >= 9
    assert sum(row.why == "late" for row in rows) == 2
    assert len({row.decision for row in rows}) == 2


@settings(
    max_examples=4,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    weeks=st.lists(
        st.builds(
            Week,
            filed=st.sets(st.integers(0, 6), max_size=2).map(tuple),
            posted=st.none() | st.integers(0, 6),
            out=st.booleans(),
        ),
        min_size=1,
        max_size=6,
    ),
    begins=st.sampled_from(["2026-03-20 12:00", "2026-06-10 12:00", "2026-10-14 12:00", "2026-12-16 12:00"]),
    weekday=st.integers(0, 6),
    silence=st.sampled_from(Silence),
)
def test_whatever_befalls_the_weeks_there_is_one_decision_each(
    new_database: Callable[[], Database], weeks: list[Week], begins: str, weekday: int, silence: Silence
) -> None:
    town = Town(new_database(), digest_weekday=weekday, digest_silence=silence)
    town.at(begins)
    live(town, weeks)
    check_decisions(town)


# What it tells


def test_the_sections(town: Town) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena", capacity=9)
    looking = town.file(anna, title="Söker ledamot").case_id
    resting = town.active(anna, maj, lena, title="Pågår utan nytt")
    noted = town.active(anna, maj, lena, title="Pågår med nytt", wanted_by=town.today + dt.timedelta(days=12))
    answered = town.active(anna, maj, lena, title="Får svar")
    closing = town.active(anna, maj, lena, title="Avslutas")
    learned = town.active(anna, maj, lena, title="Avslutad förut")
    town.close(maj, learned, lena, lesson="Börja tidigt.")
    town.at("2026-03-09 09:00")
    new = town.file(anna, title="Helt ny", wanted_by=town.today + dt.timedelta(days=30)).case_id
    town.file(anna, title="Ny men visas inte", shown=False)
    gone = town.file(anna, title="Ny och dras tillbaka").case_id
    town.do(cases.withdraw, anna, gone, town.now)
    town.do(notes.progress, lena, noted, Writing(text="Vi har träffats."), town.now)
    town.do(notes.progress, lena, noted, Writing(text="Vi har träffats igen."), town.now)
    town.close(anna, answered, lena)
    town.do(cases.reopen, maj, answered, town.now)
    town.close(anna, closing, lena, lesson="Räkna med tid.")
    town.do(answers.name, lena, closing, True, town.now)
    town.do(answers.approve, anna, learned, town.now)
    town.at("2026-03-10 09:00")
    content = compose(town)
    assert {
        name: [entry.case_id for entry in getattr(content, name).entries]
        for name in ("new", "looking", "under_way", "answered", "closed", "lessons", "coming")
    } == {
        "new": [new],
        "looking": [looking],
        "under_way": [noted],
        "answered": [answered],
        "closed": [closing],
        "lessons": [learned],
        "coming": [noted],
    }
    assert (content.new.hidden, content.new.total) == (1, 2)
    assert content.under_way.entries[0].changes == (Act.NOTE,)
    assert content.under_way.entries[0].unit == "Barn och unga, Farsta"
    (closed,) = content.closed.entries
    assert (closed.lesson, closed.members, closed.outcome) == ("Räkna med tid.", ("Lena",), CaseOutcome.ANSWERED)
    (lesson,) = content.lessons.entries
    assert (lesson.lesson, lesson.members) == ("Börja tidigt.", ()), "nobody has agreed to be named"
    numbers = content.numbers
    assert (numbers.filed, numbers.withdrawn, numbers.answers, numbers.closed) == (3, 1, 2, 2)
    assert (numbers.looking, numbers.under_way) == (3, 3)
    assert resting not in [entry.case_id for entry in content.under_way.entries]
    assert town.see(week_in_numbers, town.id, town.now).under_way == 3


def test_what_is_not_shown_only_counts(town: Town) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena", capacity=9)
    secret = "Hemlig rubrik"
    fields = {"title": secret, "shown": False, "wanted_by": town.today + dt.timedelta(days=9)}
    town.file(anna, **fields)
    town.active(anna, maj, lena, **fields)
    done = town.active(anna, maj, lena, **fields)
    town.close(anna, done, lena, lesson="Hemlig lärdom")
    town.now += dt.timedelta(minutes=1)
    content = compose(town)
    assert "Hemlig" not in repr(content)
    assert (content.new.hidden, content.closed.hidden, content.coming.hidden) == (3, 1, 2)
    assert content.happened


def test_a_lesson_is_told_only_once_the_requester_has_approved_it(town: Town) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena")
    case_id = town.active(anna, maj, lena, title="Avslutas")
    town.close(maj, case_id, lena, lesson="Börja tidigt.")
    town.now += dt.timedelta(minutes=1)
    assert compose(town).closed.entries[0].lesson == ""
    first = town.do(digest.post_now, maj, town.now)
    town.now += dt.timedelta(minutes=1)
    town.do(answers.approve, anna, case_id, town.now)
    town.now += dt.timedelta(minutes=1)
    assert town.see(digest.edition, first.id).content.closed.entries[0].lesson == "", "that is next week's news"
    assert town.see(digest.preview, maj, town.now).lessons.entries[0].lesson == "Börja tidigt."
    town.do(answers.lesson, lena, case_id, LessonWriting(text="Inte godkänt än"), town.now)
    assert "Inte godkänt" not in repr(compose(town))


def test_a_long_section_says_how_many_more(town: Town) -> None:
    anna = town.requester()
    for number in range(11):
        town.file(anna, title=f"Fråga {number}", shown=number != 5)
    town.now += dt.timedelta(minutes=1)
    new = compose(town).new
    assert (len(new.entries), new.more, new.hidden, new.total) == (8, 2, 1, 11)


def test_rendering_later_tells_the_same(town: Town) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena", capacity=9)
    looking = town.file(anna, title="Söker ledamot").case_id
    active = town.active(anna, maj, lena, title="Pågår")
    town.close(anna, town.active(anna, maj, lena, title="Klar"), lena, lesson="Börja tidigt.")
    town.now += dt.timedelta(minutes=1)
    posted = town.do(digest.post_now, maj, town.now)
    at_once = town.see(digest.edition, posted.id)
    assert at_once.content.looking.total == 0
    town.now += dt.timedelta(days=2)
    town.do(offers.accept, lena, town.ask(maj, looking, lena), town.now)
    town.do(cases.pause, maj, active, None, town.now)
    town.file(anna, title="Kom efteråt")
    assert town.see(digest.edition, posted.id) == at_once
    town.do(answers.close, maj, looking, Closing(outcome="not_possible"), town.now)
    assert town.see(digest.edition, posted.id) == at_once


# The year


def test_the_year_counts_consultations_by_activity(town: Town) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena", capacity=9)
    area = town.do(lambda session: _area(session, town))
    town.at("2025-11-03 09:00")
    over = town.active(anna, maj, lena, title="Över årsskiftet", area_id=area)
    early = town.active(anna, maj, lena, title="Slut före året")
    town.close(anna, early, lena)
    town.at("2026-05-04 09:00")
    town.close(anna, over, lena)
    town.file(anna, title="Fick aldrig någon ledamot")
    both = [town.units["Vuxenenheten"], town.units["Familjerådgivningen"]]
    town.active(anna, maj, lena, title="Flera stadsdelar", other_unit_ids=both)
    town.at("2027-02-01 09:00")
    report = town.see(organisation_year, town.id, 2026)
    assert (report.under_way, report.filed, report.closed, report.answers) == (2, 2, 1, 1)
    assert report.by_outcome == ((CaseOutcome.ANSWERED, 1),)
    assert report.by_area == (Count("Barn och unga", "Children", 1), Count(None, None, 1))
    assert [(each.name, each.count) for each in report.by_district] == [("Farsta", 2), ("Skarpnäck", 1), (None, 1)]
    assert town.see(organisation_year, town.id, 2025).under_way == 2
    assert town.see(organisation_year, town.id, 2027).under_way == 1, "still under way, though nothing was done"
    assert town.see(organisation_year, town.id, 2024).under_way == 0


def _area(session, town: Town) -> int:  # type: ignore[no-untyped-def]
    area = Area(organisation_id=town.id, code="barn", name="Barn och unga", name_en="Children")
    session.add(area)
    session.flush()
    return area.id


def test_the_week_in_numbers(town: Town) -> None:
    anna, maj, lena = town.requester(), town.coordinator(), town.member("Lena", capacity=9)
    town.file(anna, title="Förra veckan", wanted_by=town.today + dt.timedelta(days=3))
    town.now += WEEK
    town.file(anna)
    town.active(anna, maj, lena)
    town.close(anna, town.active(anna, maj, lena), lena)
    numbers = town.see(week_in_numbers, town.id, town.now)
    assert (numbers.new, numbers.waiting, numbers.under_way, numbers.answered, numbers.closed) == (3, 2, 1, 1, 1)
    assert (numbers.silent_members, numbers.overdue) == (0, 1)
