"""How well each member answers the subjects of a request: for each subject the best of what links it to the member's
profile, weighed by how rare that is among the members."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bot.matching.index import Index
from bot.matching.letters import BUCKETS, grams
from bot.matching.links import Link
from bot.matching.request import Subject
from bot.matching.segment import Floats, Ints
from bot.matching.words import language, words

MOST_HITS = 12
"""So much of what speaks for a member is looked at for reasons."""

COMMON = 0.6
LETTERS = 0.5
"""How much it counts, beside what a profile answers, that it is written with the same letters."""

LOOKED_AT = 50
"""So many of those who answer most are compared letter by letter, and any who answer as much as the last of them."""

COMMON_FROM = 10
"""From this many members on, what more than `COMMON` of them have points to nobody."""


class Hit(NamedTuple):
    """What a subject adds to a member's score, and through which link."""

    value: float
    subject: Subject
    link: Link


class Answering(NamedTuple):
    """A subject of the request: what it weighs, and for each of its links the members it points to, in order, with how
    full of it their profiles are."""

    subject: Subject
    weight: float
    links: list[tuple[Link, Ints, Floats]]


@dataclass(frozen=True)
class Scores:
    """The members, by number, with their scores for one request: `answered` is how much of what could be answered
    they answer, `totals` that and, for the best of them, how alike the whole texts are; both between 0 and 1."""

    index: Index
    answering: tuple[Answering, ...]
    whole: float
    answered: Floats
    totals: Floats

    @property
    def found(self) -> Ints:
        """The numbers of the members to whom anything points."""
        return np.flatnonzero(self.totals)

    def hits(self, numbers: Sequence[int]) -> list[list[Hit]]:
        """What speaks most for each of some members, most first; of equals the subject asked first."""
        wanted = np.array(numbers, dtype=np.int64)
        values = np.zeros((len(self.answering), len(wanted)))
        chosen = np.zeros(values.shape, dtype=np.int64)
        for row, (_, weight, links) in enumerate(self.answering):
            for which, (link, members, fills) in enumerate(links):
                places = members.searchsorted(wanted)
                places[places == len(members)] = 0
                value = np.where(members[places] == wanted, weight * link.strength * fills[places], 0.0)
                better = value > values[row]
                values[row][better] = value[better]
                chosen[row][better] = which
        return [
            [
                Hit(float(values[row, column]), self.answering[row].subject, self.answering[row].links[which][0])
                for row in np.argsort(-values[:, column], kind="stable")[:MOST_HITS]
                if values[row, column] > 0 and (which := int(chosen[row, column])) >= 0
            ]
            for column in range(len(wanted))
        ]


def scored(text: str, subjects: Sequence[Subject], index: Index) -> Scores:
    """The scores of all members for a request, given by its text and its subjects."""
    totals = np.zeros(index.numbers)
    best = np.zeros(index.numbers)
    answering = []
    for subject in subjects:
        weight = subject.weight * _rarity(subject, index)
        links = [
            (link, members, fills)
            for link in subject.links
            if not _common(link, index)
            for members, fills in index.found(link.key)
        ]
        answering.append(Answering(subject, weight, links))
        for link, members, fills in links:
            best[members] = np.maximum(best[members], (weight * link.strength) * fills)
        for _, members, _ in links:
            totals[members] += best[members]
            best[members] = 0.0
    whole = sum(each.weight for each in answering)
    answered = totals / whole if whole else totals
    return Scores(index, tuple(answering), whole, answered, _with_letters(text, answered, index))


def _with_letters(text: str, answered: Floats, index: Index) -> Floats:
    """The scores with how alike the text and the profiles are, letter by letter: the cosine between their character
    n-grams, for those who answer most. It counts as far as the members write in the request's language, and whoever
    answers nothing gains nothing by it."""
    found = np.flatnonzero(answered)
    if not index.reader.stages.letters or not len(found):
        return answered
    if len(found) > LOOKED_AT:
        least = np.partition(answered[found], -LOOKED_AT)[-LOOKED_AT]
        found = found[answered[found] >= least]
    asked = grams([text])
    rarity = index.gram_rarity
    wanted = np.zeros(BUCKETS)
    wanted[asked.buckets] = asked.counts * rarity[asked.buckets]
    length = float((rarity[asked.buckets] * asked.counts**2).sum())
    weight = LETTERS * index.share(language(words(text)))
    totals = answered / (1 + weight)
    for number in found:
        buckets, counts = index.letters(int(number))
        own = float((rarity[buckets] * counts**2).sum())
        if own and length:
            alike = float((wanted[buckets] * counts).sum()) / math.sqrt(own * length)
            totals[number] += weight / (1 + weight) * alike
    return totals


def _rarity(subject: Subject, index: Index) -> float:
    """How rare what answers a subject is; the strongest links count alone, and what nobody has is as rare as can be."""
    strongest = [link for link in subject.links if link.strength >= subject.links[0].strength]
    return index.rarity(max((index.writers(link.key) for link in strongest), default=1))


def _common(link: Link, index: Index) -> bool:
    return index.size >= COMMON_FROM and index.writers(link.key) > COMMON * index.size
