"""The names of concepts as they are looked for in texts: without inflection, by the language of the text around
them."""

import re
from collections import ChainMap, Counter
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Self

from bot.matching.concept import Concept
from bot.matching.surroundings import SURROUNDINGS
from bot.matching.words import Language, Word, root, words

TONGUES: tuple[Language, ...] = ("sv", "en")

SHORTEST_FOREIGN = 6
"""A single English word shorter than this is not looked for in Swedish texts, nor the other way round: too many are
words of both languages."""

SHORTEST_HEAD = 5
SHORTEST_ROOT_HEAD = 7
LONGEST_NAME = 8
LONGEST_SCATTERED = 4
JOINED = " "

SIGN = 0.7
"""How much a sign tells of a concept, beside a name of one word. A word of a name tells less the longer the name is."""

_PIECES = re.compile(r"\w+")

Keys = tuple[str, ...]
"""What a name is found under: the root of each of its words, capitals for an abbreviation."""


@dataclass(frozen=True, slots=True)
class Names:
    """Tables of names. Of each of the first three there is one a language; keys of several words are joined by a space.

    `concepts`: from a name to the concepts it may mean. `lengths`: from a name's first key to how many words such
    names have, most first. `scattered`: from the rarest key of a name of several words to those names. `single`: from a
    Swedish word that is told apart inside a compound to its concept. `vocabulary`: from the root of a word in Swedish
    names to how many have it. `short`: from an abbreviation in small letters to how it is written. `signs`: from a word
    to the concepts that it may be telling of, a language each, with how much: the signs of their situation, and the
    single words of their names.
    """

    concepts: Mapping[Language, MutableMapping[str, list[str]]]
    lengths: Mapping[Language, MutableMapping[str, list[int]]]
    scattered: Mapping[Language, MutableMapping[str, list[str]]]
    single: MutableMapping[str, str]
    vocabulary: MutableMapping[str, int]
    short: MutableMapping[str, str]
    signs: Mapping[Language, MutableMapping[str, dict[str, float]]]

    @classmethod
    def of(cls, concepts: Iterable[Concept]) -> Self:
        """Read all names."""
        found = cls({"sv": {}, "en": {}}, {"sv": {}, "en": {}}, {"sv": {}, "en": {}}, {}, {}, {}, {"sv": {}, "en": {}})
        found._add(list(concepts))
        return found

    def plus(self, concepts: Iterable[Concept]) -> Self:
        """These names and those of more concepts, at the cost of the latter."""
        layered = type(self)(
            {tongue: ChainMap({}, table) for tongue, table in self.concepts.items()},
            {tongue: ChainMap({}, table) for tongue, table in self.lengths.items()},
            {tongue: ChainMap({}, table) for tongue, table in self.scattered.items()},
            ChainMap({}, self.single),
            ChainMap({}, self.vocabulary),
            ChainMap({}, self.short),
            {tongue: ChainMap({}, table) for tongue, table in self.signs.items()},
        )
        layered._add(list(concepts))
        return layered

    def _add(self, concepts: list[Concept]) -> None:
        added: dict[Language, dict[Keys, None]] = {"sv": {}, "en": {}}
        for concept in concepts:
            for name in concept.swedish:
                written = words(name)
                self._add_words(name, written, concept)
                self._add_keys(_ways(name, written, "sv"), concept, added)
            for name in concept.en:
                self._add_keys(_ways(name, words(name), "en"), concept, added)
            for short in concept.short:
                self.short[short.casefold()] = short
                keys = keys_of(words(short), "sv")
                self._add_keys(((tongue, keys) for tongue in TONGUES), concept, added)
            self._add_signs("sv", concept.swedish, concept.signs, concept)
            self._add_signs("en", concept.en, concept.signs_en, concept)
        for tongue, names in added.items():
            often = Counter(key for keys in names for key in set(keys))
            for keys in names:
                self._add_name(tongue, keys, often)

    def _add_keys(
        self, ways: Iterable[tuple[Language, Keys]], concept: Concept, added: dict[Language, dict[Keys, None]]
    ) -> None:
        for tongue, keys in ways:
            known = self.concepts[tongue].get(JOINED.join(keys), [])
            if keys and concept.name not in known:
                self.concepts[tongue][JOINED.join(keys)] = [*known, concept.name]
                added[tongue][keys] = None

    def _add_name(self, tongue: Language, name: Keys, often: Mapping[str, int]) -> None:
        known = self.lengths[tongue].get(name[0], [])
        if len(name) not in known:
            self.lengths[tongue][name[0]] = sorted([*known, len(name)], reverse=True)
        if 1 < len(set(name)) <= LONGEST_SCATTERED:
            rarest = min(name, key=lambda key: (often[key], key))
            self.scattered[tongue][rarest] = [*self.scattered[tongue].get(rarest, []), JOINED.join(name)]

    def _add_signs(self, tongue: Language, names: Iterable[str], signs: Iterable[str], concept: Concept) -> None:
        found: dict[str, float] = {}
        for name in names:
            keys = set(keys_of(words(name), tongue))
            for key in keys - SURROUNDINGS:
                found[key] = max(found.get(key, 0.0), round(len(keys) ** -0.5, 2))
        for sign in signs:
            for key in keys_of(words(sign), tongue):
                found[key] = max(found.get(key, 0.0), SIGN)
        for key, tells in found.items():
            self.signs[tongue][key] = {**self.signs[tongue].get(key, {}), concept.name: tells}

    def _add_words(self, name: str, written: Sequence[Word], concept: Concept) -> None:
        for key in set(keys_of(written, "sv")):
            self.vocabulary[key] = self.vocabulary.get(key, 0) + 1
        if len(written) == 1 and len(name) == len(written[0].text):
            own = root(written[0].key, "sv")
            for key in (written[0].key, own if len(own) >= SHORTEST_ROOT_HEAD else ""):
                if len(key) >= SHORTEST_HEAD:
                    self.single.setdefault(key, concept.name)


def keys_of(written: Iterable[Word], tongue: Language) -> Keys:
    """What the words that carry a subject are found under."""
    return tuple(
        word.key.upper() if word.abbreviation else root(word.key, tongue) for word in written if not word.small
    )


def says_too_little(name: str, written: Sequence[Word] | None = None) -> bool:
    """Whether nothing is left of a name without its small words, or a single word that would say too much."""
    carrying = sum(not word.small for word in (words(name) if written is None else written))
    return not carrying or (carrying == 1 and len(_PIECES.findall(name)) > 1)


def _ways(name: str, written: Sequence[Word], own: Language) -> Iterator[tuple[Language, Keys]]:
    """Every way in which a name may stand in a text, with the text's language: in its own, and in the other one when
    it cannot be taken for a word of that. Names of several Swedish words do not stand in English texts."""
    if says_too_little(name, written):
        return
    carrying = [word for word in written if not word.small]
    if len(carrying) > LONGEST_NAME:
        return
    yield own, keys_of(written, own)
    telling = carrying[0].abbreviation or len(carrying[0].key) >= SHORTEST_FOREIGN
    if own == "en" and (len(carrying) > 1 or telling):
        yield "sv", keys_of(written, "sv")
    elif own == "sv" and len(carrying) == 1 and telling:
        yield "en", keys_of(written, "en")
