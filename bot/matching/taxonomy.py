"""The taxonomy: what the field's concepts are called in Swedish and English, and which are broader than which.

It is kept in `bot/matching/terms/`, one TOML file an area; an organisation adds terms of its own
(`bot/glossaries.py`). Reading all of them takes a few seconds, so what they come to is kept (`bot/matching/kept.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, NamedTuple

from bot.matching.concept import Area, Concept, Unusable, read
from bot.matching.gist import Gists
from bot.matching.kept import kept
from bot.matching.names import Names

HOUSE = Path(__file__).parent
FOLDER = HOUSE / "terms"
READERS = ("concept.py", "misleading.py", "names.py", "stopwords.py", "taxonomy.py", "words.py")
"""The modules that what is kept depends on, beside the files of terms."""

MOST_SIBLINGS = 8
"""Concepts under the same broader one are related when they are so few: under a wide one they may be anything."""

Relation = Literal["synonym", "narrower", "broader", "related"]


class Near(NamedTuple):
    """A concept near another: what it is to it, and in how many steps."""

    name: str
    relation: Relation
    steps: int


@dataclass(frozen=True, eq=False)
class Taxonomy:
    """All concepts, by name, in the order of the files. `extended` is what an organisation's own terms were added
    to."""

    concepts: Mapping[str, Concept] = field(default_factory=dict)
    areas: Mapping[str, Area] = field(default_factory=dict)
    names: Names = field(default_factory=lambda: Names.of(()))
    extended: "Taxonomy | None" = None

    def with_terms(self, concepts: Iterable[Concept], area: Area) -> "Taxonomy":
        """This taxonomy and an organisation's own concepts. One with a name that is there already adds its names to
        that concept; references to what is not there are left out."""
        merged = dict(self.concepts)
        added = list(concepts)
        for concept in added:
            merged[concept.name] = _joined(merged[concept.name], concept) if concept.name in merged else concept
        return Taxonomy(merged, {**self.areas, area.key: area}, self.names.plus(added), self)

    def near(self, name: str) -> tuple[Near, ...]:
        """The concepts near one: itself, those below it (at most two steps), above it (at most two), related ones, and
        those beside it under the same narrow one above."""
        return self._near[name]

    @cached_property
    def gists(self) -> Gists:
        """Makes the gists of texts; an organisation's own terms, which are few, make no gists of their own."""
        return self.extended.gists if self.extended is not None else Gists(tuple(self.concepts.values()))

    @cached_property
    def narrower(self) -> dict[str, tuple[str, ...]]:
        """The concepts one step below each."""
        below: dict[str, list[str]] = {}
        for concept in self.concepts.values():
            for above in concept.broader:
                below.setdefault(above, []).append(concept.name)
        return {name: tuple(names) for name, names in below.items()}

    @cached_property
    def _near(self) -> dict[str, tuple[Near, ...]]:
        return {name: tuple(self._around(name)) for name in self.concepts}

    @cached_property
    def _related(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for concept in self.concepts.values():
            for other in concept.related:
                if other in self.concepts:
                    found.setdefault(concept.name, set()).add(other)
                    found.setdefault(other, set()).add(concept.name)
        return found

    def _around(self, name: str) -> list[Near]:
        found = {name: Near(name, "synonym", 0)}
        for relation, step in (("narrower", self.narrower), ("broader", self._broader)):
            reached = [name]
            for steps in (1, 2):
                reached = [other for each in reached for other in step.get(each, ())]
                for other in reached:
                    found.setdefault(other, Near(other, relation, steps))  # type: ignore[arg-type]
        for other in sorted(self._related.get(name, ())):
            found.setdefault(other, Near(other, "related", 1))
        for above in self._broader.get(name, ()):
            beside = self.narrower[above]
            for other in beside if len(beside) <= MOST_SIBLINGS else ():
                found.setdefault(other, Near(other, "related", 2))
        return list(found.values())

    @cached_property
    def _broader(self) -> dict[str, tuple[str, ...]]:
        return {
            concept.name: tuple(above for above in concept.broader if above in self.concepts)
            for concept in self.concepts.values()
        }


@cache
def standard() -> Taxonomy:
    """The taxonomy that the project ships."""
    sources = sorted(FOLDER.glob("*.toml"))
    code = [(HOUSE / name).read_bytes() for name in READERS]
    texts = [path.name.encode() + path.read_bytes() for path in sources]
    made_from = [version("PyStemmer").encode(), *code, *texts]
    return _unpacked(kept("taxonomy", made_from, lambda: _packed(_read_all(sources))))


def _read_all(sources: Iterable[Path]) -> Taxonomy:
    concepts: dict[str, Concept] = {}
    areas: dict[str, Area] = {}
    for path in sources:
        area, found = read(path.read_text("utf-8"), path.stem, path.name)
        areas[area.key] = area
        for concept in found:
            if concept.name in concepts:
                raise Unusable(f'{path.name}: "{concept.name}" stands in {concepts[concept.name].area}.toml already.')
            concepts[concept.name] = concept
    return Taxonomy(concepts, areas, Names.of(concepts.values()))


def _packed(taxonomy: Taxonomy) -> dict[str, Any]:
    return {
        "areas": [asdict(area) for area in taxonomy.areas.values()],
        "concepts": [asdict(concept) for concept in taxonomy.concepts.values()],
        "names": asdict(taxonomy.names),
    }


def _unpacked(given: dict[str, Any]) -> Taxonomy:
    areas = [Area(**each) for each in given["areas"]]
    concepts = [Concept(**{name: _frozen(value) for name, value in each.items()}) for each in given["concepts"]]
    return Taxonomy(
        {concept.name: concept for concept in concepts}, {area.key: area for area in areas}, Names(**given["names"])
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _joined(concept: Concept, more: Concept) -> Concept:
    def both(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*first, *second)))

    return Concept(
        concept.name,
        concept.area,
        both(concept.en, more.en),
        both(concept.also, more.also),
        both(concept.short, more.short),
        both(concept.broader, more.broader),
        both(concept.related, more.related),
        both(concept.signs, more.signs),
        both(concept.signs_en, more.signs_en),
    )
