"""The evaluation of the matching: one trial put to the matcher, to the baselines, and to the matcher with each of its
stages switched off."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from bot.matching.baselines import BASELINES, Scorer, whole
from bot.matching.figures import Figures, figures
from bot.matching.noise import NOISES
from bot.matching.profiles import Confidence, Profile
from bot.matching.rank import Matcher
from bot.matching.stages import Stages
from bot.matching.trial import Request, Trial

MATCHER = "konsult"


@dataclass(frozen=True, slots=True)
class Answer:
    """A ranker's answer to one text: members best first, and how sure; baselines do not say."""

    members: list[str]
    confidence: Confidence | None = None


Ranker = Callable[[str, str | None], Answer]


@dataclass(frozen=True, slots=True)
class Caution:
    """How often the answer is not `clear` where nobody fits, and how often it is `none` where somebody does."""

    abstain: int
    held_back: float
    genuine: int
    refused: float
    clear: float


@dataclass(frozen=True, slots=True)
class Pace:
    """Milliseconds: reading all members, and one request (median and 95th percentile)."""

    reading: float
    median: float
    p95: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that is known of a trial, by name of ranker, trap, noise or stage."""

    members: int
    overall: dict[str, Figures]
    traps: dict[str, dict[str, Figures]]
    noises: dict[str, Figures]
    stages: dict[str, Figures]
    caution: Caution
    pace: Pace


def evaluate(trial: Trial) -> Evaluation:
    """Run a whole trial; its figures do not depend on the machine, its pace does."""
    rankers = {MATCHER: ranker(Matcher(trial.members)), **baselines(trial.members)}
    places = {name: [_place(ranks, request) for request in trial.requests] for name, ranks in rankers.items()}
    return Evaluation(
        members=len(trial.members),
        overall={name: figures(each) for name, each in places.items()},
        traps=_by_trap(trial.requests, places),
        noises={
            name: figures(
                [_place(rankers[MATCHER], replace(request, text=noise(request.text))) for request in trial.requests]
            )
            for name, noise in NOISES.items()
        },
        stages=_without_each(trial),
        caution=_caution(trial, rankers[MATCHER]),
        pace=_pace(trial),
    )


def ranker(matcher: Matcher) -> Ranker:
    """The matcher as a ranker of all members whom something points to."""

    def rank(text: str, lang: str | None) -> Answer:
        ranking = matcher.rank(text, top=len(matcher.profiles) or 1, lang=lang)
        return Answer([each.member for each in ranking.ranking], ranking.confidence)

    return rank


def baselines(members: Sequence[Profile]) -> dict[str, Ranker]:
    """The baselines over the same members."""
    texts = [whole(profile) for profile in members]
    ids = [profile.id for profile in members]
    return {name: _scored(make(texts), ids) for name, make in BASELINES.items()}


def _scored(scorer: Scorer, ids: Sequence[str]) -> Ranker:
    def rank(text: str, lang: str | None) -> Answer:  # noqa: ARG001
        scores = scorer(text)
        order = sorted(range(len(ids)), key=lambda number: (-scores[number], ids[number]))
        return Answer([ids[number] for number in order if scores[number] > 0])

    return rank


def _place(rank: Ranker, request: Request) -> int | None:
    right = request.right
    members = rank(request.text, request.lang).members
    return next((place for place, member in enumerate(members, start=1) if member in right), None)


def _by_trap(requests: Sequence[Request], places: dict[str, list[int | None]]) -> dict[str, dict[str, Figures]]:
    traps = sorted({request.trap for request in requests} - {""})
    return {
        trap: {
            name: figures([place for place, request in zip(each, requests, strict=True) if request.trap == trap])
            for name, each in places.items()
        }
        for trap in traps
    }


def _without_each(trial: Trial) -> dict[str, Figures]:
    found = {}
    for stage in fields(Stages):
        rank = ranker(Matcher(trial.members, replace(Stages(), **{stage.name: False})))
        found[stage.name] = figures([_place(rank, request) for request in trial.requests])
    return found


def _caution(trial: Trial, rank: Ranker) -> Caution:
    idle = [rank(text, None).confidence for text in trial.abstain]
    genuine = [rank(request.text, request.lang).confidence for request in trial.requests]
    return Caution(
        len(idle),
        _share(confidence != "clear" for confidence in idle),
        len(genuine),
        _share(confidence == "none" for confidence in genuine),
        _share(confidence == "clear" for confidence in genuine),
    )


def _pace(trial: Trial) -> Pace:
    """The pace of a matcher that has answered nothing before; the taxonomy has been read by then."""
    started = time.perf_counter()
    matcher = Matcher(trial.members)
    reading = time.perf_counter() - started
    taken = []
    for request in trial.requests:
        started = time.perf_counter()
        matcher.rank(request.text, lang=request.lang)
        taken.append(1000 * (time.perf_counter() - started))
    median, p95 = np.percentile(taken, [50, 95]) if taken else (0.0, 0.0)
    return Pace(1000 * reading, float(median), float(p95))


def _share(holds: Iterable[bool]) -> float:
    found = list(holds)
    return sum(found) / len(found) if found else 0.0
