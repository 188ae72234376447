"""Words that share most of their letters."""

from array import array
from collections.abc import Iterable
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

SHORTEST = 5
GRAM = 3


class Shared:
    """The longer ones of some words, by number, and the character 3-grams that they share."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = [word for word in words if len(word) >= SHORTEST]

    def with_letters_of(self, word: str, least: float) -> list[tuple[str, float]]:
        """The words that share letters with a word, each with Dice's coefficient of their 3-grams, of at least so
        much."""
        grams = trigrams(word)
        runs = [run for gram in grams if (run := self._runs.get(gram)) is not None]
        if not runs:
            return []
        numbers, shared = np.unique(np.concatenate(runs), return_counts=True)
        dice = 2 * shared / (len(grams) + self._counts[numbers])
        return [(self._words[numbers[place]], float(dice[place])) for place in np.flatnonzero(dice >= least)]

    @cached_property
    def _runs(self) -> dict[str, NDArray[np.int64]]:
        found: dict[str, array[int]] = {}
        for number, word in enumerate(self._words):
            for gram in trigrams(word):
                if gram in found:
                    found[gram].append(number)
                else:
                    found[gram] = array("q", [number])
        return {gram: np.array(numbers) for gram, numbers in found.items()}

    @cached_property
    def _counts(self) -> NDArray[np.int64]:
        return np.array([len(trigrams(word)) for word in self._words], dtype=np.int64)


@lru_cache(maxsize=100_000)
def trigrams(word: str) -> frozenset[str]:
    """The character 3-grams of a word and its edges."""
    padded = f"^{word}$"
    return frozenset(padded[start : start + GRAM] for start in range(len(padded) - GRAM + 1))
