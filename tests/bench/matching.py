"""How fast the matching is, beside three peers that rank the same texts; each run in a process of its own."""

import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import bm25s
import numpy as np
import rank_bm25
from rapidfuzz import fuzz, process

from bot.matching.profiles import Profile
from bot.matching.rank import Matcher
from tests.bench.academy import members, requests, text_of

SIZES = (34, 1_000, 10_000, 100_000)
SHOWN = 3
ASKED = 200
WARM_UP = 20
LONGEST = 60.0
"""Seconds of asking after which a slow one is not asked any more; at least `WARM_UP` requests are counted."""

COLD_RUNS = 7

Ask = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Run:
    """One ranker on one academy: seconds of reading, MiB that this took, milliseconds a request, and for konsult the
    milliseconds until a changed profile is found."""

    reading: float
    memory: float
    p50: float
    p95: float
    changed: float | None = None


def konsult(profiles: Sequence[Profile]) -> Ask:
    """The project's own matcher."""
    matcher = Matcher(profiles)
    return lambda request: matcher.rank(request, top=SHOWN)


def token_set_ratio(profiles: Sequence[Profile]) -> Ask:
    """`rapidfuzz.process.extract` with `token_set_ratio`."""
    texts = [text_of(profile).casefold() for profile in profiles]
    return lambda request: process.extract(request.casefold(), texts, scorer=fuzz.token_set_ratio, limit=SHOWN)


def scored_bm25s(profiles: Sequence[Profile]) -> Ask:
    """bm25s, with its own tokeniser."""
    found = bm25s.BM25()
    found.index(_tokens([text_of(profile) for profile in profiles]), show_progress=False)
    return lambda request: found.retrieve(_tokens([request]), k=min(SHOWN, len(profiles)), show_progress=False)


def scored_rank_bm25(profiles: Sequence[Profile]) -> Ask:
    """rank_bm25's Okapi BM25."""
    found = rank_bm25.BM25Okapi([text_of(profile).casefold().split() for profile in profiles])

    def ask(request: str) -> object:
        scores = found.get_scores(request.casefold().split())
        return np.argsort(-scores)[:SHOWN]

    return ask


PEERS: dict[str, Callable[[Sequence[Profile]], Ask]] = {
    "konsult": konsult,
    "bm25s": scored_bm25s,
    "rank_bm25": scored_rank_bm25,
    "rapidfuzz": token_set_ratio,
}


def run(name: str, size: int) -> Run:
    """Measure one ranker in this process."""
    profiles = members(size)
    asked = requests(ASKED + WARM_UP)
    if name == "konsult":
        Matcher(profiles[:1]).rank(asked[0])
    before, started = _peak(), time.perf_counter()
    ask = PEERS[name](profiles)
    ask(asked[0])
    reading, memory = time.perf_counter() - started, _peak() - before
    for request in asked[:WARM_UP]:
        ask(request)
    taken = _taken(ask, asked[WARM_UP:])
    p50, p95 = np.percentile(taken, [50, 95])
    return Run(reading, memory, float(p50), float(p95), _changed(profiles, asked[0]) if name == "konsult" else None)


def tables(sizes: Sequence[int] = SIZES) -> str:
    """Both tables, as Markdown."""
    rows = []
    for size in sizes:
        runs = {name: _apart(name, size) for name in PEERS}
        own = runs["konsult"]
        for name, each in runs.items():
            ratio = "–" if name == "konsult" else f"{each.p50 / own.p50:.1f} ×"
            changed = "–" if each.changed is None else f"{each.changed:.0f} ms"
            rows.append(
                f"| {size:,} | {name} | {each.reading:.1f} s | {each.memory:.0f} MiB | {each.p50:.2f} ms | "
                f"{each.p95:.2f} ms | {ratio} | {changed} |".replace(",", " ", 1)
            )
    cold = _cold()
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "rapidfuzz", "bm25s", "rank-bm25"))
    head = "| Members | | Reading | Memory | p50 | p95 | p50 beside konsult's | A changed profile |"
    day = datetime.now(UTC).date()
    return "\n".join(
        [
            f"Measured on {day} with Python {platform.python_version()}, {versions}; {ASKED} requests after {WARM_UP} "
            "to warm up (fewer where a peer took longer than a minute), each once.",
            "",
            head,
            "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
            *rows,
            "",
            "The first suggestion in a fresh process, `konsult match request` with a file of 34 members: "
            f"{cold:.2f} s (median of {COLD_RUNS}).",
            "",
        ]
    )


def _tokens(texts: list[str]) -> object:
    return bm25s.tokenize(texts, stopwords=None, show_progress=False)


def _taken(ask: Ask, asked: Sequence[str]) -> list[float]:
    taken: list[float] = []
    for request in asked:
        started = time.perf_counter()
        ask(request)
        taken.append(1000 * (time.perf_counter() - started))
        if sum(taken) > 1000 * LONGEST and len(taken) >= WARM_UP:
            break
    return taken


def _changed(profiles: Sequence[Profile], request: str) -> float:
    """Milliseconds from a changed profile to the answer that knows it."""
    matcher = Matcher(profiles)
    matcher.rank(request)
    taken = []
    for number in range(5):
        started = time.perf_counter()
        matcher.updated(profiles[number]).rank(request)
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken)


def _cold() -> float:
    """Seconds of a whole process that suggests members for one request."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "members.json"
        file.write_text(json.dumps([asdict(profile) for profile in members(34)]), "utf-8")
        command = [Path(sys.executable).with_name("konsult"), "match", requests(1)[0], "--members", file, "--json"]
        taken = []
        for _ in range(COLD_RUNS):
            started = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def _apart(name: str, size: int) -> Run:
    """Measure one ranker in a process of its own, so that memory is its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.matching", name, str(size)], check=True, capture_output=True, text=True
    )
    return Run(**json.loads(done.stdout))


def _peak() -> float:
    """The most memory this process has had, in MiB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    print(json.dumps(asdict(run(sys.argv[1], int(sys.argv[2])))))  # noqa: T201 - read by `_apart`
