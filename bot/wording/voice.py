"""Somebody's language and zone in one small object that speaks."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_decimal

from bot.wording.catalogues import LOCALES, say, say_n, spoken
from bot.workdays import IsoWeek


@dataclass(frozen=True)
class Words:
    """Sentences, days and numbers as one reader sees them; moments are shown in the reader's zone.

    Naive moments raise ValueError everywhere.
    """

    language: str
    zone: str = "Europe/Stockholm"

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence with its places filled in. Raises KeyError as `say` does."""
        return say(self.language, key, **values)

    def n(self, key: str, n: int, /, **values: object) -> str:
        """The sentence in the form that n asks for. Raises KeyError as `say_n` does."""
        return say_n(self.language, key, n, **values)

    def date(self, when: datetime.date) -> str:
        """12 mars 2026 · 12 March 2026."""
        return format_date(self._day(when), "d MMMM y", locale=self._locale)

    def day(self, when: datetime.date) -> str:
        """torsdag 12 mars · Thursday 12 March."""
        return format_date(self._day(when), "EEEE d MMMM", locale=self._locale)

    def time(self, moment: datetime.datetime) -> str:
        """14:30, in the zone."""
        return format_time(self._local(moment), "HH:mm", tzinfo=ZoneInfo(self.zone), locale=self._locale)

    def week(self, when: IsoWeek | datetime.date) -> str:
        """vecka 12 · week 12."""
        week = when.week if isinstance(when, IsoWeek) else self._day(when).isocalendar().week
        return say(self.language, "time.week", week=week)

    def names(self, names: Iterable[str]) -> str:
        """A, B och C · A, B and C; nothing at all gives an empty text."""
        return format_list(list(names), locale=self._locale)

    def number(self, number: float) -> str:
        """The number with the language's own separators (a non-breaking space in Swedish)."""
        return format_decimal(number, locale=self._locale)

    @property
    def _locale(self) -> str:
        return LOCALES[self.language]

    def _day(self, when: datetime.date) -> datetime.date:
        return self._local(when).date() if isinstance(when, datetime.datetime) else when

    def _local(self, moment: datetime.datetime) -> datetime.datetime:
        if moment.utcoffset() is None:
            raise ValueError("A moment needs its time zone.")
        return moment.astimezone(ZoneInfo(self.zone))


def words(language: str, zone: str = "Europe/Stockholm") -> Words:
    """The words for a reader of this language (Swedish unless it is English) in this zone."""
    return Words(spoken(language), zone)
