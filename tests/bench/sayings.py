"""Sayings: what cases, answers and lessons say, each with the stems that search finds it by."""

import random
from dataclasses import dataclass

from bot.matching.taxonomy import standard
from bot.search import stems_of
from tests.bench.academy import SEED, requests

PASSAGES = 3_000


@dataclass(frozen=True, slots=True)
class Saying:
    """A text and its stems."""

    text: str
    stems: frozenset[str]


class Sayings:
    """Topics are as often as words are in ordinary texts: the first of them in a case of eight."""

    def __init__(self) -> None:
        self.topics = [concept.swedish[0] for concept in standard().concepts.values()]
        random.Random(SEED).shuffle(self.topics)
        self._titles = [_said(f"Hur arbetar vi med {topic}?") for topic in self.topics]
        self._passages = [_said(text) for text in requests(PASSAGES)]

    def title(self, dice: random.Random) -> Saying:
        """A case's title."""
        return self._titles[int(len(self._titles) ** dice.random()) - 1]

    def passage(self, dice: random.Random) -> Saying:
        """One to three sentences."""
        return dice.choice(self._passages)


def _said(text: str) -> Saying:
    return Saying(text, frozenset(stems_of(text)))
