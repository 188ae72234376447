"""A trial as a file holds it, and the two halves of the project's own."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bot.matching.files import Unreadable
from bot.matching.trial import Request, Trial, read_trial

DATA = Path(__file__).parents[1] / "data"
TRAPS = {
    "plain",
    "compound",
    "synonym",
    "abbreviation",
    "typo",
    "no åäö",
    "all lower case",
    "long context",
    "english",
}

MEMBERS = [{"id": 1, "name": "Åsa", "keywords": ["vräkning"]}, {"id": "b", "name": "Bo"}]
REQUEST = {"id": 7, "text": "Om vräkning?", "relevant": {"1": 2, "b": 1}}


def trial_of(folder: Path, **content: Any) -> Trial:
    file = folder / "prov.json"
    file.write_text(json.dumps({"members": MEMBERS, "requests": [REQUEST], **content}), "utf-8")
    return read_trial(file)


def test_a_trial_has_members_requests_and_texts_to_abstain_from(tmp_path: Path) -> None:
    english = {"id": "e", "text": "Eviction?", "lang": "en", "relevant": {"b": 2, "1": 2}, "trap": "english"}
    found = trial_of(tmp_path, requests=[REQUEST, english], abstain=[{"id": 1, "text": "Hej på er"}])
    assert [(member.id, member.name) for member in found.members] == [("1", "Åsa"), ("b", "Bo")]
    assert found.requests == (
        Request(7, "Om vräkning?", None, {"1": 2, "b": 1}),
        Request("e", "Eviction?", "en", {"b": 2, "1": 2}, "english"),
    )
    assert [request.right for request in found.requests] == [{"1"}, {"1", "b"}], "grade 1 is no hit"
    assert found.abstain == ("Hej på er",)


def test_texts_to_abstain_from_and_what_else_is_written_may_be_missing_or_more(tmp_path: Path) -> None:
    found = trial_of(tmp_path, requests=[{**REQUEST, "theme": "boende", "meant": "Om vräkning.", "trap": None}])
    assert (found.abstain, found.requests[0].trap) == ((), "")


def test_the_members_may_come_from_another_file(tmp_path: Path) -> None:
    others = tmp_path / "ledamöter.json"
    others.write_text(json.dumps([{"id": "1"}, {"id": "b"}, {"id": "c"}]), "utf-8")
    trial_of(tmp_path)
    assert [member.id for member in read_trial(tmp_path / "prov.json", others).members] == ["1", "b", "c"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"members": {}}, 'should be a list, or an object with a list under "members"'),
        ({"members": [{"id": 1}, {"id": 1}]}, "members[1], field id: 1 stands there twice"),
        ({"requests": None}, 'should be a list, or an object with a list under "requests"'),
        ({"requests": [REQUEST, 3]}, "requests[1], entry: should be an object"),
        ({"requests": [{"id": 1, "relevant": {"b": 2}}]}, "requests[0], field text: Field required"),
        ({"requests": [{**REQUEST, "text": ["a"]}]}, "requests[0], field text"),
        (
            {"requests": [REQUEST, {**REQUEST, "id": 8, "relevant": {"c": 2}}]},
            "requests[1], field relevant: there is no member",
        ),
        ({"requests": [REQUEST, REQUEST]}, "requests[1], field id: 7 stands there twice"),
        ({"requests": [{**REQUEST, "relevant": {"b": 1}}]}, "requests[0], field relevant: no member has grade 2"),
        ({"requests": [{**REQUEST, "relevant": {}}]}, "requests[0], field relevant: no member has grade 2"),
        ({"requests": [{**REQUEST, "relevant": {"b": 3}}]}, "requests[0], field relevant"),
        ({"requests": [{**REQUEST, "relevant": {"b": 0, "1": 2}}]}, "requests[0], field relevant"),
        ({"requests": [{**REQUEST, "relevant": ["b"]}]}, "requests[0], field relevant"),
        ({"requests": [{**REQUEST, "trap": 3}]}, "requests[0], field trap"),
        ({"abstain": "hej"}, 'should be a list, or an object with a list under "abstain"'),
        ({"abstain": [{"id": 1}]}, "abstain[0], field text"),
    ],
)
def test_a_wrong_trial_is_named_with_its_place(tmp_path: Path, content: dict[str, Any], says: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        trial_of(tmp_path, **content)
    said = str(unreadable.value)
    assert said.startswith(f"{tmp_path / 'prov.json'}: ")
    assert says in said
    assert "\n" not in said


def test_a_trial_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"finns-inte\.json: cannot be read"):
        read_trial(tmp_path / "finns-inte.json")


TRIALS = [("development.json", "held_out.json"), ("second_development.json", "second_held_out.json")]


@pytest.mark.parametrize("names", TRIALS, ids=["first", "second"])
def test_the_two_halves_have_the_same_members_and_share_nothing_that_is_asked(names: tuple[str, str]) -> None:
    development, held_out = (read_trial(DATA / name) for name in names)
    assert len(development.members) == 76
    assert development.members == held_out.members
    for half in (development, held_out):
        assert len({request.id for request in half.requests}) == len(half.requests) >= 99
        traps = Counter(request.trap for request in half.requests)
        assert traps.keys() == TRAPS
        assert min(traps.values()) >= 9
        assert len(set(half.abstain)) == 24
        assert all(text.strip() for text in (*half.abstain, *(request.text for request in half.requests)))
    asked, others = ({request.text.casefold() for request in half.requests} for half in (development, held_out))
    assert (len(asked), len(others)) == (len(development.requests), len(held_out.requests))
    assert asked.isdisjoint(others)
    assert {request.id for request in development.requests}.isdisjoint({each.id for each in held_out.requests})
    assert set(development.abstain).isdisjoint(held_out.abstain)


def test_the_first_trial_has_twelve_requests_for_every_trap_in_each_half() -> None:
    for name in TRIALS[0]:
        assert set(Counter(request.trap for request in read_trial(DATA / name).requests).values()) == {12}


def test_the_trials_ask_different_things_of_the_same_members() -> None:
    first, second = ([read_trial(DATA / name) for name in names] for names in TRIALS)
    assert first[0].members == second[0].members
    asked, others = ({request.text for half in trial for request in half.requests} for trial in (first, second))
    assert asked.isdisjoint(others)
