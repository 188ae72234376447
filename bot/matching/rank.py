"""The matcher: which members fit a request, in what order, how sure that is, and who was left out and why."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Self

from bot.matching.index import Index
from bot.matching.profiles import Confidence, LeftOut, Profile, Ranking, State, Suggestion, Why
from bot.matching.reasons import reasons
from bot.matching.request import subjects_of
from bot.matching.score import Found, scored

NEAR = 0.97
SHOWN = 3
CLEAR_COVERAGE = 0.35
CLEAR_SUBJECTS = 4
CLEAR_MARGIN = 1.2
DECIMALS = 6
MOST_CHANGES = 20


class Matcher:
    """Members and their profiles, ready to be asked. A matcher's members never change: `updated` and
    `without` return another matcher at the cost of one profile, so threads can share one."""

    def __init__(self, profiles: Iterable[Profile] = ()) -> None:
        self._index = Index.of(profiles)
        self._earlier: tuple[dict[str, str], Index] = ({}, Index())

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """The profiles that are indexed, by member."""
        return {member: entry.profile for member, entry in self._index.entries.items()}

    def updated(self, profile: Profile) -> Self:
        """The matcher with this profile added, or in place of the earlier one of the same id."""
        return self._with(self._index.with_profile(profile))

    def without(self, member: str) -> Self:
        """The matcher without this member."""
        return self._with(self._index.without(member))

    def rank(
        self, text: str, states: Mapping[str, State] | None = None, top: int = SHOWN, lang: str | None = None
    ) -> Ranking:
        """The members who fit a request, best first; members who cannot be asked stand in `left_out` when they
        would have been among or above those shown. Among near-ties the less used goes first, then the one not
        asked for longest, then the better score, then the name. `top` 0 ranks every member, also those whom
        nothing in the request points to. With confidence `none` nobody is shown, unless `top` is 0."""
        states = states or {}
        found = self._found(self._index, text, lang)
        confidence = _confidence([each for each in found if _why_not(each, states) is None])
        if top == 0:
            hit = {each.member for each in found}
            found += [Found(member) for member in self._index.entries if member not in hit]
        able = [each for each in found if _why_not(each, states) is None]
        shown = self._ordered(able, states)[: top or None]
        least = NEAR * shown[-1].score if shown and (not top or len(shown) == top) else 0.0
        return Ranking(
            confidence,
            tuple(_suggestion(self._index, each) for each in shown),
            tuple(
                LeftOut(each.member, why, suggestion.score, suggestion.reasons)
                for each in self._ordered(found, {})
                if each.score >= least and (why := _why_not(each, states)) is not None
                for suggestion in (_suggestion(self._index, each),)
            ),
        )

    def similar(
        self, text: str, texts: Mapping[str, str], top: int = SHOWN, lang: str | None = None
    ) -> tuple[Suggestion, ...]:
        """Which of the given texts (earlier consultations, by id) are about the same as this one, best first,
        scored as members are. The texts of the last call stay read, so only changed ones cost anything."""
        index = self._read(texts)
        found = sorted(self._found(index, text, lang), key=lambda each: (-each.score, each.member))
        return tuple(_suggestion(index, each) for each in found[: top or None])

    def _with(self, index: Index) -> Self:
        other = type(self)()
        other._index, other._earlier = index, self._earlier
        return other

    def _read(self, texts: Mapping[str, str]) -> Index:
        before, index = self._earlier
        changed = [id_ for id_, text in texts.items() if before.get(id_) != text]
        gone = [id_ for id_ in before if id_ not in texts]
        if len(changed) + len(gone) > MOST_CHANGES:
            index = Index.of(_consultation(id_, text) for id_, text in texts.items())
        else:
            for id_ in gone:
                index = index.without(id_)
            for id_ in changed:
                index = index.with_profile(_consultation(id_, texts[id_]))
        self._earlier = (dict(texts), index)
        return index

    @staticmethod
    def _found(index: Index, text: str, lang: str | None) -> list[Found]:
        return scored(subjects_of(text, index, lang), index)

    def _ordered(self, found: list[Found], states: Mapping[str, State]) -> list[Found]:
        """Best first, with near-ties to whoever was used least; the order of the members does not matter."""
        by_score = sorted(found, key=lambda each: (-each.score, self._name(each.member), each.member))
        ordered: list[Found] = []
        while len(ordered) < len(by_score):
            start = len(ordered)
            least = NEAR * by_score[start].score
            end = bisect_right(by_score, -least, lo=start, key=lambda each: -each.score)
            ordered += sorted(by_score[start:end], key=lambda each: _use(states.get(each.member)))
        return ordered

    def _name(self, member: str) -> str:
        return self._index.entries[member].profile.name.casefold()


def _use(state: State | None) -> tuple[int, float]:
    """How much a member is used: open consultations, then how lately they were asked; never comes first."""
    if state is None:
        return 0, float("-inf")
    return state.open_cases, float("-inf") if state.asked_days_ago is None else -state.asked_days_ago


def _why_not(found: Found, states: Mapping[str, State]) -> Why | None:
    state = states.get(found.member)
    return state.why_not() if state is not None else None


def _suggestion(index: Index, found: Found) -> Suggestion:
    entry = index.entries[found.member]
    return Suggestion(
        found.member, round(found.score, DECIMALS), reasons(found.strongest, entry, index.norms[found.member])
    )


def _consultation(id_: str, text: str) -> Profile:
    return Profile(id=id_, name=id_, evidence=(text,))


def _confidence(found: list[Found]) -> Confidence:
    """How sure the ranking is. None: nothing in it points to anybody. Clear: the best
    answers the greater part of the request, or several of its subjects, in its own words, and stands out from
    those who would not be shown."""
    if not found:
        return "none"
    best, *others = sorted(found, key=lambda each: (-each.score, each.member))
    next_best = others[SHOWN - 1].score if len(others) >= SHOWN else 0.0
    answers = best.covered >= CLEAR_COVERAGE or best.plain >= CLEAR_SUBJECTS
    return "clear" if answers and best.plain and best.score >= CLEAR_MARGIN * next_best else "weak"
