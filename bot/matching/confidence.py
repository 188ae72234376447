"""How sure an answer is: clear, weak, or none."""

from collections.abc import Sequence

from bot.matching.profiles import Confidence
from bot.matching.score import Scores

CLEAR = 1.5
NONE = 0.12
"""What must speak for the best, counted in words that only one member has: from `CLEAR` on the answer can be clear,
below `NONE` there is none."""

CLOSE = 0.4
"""What is linked more loosely than this, to a related concept or one two steps broader, is no answer by itself."""

COVERED = 0.08
"""The share of the request that a clear answer answers at least: one word of a whole letter is none."""

SHOWN = 3
MARGIN = 1.05
MANY = 0.1
"""A clear answer's best is this much better than all but those who can be shown, or than all but this share of the
members: what fits more of them equally well says too little of whom to ask."""


def confidence_in(scores: Scores, able: Sequence[int]) -> Confidence:
    """How sure the best of those who can be asked is. None: next to nothing points to anybody, or
    only what is related from afar. Clear: enough of the
    request speaks for the best, and they stand out from the many."""
    ordered = sorted((float(scores.answered[number]) for number in able), reverse=True)
    if not ordered or not ordered[0]:
        return "none"
    evidence = ordered[0] * scores.whole / scores.index.rarity(1)
    (hits,) = scores.hits([max(able, key=lambda number: float(scores.answered[number]))])
    if evidence < NONE or all(hit.link.strength < CLOSE for hit in hits):
        return "none"
    as_good = int((MARGIN * scores.answered > ordered[0]).sum())
    stands_out = as_good <= max(SHOWN, MANY * scores.index.size)
    return "clear" if evidence >= CLEAR and ordered[0] >= COVERED and stands_out else "weak"
