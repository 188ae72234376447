"""Working days, quiet periods, deadlines and the year's calendar, in the organisation's zone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator, model_validator
from pydantic_core import PydanticCustomError

MIDSUMMER_WEEK = "midsummer-week"
_STOCKHOLM = "Europe/Stockholm"
_DAY = timedelta(days=1)


def _is_day(month_day: str) -> bool:
    try:
        date.fromisoformat(f"2001-{month_day}")
    except ValueError:
        return False
    return True


def _midsummer_week(year: int) -> date:
    """The Monday before Midsummer Eve, which is the Friday between 19 and 25 June."""
    first = date(year, 6, 19)
    return first + timedelta(days=(4 - first.weekday()) % 7 - 4)


class Names(BaseModel):
    """What something is called, in Swedish and English."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    sv: str = Field(min_length=1)
    en: str = Field(min_length=1)


class QuietPeriod(BaseModel):
    """A stilla period: days of every year on which no timer runs, first and last day included.

    Stored as JSON: `{"name": {"sv": …, "en": …}, "from": "midsummer-week" or "MM-DD", "to": "MM-DD"}`.
    Midsummer week begins on the Monday before Midsummer Eve. A period whose end comes before its beginning
    runs over New Year.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )

    name: Names
    starts: str = Field(alias="from")
    ends: str = Field(alias="to")

    @field_validator("starts", "ends")
    @classmethod
    def _exists_every_year(cls, value: str) -> str:
        if value == MIDSUMMER_WEEK:
            return value
        if not re.fullmatch(r"[0-9]{2}-[0-9]{2}", value) or not _is_day(value):
            raise PydanticCustomError(
                "quiet_day", "Write a day that exists every year as month-day, for example 08-15."
            )
        return value

    @model_validator(mode="after")
    def _ends_plainly(self) -> "QuietPeriod":
        if self.ends == MIDSUMMER_WEEK:
            raise PydanticCustomError("quiet_end", "A quiet period ends on a day, for example 08-15.")
        if self.starts == MIDSUMMER_WEEK and "06-15" <= self.ends <= "06-20":
            raise PydanticCustomError(
                "quiet_midsummer", "Midsummer week may begin as late as 21 June; choose a later last day."
            )
        return self

    def first_day(self, year: int) -> date:
        """The first day of the period that begins in this year."""
        if self.starts == MIDSUMMER_WEEK:
            return _midsummer_week(year)
        return date.fromisoformat(f"{year}-{self.starts}")

    def days(self, year: int) -> Iterator[date]:
        """The days of the period that begins in this year; the last ones may lie in the next."""
        day = self.first_day(year)
        last = date.fromisoformat(f"{year}-{self.ends}")
        if last < day:
            last = date.fromisoformat(f"{year + 1}-{self.ends}")
        while day <= last:
            yield day
            day += _DAY


_PERIODS = TypeAdapter(tuple[QuietPeriod, ...])

QUIET_PERIODS = (
    QuietPeriod(name=Names(sv="sommaruppehåll", en="summer break"), starts=MIDSUMMER_WEEK, ends="08-15"),
    QuietPeriod(name=Names(sv="juluppehåll", en="Christmas break"), starts="12-24", ends="01-06"),
)


def quiet_periods(stored: object) -> tuple[QuietPeriod, ...]:
    """The quiet periods out of their stored JSON form (a list of objects); `model_dump()` is the way back.

    Raises pydantic's ValidationError, whose errors say in a sentence what to write instead.
    """
    return _PERIODS.validate_python(stored)


class Reason(NamedTuple):
    """Why a day is not a working day."""

    kind: Literal["holiday", "quiet", "squeezed"]
    name: Names


@dataclass(frozen=True, order=True)
class IsoWeek:
    """A week by ISO 8601, Monday to Sunday in a zone. The zone takes no part in comparing.

    Raises ValueError when the year has no such week.
    """

    year: int
    week: int
    zone: str = field(default=_STOCKHOLM, compare=False)

    def __post_init__(self) -> None:
        date.fromisocalendar(self.year, self.week, 1)

    def __str__(self) -> str:
        return f"{self.year}-v{self.week:02}"

    @property
    def start(self) -> datetime:
        """Monday 00:00 in the zone, as UTC."""
        return self._midnight(date.fromisocalendar(self.year, self.week, 1))

    @property
    def end(self) -> datetime:
        """The start of the next week, in UTC: the first moment that is no longer in this one."""
        return self._midnight(date.fromisocalendar(self.year, self.week, 7) + _DAY)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)


@dataclass(frozen=True)
class Calendar:
    """Working days in Sweden as an organisation counts them.

    Not working days: weekends, public holidays, Midsummer's, Christmas and New Year's Eve, klämdagar (a
    single day left between two such days) and the organisation's quiet periods. A day next to a quiet period
    is no klämdag for that. Raises ValueError when the zone is unknown or the quiet periods fill more
    than half the year.
    """

    zone: str = _STOCKHOLM
    quiet: tuple[QuietPeriod, ...] = QUIET_PERIODS

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, OSError, ValueError):
            raise ValueError(f"There is no time zone called {self.zone!r}.") from None
        if any(len(_quiet_days(self.quiet, year)) > 183 for year in (2026, 2028)):
            raise ValueError("The quiet periods fill more than half the year; no deadline could be kept.")

    def is_working_day(self, day: date) -> bool:
        """Whether timers run and deadlines may fall on this day."""
        _refuse_moment(day)
        return day.weekday() < 5 and day not in _days_off(self.quiet, day.year)

    def is_quiet(self, day: date) -> bool:
        """Whether the day, weekend or not, lies in a quiet period."""
        _refuse_moment(day)
        return day in _quiet_days(self.quiet, day.year)

    def quiet_until(self, day: date) -> date | None:
        """The last day of the quiet time around this day, over periods that touch; None outside them."""
        if not self.is_quiet(day):
            return None
        while self.is_quiet(day + _DAY):
            day += _DAY
        return day

    def add_working_days(self, start: datetime, n: int) -> datetime:
        """The moment n working days later at the same local time of day, in UTC.

        It falls on a working day: a start on another day is moved forward even when n is 0. What would fall
        between 02:00 and 03:00, where clocks are changed, falls at 03:00. Raises ValueError for a naive start
        or n < 0.
        """
        if n < 0:
            raise ValueError("A deadline lies 0 or more working days ahead.")
        local = self.local(start)
        day = local.date()
        for _ in range(n):
            day = self._working_day_from(day + _DAY)
        at = time(3) if local.hour == 2 else local.time()
        return self._moment(self._working_day_from(day), at)

    def working_days_between(self, a: date, b: date) -> int:
        """How many working days lie after a, up to and including b; negative when b comes before a."""
        _refuse_moment(a)
        _refuse_moment(b)
        if b < a:
            return -self.working_days_between(b, a)
        return sum(self.is_working_day(a + timedelta(days=step)) for step in range(1, (b - a).days + 1))

    def next_weekly(self, now: datetime, weekday: int, hour: int) -> datetime:
        """The first moment after now, in UTC, that is this weekday (0 is Monday) and full hour in the zone.

        Raises ValueError for a naive now, a weekday outside 0-6, an hour outside 0-23, and for hour 2,
        which does not exist or comes twice when clocks are changed.
        """
        if weekday not in range(7):
            raise ValueError("The weekday is 0 (Monday) to 6 (Sunday).")
        if hour not in range(24) or hour == 2:
            raise ValueError("The hour is 0 to 23, but not 2, when clocks are changed.")
        today = self.local(now).date()
        day = today + timedelta(days=(weekday - today.weekday()) % 7)
        moment = self._moment(day, time(hour))
        return moment if moment > now else self._moment(day + timedelta(days=7), time(hour))

    def week(self, moment: datetime) -> IsoWeek:
        """The week the moment falls in, in the zone. Raises ValueError for a naive moment."""
        year, week, _ = self.local(moment).isocalendar()
        return IsoWeek(year, week, self.zone)

    def local(self, moment: datetime) -> datetime:
        """The moment in the zone. Raises ValueError for a naive one."""
        if moment.utcoffset() is None:
            raise ValueError("A moment needs its time zone.")
        return moment.astimezone(ZoneInfo(self.zone))

    def days_of_year(self, year: int) -> list[tuple[date, Reason]]:
        """The year's days that are not working days for another reason than a weekend, in order.

        One reason a day: a holiday before a quiet period, that before a klämdag. Weekend days are there when
        they are holidays or quiet.
        """
        return sorted(_days_off(self.quiet, year).items())

    def _working_day_from(self, day: date) -> date:
        while not self.is_working_day(day):
            day += _DAY
        return day

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, ZoneInfo(self.zone)).astimezone(UTC)


_SQUEEZED = Reason("squeezed", Names(sv="klämdag", en="squeezed day"))


@lru_cache(maxsize=512)
def _days_off(quiet: tuple[QuietPeriod, ...], year: int) -> dict[date, Reason]:
    days = dict.fromkeys(_squeezed_days(year), _SQUEEZED)
    days |= {day: Reason("quiet", name) for day, name in _quiet_days(quiet, year).items()}
    days |= {day: Reason("holiday", name) for day, name in _holidays(year).items()}
    return days


@lru_cache(maxsize=512)
def _quiet_days(quiet: tuple[QuietPeriod, ...], year: int) -> dict[date, Names]:
    return {
        day: period.name
        for period in quiet
        for begun in (year - 1, year)
        for day in period.days(begun)
        if day.year == year
    }


@lru_cache(maxsize=256)
def _squeezed_days(year: int) -> frozenset[date]:
    new_year = date(year, 1, 1)
    days = (new_year + timedelta(days=step) for step in range((date(year + 1, 1, 1) - new_year).days))
    worked = (day for day in days if not _is_free(day))
    return frozenset(day for day in worked if _is_free(day - _DAY) and _is_free(day + _DAY))


def _is_free(day: date) -> bool:
    return day.weekday() >= 5 or day in _holidays(day.year)


@lru_cache(maxsize=256)
def _holidays(year: int) -> dict[date, Names]:
    kinds = ("public", "de_facto")
    swedish, english = (
        holidays.country_holidays("SE", years=year, categories=kinds, language=language, expand=False)
        for language in ("sv", "en_US")
    )
    return {day: Names(sv=name, en=english[day]) for day, name in swedish.items()}


def _refuse_moment(day: date) -> None:
    if isinstance(day, datetime):
        raise TypeError("A day is wanted, not a moment: its day depends on the zone.")
