"""The evaluation: figures that can be worked out by hand, its baselines, its noise, and `konsult match eval`."""

import json
import math
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from bot.matching.baselines import BASELINES, bm25, character_grams, token_set_ratio, whole
from bot.matching.command import group
from bot.matching.evaluation import MATCHER, Evaluation, baselines, evaluate
from bot.matching.figures import Figure, Figures, figures, interval
from bot.matching.noise import NOISES, SHORTEST_SLIPPED, with_slips, without_rings
from bot.matching.profiles import Profile
from bot.matching.stages import Stages
from bot.matching.trial import Request, Trial

ASTA = Profile("asta", "Asta Vik", keywords=("vräkning", "hemlöshet"))
BERT = Profile("bert", "Bert Lund", bio="Han har skrivit något om hemlöshet.")
CILLA = Profile("cilla", "Cilla Ek", keywords=("statistik",))
TRIAL = Trial(
    members=(ASTA, BERT, CILLA),
    requests=(
        Request(1, "Vi behöver råd om vräkning.", None, {"asta": 2, "bert": 1}, "plain"),
        Request(2, "Vi behöver råd om hemlöshet.", None, {"bert": 2}, "plain"),
        Request(3, "Vi behöver råd om hemlöshet.", None, {"cilla": 2}, "synonym"),
        Request(4, "Vi behöver råd om statistik.", "sv", {"cilla": 2}, ""),
    ),
    abstain=("Tack för senast och trevlig helg.", "Vilken statistik finns det om hemlöshet och vräkning?"),
)
FILE = {
    "members": [
        {"id": each.id, "name": each.name, "keywords": list(each.keywords), "bio": each.bio} for each in TRIAL.members
    ],
    "requests": [
        {"id": each.id, "text": each.text, "lang": each.lang, "relevant": each.relevant, "trap": each.trap}
        for each in TRIAL.requests
    ],
    "abstain": [{"id": number, "text": text} for number, text in enumerate(TRIAL.abstain)],
}


@pytest.fixture(scope="module")
def found() -> Evaluation:
    return evaluate(TRIAL)


def means(found: Figures) -> tuple[int, float, float, float]:
    return found.requests, found.recall_1.mean, found.recall_3.mean, found.mrr.mean


# Figures


def test_figures_from_places_worked_out_by_hand() -> None:
    assert means(figures([1, 2, None, 4])) == (4, 0.25, 0.5, (1 + 1 / 2 + 0 + 1 / 4) / 4)
    assert means(figures([3, 3])) == (2, 0.0, 1.0, pytest.approx(1 / 3))
    assert means(figures([1])) == (1, 1.0, 1.0, 1.0)
    assert means(figures([None])) == (1, 0.0, 0.0, 0.0)
    assert means(figures([])) == (0, 0.0, 0.0, 0.0)


@given(st.lists(st.none() | st.integers(1, 80), max_size=120))
def test_an_interval_holds_its_mean_and_is_the_same_every_time(places: list[int | None]) -> None:
    first, again = figures(places), figures(list(places))
    assert first == again
    for figure in (first.recall_1, first.recall_3, first.mrr):
        assert 0 <= figure.low <= figure.mean + 1e-9 <= figure.high + 2e-9 <= 1 + 3e-9


def test_an_interval_is_as_wide_as_chance_makes_it() -> None:
    """Of 400 requests half of which are hits, the mean of as many drawn anew strays by 0.025 at a time."""
    half = interval(np.array([0.0, 1.0] * 200))
    assert half.mean == 0.5
    assert half.low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.006)
    assert half.high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.006)
    assert interval(np.array([1.0] * 5)) == Figure(1.0, 1.0, 1.0)


# A trial


def test_the_figures_of_a_trial_worked_out_by_hand(found: Evaluation) -> None:
    """The right members stand first, second, nowhere and first: a word of a long text counts less than a keyword."""
    assert found.members == 3
    assert means(found.overall[MATCHER]) == (4, 0.5, 0.75, (1 + 1 / 2 + 0 + 1) / 4)
    assert list(found.overall) == [MATCHER, *BASELINES]
    raw = means(found.overall["BM25 on raw words"])
    assert raw == (4, 0.75, 0.75, (1 + 1 + 0 + 1) / 4), "who counts raw words shares “om” as well with the second"


def test_a_trap_has_the_figures_of_its_requests_alone(found: Evaluation) -> None:
    assert list(found.traps) == ["plain", "synonym"]
    assert means(found.traps["plain"][MATCHER]) == (2, 0.5, 1.0, 0.75)
    assert means(found.traps["synonym"][MATCHER]) == (1, 0.0, 0.0, 0.0)
    assert [list(rankers) for rankers in found.traps.values()] == [list(found.overall)] * 2


def test_a_trial_is_repeated_with_each_noise_and_without_each_stage(found: Evaluation) -> None:
    assert list(found.noises) == list(NOISES)
    assert found.noises["lower case"] == found.overall[MATCHER], "no request of it hangs on capitals"
    assert list(found.stages) == [stage.name for stage in fields(Stages)]
    assert {each.requests for each in (*found.noises.values(), *found.stages.values())} == {4}


def test_how_cautious_the_answers_are(found: Evaluation) -> None:
    caution = found.caution
    assert (caution.abstain, caution.genuine) == (2, 4)
    assert caution.held_back >= 0.5, "nobody is suggested with certainty to somebody who says thanks"
    assert caution.refused == 0.0
    assert 0 <= caution.clear <= 1
    assert min(found.pace.reading, found.pace.median) > 0
    assert found.pace.median <= found.pace.p95


def test_the_figures_of_a_trial_are_the_same_every_time(found: Evaluation) -> None:
    again = evaluate(TRIAL)
    for part in ("members", "overall", "traps", "noises", "stages", "caution"):
        assert getattr(again, part) == getattr(found, part)


def test_an_empty_trial_has_figures_too() -> None:
    nothing = evaluate(Trial((), (), ()))
    assert means(nothing.overall[MATCHER]) == (0, 0.0, 0.0, 0.0)
    assert (nothing.caution.held_back, nothing.pace.median) == (0.0, 0.0)


# Baselines


def test_bm25_worked_out_by_hand() -> None:
    score = bm25(["hemlöshet och vräkning", "Hemlöshet", "statistik"])
    one_of_three, two_of_three = math.log(1 + 2.5 / 1.5), math.log(1 + 1.5 / 2.5)
    long, short = 1.5 * (0.25 + 0.75 * 3 / (5 / 3)), 1.5 * (0.25 + 0.75 * 1 / (5 / 3))
    assert score("vräkning?") == pytest.approx([one_of_three * 2.5 / (1 + long), 0, 0])
    assert score("HEMLÖSHET") == pytest.approx([two_of_three * 2.5 / (1 + long), two_of_three * 2.5 / (1 + short), 0])
    assert score("vräkningar") == pytest.approx([0, 0, 0]), "raw words know no inflection"
    assert bm25(["vräkning vräkning", "x y"])("vräkning")[0] == pytest.approx(math.log(1 + 1.5 / 1.5) * 2 * 2.5 / 3.5)
    assert list(bm25([])("vräkning")) == []


def test_token_set_ratio_worked_out_by_hand() -> None:
    """Words of which one side has no other count 100; otherwise the shared word stands against it and the rest of one
    side, 9 letters against 19: of 28 letters 10 differ."""
    score = token_set_ratio(["hemlöshet och vräkning", "Hemlöshet", "enkät"])
    assert list(score("Vräkning")[:1]) == [100]
    assert list(score("hemlöshet statistik")) == pytest.approx(
        [100 * (1 - 10 / 28), 100, score("hemlöshet statistik")[2]]
    )
    assert score("hemlöshet statistik")[2] < 50


def test_character_grams_worked_out_by_hand() -> None:
    """ " ab " has three grams. Two texts of three have them; " cd " is in one."""
    score = character_grams(["ab", "ab CD", "ef"])
    common, rare = math.log(4 / 3) + 1, math.log(4 / 2) + 1
    assert score("AB") == pytest.approx(
        [3 * common**2 / math.sqrt(3 * common**2), 3 * common**2 / math.sqrt(3 * common**2 + 3 * rare**2), 0]
    )
    twice = 1 + math.log(2)
    assert character_grams(["ab ab"])("ab") == pytest.approx([3 * twice / math.sqrt(3 * twice**2)])
    assert list(character_grams(["hemlöshet", "vräkning"])("vräkningar").argsort()) == [0, 1]


def test_baselines_rank_those_with_anything_in_common_and_equals_by_id() -> None:
    namesake = Profile("anna", "Anna Vik", keywords=("vräkning", "hemlöshet"))
    rankers = baselines([ASTA, namesake, BERT, CILLA])
    assert rankers.keys() == BASELINES.keys()
    for name in ("BM25 on raw words", "character n-grams"):
        assert rankers[name]("vräkning", None).members == ["anna", "asta"]
        assert rankers[name]("Lund", None).members == [], "a name is no subject"
        assert rankers[name]("vräkning", None).confidence is None
    assert rankers["token_set_ratio"]("vräkning", None).members[:2] == ["anna", "asta"]


def test_a_baseline_reads_all_that_a_profile_says() -> None:
    profile = Profile("d", "Dan", "Docent", "Norra", ("a", "b"), "c", ("d",), evidence=("e",))
    assert sorted(whole(profile).split("\n")) == sorted(["a", "b", "Docent", "c", "d", "e"])


# Noise

TEXT = "Vi behöver hjälp med utvärderingen av föräldrastödet, och undrar hur enkäterna bör utformas för barn. " * 20


def test_slips_are_the_same_every_time_and_others_in_another_text() -> None:
    assert with_slips(TEXT) == with_slips(TEXT) != TEXT
    assert with_slips(f"Hej! {TEXT}").removeprefix("Hej! ") != with_slips(TEXT)


def test_every_fifth_longer_word_gets_one_slip() -> None:
    before, after = TEXT.split(" "), with_slips(TEXT).split(" ")
    assert len(before) == len(after)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    longer = [word for word in before if len(word) >= SHORTEST_SLIPPED]
    assert 0.12 < len(changed) / len(longer) < 0.28
    kinds = {_kind(old, new) for old, new in changed}
    assert kinds == {"left out", "doubled", "swapped", "neighbour"}
    assert all(len(old) >= SHORTEST_SLIPPED for old, _ in changed)


def _kind(old: str, new: str) -> str:
    """What kind of slip made a word another, never at its first or last letter."""
    spots = range(1, len(old) - 1)
    if new in {old[:spot] + old[spot + 1 :] for spot in spots}:
        return "left out"
    if new in {old[: spot + 1] + old[spot:] for spot in spots}:
        return "doubled"
    if new in {old[:spot] + old[spot + 1] + old[spot] + old[spot + 2 :] for spot in spots}:
        return "swapped"
    differ = [spot for spot in range(len(old)) if old[spot] != new[spot]]
    assert len(old) == len(new), (old, new)
    assert len(differ) == 1, (old, new)
    spot = differ[0]
    assert any(old[spot] + new[spot] in row or new[spot] + old[spot] in row for row in ROWS), (old, new)
    return "neighbour"


ROWS = ("qwertyuiopå", "asdfghjklöä", "zxcvbnm")


@given(st.text(max_size=80))
def test_no_text_is_too_odd_for_noise(text: str) -> None:
    for noise in NOISES.values():
        assert noise(text) == noise(text)
    slipped = with_slips(text).split(" ")
    assert len(slipped) == len(text.split(" "))
    for word, other in zip(text.split(" "), slipped, strict=True):
        assert word == other or len(word) >= SHORTEST_SLIPPED


def test_the_other_noises() -> None:
    assert without_rings("Åsa såg ÄNNU en ö, é") == "Asa sag ANNU en o, é"
    assert NOISES["without å, ä, ö"] is without_rings
    assert NOISES["lower case"]("ASI och SIG på Södermalm") == "asi och sig på södermalm"
    assert NOISES["slips"] is with_slips


# The command


def konsult(*arguments: object) -> Result:
    def none_of_the_installation() -> list[Profile]:
        pytest.fail("the installation's members were asked for")

    return CliRunner().invoke(
        group(none_of_the_installation), [str(each) for each in arguments], env={"COLUMNS": "120"}
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "prov.json"
    path.write_text(json.dumps(FILE), "utf-8")
    return path


def test_the_evaluation_as_tables(file: Path, found: Evaluation) -> None:
    result = konsult("eval", file)
    assert (result.exit_code, result.stderr) == (0, "")
    for title in ("All requests, 3 members", "Trap: plain", "Trap: synonym", "Typed otherwise"):
        assert title in result.stdout
    for name in (*BASELINES, *NOISES, *(f"without {stage.name}" for stage in fields(Stages))):
        assert name in result.stdout
    figure = found.overall[MATCHER].recall_3
    (line, *_) = [line for line in result.stdout.splitlines() if line.startswith(f"│ {MATCHER}")]
    assert f"0.75 [{figure.low:.2f}, {figure.high:.2f}]" in line
    assert "Of 2 texts that are no requests" in result.stdout
    assert "Reading all members took" in result.stdout


def test_the_evaluation_as_one_object(file: Path, found: Evaluation) -> None:
    result = konsult("eval", file, "--json")
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert said.keys() == {"members", "overall", "traps", "noises", "stages", "caution", "pace"}
    figure = found.overall[MATCHER].mrr
    assert said["overall"][MATCHER]["mrr"] == {"mean": figure.mean, "low": figure.low, "high": figure.high}
    assert said["overall"][MATCHER]["requests"] == 4
    assert said["traps"]["plain"][MATCHER]["recall_1"]["mean"] == 0.5
    assert said["caution"]["genuine"] == 4


def test_the_members_of_another_file(file: Path, tmp_path: Path) -> None:
    others = tmp_path / "ledamöter.json"
    others.write_text(json.dumps([*FILE["members"], {"id": "extra", "name": "Extra"}]), "utf-8")
    assert json.loads(konsult("eval", file, "--members", others, "--json").stdout)["members"] == 4


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[", "prov.json: is not JSON"),
        ('{"members": [{"id": 1}], "requests": [{"id": 1, "text": "x", "relevant": {"2": 2}}]}', "no member '2'"),
    ],
)
def test_a_wrong_trial_gets_one_sentence(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "prov.json"
    path.write_text(content, "utf-8")
    result = konsult("eval", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_request_needs_no_word_before_it(file: Path) -> None:
    """Only `eval` is a command's name: `konsult match TEXT` ranks."""
    for words in (("statistik",), ("request", "statistik")):
        ranked = json.loads(konsult(*words, "--members", file, "--json").stdout)["results"]
        assert [each["member"] for each in ranked[0]["ranking"]] == ["cilla"]
