"""Why a member was found, in the words of both sides."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from bot.matching.links import EXACT
from bot.matching.profiles import FIELDS, Field, Profile, Reason, Via
from bot.matching.reading import CONCEPT, Reader
from bot.matching.score import Hit
from bot.matching.words import fold, language, placed, root, words

MOST_REASONS = 4
LONGEST_QUOTE = 80
KEPT_TEXTS = 20_000


class Quote(NamedTuple):
    """A place in a profile: the field, the whole text, and the ways in which something is spelled there."""

    field: Field
    text: str
    spelled: tuple[str, ...]


def reasons(hits: Iterable[Hit], profile: Profile, reader: Reader) -> tuple[Reason, ...]:
    """The reasons for a member, strongest hit first: each quotes the words of the request and the place in the
    profile that answers them, the very same word where there is one, and no place is quoted twice, nor any words of the
    request."""
    ordered = list(hits)
    plain = {fold(hit.subject.asked): hit for hit in ordered if not hit.subject.concept and hit.link.strength == EXACT}
    found: dict[str, Reason] = {}
    asked: set[str] = set()
    for hit in ordered:
        words_asked = fold(hit.subject.asked)
        if words_asked in asked:
            continue
        best = plain.get(words_asked, hit)
        reason = _reason(best, _quote(best.link.key, profile, reader))
        if fold(reason.profile) not in found:
            found[fold(reason.profile)] = reason
            asked.add(words_asked)
        if len(found) == MOST_REASONS:
            break
    return tuple(found.values())


def _quote(key: str, profile: Profile, reader: Reader) -> Quote:
    """The first place where a key stands in a profile."""
    for field in FIELDS:
        for text in profile.texts(field):
            if spelled := _spelled(text, profile.lang, reader).get(key):
                return Quote(field, text, spelled)
    raise LookupError(key)


@lru_cache(maxsize=KEPT_TEXTS)
def _spelled(text: str, lang: str, reader: Reader) -> dict[str, tuple[str, ...]]:
    """Every key of a text with the ways in which it is spelled there."""
    written = placed(text)
    tongue = language([each.word for each in written], lang)
    if not reader.stages.abbreviations:
        written = [each._replace(word=each.word._replace(abbreviation=False)) for each in written]
    carrying = [each for each in written if not each.word.small]
    found: dict[str, dict[str, None]] = {}
    for each in carrying:
        for key in reader.keys(each.word, tongue):
            found.setdefault(key, {})[text[each.start : each.end]] = None
    for span in reader.spans([each.word for each in carrying], tongue):
        spoken = text[carrying[span.start].start : carrying[span.end - 1].end]
        found.setdefault(CONCEPT + span.concept, {})[spoken] = None
    return {key: tuple(spelled) for key, spelled in found.items()}


def _reason(hit: Hit, place: Quote) -> Reason:
    asked = hit.subject.asked
    same = next((spelled for spelled in place.spelled if fold(spelled) == fold(asked)), None)
    spelled = same or place.spelled[0]
    return Reason(asked, _quoted(place.field, place.text, spelled), place.field, _via(hit, spelled))


def _via(hit: Hit, spelled: str) -> Via:
    """The plainest way to say how the words of the request lead to those of the profile."""
    asked, via = hit.subject.asked, hit.link.via
    if via not in {"stem", "synonym"}:
        return via
    if hit.subject.corrected:
        return "spelling"
    if any(word.abbreviation for word in (*words(asked)[:1], *words(spelled)[:1])):
        return "abbreviation"
    if fold(asked) == fold(spelled):
        return "exact"
    if hit.subject.part:
        return "compound"
    return "stem" if root(fold(asked), "sv") == root(fold(spelled), "sv") else via


def _quoted(field: Field, text: str, spelled: str) -> str:
    """The whole keyword that words stand in, when it is short enough to quote; elsewhere the words themselves, or
    only the first of them when they are many."""
    if field == "keywords" and len(text.strip()) <= LONGEST_QUOTE:
        return text.strip()
    return spelled if len(spelled) <= LONGEST_QUOTE else spelled.split(maxsplit=1)[0]
