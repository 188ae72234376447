"""What is wrong with terms is found and told, and the terms that are shipped lead nowhere wrong."""

import json

import pytest

from bot.matching.concept import read
from bot.matching.taxonomy import Taxonomy, standard
from bot.matching.terms_check import problems


def told(text: str) -> list[str]:
    area, concepts = read(text, "egna", "egna.toml")
    return problems(Taxonomy().with_terms(concepts, area))


GOOD = """
["vräkning"]
en = ["eviction"]
also = ["avhysning"]
short = ["VRK"]
broader = ["boende"]
related = ["skuldsättning"]
["boende"]
en = ["housing"]
["skuldsättning"]
short = ["SKS"]
"""


def test_nothing_is_wrong_with_good_terms() -> None:
    assert told(GOOD) == []
    assert told("") == []


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ('["lots"]\nalso = ["AVHYSNING"]', 'egna: "lots": the name "AVHYSNING" is "vräkning" already.'),
        ('["lots"]\nalso = ["vräkning"]', 'egna: "lots": the name "vräkning" is "vräkning" already.'),
        ('["lots"]\nalso = ["pilot", "Pilot"]', 'egna: "lots": the name "Pilot" stands there twice.'),
        ('["lots"]\nalso = ["lots"]', 'egna: "lots": the name "lots" stands there twice.'),
        ('["lots"]\nen = ["Eviction"]', 'egna: "lots": the English name "Eviction" is "vräkning" already.'),
        ('["lots"]\nen = ["pilot", "pilot"]', 'egna: "lots": the English name "pilot" stands there twice.'),
        ('["lots"]\nshort = ["VRK"]', 'egna: "lots": the abbreviation "VRK" is ambiguous: it is "vräkning" already.'),
        ('["lots"]\nshort = ["LTS", "LTS"]', 'egna: "lots": the abbreviation "LTS" stands there twice.'),
        ('["lots"]\nbroader = ["styrning"]', 'egna: "lots", broader: there is no concept "styrning".'),
        ('["lots"]\nbroader = ["avhysning"]', 'egna: "lots", broader: there is no concept "avhysning".'),
        ('["lots"]\nrelated = ["styrning"]', 'egna: "lots", related: there is no concept "styrning".'),
        ('["lots"]\nbroader = ["lots"]', 'egna: "lots", broader: it names itself.'),
        ('["lots"]\nrelated = ["lots"]', 'egna: "lots", related: it names itself.'),
        (
            '["lots"]\nbroader = ["pilot"]\n["pilot"]\nbroader = ["styrman"]\n["styrman"]\nbroader = ["lots"]',
            'egna: "lots", broader: goes in a circle: lots → pilot → styrman → lots.',
        ),
        ('["lots"]\nalso = ["det är så"]', 'egna: "lots": the name "det är så" says too little to be looked for.'),
        ('["och"]', 'egna: "och": the name "och" says too little to be looked for.'),
        ('["lots"]\nen = ["of the"]', 'egna: "lots": the name "of the" says too little to be looked for.'),
    ],
)
def test_each_thing_that_is_wrong_is_told_once_and_alone(more: str, problem: str) -> None:
    assert told(f"{GOOD}\n{more}\n") == [problem]


def test_everything_is_told_at_once() -> None:
    text = '["lots"]\nshort = ["VRK"]\nbroader = ["styrning", "lots"]\nalso = ["avhysning"]\n'
    assert len(told(GOOD + text)) == 4


def above(**broader: str) -> str:
    """A file of concepts, each with what is broader, parted by spaces."""
    return "".join(f"[{name}]\nbroader = {json.dumps(others.split())}\n" for name, others in broader.items())


def test_ways_that_meet_again_are_no_circle() -> None:
    assert told(above(lots="pilot styrman", pilot="kapten", styrman="kapten", kapten="")) == []


def test_two_circles_are_told_apart() -> None:
    said = told(above(lots="pilot", pilot="lots", styrman="kapten", kapten="styrman", kock="lots"))
    assert [sentence.split(": ")[-1] for sentence in said] == ["lots → pilot → lots.", "styrman → kapten → styrman."]


def test_the_shipped_taxonomy_has_no_circles_and_refers_to_nothing_unknown() -> None:
    wrong = ("goes in a circle", "there is no concept", "it names itself")
    assert [problem for problem in problems(standard()) if any(each in problem for each in wrong)] == []
