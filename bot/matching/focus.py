"""What a request asks for, told apart from what surrounds it."""

from collections.abc import Sequence

from bot.matching.words import Placed

AROUND = 0.4
"""How much a sentence of a long request counts that asks for nothing."""

LONG = 40
"""From so many words on a request is long: what it asks for and what it tells are looked at apart."""

_ASKS = """
    undrar undra behöver behöva söker söka önskar önska hjälp hjälpa råd fråga frågan frågor vill veta funderar fundera
    någon vem hur vilken vilka vad tips stöd
    need help advice wonder wondering looking how what who which could would question questions
"""
_ASKING = frozenset(_ASKS.split())


def weights(text: str, written: Sequence[Placed]) -> dict[int, float]:
    """How much each sentence of a request counts, by its number: in a long one those that ask for something more than
    what surrounds them."""
    sentences = _sentences(written)
    asking = {
        number
        for number, spoken in sentences.items()
        if "?" in text[spoken[-1].end : spoken[-1].end + 3] or any(each.word.key in _ASKING for each in spoken)
    }
    if len(written) < LONG or not asking:
        return dict.fromkeys(sentences, 1.0)
    return {number: 1.0 if number in asking else AROUND for number in sentences}


def parts(text: str, written: Sequence[Placed]) -> dict[float, list[str]]:
    """The texts of a request's sentences, by how much they count; the whole text when all of it counts alike."""
    counting = weights(text, written)
    if len(set(counting.values())) <= 1:
        return {1.0: [text]}
    found: dict[float, list[str]] = {}
    for number, spoken in _sentences(written).items():
        found.setdefault(counting[number], []).append(text[spoken[0].start : spoken[-1].end])
    return found


def _sentences(written: Sequence[Placed]) -> dict[int, list[Placed]]:
    found: dict[int, list[Placed]] = {}
    for each in written:
        found.setdefault(each.sentence, []).append(each)
    return found
