"""Gists: what a text is about, roughly, as the concepts of the field whose names its letters resemble.

Texts that share no word are joined by it, also over two languages, since a concept has names in both: explicit semantic
analysis, with the taxonomy in the place of an encyclopedia and 4-grams in the place of words.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.matching.concept import Concept
from bot.matching.letters import BUCKETS, Grams, grams, sums

KEPT = 60
"""So many concepts make up a gist: those that the text resembles most."""

SHARPENED = 3
"""The power by which the concepts that a text resembles most stand out from the others."""


class Gist(NamedTuple):
    """The numbers of the concepts that a text resembles, and how much; the squares of that add up to 1."""

    concepts: NDArray[np.int32]
    weights: NDArray[np.float32]


NO_GIST = Gist(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))


class Gists:
    """The concepts of a taxonomy by the 4-grams of their names, of their signs and of what is broader; threads may
    share it."""

    def __init__(self, concepts: Sequence[Concept]) -> None:
        self._count = len(concepts)
        written = [grams(_texts(concept)) for concept in concepts]
        sizes = [len(each.buckets) for each in written]
        owners = np.repeat(np.arange(self._count, dtype=np.int32), sizes)
        buckets = np.concatenate([np.zeros(0, dtype=np.int32), *(each.buckets for each in written)])
        counts = np.concatenate([np.zeros(0, dtype=np.float32), *(each.counts for each in written)])
        spread = np.bincount(buckets, minlength=BUCKETS)
        self._rarity = (np.log((1 + self._count) / (1 + spread)) + 1).astype(np.float32)
        weights = counts * self._rarity[buckets]
        lengths = np.sqrt(np.bincount(owners, weights**2, minlength=self._count))
        order = np.argsort(buckets, kind="stable")
        self._owners = owners[order]
        self._weights = (weights / np.maximum(lengths, 1e-9)[owners])[order].astype(np.float32)
        self._starts = np.concatenate([[0], np.cumsum(spread)])

    def of(self, text: Grams) -> Gist:
        """The gist of a text, given by its 4-grams."""
        likeness = self._likeness(text)
        best = np.argsort(-likeness, kind="stable")[:KEPT]
        best = best[likeness[best] > 0]
        sharp = likeness[best] ** SHARPENED
        length = float(np.sqrt((sharp**2).sum()))
        return Gist(best.astype(np.int32), (sharp / length).astype(np.float32)) if length else NO_GIST

    def alike(self, asked: Gist, others: Sequence[Gist]) -> NDArray[np.float64]:
        """How much each of some gists is like the one asked for, from 0 to 1."""
        wanted = np.zeros(self._count)
        wanted[asked.concepts] = asked.weights
        places = np.concatenate([np.zeros(0, dtype=np.int32), *(other.concepts for other in others)])
        weights = np.concatenate([np.zeros(0, dtype=np.float32), *(other.weights for other in others)])
        return sums(wanted[places] * weights, [len(other.concepts) for other in others])

    def _likeness(self, text: Grams) -> NDArray[np.float64]:
        """How much a text resembles each concept, up to a factor."""
        starts = self._starts[text.buckets]
        runs = self._starts[text.buckets + 1] - starts
        places = np.repeat(starts - np.cumsum(runs) + runs, runs) + np.arange(runs.sum())
        said = np.repeat(text.counts * self._rarity[text.buckets], runs)
        found = np.bincount(self._owners[places], said * self._weights[places], self._count).astype(np.float64)
        top = found.max(initial=0.0)
        return found / top if top else found


def _texts(concept: Concept) -> tuple[str, ...]:
    return (*concept.swedish, *concept.en, *concept.signs, *concept.signs_en, *concept.broader)
