"""The words of a text: tokens as written and where, their folded keys, the language they stand in, and stems."""

import re
import threading
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

import Stemmer

from bot.matching.misleading import MISLEADING
from bot.matching.stopwords import EITHER, ENGLISH_ONLY, SWEDISH_ONLY

Language = Literal["sv", "en"]

LONGEST_WORD = 60
LONGEST_ABBREVIATION = 6
SHORT_ABBREVIATION = 3
SHORTEST_ROOT = 4

ITSELF = "="
"""Ends the root of a word that stands for itself, so that it is no other word's."""

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,2000}>|&[a-z]{2,6};|https?://\S+")
_END = re.compile(r"[.!?\n]")
_WORD = re.compile("(?:[^\\W_]|[\u0300-\u036f\u00ad])+")
_SWEDISH_LETTER = re.compile("[åäö]|[ao]\u0308|a\u030a", re.IGNORECASE)
_VOWELS = frozenset("aeiouyåäöé")
_ENDINGS = ("ning", "ing", "et", "an", "t")
_WITHOUT_RINGS = tuple(
    {ord(letter): plain for letter, plain in zip("åäöéü", way, strict=True)}
    for way in (("a", "a", "o", "e", "u"), ("aa", "ae", "oe", "e", "ue"), ("o", "e", "o", "e", "u"))
)


class Word(NamedTuple):
    """A word of a text: `text` as it stands there, `key` folded for comparing, `abbreviation` when it is
    written in capitals as abbreviations are (SIG, not the pronoun sig), `small` when it carries no subject,
    `tells` 1 when it shows the text to be Swedish, -1 English, 0 neither."""

    text: str
    key: str
    abbreviation: bool
    small: bool
    tells: int


class Placed(NamedTuple):
    """A word of a text, where it stands there, and in which of the text's sentences."""

    word: Word
    start: int
    end: int
    sentence: int


def words(text: str) -> list[Word]:
    """The words of a text in order, without markup, addresses of the web, bare numbers and single letters."""
    found = [word for raw in _WORD.findall(_plain(text)) if (word := _word(raw)) is not None]
    return [_calm(word) for word in found] if _shouted(found) else found


def placed(text: str) -> list[Placed]:
    """The words of a text as `words` gives them, each with where it stands."""
    plain = _plain(text)
    ends = [match.start() for match in _END.finditer(plain)]
    found: list[Placed] = []
    sentence = 0
    for match in _WORD.finditer(plain):
        word = _word(match[0])
        if word is not None:
            start, end = match.span()
            while sentence < len(ends) and ends[sentence] < start:
                sentence += 1
            found.append(Placed(word, start, end, sentence))
    if _shouted([each.word for each in found]):
        return [each._replace(word=_calm(each.word)) for each in found]
    return found


def language(found: list[Word], otherwise: str = "sv") -> Language:
    """The language of a text, judged by its small words and by å, ä and ö; `otherwise` decides when the words
    do not tell, and whatever is not English is treated as Swedish."""
    told = sum([word.tells for word in found])
    if told == 0:
        return "en" if otherwise == "en" else "sv"
    return "sv" if told > 0 else "en"


def subjects(found: list[Word]) -> list[Word]:
    """The words that carry the subject of a text."""
    return [word for word in found if not word.small]


def has_swedish_letters(text: str) -> bool:
    """Whether å, ä or ö stands anywhere in the text: if not, its writer may lack the keys."""
    return _SWEDISH_LETTER.search(text) is not None


def without_rings(key: str) -> set[str]:
    """How a Swedish word is written by those who lack å, ä and ö: våld as vald, vaald or vold."""
    return {key.translate(table) for table in _WITHOUT_RINGS}


def unringed(often: Mapping[str, float]) -> dict[str, str]:
    """The words that have å, ä or ö by how they are written without: of several the one that stands most often, then
    the first in order."""
    found: dict[str, str] = {}
    for word in sorted(often, key=lambda word: (-often[word], word)):
        for plain in () if word.isascii() else sorted(without_rings(word)):
            found.setdefault(plain, word)
    return found


@lru_cache(maxsize=200_000)
def stems(word: Word, language: Language) -> tuple[str, ...]:
    """What a word of a profile is found under. An abbreviation is found in capitals; a longer one,
    which no ordinary word is likely to resemble, in small letters too."""
    if not word.abbreviation:
        return (stem(word.key, language),)
    capitals = word.key.upper()
    return (capitals,) if len(word.key) <= SHORT_ABBREVIATION else (capitals, stem(word.key, language))


def root(key: str, language: Language) -> str:
    """What joins the inflections and the nearest derivations of a folded word: the Snowball stem, for Swedish without
    the endings that Snowball leaves (våldet, utvärdering and utvärdera, anmälan and anmälning)."""
    return _root(key) if language == "sv" else stem(key, language)


@lru_cache(maxsize=200_000)
def stem(key: str, language: Language) -> str:
    """The Snowball stem of a folded word."""
    stemmer = _stemmers()[language]
    return str(stemmer.stemWord(key))


class _Stemmers(threading.local):
    """A stemmer keeps state between letters, so each thread has its own."""

    def __init__(self) -> None:
        self.of: dict[Language, Stemmer.Stemmer] = {
            "sv": Stemmer.Stemmer("swedish", 0),
            "en": Stemmer.Stemmer("english", 0),
        }


_THREAD = _Stemmers()


def _stemmers() -> dict[Language, Stemmer.Stemmer]:
    return _THREAD.of


@lru_cache(maxsize=200_000)
def fold(text: str) -> str:
    """A word as words are compared: composed letters, no soft hyphens, small letters."""
    return _composed(text).casefold()


@lru_cache(maxsize=200_000)
def _root(key: str) -> str:
    if key in MISLEADING:
        return f"{key}{ITSELF}"
    found = stem(key, "sv")
    for ending in _ENDINGS:
        rest = found[: -len(ending)]
        if found.endswith(ending) and len(rest) >= SHORTEST_ROOT and not _VOWELS.isdisjoint(rest):
            return rest
    return found


def _plain(text: str) -> str:
    """The text with spaces where markup and addresses stood, so that every word keeps its place."""
    return _TAG.sub(lambda match: " " * len(match[0]), text)


def _calm(word: Word) -> Word:
    """A word of a text that is written in capitals throughout."""
    return word._replace(abbreviation=False, small=word.key in EITHER)


def _composed(raw: str) -> str:
    return unicodedata.normalize("NFC", raw).replace("\u00ad", "")


@lru_cache(maxsize=200_000)
def _word(raw: str) -> Word | None:
    plain = _composed(raw)
    key = plain.casefold()
    letters = sum(character.isalpha() for character in key)
    if not letters or len(key) < 2 or len(key) > LONGEST_WORD:
        return None
    capitals = sum(character.isupper() for character in plain)
    abbreviation = capitals >= 2 and len(key) <= LONGEST_ABBREVIATION
    tells = 1 if key in SWEDISH_ONLY or _SWEDISH_LETTER.search(key) else -1 if key in ENGLISH_ONLY else 0
    return Word(raw, key, abbreviation, key in EITHER and not abbreviation, tells)


def _shouted(found: list[Word]) -> bool:
    capitals = [word for word in found if word.text.isupper()]
    return 2 * len(capitals) > len(found) and any(len(word.key) > LONGEST_ABBREVIATION for word in capitals)
