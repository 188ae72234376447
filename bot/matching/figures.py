"""The figures of a trial: how often the right member comes first or among the first three, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FIRST = 1
AMONG = 3
RESAMPLES = 2_000
SEED = 1


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over requests with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figures:
    """How one ranker did on a number of requests. `recall_1` and `recall_3` are the shares of requests with a right
    member first, and among the first three; `mrr` is the mean of one over the place of the first right member."""

    requests: int
    recall_1: Figure
    recall_3: Figure
    mrr: Figure


def figures(places: Sequence[int | None]) -> Figures:
    """The figures of a number of requests, from the place (1 for first) at which each found its first right member;
    None when it found none."""
    inverse = np.array([0.0 if place is None else 1 / place for place in places], dtype=np.float64)
    return Figures(
        len(places),
        interval((inverse >= 1 / FIRST).astype(np.float64)),
        interval((inverse >= 1 / AMONG).astype(np.float64)),
        interval(inverse),
    )


def interval(values: NDArray[np.float64]) -> Figure:
    """The mean of some values and its percentile bootstrap interval; the same values always give the same."""
    if not len(values):
        return Figure(0.0, 0.0, 0.0)
    dice = np.random.default_rng(SEED)
    means = values[dice.integers(0, len(values), (RESAMPLES, len(values)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Figure(float(values.mean()), float(low), float(high))
