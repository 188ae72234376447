"""`konsult terms`: looked up and checked without a database, taken in and written out with one."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bot import glossaries, organisations, terms_commands
from bot.matching.concept import Area, Concept
from bot.matching.taxonomy import Taxonomy, standard
from bot.matching.terms_check import problems
from models.database import Database
from tests.factories import Town

Run = Callable[..., Result]

STAR = '# Våra egna ord\n["Kompassen"]\nen = ["Compass model"]\nalso = ["Nordstjärnan"]\nbroader = ["vräkning"]\n'
WRONG = '["Lyktan"]\nalso = ["avhysning"]\nbroader = ["finns inte"]\n'


def running(open_database: Callable[[], Database]) -> Run:
    app = typer.Typer()
    app.add_typer(terms_commands.group(open_database), name="terms")
    return lambda *words: CliRunner().invoke(app, ["terms", *map(str, words)], env={"COLUMNS": "100"})


@pytest.fixture
def alone() -> Run:
    """The commands where there is no database."""

    def nowhere() -> Database:
        pytest.fail("the database was asked for")

    return running(nowhere)


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database)


@pytest.fixture
def konsult(town: Town) -> Run:
    return running(lambda: town.database)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "egna.toml"
    path.write_text(STAR, "utf-8")
    return path


def refused(result: Result) -> list[str]:
    assert isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr.splitlines()


# check


def test_good_terms_are_said_to_be_right(alone: Run, file: Path) -> None:
    result = alone("check", file)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "Nothing is wrong: 1 concept.\n", "")
    file.write_bytes(b"\xef\xbb\xbf" + STAR.replace("\n", "\r\n").encode() + b"[Fyren]\r\n")
    assert alone("check", file).stdout == "Nothing is wrong: 2 concepts.\n", "as some programs save text"


def test_every_problem_of_a_file_has_a_line(alone: Run, file: Path) -> None:
    file.write_text(WRONG, "utf-8")
    result = alone("check", file)
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.splitlines() == [
        f'{file}: "Lyktan": the name "avhysning" is "vräkning" already.',
        f'{file}: "Lyktan", broader: there is no concept "finns inte".',
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[Lyktan", "is not TOML"),
        (b"[Lyktan]\nalso = 3\n", '"Lyktan", also: '),
        ("[Fyrvård]\n".encode("latin-1").replace(b"[", b"# \xe5\n["), "is not UTF-8 text (byte 2)"),
        (None, "cannot be read"),
    ],
)
@pytest.mark.parametrize("command", ["check", "import"])
def test_a_file_that_cannot_be_read_gets_one_sentence(
    alone: Run, new_database: Callable[[], Database], file: Path, command: str, content: bytes | None, says: str
) -> None:
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    run = alone if command == "check" else running(lambda: Town(new_database()).database)
    (said,) = refused(run(command, file))
    assert said.startswith(f"{file}: ")
    assert says in said


def test_without_a_file_the_taxonomy_itself_is_checked(alone: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    result = alone("check")
    assert result.exit_code == (1 if problems(standard()) else 0)
    lines = [*problems(standard())] or [f"Nothing is wrong: {len(standard().concepts):,} concepts."]
    assert result.stdout.splitlines() == lines
    own = Taxonomy().with_terms([Concept("Lyktan", "boende", (), broader=("Lyktan",))], Area("boende", "B", "H"))
    monkeypatch.setattr(terms_commands, "standard", lambda: own)
    wrong = alone("check")
    assert (wrong.exit_code, wrong.stdout) == (1, 'boende: "Lyktan", broader: it names itself.\n')


def test_what_would_change_the_terminal_is_not_printed(alone: Run, file: Path) -> None:
    file.write_text('["Lyktan"]\nbroader = ["\\u001b[2Jborta"]\n', "utf-8")
    assert 'there is no concept "[2Jborta".' in alone("check", file).stdout


# import and export


def test_terms_are_imported_and_exported_as_they_were(konsult: Run, town: Town, file: Path, tmp_path: Path) -> None:
    done = konsult("import", file)
    assert (done.exit_code, done.stdout) == (0, "Klart: organisationen har 1 eget begrepp.\n")
    assert konsult("export").stdout == STAR
    target = tmp_path / "ut.toml"
    said = konsult("export", target)
    assert (said.exit_code, said.stdout, target.read_bytes()) == (0, "", STAR.encode())
    assert konsult("import", target).exit_code == 0
    assert town.see(glossaries.version, town.id) == 1, "what is exported is what was imported"
    target.write_text(STAR + "[Fyren]\n", "utf-8")
    assert konsult("import", target).stdout == "Klart: organisationen har 2 egna begrepp.\n"
    target.write_text("", "utf-8")
    assert konsult("import", target).stdout == "Klart: organisationen har inga egna begrepp längre.\n"
    assert konsult("export").stdout == ""


def test_a_wrong_file_is_refused_with_all_that_is_wrong(konsult: Run, town: Town, file: Path) -> None:
    assert konsult("import", file).exit_code == 0
    file.write_text(WRONG, "utf-8")
    first, second = refused(konsult("import", file))
    assert first.startswith(f'{file}: "Lyktan": the name')
    assert second.startswith(f'{file}: "Lyktan", broader: ')
    assert town.see(glossaries.written, town.id) == STAR


def test_a_file_that_cannot_be_written_gets_one_sentence(konsult: Run, tmp_path: Path) -> None:
    (said,) = refused(konsult("export", tmp_path / "finns" / "inte.toml"))
    assert said == f"{tmp_path / 'finns' / 'inte.toml'}: cannot be written (No such file or directory)."


def test_of_several_organisations_one_must_be_named(konsult: Run, town: Town, file: Path) -> None:
    other = Town(town.database, "Grannköping", language="en")
    for words in (("import", file), ("export",)):
        assert refused(konsult(*words)) == ["There are several organisations. Say which with --organisation."]
        assert refused(konsult(*words, "--organisation", "Ingenstans")) == ["There is no such organisation."]
    done = konsult("import", file, "--organisation", "Grannköping")
    assert done.stdout == "Done: the organisation has 1 concept of its own.\n"
    assert town.see(glossaries.written, other.id) == konsult("export", "--organisation", "Grannköping").stdout == STAR
    assert konsult("export", "--organisation", "Provstad").stdout == ""


def test_before_there_is_an_organisation(database: Database, file: Path) -> None:
    run = running(lambda: database)
    for words in (("import", file), ("export",), ("show", "vräkning", "--organisation", "Provstad")):
        assert refused(run(*words)) == ["There is no such organisation."]
    with database.writing() as session:
        organisations.found(session, "Provstad")
    assert run("import", file).exit_code == 0


# show


def test_a_phrase_leads_to_its_concept_with_names_and_what_is_around_it(alone: Run) -> None:
    result = alone("show", "vräkningar")
    assert (result.exit_code, result.stderr) == (0, "")
    for words in ("vräkning", "Also called", "avhysning", "In English", "eviction", "Narrower"):
        assert words in result.stdout


def test_the_concepts_as_one_object(alone: Run) -> None:
    (found,) = json.loads(alone("show", "vräkningar", "--json").stdout)["concepts"]
    concept, near = standard().concepts["vräkning"], standard().near("vräkning")
    assert found == {
        "name": "vräkning",
        "area": standard().areas[concept.area].en,
        "also": list(concept.also),
        "en": list(concept.en),
        "short": list(concept.short),
        "broader": [each.name for each in near if each.relation == "broader"],
        "narrower": [each.name for each in near if each.relation == "narrower"],
        "related": [each.name for each in near if each.relation == "related"],
    }
    assert "hemlöshet" in found["broader"]
    assert "vräkning av barnfamilj" in found["narrower"]


@pytest.mark.parametrize("words", ["eviction", "Bostad först", "housing first", "ASI", "debt"])
def test_both_languages_and_abbreviations_lead_to_concepts(alone: Run, words: str) -> None:
    assert json.loads(alone("show", words, "--json").stdout)["concepts"]


def test_words_that_lead_nowhere_are_said_to(alone: Run) -> None:
    for words in ("", "och", "Nordstjärnan", "\udcff"):
        result = alone("show", words)
        assert (result.exit_code, result.stdout) == (0, "Those words lead to no concept.\n")
        assert json.loads(alone("show", words, "--json").stdout) == {"concepts": []}


def test_an_organisations_own_terms_are_shown_when_it_is_named(konsult: Run, file: Path) -> None:
    assert konsult("import", file).exit_code == 0
    assert konsult("show", "Nordstjärnan").stdout == "Those words lead to no concept.\n"
    shown = konsult("show", "Nordstjärnan", "--organisation", "Provstad").stdout
    for words in ("Kompassen", "Område", "Provstad", "Kallas också", "På engelska", "Compass model", "Vidare"):
        assert words in shown
    around = json.loads(konsult("show", "vräkning", "--organisation", "Provstad", "--json").stdout)
    assert "Kompassen" in around["concepts"][0]["narrower"]
