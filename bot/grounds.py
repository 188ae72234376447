"""Grounds: why a member is suggested, what makes one hesitate, and why somebody was left out, in the reader's words."""

import re
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

from bot.matching.profiles import Reason
from bot.suggestions import Explained, LeftOut, Suggestee
from bot.wording import Words

QUOTED = 3
"""So many words of a profile are quoted in one line."""

_LIST = re.compile(r",| och | and | & ")
"""What makes a quote read like several, so that it needs quotation marks in a list."""

MISSPELT = 70
"""How alike (of 100) a word and the one it was read as are at least."""


def reason_line(words: Words, suggestee: Suggestee) -> str:
    """Why a member is suggested and how much they have on their hands, in one line of the reader's language."""
    load = words.n("suggestion.load", suggestee.open_cases) if suggestee.open_cases else words("suggestion.no_load")
    return f"{_why(words, suggestee.reasons)} · {load}"


def subject_line(words: Words, suggestee: Suggestee) -> str:
    """What a member who was found by a topic writes about, as short as can be."""
    written = [reason.profile for reason in suggestee.reasons]
    return _inside(" ".join(written[0].split())) if written else words("suggestion.similar")


def place_line(words: Words, explained: Explained) -> str:
    """Where a member stands for a question, and why."""
    if explained.place is None:
        return words("suggestion.nothing")
    place, among = words.number(explained.place), words.number(explained.among)
    return words("suggestion.place", place=place, among=among, why=_why(words, explained.reasons))


def doubt_line(words: Words, member: Suggestee | Explained) -> str:
    """What makes one hesitate about a member or is good to know, for coordinators; empty when there is nothing."""
    parts = [
        words("suggestion.doubts", about=_quoted(words, member.doubts)) if member.doubts else "",
        words("suggestion.advised_before") if member.advised_before else "",
    ]
    return "; ".join(part for part in parts if part)


def why_line(words: Words, left_out: LeftOut) -> str:
    """Why a member was left out, in a few words for coordinators."""
    if left_out.why == "away" and left_out.until is not None:
        return words("suggestion.away_until", day=words.day(left_out.until))
    return words(f"suggestion.why_{left_out.why}")


def _why(words: Words, reasons: Sequence[Reason]) -> str:
    """What a member writes about and has given advice on, then what of the question led there."""
    written = [reason.profile for reason in reasons if reason.field != "evidence"]
    advised = [reason.profile for reason in reasons if reason.field == "evidence"]
    read = {_key(reason.asked): (reason.asked, meant) for reason in reasons if (meant := _meant(reason))}
    other = [
        reason.asked
        for reason in reasons
        if _key(reason.asked) != _key(reason.profile) and _key(reason.asked) not in read
    ]
    parts = [
        words("suggestion.writes", about=_quoted(words, written)) if written else "",
        words("suggestion.advised", about=_quoted(words, advised)) if advised else "",
        words("suggestion.asked", about=_quoted(words, other)) if other else "",
        *(words("suggestion.read", asked=asked, meant=meant) for asked, meant in read.values()),
    ]
    return "; ".join(part for part in parts if part) or words("suggestion.experience")


def _meant(reason: Reason) -> str:
    """How a misspelt word was read, as it is spelt in the profile; empty when the profile says it in other words."""
    if reason.via != "spelling":
        return ""
    asked, quote = _key(reason.asked), " ".join(reason.profile.split())
    spelt = quote.split() if " " not in asked else [quote]
    closest = max(spelt, key=lambda each: fuzz.ratio(asked, each.casefold()), default="")
    return _inside(closest) if fuzz.ratio(asked, closest.casefold()) >= MISSPELT else ""


def _quoted(words: Words, quotes: Iterable[str]) -> str:
    """The first few of the quotes as one list, each once and on one line."""
    once: dict[str, str] = {}
    for quote in quotes:
        once.setdefault(_key(quote), _inside(" ".join(quote.split())))
    listed = list(once.values())[:QUOTED]
    return words.names(words("suggestion.quote", text=each) if _LIST.search(each) else each for each in listed)


def _inside(quote: str) -> str:
    """As it stands inside a sentence: a single word loses the capital that it had at the beginning of one."""
    return quote if " " in quote or not quote[1:].islower() else quote.lower()


def _key(quote: str) -> str:
    return " ".join(quote.split()).casefold()
