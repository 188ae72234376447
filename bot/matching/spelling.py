"""What a word that no profile knows was meant to be: written without å, ä and ö, or with a slip of the finger.
Short words are never corrected, nor abbreviations, nor words that the profiles or the language know."""

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.matching.index import Index

SHORTEST_WITHOUT_RINGS = 4
SHORTEST_SLIP = 6
SHORTEST_STEM = 5
LONG = 11


def meant(key: str, stem: str, index: Index, *, rings: bool) -> str | None:
    """The stem of the profiles that an unknown word stands for, or None. `rings` says that the writer has
    å, ä and ö on the keyboard, so that their absence is no slip."""
    if not rings and len(key) >= SHORTEST_WITHOUT_RINGS:
        for written in (stem, key):
            if found := index.unringed.get(written):
                return found
    if len(key) < SHORTEST_SLIP or len(stem) < SHORTEST_STEM:
        return None
    slips = 2 if len(stem) >= LONG else 1
    lengths = range(max(SHORTEST_STEM, len(stem) - slips), len(stem) + slips + 1)
    choices = [word for length in lengths for word in index.by_letter.get((stem[0], length), ())]
    best = process.extract(stem, choices, scorer=OSA.distance, score_cutoff=slips, limit=None)
    return min(best, key=lambda hit: (hit[1], -len(index.postings[hit[0]]), hit[0]))[0] if best else None
