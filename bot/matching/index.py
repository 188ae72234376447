"""The index over all profiles: segments that never change, and who of them still counts."""

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np

from bot.matching.letters import BUCKETS
from bot.matching.profiles import FIELDS, Profile
from bot.matching.reading import Reader
from bot.matching.segment import Flags, Floats, Ints, Segment, merged
from bot.matching.whole import Whole

MOST_SEGMENTS = 8
SMALL = 0.1
"""When the profiles read since make up this share of all, everything becomes one segment again."""

LAST_CHARACTER = "\U0010ffff"
AVERAGE_DIGITS = 2
"""So many digits of a field's usual length count, so that one changed profile seldom changes everybody's weights."""


@dataclass(frozen=True, eq=False)
class Index:
    """All profiles, read. An index never changes: `with_profile` and `without` return another one that shares
    everything the profile does not touch, so threads may go on reading the old one."""

    reader: Reader
    segments: tuple[Segment, ...] = ()
    alive: tuple[Flags, ...] = field(default=())

    @classmethod
    def of(cls, profiles: Iterable[Profile], reader: Reader) -> "Index":
        """Read all profiles; of two with the same id the last counts."""
        once = {profile.id: profile for profile in profiles}
        return cls(reader)._and(Segment.of(tuple(once.values()), reader)) if once else cls(reader)

    def with_profile(self, profile: Profile) -> "Index":
        """The index with this profile added or in place of the earlier one of the same id."""
        return self.without(profile.id)._and(Segment.of((profile,), self.reader))._tidied()

    def without(self, member: str) -> "Index":
        """The index without this member; the same index when it does not know them."""
        if member not in self.places:
            return self
        number, place = self.places[member]
        gone = self.alive[number].copy()
        gone[place] = False
        return Index(self.reader, self.segments, (*self.alive[:number], gone, *self.alive[number + 1 :]))

    def _and(self, segment: Segment) -> "Index":
        everybody = np.ones(len(segment.profiles), dtype=np.bool_)
        return Index(self.reader, (*self.segments, segment), (*self.alive, everybody))

    def _tidied(self) -> "Index":
        """The same profiles in fewer segments, when there are too many."""
        if len(self.segments) <= MOST_SEGMENTS:
            return self
        first, *others = zip(self.segments, self.alive, strict=True)
        counted = sum(int(alive.sum()) for _, alive in others)
        large = counted > SMALL * len(first[0].profiles) or not first[1].all()
        together = [first, *others] if large else others
        segments, alive = zip(*together, strict=True)
        return (Index(self.reader) if large else Index(self.reader, (first[0],), (first[1],)))._and(
            merged(segments, alive)
        )

    @cached_property
    def links(self) -> dict[Any, Any]:
        """What was found to answer words of requests, kept by whoever looked it up (`bot/matching/request.py`)."""
        return {}

    @cached_property
    def places(self) -> dict[str, tuple[int, int]]:
        """Where each member stands: in which segment, and which number there."""
        return {
            segment.profiles[place].id: (number, int(place))
            for number, (segment, alive) in enumerate(zip(self.segments, self.alive, strict=True))
            for place in np.flatnonzero(alive)
        }

    def profile(self, number: int) -> Profile:
        """The profile of a member, by the number that `found` gives."""
        segment, place = self._at(number)
        return segment.profiles[place]

    def number(self, segment: int, place: int) -> int:
        """The number of a member, from where `places` says that they stand."""
        return self._offsets[segment] + place

    def declined(self, number: int) -> frozenset[str]:
        """The keys that led to questions which the member declined as outside their field."""
        segment, place = self._at(number)
        return segment.declined[place]

    def _at(self, number: int) -> tuple[Segment, int]:
        which = bisect_right(self._offsets, number) - 1
        return self.segments[which], number - self._offsets[which]

    @cached_property
    def _offsets(self) -> list[int]:
        return list(accumulate((len(segment.profiles) for segment in self.segments), initial=0))[:-1]

    @cached_property
    def numbers(self) -> int:
        """How many numbers members have; those of members who count no more are not used again."""
        return sum(len(segment.profiles) for segment in self.segments)

    @cached_property
    def living(self) -> Ints:
        """The numbers of the members who count."""
        return np.flatnonzero(np.concatenate(self.alive)) if self.alive else np.zeros(0, dtype=np.int64)

    @cached_property
    def size(self) -> int:
        """How many profiles say anything: an empty one must not change anybody's score."""
        return sum(int((segment.lengths.sum(axis=1) > 0)[alive].sum()) for segment, alive in self._parts)

    def share(self, tongue: str) -> float:
        """How many of the members who count write in a language; of nobody all do."""
        return self._shares.get(tongue, 0.0) if self._shares else 1.0

    @cached_property
    def _shares(self) -> dict[str, float]:
        spoken = Counter(
            segment.profiles[number].lang
            for segment, alive in self._parts
            for number in np.flatnonzero(alive & (segment.lengths.sum(axis=1) > 0))
        )
        return {tongue: count / spoken.total() for tongue, count in spoken.items()}

    @cached_property
    def averages(self) -> tuple[float, ...]:
        """The usual length of each field, of those profiles that have it, in words, roughly."""
        if not self.segments:
            return (1.0,) * len(FIELDS)
        lengths = np.concatenate([segment.lengths[alive] for segment, alive in self._parts])
        having = np.maximum(1, (lengths > 0).sum(axis=0))
        return tuple(_rounded(float(average)) for average in np.maximum(1, lengths.sum(axis=0) / having))

    @cached_property
    def _parts(self) -> tuple[tuple[Segment, Flags], ...]:
        return tuple(zip(self.segments, self.alive, strict=True))

    def writers(self, key: str) -> int:
        """How many members have a key."""
        known = self._writers.get(key)
        if known is None:
            known = self._writers[key] = sum(len(numbers) for numbers, _ in self.found(key))
        return known

    @cached_property
    def _writers(self) -> dict[str, int]:
        return {}

    def rarity(self, writers: int) -> float:
        """The inverse document frequency of what this many members have."""
        return math.log(1 + (self.size - writers + 0.5) / (writers + 0.5))

    def found(self, key: str) -> list[tuple[Ints, Floats]]:
        """The members who have a key, by number and in order, segment by segment, each with how full of it their
        profile is (from 0 to 1)."""
        hits = []
        for offset, segment, alive, fills in self._runs:
            run = segment.run(key)
            if run is None:
                continue
            members, filled = segment.members[run], fills[run]
            if alive is not None:
                live = alive[members]
                members, filled = members[live], filled[live]
            if len(members):
                hits.append((members + offset if offset else members, filled))
        return hits

    @cached_property
    def _runs(self) -> list[tuple[int, Segment, Flags | None, Floats]]:
        """Each segment with the number of its first member, who counts in it (None: everybody), and how full of
        everything the profiles are."""
        return [
            (offset, segment, None if alive.all() else alive, fills)
            for offset, (segment, alive), fills in zip(self._offsets, self._parts, self._fills, strict=True)
        ]

    @cached_property
    def _fills(self) -> list[Floats]:
        weighted = self.reader.stages.fields
        return [segment.fills(self.averages, weighted=weighted) for segment in self.segments]

    def whole(self, number: int) -> Whole:
        """A member's profile as a whole."""
        segment, place = self._at(number)
        return segment.wholes[place]

    @cached_property
    def gram_rarity(self) -> Floats:
        """How much each 4-gram tells, squared: the fewer profiles have it the more."""
        spread = sum((segment.spread(alive) for _, segment, alive, _ in self._runs), np.zeros(BUCKETS, dtype=np.int64))
        return np.asarray((np.log((1 + self.size) / (1 + spread)) + 1) ** 2)

    def is_swedish(self, key: str) -> bool:
        """Whether a key stands in somebody's Swedish text."""
        return any(segment.is_swedish(key, alive) for _, segment, alive, _ in self._runs)

    def ending_with(self, tail: str) -> list[str]:
        """The keys of Swedish compounds that end with the given key."""
        return self._swedish(
            word[::-1] for segment in self.segments for word in _starting(segment.backwards, tail[::-1])
        )

    def starting_with(self, head: str) -> list[str]:
        """The keys of Swedish compounds that start with the given key."""
        return self._swedish(word for segment in self.segments for word in _starting(segment.compounds, head))

    def sharing(self, word: str, least: float) -> list[tuple[str, float]]:
        """The keys that share letters with a word, and how much (from `least` to 1), most first."""
        found = {
            key: shared for segment in self.segments for key, shared in segment.shared.with_letters_of(word, least)
        }
        return sorted(
            ((key, shared) for key, shared in found.items() if self.writers(key)), key=lambda each: (-each[1], each[0])
        )

    def ringed(self, plain: str) -> str | None:
        """The key with å, ä or ö that is written like this without: of several the one that most members have."""
        found = {key for segment in self.segments for key in segment.unringed.get(plain, ()) if self.writers(key)}
        return min(found, key=lambda key: (-self.writers(key), key), default=None)

    def alike(self, letter: str, length: int) -> list[str]:
        """The keys of ordinary words with a first letter and a length, in order."""
        found = {key for segment in self.segments for key in segment.by_letter.get((letter, length), ())}
        return sorted(key for key in found if self.writers(key))

    def _swedish(self, words: Iterator[str]) -> list[str]:
        return sorted(word for word in set(words) if self.is_swedish(word))


def _starting(ordered: list[str], head: str) -> list[str]:
    return ordered[bisect_left(ordered, head) : bisect_left(ordered, head + LAST_CHARACTER)]


def _rounded(average: float) -> float:
    return float(f"{average:.{AVERAGE_DIGITS}g}")
