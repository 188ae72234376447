"""The matcher: which members fit a request, in what order, how sure that is, and who was left out and why."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Self

import numpy as np

from bot.matching.choices import Choice, nearest
from bot.matching.confidence import confidence_in
from bot.matching.index import Index
from bot.matching.lexicon import Lexicon
from bot.matching.profiles import Explained, LeftOut, Profile, Ranking, State, Suggestion, Why
from bot.matching.reading import CONCEPT, Reader
from bot.matching.reasons import reasons
from bot.matching.request import subjects_of
from bot.matching.score import Scores, scored
from bot.matching.segment import Ints
from bot.matching.stages import Stages
from bot.matching.taxonomy import Taxonomy, standard

NEAR = 0.97
SHOWN = 3
DECIMALS = 6
FIRST_LOOK = 20
"""So many of the best are looked at first; more of them only when many of those cannot be asked."""


class Matcher:
    """Members and their profiles, ready to be asked. A matcher's members never change: `updated` and
    `without` return another matcher at the cost of one profile, so threads can share one."""

    def __init__(
        self, profiles: Iterable[Profile] = (), stages: Stages | None = None, taxonomy: Taxonomy | None = None
    ) -> None:
        terms = standard() if taxonomy is None else taxonomy
        self._index = Index.of(profiles, Reader(Lexicon(terms, terms.names), stages or Stages()))

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """The profiles that are indexed, by member."""
        return {profile.id: profile for number in self._index.living for profile in (self._index.profile(int(number)),)}

    def updated(self, profile: Profile) -> Self:
        """The matcher with this profile added, or in place of the earlier one of the same id."""
        return self._with(self._index.with_profile(profile))

    def without(self, member: str) -> Self:
        """The matcher without this member."""
        return self._with(self._index.without(member))

    def rank(
        self,
        text: str,
        states: Mapping[str, State] | None = None,
        top: int = SHOWN,
        lang: str | None = None,
        topics: Sequence[str] = (),
    ) -> Ranking:
        """The members who fit a request, best first; members who cannot be asked stand in `left_out` when they
        would have been among or above those shown. Among near-ties the less used goes first, then the one not
        asked for longest, then the better score, then the name. `top` 0 ranks every member, also those whom
        nothing in the request points to. With confidence `none` nobody is shown, unless `top` is 0. `topics` are
        concepts and areas (`Choice.key`) that whoever asks has chosen to be the subject."""
        states = states or {}
        scores = scored(text, subjects_of(text, self._index, lang, topics), self._index)
        candidates = self._candidates(scores, states, top)
        able = [number for number in candidates if self._why_not(number, states) is None]
        confidence = confidence_in(scores, able)
        if confidence == "none" and top:
            able = []
        shown = self._ordered(able, scores, states)[: top or None]
        least = NEAR * self._score(scores, shown[-1]) if shown and (not top or len(shown) == top) else 0.0
        left = [
            (number, why)
            for number in (self._ordered(candidates, scores, {}) if states else ())
            if self._score(scores, number) >= least and (why := self._why_not(number, states)) is not None
        ]
        return Ranking(
            confidence,
            tuple(self._suggestions(shown, scores)),
            tuple(
                LeftOut(each.member, why, each.score, each.reasons)
                for each, (_, why) in zip(self._suggestions([number for number, _ in left], scores), left, strict=True)
            ),
        )

    def explain(
        self,
        text: str,
        member: str,
        states: Mapping[str, State] | None = None,
        lang: str | None = None,
        topics: Sequence[str] = (),
    ) -> Explained:
        """Where one member stands for a request and why. Raises KeyError for somebody who is no member."""
        scores = scored(text, subjects_of(text, self._index, lang, topics), self._index)
        segment, place = self._index.places[member]
        number = self._index.number(segment, place)
        better = int((scores.totals > scores.totals[number]).sum())
        (suggestion,) = self._suggestions([number], scores)
        return Explained(
            better + 1 if suggestion.score else None,
            len(scores.found),
            suggestion,
            self._why_not(number, states or {}),
        )

    def choices(self, text: str, lang: str | None = None) -> tuple[Choice, ...]:
        """The nearest concepts and areas to choose from, when a request is answered with little or nothing."""
        return nearest(subjects_of(text, self._index, lang), self._index)

    def concepts(self, text: str, lang: str | None = None) -> tuple[str, ...]:
        """The concepts that a text mentions, in the order they are first written; those in compounds last."""
        found = [subject for subject in subjects_of(text, self._index, lang) if subject.concept]
        found.sort(key=lambda subject: subject.part)
        return tuple(subject.key.removeprefix(CONCEPT) for subject in found)

    def _with(self, index: Index) -> Self:
        other = type(self).__new__(type(self))
        other._index = index
        return other

    def _candidates(self, scores: Scores, states: Mapping[str, State], top: int) -> list[int]:
        """Everybody who may be shown or left out: those with the best scores, until enough of them can be asked."""
        if not top:
            return [int(number) for number in self._index.living]
        found = scores.found
        look = FIRST_LOOK + top
        while look < len(found):
            best = _best(scores, found, look)
            able = sorted(
                (self._score(scores, number) for number in best if self._why_not(number, states) is None), reverse=True
            )
            if len(able) >= max(top, SHOWN) + 1 and NEAR * able[top - 1] > self._score(scores, best[-1]):
                return best
            look *= 4
        return [int(number) for number in found]

    def _ordered(self, numbers: Sequence[int], scores: Scores, states: Mapping[str, State]) -> list[int]:
        """Best first, with near-ties to whoever was used least; the order of the members does not matter."""
        score = {number: self._score(scores, number) for number in numbers}
        named = {number: (-score[number], *self._name(number)) for number in numbers}
        by_score = sorted(numbers, key=named.__getitem__)
        ordered: list[int] = []
        while len(ordered) < len(by_score):
            start = len(ordered)
            least = NEAR * score[by_score[start]]
            end = bisect_right(by_score, -least, lo=start, key=lambda number: -score[number])
            ordered += sorted(by_score[start:end], key=lambda number: _use(states.get(self._id(number))))
        return ordered

    def _suggestions(self, numbers: Sequence[int], scores: Scores) -> Iterator[Suggestion]:
        for number, hits in zip(numbers, scores.hits(numbers), strict=True):
            profile = self._index.profile(number)
            found = reasons(hits, profile, self._index.reader)
            outside = self._index.declined(number)
            doubts = reasons([hit for hit in hits if hit.link.key in outside], profile, self._index.reader)
            quoted = tuple(dict.fromkeys(reason.profile for reason in doubts))
            yield Suggestion(profile.id, self._score(scores, number), found, quoted)

    def _score(self, scores: Scores, number: int) -> float:
        return round(float(scores.totals[number]), DECIMALS)

    def _why_not(self, number: int, states: Mapping[str, State]) -> Why | None:
        state = states.get(self._id(number)) if states else None
        return state.why_not() if state is not None else None

    def _id(self, number: int) -> str:
        return self._index.profile(number).id

    def _name(self, number: int) -> tuple[str, str]:
        profile = self._index.profile(number)
        return profile.name.casefold(), profile.id


def _best(scores: Scores, found: Ints, count: int) -> list[int]:
    """So many of the members found, the best score first."""
    values = scores.totals[found]
    best = np.argpartition(-values, count)[:count]
    return [int(number) for number in found[best[np.argsort(-values[best], kind="stable")]]]


def _use(state: State | None) -> tuple[int, float]:
    """How much a member is used: open consultations, then how lately they were asked; never comes first."""
    if state is None:
        return 0, float("-inf")
    return state.open_cases, float("-inf") if state.asked_days_ago is None else -state.asked_days_ago
