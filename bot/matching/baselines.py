"""What a match is compared with: BM25 on raw words, rapidfuzz over whole texts, and character n-grams."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from bot.matching.profiles import FIELDS, Profile

Scores = NDArray[np.float64]
Scorer = Callable[[str], Scores]
"""From a request to a score for each of the members, in their order."""

K1 = 1.5
B = 0.75
SHORTEST_GRAM = 3
LONGEST_GRAM = 5

_WORD = re.compile(r"\w+")


def whole(profile: Profile) -> str:
    """All that a profile says, as one text."""
    return "\n".join(text for field in FIELDS for text in profile.texts(field))


def bm25(texts: Sequence[str]) -> Scorer:
    """Okapi BM25 on the words as they stand, in small letters."""
    counts = [Counter(_raw(text)) for text in texts]
    lengths = np.array([sum(count.values()) for count in counts], dtype=np.float64)
    norms = K1 * (1 - B + B * lengths / max(1.0, lengths.mean() if len(texts) else 1.0))
    postings = _postings(counts)
    size = len(texts)

    def score(request: str) -> Scores:
        scores = np.zeros(size)
        for word in _raw(request):
            if word in postings:
                members, times = postings[word]
                rarity = np.log(1 + (size - len(members) + 0.5) / (len(members) + 0.5))
                scores[members] += rarity * times * (K1 + 1) / (times + norms[members])
        return scores

    return score


def token_set_ratio(texts: Sequence[str]) -> Scorer:
    """rapidfuzz's `token_set_ratio` between the request and the whole profile."""
    lowered = [text.casefold() for text in texts]

    def score(request: str) -> Scores:
        found = process.cdist([request.casefold()], lowered, scorer=fuzz.token_set_ratio, dtype=np.float64)
        return np.asarray(found[0], dtype=np.float64)

    return score


def character_grams(texts: Sequence[str]) -> Scorer:
    """The cosine between tf-idf vectors of the character 3- to 5-grams within words."""
    counts = [Counter(_grams(text)) for text in texts]
    postings = _postings(counts)
    size = len(texts)
    rarity = {gram: np.log((1 + size) / (1 + len(members))) + 1 for gram, (members, _) in postings.items()}
    squares = np.zeros(size)
    for gram, (members, times) in postings.items():
        squares[members] += ((1 + np.log(times)) * rarity[gram]) ** 2
    norms = np.sqrt(np.maximum(squares, 1e-12))

    def score(request: str) -> Scores:
        scores = np.zeros(size)
        for gram, times in Counter(_grams(request)).items():
            if gram in postings:
                members, often = postings[gram]
                scores[members] += (1 + np.log(times)) * (1 + np.log(often)) * rarity[gram] ** 2
        return scores / norms

    return score


BASELINES: dict[str, Callable[[Sequence[str]], Scorer]] = {
    "BM25 on raw words": bm25,
    "token_set_ratio": token_set_ratio,
    "character n-grams": character_grams,
}


def _raw(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _grams(text: str) -> Iterable[str]:
    for word in _raw(text):
        padded = f" {word} "
        for size in range(SHORTEST_GRAM, LONGEST_GRAM + 1):
            for start in range(len(padded) - size + 1):
                yield padded[start : start + size]


def _postings(counts: Sequence[Counter[str]]) -> dict[str, tuple[NDArray[np.intp], Scores]]:
    """From each feature to the texts it stands in, and how often."""
    found: dict[str, tuple[list[int], list[int]]] = {}
    for number, count in enumerate(counts):
        for feature, times in count.items():
            members, often = found.setdefault(feature, ([], []))
            members.append(number)
            often.append(times)
    return {
        feature: (np.array(members, dtype=np.intp), np.array(often, dtype=np.float64))
        for feature, (members, often) in found.items()
    }
