"""The command line's `terms`: the field's terms looked up and checked, an organisation's own terms in and out."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import glossaries, organisations
from bot.directory_commands import OpenDatabase, Which
from bot.glossaries import Faulty
from bot.matching.concept import Unusable
from bot.matching.rank import Matcher
from bot.matching.taxonomy import Near, Relation, Taxonomy, standard
from bot.matching.terms_check import problems
from bot.refusals import Refusal
from bot.wording import Words, words
from models.database import Unavailable

PROBLEMS = 1
WRONG_INPUT = 2

TermsFile = Annotated[Path, typer.Argument(help="A TOML file of terms, in UTF-8.", metavar="FILE.toml")]
Target = Annotated[
    Path | None, typer.Argument(help="The file to write; without it, standard output.", metavar="FILE.toml")
]


@dataclass(frozen=True, slots=True)
class Found:
    """A concept that words lead to: `name` and `also` are its Swedish names, `en` the English ones, `short` its
    abbreviations; around it the concepts that a request for it finds as well, the nearest first."""

    name: str
    area: str
    also: tuple[str, ...]
    en: tuple[str, ...]
    short: tuple[str, ...]
    broader: tuple[str, ...]
    narrower: tuple[str, ...]
    related: tuple[str, ...]


def group(open_database: OpenDatabase) -> typer.Typer:
    """The commands `terms check`, `terms import`, `terms export` and `terms show`."""
    terms = typer.Typer(no_args_is_help=True, help="The field's terms, and an organisation's own.")

    @terms.command("check")
    def check(
        file: Annotated[
            Path | None,
            typer.Argument(
                help="A TOML file of an organisation's own terms; without it, the taxonomy itself.",
                metavar="FILE.toml",
            ),
        ] = None,
    ) -> None:
        """Say all that is wrong with a file of terms beside the taxonomy, a line each; exit code 1 when anything is."""
        with _sentence_first():
            count, wrong = _checked(file)
        for problem in wrong:
            typer.echo(_printable(problem))
        if wrong:
            raise typer.Exit(PROBLEMS)
        typer.echo(words("en").n("terms.right", count))

    @terms.command("import")
    def import_terms(file: TermsFile, organisation: Which = None) -> None:
        """Take a file of terms in place of the organisation's earlier ones; nothing is written when it is wrong."""
        with _sentence_first():
            text = _read(file)
            database = open_database()
            with database.writing() as session:
                owner = organisations.only(session, organisation)
                count = glossaries.write(session, owner.id, text, str(file), database.real_now(session))
        w = words(owner.language)
        typer.echo(w.n("terms.imported", count) if count else w("terms.imported_none"))

    @terms.command("export")
    def export_terms(file: Target = None, organisation: Which = None) -> None:
        """Write the organisation's own terms as they were imported."""
        with _sentence_first():
            with open_database().reading() as session:
                text = glossaries.written(session, organisations.only(session, organisation).id)
            if file is None:
                typer.echo(text, nl=False)
            else:
                _write(file, text)

    @terms.command("show")
    def show(
        text: Annotated[str, typer.Argument(help="A word or a phrase, as a request may have it.", metavar="WORD")],
        organisation: Annotated[
            str | None, typer.Option("--organisation", help="An organisation whose own terms count as well.")
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    ) -> None:
        """Show the concepts that words lead to: their names, and what is broader, narrower and related."""
        w, taxonomy = words("en"), standard()
        with _sentence_first():
            if organisation is not None:
                with open_database().reading() as session:
                    owner = organisations.only(session, organisation)
                    w, taxonomy = words(owner.language), glossaries.taxonomy_of(session, owner.id)
        found = led_to(text, taxonomy, w.language)
        if as_json:
            typer.echo(json.dumps({"concepts": [asdict(each) for each in found]}, ensure_ascii=False, indent=1))
        elif found:
            _print_tables(found, w)
        else:
            typer.echo(w("terms.nothing"))

    return terms


def led_to(text: str, taxonomy: Taxonomy, language: str = "sv") -> list[Found]:
    """The concepts that a text leads to, read as Swedish and as English; areas are named in `language`."""
    matcher = Matcher(taxonomy=taxonomy)
    names = dict.fromkeys((*matcher.concepts(text, "sv"), *matcher.concepts(text, "en")))
    return [_found(name, taxonomy, language) for name in names]


def _found(name: str, taxonomy: Taxonomy, language: str) -> Found:
    concept, near = taxonomy.concepts[name], taxonomy.near(name)
    area = taxonomy.areas[concept.area]
    return Found(
        name,
        area.en if language == "en" else area.sv,
        concept.also,
        concept.en,
        concept.short,
        _around(near, "broader"),
        _around(near, "narrower"),
        _around(near, "related"),
    )


def _around(near: tuple[Near, ...], relation: Relation) -> tuple[str, ...]:
    return tuple(each.name for each in near if each.relation == relation)


def _checked(file: Path | None) -> tuple[int, list[str]]:
    """How many concepts there are, and what is wrong with them."""
    if file is None:
        return len(standard().concepts), problems(standard())
    concepts, wrong = glossaries.checked(_read(file), str(file))
    return len(concepts), wrong


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Unusable(f"{file}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise Unusable(f"{file}: is not UTF-8 text (byte {error.start}).") from error


def _write(file: Path, text: str) -> None:
    try:
        file.write_bytes(text.encode("utf-8"))
    except OSError as error:
        raise Unusable(f"{file}: cannot be written ({error.strerror}).") from error


def _print_tables(found: list[Found], w: Words) -> None:
    console = Console()
    for each in found:
        table = Table(title=Text(_printable(each.name)), title_justify="left", show_header=False)
        rows = (
            (w("terms.area"), (each.area,)),
            (w("terms.also"), each.also),
            (w("terms.english"), each.en),
            (w("terms.short"), each.short),
            (w("terms.broader"), each.broader),
            (w("terms.narrower"), each.narrower),
            (w("terms.related"), each.related),
        )
        for label, names in rows:
            if names:
                table.add_row(label, Text(_printable(", ".join(names))))
        console.print(table)


@contextmanager
def _sentence_first() -> Iterator[None]:
    """End with what is wrong, on standard error, and exit code 2 when something that was given cannot be used."""
    try:
        yield
    except Faulty as faulty:
        raise _failed(*faulty.problems) from faulty
    except Unusable as unusable:
        raise _failed(str(unusable)) from unusable
    except Refusal as refusal:
        raise _failed(refusal.sentence(words("en"))) from refusal
    except Unavailable as error:
        raise _failed(words("en")("sheet.unavailable")) from error


def _failed(*sentences: str) -> typer.Exit:
    for sentence in sentences:
        typer.echo(_printable(sentence), err=True)
    return typer.Exit(WRONG_INPUT)


def _printable(text: str) -> str:
    """A text without what would move the cursor or change the terminal."""
    return "".join(filter(str.isprintable, text))
