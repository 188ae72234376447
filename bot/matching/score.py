"""How well each member answers the subjects of a request: for each subject the best of what links it to the member's
profile, weighed by how rare that is among the members."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

import numpy as np

from bot.matching.focus import parts
from bot.matching.index import Index
from bot.matching.letters import BUCKETS, Grams, sums, weighed
from bot.matching.links import Link
from bot.matching.request import Subject
from bot.matching.segment import Floats, Ints
from bot.matching.words import language, placed

MOST_HITS = 12
"""So much of what speaks for a member is looked at for reasons."""

COMMON = 0.6
LETTERS = 0.6
GIST = 0.48
"""How much it counts, beside what a profile answers, that it is written with the same letters, and that it is about the
same."""

LOOKED_AT = 50
"""So many of those who answer most are compared as wholes, and any who answer as much as the last of them."""

COMMON_FROM = 10
"""From this many members on, what more than `COMMON` of them have points to nobody."""


class Hit(NamedTuple):
    """What a subject adds to a member's score, and through which link."""

    value: float
    subject: Subject
    link: Link


class Pointing(NamedTuple):
    """A subject of the request, which of them it is, and one of its links with the members that it points to, in order,
    and what it is worth at each of them."""

    row: int
    subject: Subject
    link: Link
    members: Ints
    values: Floats


@dataclass(frozen=True)
class Postings:
    """Everything in the request that points to members, together: what `pointing` has goes from one of the `bounds` to
    the next."""

    pointing: tuple[Pointing, ...]
    bounds: Ints
    members: Ints
    values: Floats

    @classmethod
    def of(cls, pointing: Sequence[Pointing]) -> "Postings":
        """The postings of all links, given in the order of the subjects."""
        return cls(
            tuple(pointing),
            np.cumsum([0, *(len(each.members) for each in pointing)]),
            np.concatenate([np.zeros(0, dtype=np.int64), *(each.members for each in pointing)]),
            np.concatenate([np.zeros(0), *(each.values for each in pointing)]),
        )

    def at(self, numbers: Sequence[int]) -> tuple[Ints, Ints]:
        """The postings of some members, and which `pointing` each of them is of."""
        places = np.flatnonzero(np.isin(self.members, np.array(numbers, dtype=np.int64)))
        return places, np.searchsorted(self.bounds, places, side="right") - 1

    def summed(self, size: int) -> Floats:
        """What each of so many members answers: of each subject the best link counts."""
        totals, best = np.zeros(size), np.zeros(size)
        start = 0
        for _, links in groupby(self.pointing, key=lambda each: each.row):
            together = list(links)
            for *_, members, values in together:
                best[members] = np.maximum(best[members], values)
            end = start + len(together)
            anybody = self.members[self.bounds[start] : self.bounds[end]]
            totals[anybody] += best[anybody]
            best[anybody] = 0.0
            start = end
        return totals


@dataclass(frozen=True)
class Scores:
    """The members, by number, with their scores for one request: `answered` is how much of what could be answered
    they answer, `totals` that and, for the best of them, how alike the wholes are; both between 0 and 1."""

    index: Index
    postings: Postings
    whole: float
    answered: Floats
    totals: Floats

    @cached_property
    def found(self) -> Ints:
        """The numbers of the members to whom anything points."""
        return np.flatnonzero(self.totals)

    def hits(self, numbers: Sequence[int]) -> list[list[Hit]]:
        """What speaks most for each of some members, most first; of equals the subject asked first."""
        best: dict[int, dict[int, Hit]] = {number: {} for number in numbers}
        places, pointing = self.postings.at(numbers)
        for place, which in zip(places.tolist(), pointing.tolist(), strict=True):
            row, subject, link, *_ = self.postings.pointing[which]
            value = float(self.postings.values[place])
            mine = best[int(self.postings.members[place])]
            if row not in mine or value > mine[row].value:
                mine[row] = Hit(value, subject, link)
        return [
            sorted((hit for _, hit in sorted(best[number].items())), key=lambda hit: -hit.value)[:MOST_HITS]
            for number in numbers
        ]


def scored(text: str, subjects: Sequence[Subject], index: Index) -> Scores:
    """The scores of all members for a request, given by its text and its subjects."""
    whole = 0.0
    pointing: list[Pointing] = []
    for row, subject in enumerate(subjects):
        weight = subject.weight * _rarity(subject, index)
        whole += weight
        pointing += [
            Pointing(row, subject, link, members, weight * link.strength * fills)
            for link in subject.links
            if not _common(link, index)
            for members, fills in index.found(link.key)
        ]
    postings = Postings.of(pointing)
    answered = postings.summed(index.numbers)
    if whole:
        answered /= whole
    return Scores(index, postings, whole, answered, _with_wholes(text, answered, index))


def _with_wholes(text: str, answered: Floats, index: Index) -> Floats:
    """The scores with how alike the request and the profiles are as wholes, for those who answer most: by their letters
    as far as the members write in the request's language, and by their gists. Whoever answers nothing gains nothing by
    it."""
    stages = index.reader.stages
    found = np.flatnonzero(answered)
    if not (stages.letters or stages.gist) or not len(found):
        return answered
    if len(found) > LOOKED_AT:
        least = np.partition(answered[found], -LOOKED_AT)[-LOOKED_AT]
        found = found[answered[found] >= least]
    written = placed(text)
    asked = weighed(parts(text, written) if stages.focus else {1.0: [text]})
    wholes = [index.whole(int(number)) for number in found]
    letters = LETTERS * index.share(language([each.word for each in written])) if stages.letters else 0.0
    gist = GIST if stages.gist and stages.terms else 0.0
    totals = answered.copy()
    if letters:
        totals[found] += letters * _alike(asked, [whole.grams for whole in wholes], index)
    if gist:
        gists = index.reader.lexicon.taxonomy.gists
        totals[found] += gist * gists.alike(gists.of(asked), [whole.gist for whole in wholes])
    return np.asarray(totals / (1 + letters + gist))


def _alike(asked: Grams, written: Sequence[Grams], index: Index) -> Floats:
    """The cosine between a text and each of some profiles, by their 4-grams; 0 where there are none."""
    rarity = index.gram_rarity
    wanted = np.zeros(BUCKETS)
    wanted[asked.buckets] = asked.counts * rarity[asked.buckets]
    asked_length = float((wanted[asked.buckets] * asked.counts).sum())
    buckets = np.concatenate([each.buckets for each in written])
    counts = np.concatenate([each.counts for each in written]).astype(np.float64)
    sizes = [len(each.buckets) for each in written]
    lengths = asked_length * sums(rarity[buckets] * counts**2, sizes)
    shared = sums(wanted[buckets] * counts, sizes)
    return np.divide(shared, np.sqrt(lengths), out=np.zeros(len(written)), where=lengths > 0)


def _rarity(subject: Subject, index: Index) -> float:
    """How rare what answers a subject is; the strongest links count alone, and what nobody has is as rare as can be."""
    strongest = [link for link in subject.links if link.strength >= subject.links[0].strength]
    return index.rarity(max((index.writers(link.key) for link in strongest), default=1))


def _common(link: Link, index: Index) -> bool:
    return index.size >= COMMON_FROM and index.writers(link.key) > COMMON * index.size
