"""An organisation's own terms: taken whole or not at all, and in force at once in every process."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from bot import glossaries
from bot.academy import Academy
from bot.glossaries import Faulty
from bot.matching.concept import Area, Unusable
from bot.matching.taxonomy import standard
from bot.suggestions import Suggester
from models.database import Database
from models.organisation import Glossary
from tests.factories import Town

STAR = '["Kompassen"]\nalso = ["Nordstjärnan"]\n'
REQUEST = "Hur kan vi följa upp Nordstjärnan?"


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database)


def take(town: Town, text: str, where: str = "egna.toml") -> int:
    return town.do(glossaries.write, town.id, text, where, town.now)


def suggested(town: Town, suggester: Suggester, text: str = REQUEST) -> list[str]:
    return [each.name for each in town.see(suggester.for_text, town.id, text, town.today).members]


def test_terms_are_taken_in_place_of_the_earlier_ones(town: Town) -> None:
    assert (town.see(glossaries.written, town.id), town.see(glossaries.version, town.id)) == ("", 0)
    assert town.see(glossaries.taxonomy_of, town.id) is standard()
    assert take(town, STAR) == 1
    assert town.see(glossaries.written, town.id) == STAR
    other = '["Lyktan"]\n["Lyktgruppen"]\nbroader = ["Lyktan"]\n'
    assert take(town, other) == 2
    concepts = town.see(glossaries.taxonomy_of, town.id).concepts
    assert {"Lyktan", "Lyktgruppen"} <= concepts.keys()
    assert "Kompassen" not in concepts
    assert town.see(lambda session: session.scalar(select(func.count()).select_from(Glossary))) == 1


def test_every_change_is_a_new_version_and_the_same_file_is_no_change(town: Town) -> None:
    take(town, STAR)
    first = town.now
    town.at("2026-03-03 09:00")
    assert take(town, STAR) == 1

    def changed_at() -> dt.datetime:
        return town.see(lambda session: session.scalars(select(Glossary.changed_at)).one())

    assert (town.see(glossaries.version, town.id), changed_at()) == (1, first)
    take(town, STAR + "# Nu med en rad till.\n")
    assert (town.see(glossaries.version, town.id), changed_at()) == (2, town.now)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[", "nya.toml: is not TOML"),
        ('["Lyktan"]\nalso = 3\n', 'nya.toml: "Lyktan", also: '),
    ],
)
def test_a_file_that_cannot_be_read_leaves_the_earlier_terms(town: Town, text: str, problem: str) -> None:
    take(town, STAR)
    with pytest.raises(Unusable) as unusable:
        take(town, text, "nya.toml")
    assert str(unusable.value).startswith(problem)
    assert (town.see(glossaries.written, town.id), town.see(glossaries.version, town.id)) == (STAR, 1)


def test_a_wrong_file_is_refused_with_everything_that_is_wrong_and_nothing_is_written(town: Town) -> None:
    text = '["Lyktan"]\nbroader = ["finns inte"]\nalso = ["avhysning"]\n["Fyren"]\nrelated = ["Fyren"]\n'
    with pytest.raises(Faulty) as faulty:
        take(town, text, "nya.toml")
    assert faulty.value.problems == (
        'nya.toml: "Lyktan": the name "avhysning" is "vräkning" already.',
        'nya.toml: "Lyktan", broader: there is no concept "finns inte".',
        'nya.toml: "Fyren", related: it names itself.',
    )
    assert (town.see(glossaries.written, town.id), town.see(glossaries.version, town.id)) == ("", 0)


def test_new_terms_change_suggestions_at_once_in_every_process(town: Town) -> None:
    """Each `Suggester` has an academy of its own, as each process has."""
    town.member("Lena", keywords=["Kompassen"])
    town.member("Omar", keywords=["registerstudier"])
    here, there = Suggester(), Suggester()
    assert suggested(town, here) == suggested(town, there) == []
    take(town, STAR)
    assert suggested(town, there) == suggested(town, here) == ["Lena"]
    take(town, '["registerstudier"]\nalso = ["Nordstjärnan"]\n')
    assert suggested(town, here) == suggested(town, there) == ["Omar"]
    take(town, "")
    assert suggested(town, here) == suggested(town, there) == suggested(town, Suggester()) == []


def test_terms_that_are_as_they_were_cost_no_new_index(town: Town) -> None:
    town.member("Lena", keywords=["Kompassen"])
    academy = Academy()
    take(town, STAR)
    first = town.see(academy.matcher, town.id)
    take(town, STAR)
    assert town.see(academy.matcher, town.id) is first
    take(town, "")
    assert town.see(academy.matcher, town.id) is not first


def test_organisations_have_terms_of_their_own(town: Town) -> None:
    other, suggester = Town(town.database, "Grannköping"), Suggester()
    for each in (town, other):
        each.member("Lena", keywords=["Kompassen"])
    take(other, STAR)
    assert (suggested(town, suggester), suggested(other, suggester)) == ([], ["Lena"])
    assert town.see(glossaries.taxonomy_of, town.id) is standard()


def test_terms_may_add_to_a_concept_of_the_field(town: Town) -> None:
    take(town, '["vräkning"]\nalso = ["Nordstjärnan"]\nshort = ["NST"]\n')
    before, after = standard().concepts["vräkning"], town.see(glossaries.taxonomy_of, town.id).concepts["vräkning"]
    assert after.also == (*before.also, "Nordstjärnan")
    assert after.short == (*before.short, "NST")
    assert (after.area, after.en, after.broader) == (before.area, before.en, before.broader)


def test_the_area_of_the_terms_is_called_by_the_organisations_name_or_as_the_file_says(town: Town) -> None:
    take(town, STAR)
    assert town.see(glossaries.taxonomy_of, town.id).areas["own"] == Area("own", "Provstad", "Provstad")
    take(town, '[area]\nsv = "Stadens egna"\nen = "The city’s own"\n' + STAR)
    assert town.see(glossaries.taxonomy_of, town.id).areas["own"] == Area("own", "Stadens egna", "The city’s own")


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", []),
        (STAR, []),
        (
            '["vräkning"]\nalso = ["Bostad först"]\n',
            ['e.toml: "vräkning": the name "Bostad först" is "bostad först" already.'],
        ),
        (
            '["Bostad Först"]\n',
            ['e.toml: "Bostad Först": the name "Bostad Först" is "bostad först" already.'],
        ),
        (
            '["Lyktan"]\nshort = ["ASI"]\n',
            ['e.toml: "Lyktan": the abbreviation "ASI" is ambiguous: it is "ASI-intervju" already.'],
        ),
        (
            '["Lyktan"]\nalso = ["Lågan"]\n["Fyren"]\nalso = ["lågan"]\n',
            ['e.toml: "Fyren": the name "lågan" is "Lyktan" already.'],
        ),
    ],
)
def test_what_is_wrong_beside_the_taxonomy_is_told_of_the_file(text: str, problems: list[str]) -> None:
    """Also when the concept is one of the taxonomy's; what is wrong in the taxonomy itself is not the file's."""
    assert glossaries.checked(text, "e.toml")[1] == problems


def test_a_circle_through_the_taxonomy_is_told_of_the_file() -> None:
    """Also when the first of its concepts that is met is one of the taxonomy's."""
    below = next(name for name, concept in standard().concepts.items() if "vräkning" in concept.broader)
    for narrower in (below, "vräkning av barnfamilj"):
        (problem,) = glossaries.checked(f'["vräkning"]\nbroader = ["{narrower}"]\n', "e.toml")[1]
        assert problem.startswith("e.toml: ")
        assert "goes in a circle: " in problem
        assert f"vräkning → {narrower}" in problem
