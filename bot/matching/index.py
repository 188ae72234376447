"""The inverted index over the profiles: from stems to the members who write them, and in which fields."""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from bot.matching.profiles import FIELDS, Profile
from bot.matching.words import language, stems, subjects, without_rings, words

SHORTEST_COMPOUND = 7
SATURATION = 1.2
KEPT_FILLS = 1_000
LAST_CHARACTER = "\U0010ffff"

_WEIGHT = {"keywords": 3.0, "title": 2.0, "bio": 1.0, "publications": 1.0, "evidence": 1.2}
_LENGTH_COUNTS = {"keywords": 0.3, "title": 0.3, "bio": 0.6, "publications": 0.7, "evidence": 0.7}


Place = tuple[int, int, tuple[str, ...]]
"""A field (by its number in FIELDS), how often a stem stands there, and in which spellings. A plain tuple: of
hundreds of thousands, the garbage collector looks through none twice."""

Posting = tuple[Place, ...]
Fills = dict[str, tuple[float, str]]


@dataclass(frozen=True)
class Entry:
    """One profile, read: its postings by stem, the stems from Swedish text, content words per field."""

    profile: Profile
    postings: dict[str, Posting]
    swedish: frozenset[str]
    lengths: tuple[int, ...]


@dataclass(frozen=True)
class Index:
    """All profiles, read. An index never changes: `with_profile` and `without` return another one that shares
    everything the profile does not touch, so threads may go on reading the old one."""

    entries: dict[str, Entry] = field(default_factory=dict)
    postings: dict[str, dict[str, Posting]] = field(default_factory=dict)

    @classmethod
    def of(cls, profiles: Iterable[Profile]) -> "Index":
        """Read all profiles; of two with the same id the last counts."""
        entries = {profile.id: read(profile) for profile in profiles}
        postings: dict[str, dict[str, Posting]] = {}
        for member, entry in entries.items():
            for key, posting in entry.postings.items():
                postings.setdefault(key, {})[member] = posting
        return cls(entries, postings)

    def with_profile(self, profile: Profile) -> "Index":
        """The index with this profile added or in place of the earlier one of the same id."""
        entry = read(profile)
        fewer = self.without(profile.id)
        postings = dict(fewer.postings)
        for key, posting in entry.postings.items():
            postings[key] = {**postings.get(key, {}), profile.id: posting}
        return Index({**fewer.entries, profile.id: entry}, postings)

    def without(self, member: str) -> "Index":
        """The index without this member; the same index when it does not know them."""
        entry = self.entries.get(member)
        if entry is None:
            return self
        postings = dict(self.postings)
        for key in entry.postings:
            others = {id_: posting for id_, posting in postings[key].items() if id_ != member}
            if others:
                postings[key] = others
            else:
                del postings[key]
        return Index({id_: kept for id_, kept in self.entries.items() if id_ != member}, postings)

    @cached_property
    def size(self) -> int:
        """How many profiles say anything: an empty one must not change anybody's score."""
        return sum(bool(entry.postings) for entry in self.entries.values())

    def rarity(self, members: int) -> float:
        """The inverse document frequency of a word that this many members write."""
        return math.log(1 + (self.size - members + 0.5) / (members + 0.5))

    @cached_property
    def norms(self) -> dict[str, tuple[float, ...]]:
        """What one occurrence weighs, by member and field: the field's weight, less in a long text."""
        averages = []
        for number in range(len(FIELDS)):
            lengths = [entry.lengths[number] for entry in self.entries.values() if entry.lengths[number]]
            averages.append(sum(lengths) / len(lengths) if lengths else 1.0)
        return {
            member: tuple(
                _WEIGHT[name] / (1 - _LENGTH_COUNTS[name] + _LENGTH_COUNTS[name] * length / average)
                for name, length, average in zip(FIELDS, entry.lengths, averages, strict=True)
            )
            for member, entry in self.entries.items()
        }

    def ending_with(self, tail: str) -> list[str]:
        """The stems of Swedish compounds that end with the given stem."""
        return [key[::-1] for key in _starting(self._backwards, tail[::-1])]

    def starting_with(self, head: str) -> list[str]:
        """The stems of Swedish compounds that start with the given stem."""
        return _starting(self._compounds, head)

    def fills(self, stems: tuple[str, ...]) -> Fills:
        """The members who write any of the stems, each with how full of it their profile is (from 0 to 1) and
        the stem they write most of. What was asked lately is kept."""
        found = self._fills.get(stems)
        if found is None:
            if len(self._fills) >= KEPT_FILLS:
                self._fills.clear()
            found = self._fills[stems] = self._fill(stems)
        return found

    def _fill(self, stems: tuple[str, ...]) -> Fills:
        found: Fills = {}
        for stem in stems:
            for member, posting in self.postings[stem].items():
                norms = self.norms[member]
                amount = 0.0
                for number, times, _ in posting:
                    amount += times * norms[number]
                fill = amount / (amount + SATURATION)
                if member not in found or fill > found[member][0]:
                    found[member] = fill, stem
        return found

    @cached_property
    def _fills(self) -> dict[tuple[str, ...], Fills]:
        return {}

    @cached_property
    def unringed(self) -> dict[str, str]:
        """The stems with å, ä or ö, by how they are written without; the most used first, then the alphabet."""
        found: dict[str, str] = {}
        for key in sorted(self.postings, key=lambda key: (-len(self.postings[key]), key)):
            if not key.isascii():
                for plain in sorted(without_rings(key)):
                    found.setdefault(plain, key)
        return found

    @cached_property
    def by_letter(self) -> dict[tuple[str, int], list[str]]:
        """The stems of ordinary words by first letter and length, for spelling; the most used first."""
        found: dict[tuple[str, int], list[str]] = {}
        for key in sorted(self.postings, key=lambda key: (-len(self.postings[key]), key)):
            if not key.isupper():
                found.setdefault((key[0], len(key)), []).append(key)
        return found

    @cached_property
    def swedish(self) -> frozenset[str]:
        """The stems of ordinary words in Swedish texts; English does not write its compounds together."""
        return frozenset().union(*(entry.swedish for entry in self.entries.values()))

    @cached_property
    def _compounds(self) -> list[str]:
        return sorted(key for key in self.swedish if len(key) >= SHORTEST_COMPOUND)

    @cached_property
    def _backwards(self) -> list[str]:
        return sorted(key[::-1] for key in self._compounds)


def read(profile: Profile) -> Entry:
    """Read one profile."""
    counts: Counter[tuple[str, int, str]] = Counter()
    swedish: set[str] = set()
    lengths = [0] * len(FIELDS)
    for number, name in enumerate(FIELDS):
        for text in profile.texts(name):
            written = words(text)
            tongue = language(written, profile.lang)
            carrying = subjects(written)
            lengths[number] += len(carrying)
            counts.update([(key, number, word.text) for word in carrying for key in stems(word, tongue)])
            if tongue == "sv":
                swedish.update([key for word in carrying if not word.abbreviation for key in stems(word, tongue)])
    return Entry(profile, _postings(counts), frozenset(swedish), tuple(lengths))


def _postings(counts: Counter[tuple[str, int, str]]) -> dict[str, Posting]:
    """Postings from the counts of (stem, field, spelling), which come field by field."""
    found: dict[str, list[Place]] = {}
    for (key, number, spelling), times in counts.items():
        places = found.setdefault(key, [])
        if places and places[-1][0] == number:
            _, before, spellings = places[-1]
            places[-1] = (number, before + times, (*spellings, spelling))
        else:
            places.append((number, times, (spelling,)))
    return {key: tuple(places) for key, places in found.items()}


def _starting(ordered: list[str], head: str) -> list[str]:
    return ordered[bisect_left(ordered, head) : bisect_left(ordered, head + LAST_CHARACTER)]
