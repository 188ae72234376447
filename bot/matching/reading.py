"""A profile as it is read for the index: what stands in it, in which fields and how often."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.matching.lexicon import Lexicon, Span
from bot.matching.profiles import FIELDS, Profile
from bot.matching.stages import Stages
from bot.matching.words import Language, Word, fold, language, root, stems, subjects, words

CONCEPT = "#"
"""Stands before the name of a concept, so that it is no word's key."""

DECLINED = 0.3
"""How much a word counts that led to a question outside the member's field."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in a profile: how much each key counts in each field, which keys are words of Swedish texts, how many
    words carry a subject in each field, and which keys led to questions that were declined as outside the field."""

    counts: dict[tuple[str, int], float]
    swedish: frozenset[str]
    lengths: tuple[int, ...]
    declined: frozenset[str]


class Reader:
    """Reads texts with a lexicon and the stages that are switched on."""

    def __init__(self, lexicon: Lexicon, stages: Stages) -> None:
        self.lexicon = lexicon
        self.stages = stages

    def read(self, profile: Profile) -> Reading:
        """Read one profile."""
        counts: Counter[tuple[str, int]] = Counter()
        swedish: set[str] = set()
        lengths = [0] * len(FIELDS)
        for number, name in enumerate(FIELDS):
            for text in profile.texts(name):
                found, tongue = self.words(text, profile.lang)
                lengths[number] += len(found)
                keys = [self.keys(word, tongue) for word in found]
                counts.update([(key, number) for each in keys for key in each])
                if self.stages.terms:
                    firsts = [each[0] for each in keys]
                    counts.update([(CONCEPT + span.concept, number) for span in self.lexicon.find(firsts, tongue)])
                if tongue == "sv":
                    swedish.update([each[0] for each, word in zip(keys, found, strict=True) if not word.abbreviation])
        declined = self._declined(profile, {key for key, _ in counts})
        weighed = {place: times * (DECLINED if place[0] in declined else 1.0) for place, times in counts.items()}
        return Reading(weighed, frozenset(swedish), tuple(lengths), declined)

    def words(self, text: str, lang: str | None) -> tuple[list[Word], Language]:
        """The words of a text that carry its subject, and its language; `lang` decides where it does not show."""
        written = words(text)
        if not self.stages.abbreviations:
            written = [word._replace(abbreviation=False) for word in written]
        return subjects(written), language(written, lang or "sv")

    def keys(self, word: Word, tongue: Language) -> tuple[str, ...]:
        """What a word is found under: capitals for an abbreviation, and for a longer one its root as well."""
        return stems(word, tongue) if word.abbreviation else (self.key(word.key, tongue),)

    def key(self, written: str, tongue: Language) -> str:
        """What a folded word is found under."""
        return root(written, tongue) if self.stages.stems else fold(written)

    def spans(self, found: Sequence[Word], tongue: Language) -> Iterator[Span]:
        """The concepts in the words of a text."""
        if self.stages.terms:
            yield from self.lexicon.find([self.keys(word, tongue)[0] for word in found], tongue)

    def _declined(self, profile: Profile, own: set[str]) -> frozenset[str]:
        found: set[str] = set()
        for text in profile.declined:
            carrying, tongue = self.words(text, profile.lang)
            found.update(key for word in carrying for key in self.keys(word, tongue))
            found.update(CONCEPT + span.concept for span in self.spans(carrying, tongue))
        return frozenset(found & own)
