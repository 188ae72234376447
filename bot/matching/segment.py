"""A segment of the index: a number of profiles, read, with the postings of everything that stands in them. It never
changes."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.matching.letters import BUCKETS
from bot.matching.profiles import FIELDS, Profile
from bot.matching.reading import CONCEPT, Reader
from bot.matching.shared import Shared
from bot.matching.whole import NOTHING, Whole, whole
from bot.matching.words import without_rings

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WEIGHTS = {"keywords": 3.0, "title": 2.0, "bio": 1.0, "publications": 1.0, "evidence": 1.2}
LENGTH_COUNTS = {"keywords": 0.3, "title": 0.3, "bio": 0.6, "publications": 0.7, "evidence": 0.7}
SATURATION = 1.2

SHORTEST_COMPOUND = 7


class Rows(NamedTuple):
    """Postings in the raw: in which profile a key stands, in which field, how much it counts there, and whether that
    profile has it as a word of a Swedish text."""

    key: Ints
    member: Ints
    field: Ints
    counts: Floats
    swedish: Flags


@dataclass(frozen=True, eq=False)
class Segment:
    """Profiles by number, and for every key (by number) a run of `members` who have it, in order of number. `lengths`
    are the words that carry a subject, by profile and field."""

    profiles: tuple[Profile, ...]
    declined: tuple[frozenset[str], ...]
    names: tuple[str, ...]
    rows: Rows
    lengths: Floats
    wholes: tuple[Whole, ...]

    @classmethod
    def of(cls, profiles: Sequence[Profile], reader: Reader) -> "Segment":
        """Read all profiles."""
        keys: dict[str, int] = {}
        key, member, field, counts, swedish = array("q"), array("q"), array("q"), array("d"), array("b")
        lengths, declined = [], []
        for number, profile in enumerate(profiles):
            reading = reader.read(profile)
            for (name, place), count in reading.counts.items():
                key.append(keys.setdefault(name, len(keys)))
                field.append(place)
                counts.append(count)
                swedish.append(name in reading.swedish)
            member.extend([number] * len(reading.counts))
            lengths.append(reading.lengths)
            declined.append(reading.declined)
        return cls(
            tuple(profiles),
            tuple(declined),
            tuple(keys),
            _sorted(
                Rows(
                    np.array(key, dtype=np.int64),
                    np.array(member, dtype=np.int64),
                    np.array(field, dtype=np.int64),
                    np.array(counts, dtype=np.float64),
                    np.array(swedish, dtype=np.bool_),
                )
            ),
            np.array(lengths, dtype=np.float64).reshape(len(profiles), len(FIELDS)),
            tuple(
                whole(profile, reader) if any(said) else NOTHING
                for profile, said in zip(profiles, lengths, strict=True)
            ),
        )

    @cached_property
    def keys(self) -> dict[str, int]:
        """The numbers of the keys."""
        return {name: number for number, name in enumerate(self.names)}

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The numbers of the profiles, by member."""
        return {profile.id: number for number, profile in enumerate(self.profiles)}

    @cached_property
    def _firsts(self) -> Ints:
        """The first row of every posting: rows of one key and member that differ in the field are one posting."""
        key, member = self.rows.key, self.rows.member
        new = np.ones(len(key), dtype=np.bool_)
        new[1:] = (key[1:] != key[:-1]) | (member[1:] != member[:-1])
        return np.flatnonzero(new)

    @cached_property
    def members(self) -> Ints:
        """The member of every posting, key by key."""
        return self.rows.member[self._firsts]

    @cached_property
    def runs(self) -> Ints:
        """Where each key's run of postings begins, and at the end where the last one ends."""
        return np.searchsorted(self.rows.key[self._firsts], np.arange(len(self.names) + 1))

    def is_swedish(self, key: str, alive: Flags | None) -> bool:
        """Whether a key stands in a Swedish text of a member who still counts; `alive` are those (None: all)."""
        number = self.keys.get(key)
        if number is None or not self._swedish_keys[number]:
            return False
        if alive is None:
            return True
        run = slice(self._bounds[number], self._bounds[number + 1])
        return bool((self._swedish[run] & alive[self.members[run]]).any())

    @cached_property
    def _swedish_keys(self) -> list[bool]:
        found = np.zeros(len(self.names), dtype=np.bool_)
        found[self.rows.key[self.rows.swedish]] = True
        return list(map(bool, found))

    @cached_property
    def _swedish(self) -> Flags:
        """Whether each posting has its key as a Swedish word: in any of its fields."""
        return np.asarray(np.logical_or.reduceat(self.rows.swedish, self._firsts))

    def run(self, key: str) -> slice | None:
        """The run of a key's postings; None when nobody has it."""
        number = self.keys.get(key)
        return None if number is None else slice(self._bounds[number], self._bounds[number + 1])

    @cached_property
    def _bounds(self) -> list[int]:
        return list(map(int, self.runs))

    def fills(self, averages: tuple[float, ...], *, weighted: bool) -> Floats:
        """For every posting how full of the key the profile is, from 0 to 1; `averages` are the usual lengths of the
        fields, `weighted` whether fields count differently."""
        found: Floats = self._fills(averages, weighted)
        return found

    @cached_property
    def _fills(self) -> Callable[[tuple[float, ...], bool], Floats]:
        return lru_cache(maxsize=2)(self._filled)

    def _filled(self, averages: tuple[float, ...], weighted: bool) -> Floats:
        if not len(self.rows.key):
            return np.zeros(0)
        share = np.array([LENGTH_COUNTS[name] for name in FIELDS])
        weights = np.array([WEIGHTS[name] if weighted else 1.0 for name in FIELDS])
        norms = weights / (1 - share + share * self.lengths / np.array(averages))
        amounts = self.rows.counts * norms[self.rows.member, self.rows.field]
        summed = np.add.reduceat(amounts, self._firsts)
        return np.asarray(summed / (summed + SATURATION))

    def spread(self, alive: Flags | None) -> Ints:
        """In how many profiles each 4-gram stands; `alive` are those that count (None: all)."""
        if alive is None:
            return self._spread
        found = self._spread.copy()
        for number in np.flatnonzero(~alive):
            found[self.wholes[number].grams.buckets] -= 1
        return found

    @cached_property
    def _spread(self) -> Ints:
        found = np.zeros(BUCKETS, dtype=np.int64)
        for each in self.wholes:
            found[each.grams.buckets] += 1
        return found

    @cached_property
    def compounds(self) -> list[str]:
        """The longer keys of Swedish words in order; English does not write its compounds together."""
        words = np.unique(self.rows.key[self.rows.swedish])
        return sorted(name for number in words if len(name := self.names[number]) >= SHORTEST_COMPOUND)

    @cached_property
    def backwards(self) -> list[str]:
        """The same, each written backwards."""
        return sorted(name[::-1] for name in self.compounds)

    @cached_property
    def by_letter(self) -> dict[tuple[str, int], list[str]]:
        """The keys of ordinary words by first letter and length."""
        found: dict[tuple[str, int], list[str]] = {}
        for name in self.names:
            if not name.startswith(CONCEPT) and not name.isupper():
                found.setdefault((name[0], len(name)), []).append(name)
        return found

    @cached_property
    def unringed(self) -> dict[str, list[str]]:
        """The keys that have å, ä or ö, by how they are written without."""
        found: dict[str, list[str]] = {}
        for name in self.names:
            if not name.isascii() and not name.startswith(CONCEPT):
                for plain in without_rings(name):
                    found.setdefault(plain, []).append(name)
        return found

    @cached_property
    def shared(self) -> Shared:
        """The longer keys of ordinary words, by the letters they share."""
        return Shared([name for name in self.names if not name.startswith(CONCEPT)])


def merged(segments: Sequence[Segment], alive: Sequence[Flags]) -> Segment:
    """One segment of the profiles that still count in several, at the cost of copying them."""
    keys: dict[str, int] = {}
    columns: list[Rows] = []
    profiles: list[Profile] = []
    declined: list[frozenset[str]] = []
    for segment, live in zip(segments, alive, strict=True):
        rows = segment.rows
        kept = live[rows.member]
        renamed = np.zeros(len(segment.names), dtype=np.int64)
        for number in np.unique(rows.key[kept]):
            renamed[number] = keys.setdefault(segment.names[number], len(keys))
        renumbered = np.cumsum(live) - 1 + len(profiles)
        columns.append(
            Rows(
                renamed[rows.key[kept]],
                renumbered[rows.member[kept]],
                rows.field[kept],
                rows.counts[kept],
                rows.swedish[kept],
            )
        )
        profiles += [profile for profile, lives in zip(segment.profiles, live, strict=True) if lives]
        declined += [each for each, lives in zip(segment.declined, live, strict=True) if lives]
    return Segment(
        tuple(profiles),
        tuple(declined),
        tuple(keys),
        _sorted(
            Rows(
                np.concatenate([each.key for each in columns]),
                np.concatenate([each.member for each in columns]),
                np.concatenate([each.field for each in columns]),
                np.concatenate([each.counts for each in columns]),
                np.concatenate([each.swedish for each in columns]),
            )
        ),
        np.concatenate([segment.lengths[live] for segment, live in zip(segments, alive, strict=True)]),
        tuple(
            whole
            for segment, live in zip(segments, alive, strict=True)
            for whole, lives in zip(segment.wholes, live, strict=True)
            if lives
        ),
    )


def _sorted(rows: Rows) -> Rows:
    order = np.lexsort((rows.field, rows.member, rows.key))
    return Rows(rows.key[order], rows.member[order], rows.field[order], rows.counts[order], rows.swedish[order])
