"""A request, read against the index: its subjects, each with the stems of the profiles that answer it."""

import math
from dataclasses import dataclass

from bot.matching.compounds import compounds, parts
from bot.matching.index import Index
from bot.matching.profiles import Via
from bot.matching.spelling import meant
from bot.matching.stopwords import EITHER
from bot.matching.words import (
    SHORT_ABBREVIATION,
    Language,
    Word,
    has_swedish_letters,
    language,
    stem,
    subjects,
    words,
)


@dataclass(frozen=True, slots=True)
class Answers:
    """The stems of the profiles that answer a subject: the word itself, compounds that hold it, and the
    words it is itself a compound of."""

    via: Via
    stems: tuple[str, ...] = ()
    compounds: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """A word of the request that carries its subject, as first written, with how much it counts."""

    asked: str
    key: str
    weight: float
    answers: Answers


def subjects_of(text: str, index: Index, lang: str | None = None) -> tuple[Subject, ...]:
    """The subjects of a request in the order they are first written; said again, a word counts a little more.
    `lang` decides where the text does not show its own language."""
    written = words(text)
    tongue = language(written, lang or "sv")
    rings = has_swedish_letters(text)
    first: dict[str, Word] = {}
    times: dict[str, int] = {}
    for word in subjects(written):
        name = word.key.upper() if word.abbreviation else stem(word.key, tongue)
        first.setdefault(name, word)
        times[name] = times.get(name, 0) + 1
    found = [
        Subject(word.text, word.key, 1 + math.log(times[name]), answers(word, index, tongue, rings=rings))
        for name, word in first.items()
    ]
    return tuple(subject for subject in found if subject.key not in EITHER or subject.answers.stems)


def answers(word: Word, index: Index, tongue: Language, *, rings: bool) -> Answers:
    """What in the profiles answers one word."""
    if word.abbreviation:
        if word.key.upper() in index.postings:
            return Answers("abbreviation", (word.key.upper(),))
        if len(word.key) <= SHORT_ABBREVIATION:
            return Answers("abbreviation")
    tongues: tuple[Language, ...] = ("sv", "en") if tongue == "sv" else ("en", "sv")
    stems = tuple(dict.fromkeys(found for each in tongues if (found := stem(word.key, each)) in index.postings))
    if tongue == "en":
        return Answers("stem", stems)
    own = stem(word.key, "sv")
    if stems:
        return Answers("stem", stems, compounds(own, index), parts(own, index))
    inside = parts(own, index)
    around = compounds(own, index)
    if not inside and not around and not word.abbreviation:
        corrected = meant(word.key, own, index, rings=rings)
        if corrected is not None:
            return Answers("spelling", (corrected,), compounds(corrected, index))
    return Answers("compound", (), around, inside)
