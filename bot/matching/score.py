"""How well each member answers the subjects of a request: BM25 over the fields of a profile, with less for
what only a compound or a corrected spelling connects."""

from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from bot.matching.index import Fills, Index
from bot.matching.profiles import Via
from bot.matching.request import Subject

COMMON = 0.6
COMMON_FROM = 10

_COUNTS: dict[Via, float] = {
    "exact": 1.0,
    "stem": 1.0,
    "abbreviation": 1.0,
    "spelling": 0.7,
    "compound": 0.5,
}


class Link(NamedTuple):
    """How a subject reaches profiles: over which kind of connection, and what that weighs."""

    subject: Subject
    via: Via
    weighs: float


Hit = tuple[float, str, Link]
"""What a subject adds to a member's score, through which stem of the profile, and how it got there."""


@dataclass(frozen=True, slots=True)
class Found:
    """A member with their hits and a score between 0 and 1, for this request only."""

    member: str
    score: float = 0.0
    covered: float = 0.0
    hits: tuple[Hit, ...] = ()

    @property
    def strongest(self) -> list[Hit]:
        """The hits, the one that adds most first; of equals the one asked first."""
        return sorted(self.hits, key=itemgetter(0), reverse=True)

    @property
    def plain(self) -> int:
        """How many subjects the member answers in the request's own words."""
        return sum(link.via in {"stem", "abbreviation"} for _, _, link in self.hits)


def scored(subjects: tuple[Subject, ...], index: Index) -> list[Found]:
    """The members whom the subjects point to, in no particular order. A word that nearly everybody writes points
    to nobody."""
    whole = 0.0
    by_member: dict[str, list[Hit]] = {}
    for subject in subjects:
        weighs, hits = _hits(subject, index)
        whole += weighs
        for member, hit in hits.items():
            if member in by_member:
                by_member[member].append(hit)
            else:
                by_member[member] = [hit]
    return [
        Found(
            member,
            sum([hit[0] for hit in hits]) / whole,
            sum([hit[2].weighs for hit in hits]) / whole,
            tuple(hits),
        )
        for member, hits in by_member.items()
    ]


def _hits(subject: Subject, index: Index) -> tuple[float, dict[str, Hit]]:
    """What a subject weighs in the request, and each member's best hit on it."""
    answers = subject.answers
    own = index.fills(answers.stems)
    around = index.fills(answers.compounds)
    groups: list[tuple[Fills, Via, int]] = [
        (own, answers.via, len(own)),
        (around, "compound", len(own.keys() | around.keys())),
    ]
    for stem in answers.parts:
        part = index.fills((stem,))
        groups.append((part, "compound", len(part)))
    found: dict[str, Hit] = {}
    rarities = []
    for members, via, writers in groups:
        if not members:
            continue
        rarity = index.rarity(writers) * subject.weight
        rarities.append(rarity)
        if index.size >= COMMON_FROM and writers > COMMON * index.size:
            continue
        link = Link(subject, via, _COUNTS[via] * rarity)
        if not found:
            found = {member: (link.weighs * fill, stem, link) for member, (fill, stem) in members.items()}
            continue
        for member, (fill, stem) in members.items():
            value = link.weighs * fill
            if member not in found or value > found[member][0]:
                found[member] = value, stem, link
    return max(rarities, default=index.rarity(1) * subject.weight), found
