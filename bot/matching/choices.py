"""What a request may be about when it does not say enough: the nearest concepts and areas, to choose from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.matching.everyday import is_everyday
from bot.matching.index import Index
from bot.matching.links import AREA, concept_links
from bot.matching.reading import CONCEPT
from bot.matching.request import Subject
from bot.matching.taxonomy import Taxonomy
from bot.matching.words import fold

MOST_CONCEPTS = 6
MOST_AREAS = 4
ALIKE = 75
"""How alike (of 100) a word and the name of a concept must be for the one to bring up the other."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A concept or an area to choose: `key` is what `rank` takes as a topic, the others how people read it."""

    key: str
    sv: str
    en: str
    area: bool = False


def nearest(subjects: Sequence[Subject], index: Index) -> tuple[Choice, ...]:
    """The concepts nearest a request that some member answers, then the areas they stand in; when the request brings
    up no concept at all, the areas that most members answer."""
    taxonomy = index.reader.lexicon.taxonomy
    concepts = [name for name in _brought_up(subjects, index) if concept_links(name, index)][:MOST_CONCEPTS]
    areas = list(dict.fromkeys(taxonomy.concepts[name].area for name in concepts)) or _busiest(index)
    return (
        *(Choice(name, name, _english(name, taxonomy)) for name in concepts),
        *(Choice(AREA + key, taxonomy.areas[key].sv, taxonomy.areas[key].en, area=True) for key in areas[:MOST_AREAS]),
    )


def _brought_up(subjects: Sequence[Subject], index: Index) -> list[str]:
    """The concepts of the request, those that sound like one of its words, and those around them."""
    named = [subject.key.removeprefix(CONCEPT) for subject in subjects if subject.concept]
    named = [name for name in named if not name.startswith(AREA)]
    sounding = [] if named else list(_sounding(subjects, index.reader.lexicon.taxonomy))
    near = (each.name for name in (*named, *sounding) for each in index.reader.lexicon.taxonomy.near(name))
    return list(dict.fromkeys([*named, *sounding, *near]))


def _sounding(subjects: Sequence[Subject], taxonomy: Taxonomy) -> Iterator[str]:
    names = {fold(name): name for name in taxonomy.concepts}
    for subject in subjects:
        word = fold(subject.asked)
        if not is_everyday(word, "sv"):
            hits = process.extract(word, list(names), scorer=fuzz.ratio, score_cutoff=ALIKE, limit=2)
            yield from (names[hit] for hit, _, _ in sorted(hits, key=lambda hit: (-hit[1], hit[0])))


def _busiest(index: Index) -> list[str]:
    """The areas by how many of their concepts some member answers, most first."""
    taxonomy = index.reader.lexicon.taxonomy
    often: dict[str, int] = dict.fromkeys(taxonomy.areas, 0)
    for name, concept in taxonomy.concepts.items():
        often[concept.area] += index.writers(CONCEPT + name) > 0
    return [area for area in sorted(often, key=lambda area: (-often[area], area)) if often[area]]


def _english(name: str, taxonomy: Taxonomy) -> str:
    return next(iter(taxonomy.concepts[name].en), name)
