"""What an unknown Swedish word of a request was meant to be: written without å, ä and ö, or with a slip of the finger.

Short words are never corrected, nor abbreviations, nor words that the profiles, the taxonomy or the language know.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.matching.everyday import alike, is_everyday, ringed
from bot.matching.index import Index
from bot.matching.words import Word

SHORTEST = 4
SHORTEST_SLIP = 5
LONGEST_SLIP = 30
LONG = 9
"""From so many letters on a word may have two slips."""

RINGED = 0.95
SLIPPED = 0.8
"""How much a word counts that was written without å, ä and ö, or with slips."""

_Distance = tuple[int, int, int, int, str]
"""How far a word is from what is written: in slips, then everything that decides between words as near."""

_LETTERS = {"a": "aåä", "o": "oöå", "å": "åa", "ä": "äa", "ö": "öo"}


class Meant(NamedTuple):
    """What a word stands for: as it is written in full (or its key, where that is all that is known), its key, and how
    sure that is, from 0 to 1."""

    written: str
    key: str
    strength: float


def meant(word: Word, index: Index, *, rings: bool) -> Meant | None:
    """What a word of a Swedish request stands for when it is not what is written; None when it is. `rings` says that
    the writer has å, ä and ö on the keyboard, so that their absence is no slip."""
    if word.abbreviation or (len(word.key) < SHORTEST and rings):
        return None
    if not rings and (found := _with_rings(word, index)) is not None:
        return found
    own = index.reader.key(word.key, "sv")
    if word.small or _known(own, index) or not SHORTEST_SLIP <= len(word.key) <= LONGEST_SLIP:
        return None
    if is_everyday(word.key, "sv"):
        return None
    return min(
        (*_slipped_everyday(word.key, index), *_slipped(own, index)), key=lambda found: found[0], default=(None, None)
    )[1]


def _with_rings(word: Word, index: Index) -> Meant | None:
    everyday = ringed(word.key)
    if everyday is not None:
        return Meant(everyday, index.reader.key(everyday, "sv"), RINGED)
    own = index.reader.key(word.key, "sv")
    if len(word.key) < SHORTEST or _known(own, index):
        return None
    lexicon = index.reader.lexicon.unringed if index.reader.stages.terms else {}
    key = index.ringed(own) or lexicon.get(own)
    return None if key is None else Meant(key, key, RINGED)


def _slipped(own: str, index: Index) -> Iterator[tuple[_Distance, Meant]]:
    """The known keys within reach: those in most profiles first, then those in most names of concepts."""
    lexicon = index.reader.lexicon
    choices: dict[str, None] = {}
    for letter, length in _beginnings(own):
        choices.update(dict.fromkeys(index.alike(letter, length)))
        if index.reader.stages.terms:
            choices.update(dict.fromkeys(lexicon.by_letter.get((letter, length), ())))
    for key, distance in _within(own, choices):
        yield (distance, 0, -index.writers(key), -lexicon.names.vocabulary.get(key, 0), key), Meant(key, key, SLIPPED)


def _slipped_everyday(written: str, index: Index) -> Iterator[tuple[_Distance, Meant]]:
    """The everyday words within reach that the profiles or the taxonomy know, then the others."""
    choices = dict.fromkeys(word for letter, length in _beginnings(written) for word in alike(letter, length))
    for word, distance in _within(written, choices):
        key = index.reader.key(word, "sv")
        known = _known(key, index)
        yield (distance, 0 if known else 1, -index.writers(key), 0, word), Meant(word, key, SLIPPED)


def _within(own: str, choices: Iterable[str]) -> Iterator[tuple[str, int]]:
    slips = 2 if len(own) >= LONG else 1
    for word, distance, _ in process.extract(own, list(choices), scorer=OSA.distance, score_cutoff=slips, limit=None):
        yield word, int(distance)


def _beginnings(own: str) -> Iterator[tuple[str, int]]:
    """First letters and lengths of what may be meant: about as many letters, and the same one first or its neighbour
    with a ring or dots."""
    slips = 2 if len(own) >= LONG else 1
    for letter in _LETTERS.get(own[0], own[0]):
        for length in range(len(own) - slips, len(own) + slips + 1):
            yield letter, length


def _known(key: str, index: Index) -> bool:
    """Whether a key stands in a profile, in a Swedish name of a concept, or begins any name looked for there."""
    names = index.reader.lexicon.names
    named = index.reader.stages.terms and (key in names.vocabulary or key in names.lengths["sv"])
    return named or index.writers(key) > 0
