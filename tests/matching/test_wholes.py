"""Requests and profiles compared as wholes: by letters, by gist, and what of a long request is compared."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.matching.concept import Area, Concept
from bot.matching.focus import AROUND, parts, weights
from bot.matching.gist import KEPT, NO_GIST
from bot.matching.letters import grams, sums, weighed
from bot.matching.profiles import Profile
from bot.matching.rank import Matcher
from bot.matching.stages import Stages
from bot.matching.taxonomy import Taxonomy, standard
from bot.matching.words import placed

GISTS = standard().gists


def likeness(one: str, other: str) -> float:
    (found,) = GISTS.alike(GISTS.of(grams([one])), [GISTS.of(grams([other]))])
    return float(found)


@pytest.mark.parametrize(
    ("text", "nearer", "farther"),
    [
        ("vräkning av barnfamiljer", "avhysning och hyresskulder", "demens och hemtjänst"),
        ("vräkning av barnfamiljer", "eviction of families", "dementia and home care"),
        ("gambling problems among young men", "spelberoende", "språkstörning"),
        ("lönar sig tidiga insatser, en ekonomisk kalkyl", "cost–benefit analysis", "foster care"),
    ],
)
def test_a_gist_joins_what_shares_no_word(text: str, nearer: str, farther: str) -> None:
    assert likeness(text, nearer) > 2 * likeness(text, farther)


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_is_most_like_itself(text: str) -> None:
    gist = GISTS.of(grams([text]))
    assert len(gist.concepts) == len(set(gist.concepts.tolist())) <= KEPT
    (same,) = GISTS.alike(gist, [gist])
    assert same == pytest.approx(1.0, abs=1e-5) if len(gist.concepts) else same == 0
    assert len(gist.concepts) or not len(grams([text]).buckets) or np.all(gist.weights == 0)


def test_without_concepts_there_is_no_gist() -> None:
    gists = Taxonomy().gists
    gist = gists.of(grams(["vräkning"]))
    assert not len(gist.concepts)
    assert gists.alike(gist, [NO_GIST, gist]).tolist() == [0.0, 0.0]


def test_an_organisation_s_own_terms_share_the_gists_of_what_they_extend() -> None:
    own = standard().with_terms([Concept("Framåt", "own", en=("Framåt programme",))], Area("own", "Egna", "Own"))
    assert own.gists is GISTS
    assert Matcher([Profile("1", "A", keywords=("Framåt",))], taxonomy=own).rank("Framåt", top=0).ranking[0].score > 0


def test_whoever_answers_nothing_gains_nothing_by_resembling_the_request() -> None:
    members = [
        Profile("1", "A", keywords=("samverkan",)),
        Profile("2", "B", keywords=("bostadslöshet", "hyresskulder")),
    ]
    text = "samverkan om familjer utan eget hem"
    assert likeness(text, "bostadslöshet hyresskulder") > 0
    bare = Stages(terms=False, likeness=False, compounds=False)
    assert [(each.member, each.score > 0) for each in Matcher(members, bare).rank(text, top=0).ranking] == [
        ("1", True),
        ("2", False),
    ]


LONG = (
    "Vi har flyttat till nya lokaler vid torget i höst. Kaffemaskinen är trasig igen och hissen står stilla sedan en "
    "vecka tillbaka. Personalen är trött men glad över den nya balkongen. Hur följer man upp boendestöd? "
    "Lunchen serveras klockan tolv på torsdag som vanligt."
)


def test_of_a_long_request_what_asks_counts_most() -> None:
    found = parts(LONG, placed(LONG))
    assert found[1.0] == ["Hur följer man upp boendestöd"]
    assert len(found[AROUND]) == 4
    assert sorted(weights(LONG, placed(LONG)).values()) == [AROUND] * 4 + [1.0]


@pytest.mark.parametrize("text", ["", "hej", "Hur följer man upp boendestöd? Vi undrar.", "å " * 60])
def test_what_counts_alike_stays_one_text(text: str) -> None:
    assert parts(text, placed(text)) == {1.0: [text]}


def test_letters_count_as_where_they_count_most() -> None:
    asked, around = grams(["boendestöd"]), grams(["boende"])
    both = weighed({1.0: ["boendestöd"], 0.4: ["boende"]})
    counts = dict(zip(both.buckets.tolist(), both.counts.tolist(), strict=True))
    assert counts.keys() == {*asked.buckets.tolist(), *around.buckets.tolist()}
    assert {counts[bucket] for bucket in asked.buckets.tolist()} == {1.0}
    assert {round(counts[each], 3) for each in set(around.buckets.tolist()) - set(asked.buckets.tolist())} == {0.4}
    assert weighed({0.4: ["boende"]}).counts.tolist() == pytest.approx([0.4] * len(around.buckets))


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=6))
def test_sums_add_up_run_by_run(runs: list[list[int]]) -> None:
    values = np.array([value for run in runs for value in run], dtype=np.float64)
    assert sums(values, [len(run) for run in runs]).tolist() == [sum(run) for run in runs]
