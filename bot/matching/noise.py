"""The same request as it might have been typed in a hurry: with slips of the finger, without å, ä and ö, all small."""

import random
import re
import zlib
from collections.abc import Callable

SHORTEST_SLIPPED = 5
SLIPPED = 0.2
"""The share of the longer words that get a slip."""

_WORD = re.compile(r"\S+")
_WITHOUT_RINGS = str.maketrans("åäöÅÄÖ", "aaoAAO")
_NEIGHBOURS = {
    letter: row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    for row in ("qwertyuiopå", "asdfghjklöä", "zxcvbnm")
    for place, letter in enumerate(row)
}


def with_slips(text: str) -> str:
    """The text with a slip in every fifth of its longer words: a letter left out, doubled, swapped with the next, or
    its neighbour on the keyboard. The same text always gets the same slips."""
    dice = random.Random(zlib.crc32(text.encode("utf-8", "replace")))  # noqa: S311 - no secret
    return _WORD.sub(
        lambda word: _slip(word[0], dice) if len(word[0]) >= SHORTEST_SLIPPED and dice.random() < SLIPPED else word[0],
        text,
    )


def without_rings(text: str) -> str:
    """The text as typed on a keyboard that has no å, ä and ö."""
    return text.translate(_WITHOUT_RINGS)


def _slip(word: str, dice: random.Random) -> str:
    place = dice.randrange(1, len(word) - 1)
    before, letter, after = word[:place], word[place], word[place + 1 :]
    neighbours = _NEIGHBOURS.get(letter.lower(), letter)
    return dice.choice(
        [
            before + after,
            before + letter + letter + after,
            before + after[:1] + letter + after[1:],
            before + dice.choice(neighbours) + after,
        ]
    )


NOISES: dict[str, Callable[[str], str]] = {
    "slips": with_slips,
    "without å, ä, ö": without_rings,
    "lower case": str.lower,
}
"""What a trial is repeated with, by name."""
