"""Links: what in the profiles answers a word or a concept of a request, over which kind of connection, and how
strongly."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.matching.index import Index
from bot.matching.profiles import Via
from bot.matching.reading import CONCEPT
from bot.matching.words import Language

EXACT = 1.0
PART = 0.65
SPELLED = 0.8
LETTERS = 0.9
OTHER_LANGUAGE = 0.9
NEAREST = {
    ("synonym", 0): 1.0,
    ("narrower", 1): 0.8,
    ("narrower", 2): 0.6,
    ("broader", 1): 0.45,
    ("broader", 2): 0.2,
    ("related", 1): 0.35,
    ("related", 2): 0.3,
}
"""How much a concept near the one asked for counts, by what it is to it and in how many steps."""

WITHIN = 0.6
"""How much a concept counts that stands in the area asked for."""

AREA = "@"
"""Stands before the key of an area that was chosen as a topic, so that it is no concept's name."""

MOST_LINKS = 6

SHORTEST_PART = 4
SHORTEST_LONE_PART = 5
MOST_PARTS = 4
JOINING = "seaou"
LEAST_SHARED = 0.5
SHORTEST_LETTERS = 5
SAME_START = 3

_VOWELS = frozenset("aeiouyåäöé")
_ENDINGS = (
    "ande ande anden arna aste asten else elser ende erna etern heten hets igare igast ingen ingar ings isera "
    "isering itet iteten lige liga ligt liga ligen ligast ligare ling lingen logi ning ningen ningar skap "
    "skapet skaps tion ation"
)
_PREFIXES = (
    "anti efter emellan eller fram före förut genom hemma igen infra inter kontra mellan meta mikro makro mono "
    "multi mång omkring para post sino super tele till trans ultra under uppe utan vice åter över övers"
)
NO_PART = frozenset(_ENDINGS.split()) | frozenset(_PREFIXES.split())


class Link(NamedTuple):
    """A key of the profiles that answers, over which kind of connection, and how strongly, from 0 to 1."""

    key: str
    via: Via
    strength: float


def abbreviation_links(keys: Sequence[str], index: Index) -> list[Link]:
    """What answers an abbreviation, given what it is found under: itself, and nothing that only resembles it."""
    return [Link(key, "abbreviation", EXACT) for key in keys if index.writers(key)][:1]


def word_links(own: str, written: str, tongue: Language, index: Index) -> list[Link]:
    """What answers a word, given its key and how it is written: itself, the compounds it is in and those it is, and
    words that share most of its letters."""
    stages = index.reader.stages
    found = {own: Link(own, "stem", EXACT)} if index.writers(own) else {}
    other = index.reader.key(written, "en" if tongue == "sv" else "sv")
    if other != own and (tongue == "sv" or other == written) and index.writers(other):
        found.setdefault(other, Link(other, "stem", OTHER_LANGUAGE))
    if tongue == "sv" and stages.compounds:
        for key in (*compounds(own, index), *(key for key in parts(written, index) if index.writers(key))):
            found.setdefault(key, Link(key, "compound", PART))
    if tongue == "sv" and stages.likeness and len(own) >= SHORTEST_LETTERS:
        for key, shared in index.sharing(own, LEAST_SHARED):
            if own[:SAME_START] != key[:SAME_START] and own not in key and key not in own:
                continue
            via: Via = "compound" if own in key or key in own else "stem"
            found.setdefault(key, Link(key, via, LETTERS * shared))
    return sorted(found.values(), key=lambda link: (-link.strength, link.key))[:MOST_LINKS]


def concept_links(concept: str, index: Index) -> list[Link]:
    """What answers a concept: itself and the concepts near it."""
    near = index.reader.lexicon.taxonomy.near(concept)
    found = [
        Link(CONCEPT + each.name, each.relation, NEAREST[each.relation, each.steps])
        for each in near
        if index.writers(CONCEPT + each.name)
    ]
    return sorted(found, key=lambda link: (-link.strength, link.key))


def area_links(area: str, index: Index) -> list[Link]:
    """What answers an area: the concepts that stand in it."""
    concepts = index.reader.lexicon.taxonomy.concepts.values()
    keys = sorted(CONCEPT + concept.name for concept in concepts if concept.area == area)
    return [Link(key, "narrower", WITHIN) for key in keys if index.writers(key)]


def parts(word: str, index: Index) -> tuple[str, ...]:
    """The keys of the words that a Swedish compound consists of, when it can be taken apart into known ones without
    anything left but the letter that joins them; otherwise the known word it begins or ends with, when that is long
    enough and what is left looks like a word."""
    whole = _split(word, index, MOST_PARTS)
    if len(whole) > 1:
        return whole
    ends = range(len(word) - SHORTEST_PART, SHORTEST_LONE_PART - 1, -1)
    for end in ends:
        if (head := _known(word[:end], index)) and could_be_word(word[end:]):
            return (head,)
        if (tail := _known(word[-end:], index)) and could_be_word(word[:-end]):
            return (tail,)
    return ()


def _split(word: str, index: Index, most: int) -> tuple[str, ...]:
    """A word as known parts, as few and as even as can be; nothing when it cannot be taken apart."""
    if own := _known(word, index):
        return (own,)
    if most == 1:
        return ()
    best: tuple[str, ...] = ()
    for end in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
        head = _known(word[:end], index) or (_known(word[: end - 1], index) if word[end - 1] in JOINING else "")
        if head and (rest := _split(word[end:], index, most - 1)):
            whole = (head, *rest)
            if not best or (len(whole), -min(map(len, whole))) < (len(best), -min(map(len, best))):
                best = whole
    return best


def _known(part: str, index: Index) -> str:
    """The key of a part, when it is a word that Swedish profiles or the taxonomy know; otherwise nothing."""
    if len(part) < SHORTEST_PART or part in NO_PART:
        return ""
    key = index.reader.key(part, "sv")
    known = index.is_swedish(key) or (index.reader.stages.terms and key in index.reader.lexicon.names.vocabulary)
    return key if known else ""


def compounds(part: str, index: Index) -> Iterator[str]:
    """The compounds of the profiles that begin or end with a word."""
    if len(part) >= SHORTEST_PART:
        yield from (word for word in index.ending_with(part) if could_be_word(word[: -len(part)]))
        yield from (word for word in index.starting_with(part) if could_be_word(word[len(part) :]))


def could_be_word(rest: str) -> bool:
    """Whether what is left of a compound can be a word itself, and not an ending or a prefix."""
    bare = rest.removeprefix("s").removesuffix("s")
    return len(bare) >= SHORTEST_PART and bare not in NO_PART and rest not in NO_PART and not _VOWELS.isdisjoint(bare)
