"""What is wrong with a taxonomy: names that mean two things, ambiguous abbreviations, circles, references to nothing,
names that say too little."""

from collections.abc import Iterator

from bot.matching.concept import Concept
from bot.matching.names import says_too_little
from bot.matching.taxonomy import Taxonomy
from bot.matching.words import fold


def problems(taxonomy: Taxonomy) -> list[str]:
    """Every problem, one sentence each, in the order of the concepts."""
    concepts = list(taxonomy.concepts.values())
    return [*_twice(concepts), *_unknown(taxonomy), *_circles(taxonomy), *_empty(concepts)]


def _twice(concepts: list[Concept]) -> Iterator[str]:
    """A name or an abbreviation belongs to one concept: a text that has it would otherwise be about both."""
    owners: dict[tuple[str, str], str] = {}
    for concept in concepts:
        kinds = (("name", concept.swedish), ("English name", concept.en), ("abbreviation", concept.short))
        for kind, names in kinds:
            seen: set[str] = set()
            for name in names:
                key = name if kind == "abbreviation" else fold(name)
                owner = owners.setdefault((kind, key), concept.name)
                if key in seen:
                    yield f'{_place(concept)}: the {kind} "{name}" stands there twice.'
                elif owner != concept.name:
                    said = "is ambiguous: it is" if kind == "abbreviation" else "is"
                    yield f'{_place(concept)}: the {kind} "{name}" {said} "{owner}" already.'
                seen.add(key)


def _unknown(taxonomy: Taxonomy) -> Iterator[str]:
    for concept in taxonomy.concepts.values():
        for kind, names in (("broader", concept.broader), ("related", concept.related)):
            for name in names:
                if name not in taxonomy.concepts:
                    yield f'{_place(concept)}, {kind}: there is no concept "{name}".'
                elif name == concept.name:
                    yield f"{_place(concept)}, {kind}: it names itself."


def _circles(taxonomy: Taxonomy) -> Iterator[str]:
    """A concept that is broader than itself, over others; each circle is told once."""
    done: set[str] = set()
    for start in taxonomy.concepts:
        trail: list[str] = []
        yield from _follow(taxonomy, start, trail, done)


def _follow(taxonomy: Taxonomy, name: str, trail: list[str], done: set[str]) -> Iterator[str]:
    if name in trail:
        circle = [*trail[trail.index(name) :], name]
        yield f"{_place(taxonomy.concepts[name])}, broader: goes in a circle: {' → '.join(circle)}."
        return
    if name in done or name not in taxonomy.concepts:
        return
    trail.append(name)
    for above in taxonomy.concepts[name].broader:
        if above != name:
            yield from _follow(taxonomy, above, trail, done)
    trail.pop()
    done.add(name)


def _empty(concepts: list[Concept]) -> Iterator[str]:
    """A name whose words all carry no subject, or whose only such word would say too much, finds nothing. A concept may
    be called so when it has other names to be found by."""
    for concept in concepts:
        found = any(not says_too_little(name) for name in concept.also)
        for name in (*(concept.also if found else concept.swedish), *concept.en):
            if says_too_little(name):
                yield f'{_place(concept)}: the name "{name}" says too little to be looked for.'


def _place(concept: Concept) -> str:
    return f'{concept.area}: "{concept.name}"'
