"""The taxonomy: what a file of terms may say, how errors name their place, and what is near what."""

import pytest

from bot.matching.concept import Area, Concept, Unusable, read
from bot.matching.names import Names
from bot.matching.rank import Matcher
from bot.matching.taxonomy import FOLDER, MOST_SIBLINGS, Near, Taxonomy, standard

OWN = Area("own", "Egna", "Own")


def taxonomy(*concepts: Concept) -> Taxonomy:
    return Taxonomy().with_terms(concepts, OWN)


def concept(name: str, *broader: str, related: tuple[str, ...] = ()) -> Concept:
    return Concept(name, "own", (), broader=broader, related=related)


def test_a_file_gives_its_area_and_its_concepts_in_order() -> None:
    area, concepts = read(
        """
        [area]
        sv = "Boende"
        en = "Housing"

        ["vräkning"]
        en = ["eviction"]
        also = ["avhysning", " utkastning "]
        short = ["VRK"]
        broader = ["boende"]
        related = ["skuld"]

        [boende]
        """,
        "housing",
        "housing.toml",
    )
    assert area == Area("housing", "Boende", "Housing")
    assert concepts == [
        Concept("vräkning", "housing", ("eviction",), ("avhysning", "utkastning"), ("VRK",), ("boende",), ("skuld",)),
        Concept("boende", "housing", ()),
    ]
    assert concepts[0].swedish == ("vräkning", "avhysning", "utkastning")


def test_an_area_that_is_not_named_is_called_by_its_key() -> None:
    assert read("", "housing", "housing.toml") == (Area("housing", "housing", "housing"), [])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[", "egna.toml: is not TOML"),
        ("[lots]\n[lots]\n", "egna.toml: is not TOML (Cannot declare ('lots',) twice (at line 2"),
        ("[lots]\nalso = pilot\n", "egna.toml: is not TOML (Invalid value (at line 2"),
        ('[area]\nsv = "Lots"\n', 'egna.toml: "area", en: Field required.'),
        ('[area]\nsv = ""\nen = "x"\n', 'egna.toml: "area", sv: '),
        ("area = 3", 'egna.toml: "area": '),
        ("lots = 3", 'egna.toml: "lots": '),
        ('[lots]\nalso = "pilot"\n', 'egna.toml: "lots", also: Input should be a valid list.'),
        ('[lots]\nen = ["pilot", 3]\n', 'egna.toml: "lots", en.1: Input should be a valid string.'),
        ('[lots]\nshort = [""]\n', 'egna.toml: "lots", short.0: '),
        (f'[lots]\nalso = ["{"x" * 121}"]\n', 'egna.toml: "lots", also.0: '),
        ('[vanlig]\n["särskild lots"]\nsynonym = []\n', 'egna.toml: "särskild lots", synonym: '),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(text: str, says: str) -> None:
    with pytest.raises(Unusable) as unusable:
        read(text, "own", "egna.toml")
    said = str(unusable.value)
    assert said.startswith("egna.toml: ")
    assert says in said
    assert said.endswith(".")
    assert "\n" not in said


def test_the_shipped_taxonomy_is_what_its_files_say() -> None:
    """It is kept from one start to the next; what is kept must be what reading gives."""
    files = sorted(FOLDER.glob("*.toml"))
    found = [read(path.read_text("utf-8"), path.stem, path.name) for path in files]
    concepts = [each for _, some in found for each in some]
    assert len(concepts) > 1_000
    assert list(standard().concepts.values()) == concepts
    assert list(standard().areas.values()) == [area for area, _ in found]
    assert standard().names == Names.of(concepts)
    for area, _ in found:
        assert area.sv != area.key != area.en, "every area has a name in both languages"


def test_an_organisations_terms_come_beside_those_that_are_there() -> None:
    boende = Concept("boende", "housing", ("housing",), ("bostad",), ("BO",), (), ("skuld",))
    before = Taxonomy().with_terms([boende], Area("housing", "Boende", "Housing"))
    more = Concept("boende", "own", ("dwelling", "housing"), ("hem", "bostad"), ("BE",), ("liv",), ("hyra",))
    after = before.with_terms([more, concept("lots", "boende")], OWN)
    assert after.concepts["boende"] == Concept(
        "boende", "housing", ("housing", "dwelling"), ("bostad", "hem"), ("BO", "BE"), ("liv",), ("skuld", "hyra")
    )
    assert list(after.concepts) == ["boende", "lots"]
    assert list(after.areas) == ["housing", "own"]
    assert before.concepts == {"boende": boende}
    assert list(before.areas) == ["housing"]


def test_new_names_are_found_in_texts_and_the_old_taxonomy_does_not_know_them() -> None:
    after = standard().with_terms(
        [Concept("vräkning", "own", ("ousting",), ("bortkörning",)), concept("stjärnkikning", "vräkning")], OWN
    )
    for text, found in (("bortkörningar", "vräkning"), ("ousting", "vräkning"), ("stjärnkikningen", "stjärnkikning")):
        assert Matcher(taxonomy=after).concepts(text) == (found,)
        assert Matcher().concepts(text) == ()


def test_under_a_wide_concept_nothing_is_related_for_that_alone() -> None:
    wide = taxonomy(concept("a"), *(concept(f"b{number}", "a") for number in range(MOST_SIBLINGS + 1)))
    assert wide.near("b1") == (Near("b1", "synonym", 0), Near("a", "broader", 1))


def test_near_a_concept_are_two_steps_down_two_up_what_is_related_and_what_is_beside() -> None:
    known = taxonomy(
        concept("a"),
        concept("b", "a"),
        concept("c", "b", related=("sida", "finns inte")),
        concept("d", "c"),
        concept("e", "d"),
        concept("f", "e"),
        concept("syskon", "b"),
        concept("sida"),
    )
    assert known.near("c") == (
        Near("c", "synonym", 0),
        Near("d", "narrower", 1),
        Near("e", "narrower", 2),
        Near("b", "broader", 1),
        Near("a", "broader", 2),
        Near("sida", "related", 1),
        Near("syskon", "related", 2),
    )
    assert known.near("sida") == (Near("sida", "synonym", 0), Near("c", "related", 1)), "related goes both ways"
    assert known.narrower["b"] == ("c", "syskon")


def test_a_concept_that_is_near_in_two_ways_is_near_in_the_closest() -> None:
    known = taxonomy(concept("a", related=("b",)), concept("b", "a"), concept("c", "b", "a"))
    assert known.near("a") == (Near("a", "synonym", 0), Near("b", "narrower", 1), Near("c", "narrower", 1))


def test_what_is_not_there_and_circles_harm_nothing() -> None:
    known = taxonomy(concept("a", "b", "finns inte"), concept("b", "a"))
    assert known.near("a") == (Near("a", "synonym", 0), Near("b", "narrower", 1))
    with pytest.raises(KeyError):
        known.near("finns inte")
