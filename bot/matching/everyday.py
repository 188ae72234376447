"""The words of everyday language: how much one tells of a subject, and how it is written in full.

How common they are, wordfreq says. Its lists are read once and kept (`bot/matching/kept.py`): a process that only looks
up words need not load it.
"""

from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from bot.matching.kept import kept
from bot.matching.words import Language, unringed

RARE = 3.5
COMMON = 6.0
LEAST = 0.2
"""A word as rare as `RARE` (on the Zipf scale: the power of ten of how often it stands in a billion words) tells
everything, one as common as `COMMON` only `LEAST`."""

KNOWN = 2.0
"""From this on a word is known to the language, and no slip of the finger."""

Size = Literal["small", "large"]


@lru_cache(maxsize=100_000)
def telling(word: str, tongue: Language) -> float:
    """How much a folded word tells of a subject, from `LEAST` to 1."""
    share = (_zipf(tongue, "small").get(word, 0.0) - RARE) / (COMMON - RARE)
    return 1.0 - (1.0 - LEAST) * min(1.0, max(0.0, share))


def is_everyday(word: str, tongue: Language) -> bool:
    """Whether a folded word stands in ordinary texts, so that it is no slip of the finger."""
    return word in _zipf(tongue, "large")


def alike(letter: str, length: int) -> list[str]:
    """The everyday Swedish words with a first letter and a length."""
    return _by_letter().get((letter, length), [])


def ringed(word: str) -> str | None:
    """The Swedish everyday word with å, ä or ö that is written like this without, when it is more common than the word
    as it stands."""
    found = _ringed().get(word)
    common = _zipf("sv", "small")
    return found if found is not None and common[found] > common.get(word, 0.0) else None


@cache
def _zipf(tongue: Language, size: Size) -> dict[str, float]:
    """How common the words of a language are, on the Zipf scale; of the large list those that count as known."""
    made_from = [version("wordfreq").encode(), Path(__file__).read_bytes()]
    found: dict[str, float] = kept(f"everyday-{tongue}-{size}", made_from, lambda: _read(tongue, size))
    return found


def _read(tongue: Language, size: Size) -> dict[str, float]:
    import wordfreq  # noqa: PLC0415 - it takes long to load, and what it says is kept

    frequencies = wordfreq.get_frequency_dict(tongue, wordlist=size)
    return {word: zipf for word, often in frequencies.items() if (zipf := wordfreq.freq_to_zipf(often)) >= KNOWN}


@cache
def _by_letter() -> dict[tuple[str, int], list[str]]:
    found: dict[tuple[str, int], list[str]] = {}
    for word in sorted(_zipf("sv", "small")):
        found.setdefault((word[0], len(word)), []).append(word)
    return found


@cache
def _ringed() -> dict[str, str]:
    return unringed(_zipf("sv", "small"))
