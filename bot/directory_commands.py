"""The command line's `members` and `districts`: files in and out."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from bot import landscape, organisations, transfer
from bot.refusals import Refusal
from bot.transfer import Imported
from bot.wording import Words, words
from models.database import Database, Unavailable

OpenDatabase = Callable[[], Database]
Import = Callable[[Session, int, bytes], Imported]

CsvFile = Annotated[
    Path, typer.Argument(help="A CSV file, UTF-8 or as spreadsheet programs save it.", metavar="FILE.csv")
]
Target = Annotated[
    Path | None, typer.Argument(help="The file to write; without it, standard output.", metavar="FILE.csv")
]
Which = Annotated[
    str | None, typer.Option("--organisation", help="The organisation's name, when the installation has several.")
]


def members(open_database: OpenDatabase) -> typer.Typer:
    """The commands `members import` and `members export`."""
    group = typer.Typer(no_args_is_help=True, help="Members of the academy.")

    @group.command("import")
    def import_members(file: CsvFile, organisation: Which = None) -> None:
        """Add and update members from a CSV file; nothing is written when a row is wrong."""
        _import(open_database, file, organisation, transfer.import_members)

    @group.command("export")
    def export_members(file: Target = None, organisation: Which = None) -> None:
        """Write all members to a CSV file that can be imported again."""
        _export(open_database, file, organisation)

    return group


def districts(open_database: OpenDatabase) -> typer.Typer:
    """The command `districts import`."""
    group = typer.Typer(no_args_is_help=True, help="Districts and their units.")

    @group.command("import")
    def import_districts(file: CsvFile, organisation: Which = None) -> None:
        """Add and update districts and units from a CSV file; nothing is written when a row is wrong."""
        _import(open_database, file, organisation, landscape.import_districts)

    return group


def _import(open_database: OpenDatabase, file: Path, name: str | None, bring_in: Import) -> None:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise _failed(f"{file}: {error.strerror}.") from error
    speech = words("en")
    try:
        with open_database().writing() as session:
            organisation = organisations.only(session, name)
            speech = words(organisation.language, organisation.zone)
            imported = bring_in(session, organisation.id, content)
    except Refusal as refusal:
        raise _failed(refusal.sentence(speech)) from refusal
    except Unavailable as error:
        raise _failed(speech("sheet.unavailable")) from error
    typer.echo(_told(imported, speech))


def _export(open_database: OpenDatabase, file: Path | None, name: str | None) -> None:
    try:
        with open_database().reading() as session:
            content = transfer.export_members(session, organisations.only(session, name).id)
    except Refusal as refusal:
        raise _failed(refusal.sentence(words("en"))) from refusal
    except Unavailable as error:
        raise _failed(words("en")("sheet.unavailable")) from error
    if file is None:
        typer.echo(content.decode("utf-8-sig"), nl=False)
        return
    try:
        file.write_bytes(content)
    except OSError as error:
        raise _failed(f"{file}: {error.strerror}.") from error


def _told(imported: Imported, speech: Words) -> str:
    return speech("sheet.imported", added=imported.added, updated=imported.updated, unchanged=imported.unchanged)


def _failed(sentence: str) -> typer.Exit:
    typer.echo(sentence, err=True)
    return typer.Exit(2)
