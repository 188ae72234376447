"""The lexicon: finds the concepts of the taxonomy in a text, however their names are inflected there."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from bot.matching.names import JOINED, SHORTEST_HEAD, Names
from bot.matching.taxonomy import Taxonomy
from bot.matching.words import Language, unringed

SHORTEST_REST = 3
"""What is left of a compound beside a concept has at least so many letters."""

REACH = 4
"""So many words apart the words of one name may stand in a sentence."""

LEAST_TELLING = 2
LEAST_TOLD = 6.0
"""So many words must tell of a concept, and so much, for it to be brought up without being named."""

MOST_TOLD_OF = 60
"""A word that may be telling of more concepts than this tells of none."""

KEPT_WORDS = 100_000


class Span(NamedTuple):
    """A concept found in a text: from which word to before which. `inside` when it is only a part of a compound, or
    its words stand apart."""

    start: int
    end: int
    concept: str
    inside: bool


class Telling(NamedTuple):
    """A concept that a text tells of without naming it: how much, and where the words that do so stand."""

    concept: str
    weight: float
    places: list[int]


@dataclass(frozen=True, eq=False)
class Lexicon:
    """A taxonomy with its names, ready to be looked up in; threads may share it."""

    taxonomy: Taxonomy
    names: Names

    def find(self, keys: Sequence[str], tongue: Language) -> Iterator[Span]:
        """The concepts in a text given by the keys of its words: at each word the longest name that begins there.
        Where none does, the names that a Swedish compound begins or ends with."""
        names, lengths = self.names.concepts[tongue], self.names.lengths[tongue]
        covered = 0
        for place, key in enumerate(keys):
            for length in lengths.get(key, ()):
                end = place + length
                if end <= len(keys) and (concepts := names.get(JOINED.join(keys[place:end]))) is not None:
                    covered = max(covered, end)
                    for concept in concepts:
                        yield Span(place, end, concept, inside=False)
                    break
            else:
                if tongue == "sv" and place >= covered:
                    for concept in self._inside(key):
                        yield Span(place, place + 1, concept, inside=True)

    def scattered(self, keys: Sequence[str], tongue: Language) -> Iterator[Span]:
        """The concepts whose names of several words stand in a sentence, in any order and with others between."""
        for place, key in enumerate(keys):
            for name in self.names.scattered[tongue].get(key, ()):
                start = max(0, place - REACH)
                near = keys[start : place + REACH + 1]
                parts = name.split(JOINED)
                if all(part in near for part in parts):
                    spots = [place, *(start + _nearest(near, part, place - start) for part in parts)]
                    for concept in self.names.concepts[tongue][name]:
                        yield Span(min(spots), max(spots) + 1, concept, inside=True)

    def told(self, keys: Sequence[str], tongue: Language) -> list[Telling]:
        """The concepts of which several words of a text tell, most first: each word counts as it would among the
        concepts, the fewer it may be telling of the more."""
        signs = self.names.signs[tongue]
        seen: dict[str, dict[str, tuple[float, int]]] = {}
        for place, key in enumerate(keys):
            concepts = signs.get(key, {})
            if not 0 < len(concepts) <= MOST_TOLD_OF:
                continue
            rarity = math.log(len(self.taxonomy.concepts) / len(concepts))
            for concept, tells in concepts.items():
                seen.setdefault(concept, {}).setdefault(key, (rarity * tells, place))
        found = [
            Telling(concept, sum(weight for weight, _ in words.values()), sorted(place for _, place in words.values()))
            for concept, words in seen.items()
            if len(words) >= LEAST_TELLING
        ]
        return sorted(
            (each for each in found if each.weight >= LEAST_TOLD), key=lambda each: (-each.weight, each.concept)
        )

    @cached_property
    def by_letter(self) -> dict[tuple[str, int], list[str]]:
        """The roots of ordinary words in Swedish names, by first letter and length."""
        found: dict[tuple[str, int], list[str]] = {}
        for key in sorted(self.names.vocabulary):
            if not key.isupper():
                found.setdefault((key[0], len(key)), []).append(key)
        return found

    @cached_property
    def unringed(self) -> dict[str, str]:
        """The roots that have å, ä or ö by how they are written without: of several the one in most names."""
        return unringed(self.names.vocabulary)

    @cached_property
    def _inside(self) -> Callable[[str], tuple[str, ...]]:
        return lru_cache(maxsize=KEPT_WORDS)(self._parts)

    def _parts(self, key: str) -> tuple[str, ...]:
        """The concept that a compound begins with, and the one that it ends with."""
        if key.isupper():
            return ()
        single = self.names.single
        heads = (single.get(key[:end]) for end in range(len(key) - SHORTEST_REST, SHORTEST_HEAD - 1, -1))
        tails = (single.get(key[start:]) for start in range(SHORTEST_REST, len(key) - SHORTEST_HEAD + 1))
        return tuple(found for parts in (heads, tails) if (found := next(filter(None, parts), None)) is not None)


def _nearest(keys: Sequence[str], wanted: str, place: int) -> int:
    return min((spot for spot, key in enumerate(keys) if key == wanted), key=lambda spot: abs(spot - place))
