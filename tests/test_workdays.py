from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.workdays import QUIET_PERIODS, Calendar, IsoWeek, Names, QuietPeriod, quiet_periods

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DEFAULT = Calendar()
OPEN = Calendar(quiet=())

moments = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(year=2000 + at.year % 100))
days = st.dates(date(2000, 1, 1), date(2100, 12, 31))
calendars = st.sampled_from((DEFAULT, OPEN))


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=STOCKHOLM).astimezone(UTC)


def day_of(moment: datetime) -> date:
    return DEFAULT.local(moment).date()


@given(calendars, moments, st.integers(0, 40))
def test_a_deadline_falls_on_a_working_day_and_never_between_two_and_three(
    calendar: Calendar, start: datetime, n: int
) -> None:
    due = calendar.add_working_days(start, n)
    assert due.tzinfo is UTC
    assert calendar.is_working_day(day_of(due))
    asked, got = calendar.local(start), calendar.local(due)
    assert got.hour != 2
    assert got.time() == asked.time() or (asked.hour == 2 and (got.hour, got.minute) == (3, 0))
    assert day_of(due) >= day_of(start)


@given(calendars, moments, moments, st.integers(0, 20), st.integers(0, 20))
def test_later_starts_and_more_days_never_come_due_on_an_earlier_day(
    calendar: Calendar, one: datetime, other: datetime, n: int, more: int
) -> None:
    earlier, later = sorted((one, other))
    assert day_of(calendar.add_working_days(earlier, n)) <= day_of(calendar.add_working_days(later, n))
    fewest = calendar.add_working_days(one, n)
    assert fewest < calendar.add_working_days(one, n + more + 1) or n == 0
    assert fewest <= calendar.add_working_days(one, n + more)


@given(calendars, moments, st.integers(0, 40))
def test_counting_gives_back_what_was_added(calendar: Calendar, start: datetime, n: int) -> None:
    due = calendar.add_working_days(start, n)
    moved = 1 if n == 0 and not calendar.is_working_day(day_of(start)) else n
    assert calendar.working_days_between(day_of(start), day_of(due)) == moved
    assert calendar.working_days_between(day_of(due), day_of(start)) == -moved


@given(calendars, days)
def test_weekends_and_quiet_days_are_never_working_days(calendar: Calendar, day: date) -> None:
    if day.weekday() >= 5 or calendar.is_quiet(day):
        assert not calendar.is_working_day(day)
    last = calendar.quiet_until(day)
    assert (last is not None) == calendar.is_quiet(day)
    if last is not None:
        assert calendar.is_quiet(last)
        assert not calendar.is_quiet(last + timedelta(days=1))


@settings(max_examples=25)
@given(calendars, st.integers(2000, 2100))
def test_the_calendar_of_a_year_says_exactly_what_is_no_working_day(calendar: Calendar, year: int) -> None:
    shown = calendar.days_of_year(year)
    named = [day for day, _ in shown]
    assert named == sorted(set(named))
    every = (date(year, 1, 1) + timedelta(days=step) for step in range(366))
    for day in (day for day in every if day.year == year):
        assert calendar.is_working_day(day) == (day.weekday() < 5 and day not in named)
    assert all(reason.name.sv and reason.name.en for _, reason in shown)


@settings(max_examples=25)
@given(st.integers(2000, 2100))
def test_no_working_day_stands_alone(year: int) -> None:
    free = [not OPEN.is_working_day(date(year, 1, 1) + timedelta(days=step)) for step in range(365)]
    assert not any(free[i - 1] and not free[i] and free[i + 1] for i in range(1, 364))


def test_no_days_on_a_working_day_is_the_moment_itself() -> None:
    start = datetime(2026, 3, 12, 8, 15, 30, 7, tzinfo=UTC)
    assert DEFAULT.add_working_days(start, 0) == start


def test_no_days_on_another_day_is_the_next_working_day() -> None:
    assert DEFAULT.add_working_days(local(2026, 3, 14, 9), 0) == local(2026, 3, 16, 9)


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        ((2026, 4, 2, 10), 1, (2026, 4, 7, 10)),  # Easter
        ((2027, 3, 25, 10), 1, (2027, 3, 30, 10)),  # Easter, and summer time begins
        ((2026, 5, 13, 10), 1, (2026, 5, 18, 10)),  # Ascension and its klämdag
        ((2027, 5, 5, 10), 1, (2027, 5, 10, 10)),
        ((2026, 6, 12, 10), 1, (2026, 8, 17, 10)),  # Midsummer week to mid-August
        ((2027, 6, 18, 10), 1, (2027, 8, 16, 10)),
        ((2026, 12, 23, 10), 1, (2027, 1, 7, 10)),  # Christmas to Epiphany
        ((2026, 10, 23, 10), 1, (2026, 10, 26, 10)),  # summer time ends
        ((2026, 3, 12, 2, 30), 1, (2026, 3, 13, 3)),
        ((2026, 3, 12, 3), 1, (2026, 3, 13, 3)),
        ((2026, 3, 12, 1, 59), 1, (2026, 3, 13, 1, 59)),
    ],
)
def test_deadlines_of_2026_and_2027(start: tuple[int, ...], n: int, due: tuple[int, ...]) -> None:
    assert DEFAULT.add_working_days(local(*start), n) == local(*due)


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 2),  # between New Year's Day and a Saturday
        date(2026, 1, 5),  # between a Sunday and Epiphany
        date(2026, 5, 15),
        date(2027, 5, 7),
        date(2028, 6, 5),  # before the National Day on a Tuesday
        date(2024, 12, 23),  # before Christmas Eve on a Tuesday
        date(2026, 6, 19),  # Midsummer Eve
        date(2027, 6, 25),
        date(2026, 12, 24),
        date(2026, 12, 31),
    ],
)
def test_klamdagar_and_eves_are_free_even_without_quiet_periods(day: date) -> None:
    assert not OPEN.is_working_day(day)


@pytest.mark.parametrize(
    "day", [date(2026, 4, 2), date(2026, 4, 30), date(2026, 12, 23), date(2027, 6, 24), date(2026, 10, 30)]
)
def test_days_before_an_eve_are_worked(day: date) -> None:
    assert OPEN.is_working_day(day)


def test_a_day_next_to_a_quiet_period_is_no_klamdag() -> None:
    assert date(2024, 8, 16).weekday() == 4
    assert DEFAULT.is_quiet(date(2024, 8, 15))
    assert DEFAULT.is_working_day(date(2024, 8, 16))


def test_default_quiet_periods() -> None:
    assert not DEFAULT.is_quiet(date(2026, 6, 14))
    assert DEFAULT.quiet_until(date(2026, 6, 15)) == date(2026, 8, 15)
    assert not DEFAULT.is_quiet(date(2027, 6, 20))
    assert DEFAULT.quiet_until(date(2027, 6, 21)) == date(2027, 8, 15)
    assert DEFAULT.quiet_until(date(2026, 12, 24)) == date(2027, 1, 6)
    assert DEFAULT.quiet_until(date(2027, 1, 1)) == date(2027, 1, 6)
    assert DEFAULT.quiet_until(date(2027, 1, 7)) is None


def test_quiet_periods_that_touch_are_one_quiet_time() -> None:
    spring, early = Names(sv="sport", en="sport"), Names(sv="lov", en="break")
    calendar = Calendar(
        quiet=(
            QuietPeriod(name=spring, starts="03-01", ends="03-07"),
            QuietPeriod(name=early, starts="03-08", ends="03-10"),
        )
    )
    assert calendar.quiet_until(date(2026, 3, 2)) == date(2026, 3, 10)


def test_reasons_of_a_year() -> None:
    reasons = dict(DEFAULT.days_of_year(2026))
    assert (reasons[date(2026, 5, 14)].kind, reasons[date(2026, 5, 14)].name.sv) == (
        "holiday",
        "Kristi himmelsfärdsdag",
    )
    assert reasons[date(2026, 5, 14)].name.en == "Ascension Day"
    assert (reasons[date(2026, 5, 15)].kind, reasons[date(2026, 5, 15)].name.sv) == ("squeezed", "klämdag")
    assert reasons[date(2026, 6, 19)].kind == "holiday"
    assert reasons[date(2026, 7, 1)].kind == "quiet"
    assert date(2026, 3, 14) not in reasons


def test_quiet_periods_survive_being_stored() -> None:
    stored = [period.model_dump(mode="json") for period in QUIET_PERIODS]
    assert stored[0]["from"] == "midsummer-week"
    assert quiet_periods(stored) == QUIET_PERIODS
    assert Calendar(quiet=quiet_periods(stored)) == DEFAULT


@pytest.mark.parametrize(
    ("starts", "ends", "code"),
    [
        ("02-29", "03-05", "quiet_day"),
        ("13-01", "03-05", "quiet_day"),
        ("7-1", "08-01", "quiet_day"),
        ("07-01\n", "08-01", "quiet_day"),
        ("midsommar", "08-01", "quiet_day"),
        ("06-01", "midsummer-week", "quiet_end"),
        ("midsummer-week", "06-18", "quiet_midsummer"),
    ],
)
def test_a_wrong_quiet_period_is_refused_with_a_sentence(starts: str, ends: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        quiet_periods([{"name": {"sv": "stilla", "en": "quiet"}, "from": starts, "to": ends}])
    error = refused.value.errors()[0]
    assert error["type"] == code
    assert error["msg"].endswith(".")


@pytest.mark.parametrize(
    "name", [{"sv": "stilla"}, {"sv": "stilla", "en": " "}, {"sv": "a", "en": "b", "de": "c"}, "stilla"]
)
def test_a_quiet_period_has_a_name_in_both_languages(name: object) -> None:
    with pytest.raises(ValidationError):
        quiet_periods([{"name": name, "from": "07-01", "to": "08-01"}])


def test_a_year_without_working_days_is_refused() -> None:
    name = Names(sv="alltid", en="always")
    with pytest.raises(ValueError, match="half the year"):
        Calendar(quiet=(QuietPeriod(name=name, starts="01-01", ends="12-31"),))
    with pytest.raises(ValueError, match="half the year"):
        Calendar(
            quiet=(
                QuietPeriod(name=name, starts="01-01", ends="05-31"),
                QuietPeriod(name=name, starts="07-01", ends="11-30"),
            )
        )


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", ""])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        Calendar(zone=zone)


def test_naive_moments_and_moments_for_days_are_refused() -> None:
    naive = datetime(2026, 3, 12)  # noqa: DTZ001
    for act in (
        DEFAULT.local,
        DEFAULT.week,
        lambda at: DEFAULT.add_working_days(at, 1),
        lambda at: DEFAULT.next_weekly(at, 0, 8),
    ):
        with pytest.raises(ValueError, match="time zone"):
            act(naive)
    for ask in (DEFAULT.is_working_day, DEFAULT.is_quiet, DEFAULT.quiet_until):
        with pytest.raises(TypeError):
            ask(local(2026, 3, 12))
    with pytest.raises(ValueError, match="ahead"):
        DEFAULT.add_working_days(local(2026, 3, 12), -1)


@given(moments, st.integers(0, 6), st.integers(0, 23).filter(lambda hour: hour != 2))
def test_the_next_weekly_moment_is_the_first_one_after_now(now: datetime, weekday: int, hour: int) -> None:
    due = DEFAULT.next_weekly(now, weekday, hour)
    assert now < due <= now + timedelta(days=7, hours=1)
    shown = DEFAULT.local(due)
    assert (shown.weekday(), shown.hour, shown.minute, shown.second, shown.microsecond) == (
        weekday,
        hour,
        0,
        0,
        0,
    )
    following = DEFAULT.next_weekly(due, weekday, hour)
    assert DEFAULT.local(following).date() - shown.date() == timedelta(days=7)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 3, 23, 7, tzinfo=UTC), datetime(2026, 3, 30, 6, tzinfo=UTC)),
        (datetime(2026, 10, 19, 6, tzinfo=UTC), datetime(2026, 10, 26, 7, tzinfo=UTC)),
        (datetime(2026, 3, 30, 5, 59, tzinfo=UTC), datetime(2026, 3, 30, 6, tzinfo=UTC)),
    ],
)
def test_mondays_at_eight_across_both_changes(now: datetime, due: datetime) -> None:
    assert DEFAULT.next_weekly(now, 0, 8) == due


@pytest.mark.parametrize(("weekday", "hour"), [(0, 2), (0, 24), (0, -1), (7, 8), (-1, 8)])
def test_an_impossible_weekly_moment_is_refused(weekday: int, hour: int) -> None:
    with pytest.raises(ValueError, match=r"The (hour|weekday)"):
        DEFAULT.next_weekly(local(2026, 3, 12), weekday, hour)


@given(moments)
def test_a_moment_lies_in_its_week_and_weeks_follow_each_other(moment: datetime) -> None:
    week = DEFAULT.week(moment)
    assert week.start <= moment < week.end
    following = DEFAULT.week(week.end)
    assert following.start == week.end
    assert week < following
    assert str(week) < str(following)
    assert DEFAULT.local(week.start).weekday() == 0


def test_weeks_by_name() -> None:
    assert str(DEFAULT.week(local(2026, 3, 16))) == "2026-v12"
    assert str(DEFAULT.week(local(2027, 1, 3, 23, 59))) == "2026-v53"
    assert str(DEFAULT.week(local(2027, 1, 4))) == "2027-v01"
    assert DEFAULT.week(datetime(2026, 3, 15, 23, 30, tzinfo=UTC)) == IsoWeek(2026, 12)
    assert IsoWeek(2026, 13).end - IsoWeek(2026, 13).start == timedelta(days=7, hours=-1)
    assert IsoWeek(2026, 43).end - IsoWeek(2026, 43).start == timedelta(days=7, hours=1)
    assert IsoWeek(2026, 12, "UTC").start == datetime(2026, 3, 16, tzinfo=UTC)
    with pytest.raises(ValueError, match="week"):
        IsoWeek(2027, 53)
