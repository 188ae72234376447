"""Texts as the letters they are made of: character 4-grams, which join what no rule of a language joins."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.matching.profiles import FIELDS, Profile

SIZE = 4
BITS = 16
BUCKETS = 1 << BITS
"""So many buckets the 4-grams of all texts are spread over; two that share one are not told apart."""

_GAP = re.compile(r"[\W_]+")
_MULTIPLIER = np.uint64(1_000_003)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_SPACE = ord(" ")


class Grams(NamedTuple):
    """The 4-grams of a text, by the numbers of their buckets, in order, with how much each counts: the more often it
    stands there the more, but ever less."""

    buckets: NDArray[np.int32]
    counts: NDArray[np.float32]


NO_GRAMS = Grams(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))


def grams(texts: Iterable[str]) -> Grams:
    """The 4-grams of the words of some texts, with the edges of the words."""
    joined = unicodedata.normalize("NFC", " ".join(texts)).casefold()
    spaced = f" {_GAP.sub(' ', joined).strip()} "
    letters = np.frombuffer(spaced.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    if len(letters) < SIZE:
        return NO_GRAMS
    columns = [letters[start : len(letters) - SIZE + 1 + start] for start in range(SIZE)]
    within = np.logical_and.reduce([column != _SPACE for column in columns[1:-1]])
    hashed = columns[0][within]
    for column in columns[1:]:
        hashed = hashed * _MULTIPLIER + column[within]
    spread = (hashed * _SPREAD) >> np.uint64(64 - BITS)
    buckets, times = np.unique(spread.astype(np.int32), return_counts=True)
    return Grams(buckets, (1 + np.log(times)).astype(np.float32))


def weighed(parts: Mapping[float, Iterable[str]]) -> Grams:
    """The 4-grams of some texts of which some count less, by how much they count; one that stands in several counts
    as where it counts most."""
    written = [(weight, grams(texts)) for weight, texts in parts.items()]
    if len(written) == 1:
        ((weight, found),) = written
        return found if weight == 1 else Grams(found.buckets, found.counts * np.float32(weight))
    buckets = np.concatenate([np.zeros(0, dtype=np.int32), *(found.buckets for _, found in written)])
    counts = np.concatenate([np.zeros(0), *(weight * found.counts for weight, found in written)])
    once, places = np.unique(buckets, return_inverse=True)
    most = np.zeros(len(once), dtype=np.float32)
    np.maximum.at(most, places, counts.astype(np.float32))
    return Grams(once, most)


def grams_of(profile: Profile) -> Grams:
    """The 4-grams of everything that a profile says."""
    return grams(text for field in FIELDS for text in profile.texts(field))


def sums(values: NDArray[np.float64], sizes: Sequence[int]) -> NDArray[np.float64]:
    """The sum of the first so many values, of the so many after them, and so on."""
    found = np.zeros(len(sizes))
    filled = np.array(sizes, dtype=np.int64) > 0
    if filled.any():
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        found[filled] = np.add.reduceat(values, starts[filled])
    return found
