"""Why a member was found, in the words of both sides."""

from collections.abc import Iterable

from bot.matching.index import Entry
from bot.matching.profiles import FIELDS, Profile, Reason
from bot.matching.score import Hit
from bot.matching.words import fold, words

MOST_REASONS = 4
LONGEST_KEYWORD = 80


def reasons(hits: Iterable[Hit], entry: Entry, norms: tuple[float, ...]) -> tuple[Reason, ...]:
    """The reasons for a member, strongest hit first: each quotes the word of the request and the place in the
    profile that answers it, and no place is quoted twice."""
    found: dict[tuple[str, str], Reason] = {}
    for hit in hits:
        reason = _reason(hit, entry, norms)
        found.setdefault((reason.profile, reason.field), reason)
        if len(found) == MOST_REASONS:
            break
    return tuple(found.values())


def _reason(hit: Hit, entry: Entry, norms: tuple[float, ...]) -> Reason:
    _, stem, link = hit
    subject, via = link.subject, link.via
    number, _, spellings = max(entry.postings[stem], key=lambda place: (place[1] * norms[place[0]], -place[0]))
    spelling = next((text for text in spellings if fold(text) == subject.key), None)
    if via == "stem" and spelling is not None:
        via = "exact"
    spelling = spelling or spellings[0]
    field = FIELDS[number]
    quote = _keyword(entry.profile, spelling) if field == "keywords" else spelling
    return Reason(subject.asked, quote, field, via)


def _keyword(profile: Profile, spelling: str) -> str:
    """The whole keyword a word stands in, when it is short enough to quote."""
    for keyword in profile.keywords:
        if spelling in keyword and any(word.text == spelling for word in words(keyword)):
            return keyword.strip() if len(keyword) <= LONGEST_KEYWORD else spelling
    return spelling
