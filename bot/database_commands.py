"""The command line's `db backup`, `db restore`, `db restored` and `db copy`: kept, put back and moved."""

import datetime as dt
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from bot.settings import Misconfigured
from models import backup, copying, recovery, schema
from models.backup import InUse, Inventory, Unusable
from models.copying import NotEmpty, Rejected
from models.database import Database, Unavailable
from models.schema import Standing

Sentence = Callable[[Callable[..., None]], Callable[..., None]]
Backup = Annotated[Path, typer.Argument(help="The file that holds, or is to hold, the copy.", metavar="FILE")]
Overwrite = Annotated[
    bool, typer.Option("--force", help="Also over a database that holds anything else than the copy.")
]
Target = Annotated[
    str, typer.Option("--to", help="The URL of an empty database, written as KONSULT_DATABASE_URL is.", metavar="URL")
]
Rehearse = Annotated[
    bool, typer.Option("--force", help="Also while konsult runs, to rehearse: never start on both databases.")
]


def group(sentence_first: Sentence, ours: Callable[[bool], Database], at: Callable[[str], Database]) -> typer.Typer:
    """The commands. `ours` opens the installation's database (True: only at today's revision), `at` any."""
    db = typer.Typer(no_args_is_help=True, help="The database.")

    @db.command("backup")
    @sentence_first
    def back_up(file: Backup) -> None:
        """Write a verified copy of the embedded SQLite database to a new file, while konsult runs."""
        _back_up(_embedded(ours(False)), file)

    @db.command("restore")
    @sentence_first
    def restore(file: Backup, force: Overwrite = False) -> None:
        """Put a copy in the place of the embedded SQLite database, which is kept beside it."""
        _restore(file, _embedded(ours(False)), force=force)

    @db.command("restored")
    @sentence_first
    def restored() -> None:
        """Say that the database was put back from a copy by other means than `db restore`, before konsult starts on it.

        What waits in it is looked for before it is posted, and no id or number given out since is given out again.
        """
        database = ours(True)
        try:
            recovery.resume(database)
        except Unavailable as error:
            raise Misconfigured("The database does not answer; nothing was changed.") from error
        finally:
            database.close()
        typer.echo("What waits is looked for before it is posted; ids and numbers go on after a gap.")

    @db.command("copy")
    @sentence_first
    def copy(to: Target, force: Rehearse = False) -> None:
        """Copy the whole installation to another database, SQLite or PostgreSQL, and compare the two."""
        source, target = ours(True), at(to)
        try:
            _copy(source, target, force=force)
        finally:
            source.close()
            target.close()

    return db


def _embedded(database: Database) -> Path:
    database.close()
    if database.file is None:
        raise Misconfigured("Only an SQLite file can be backed up here; for PostgreSQL, see docs/operations.md.")
    return database.file


def _back_up(database: Path, file: Path) -> None:
    try:
        found = backup.back_up(database, file)
    except FileExistsError as error:
        raise Misconfigured(f"{file} is there already; name another file.") from error
    except Unusable as error:
        raise Misconfigured(f"{error.file} cannot be copied: {error.why}.") from error
    except (OSError, sqlite3.OperationalError) as error:
        raise Misconfigured(f"{file} cannot be written: {_reason(error)}.") from error
    typer.echo(f"{file} holds {_told(found)}. It was read again and is whole.")


def _restore(file: Path, database: Path, *, force: bool) -> None:
    now = dt.datetime.now(dt.UTC)
    aside = database.with_name(f"{database.name}.replaced-{now:%Y%m%dT%H%M%S%fZ}")
    try:
        found = backup.inspected(file)
        if schema.standing(found.revision) is Standing.LATER:
            raise Misconfigured(f"{file} comes from a later version of konsult.")
        standing = database.exists()
        if standing and not force:
            _refuse_other(found, file, database)
        backup.restore(file, database, aside)
    except InUse as error:
        raise Misconfigured(f"{database} is in use; stop konsult first. Nothing was changed.") from error
    except Unusable as error:
        raise Misconfigured(f"{error.file} cannot be used: {error.why}. Nothing was changed.") from error
    except (OSError, sqlite3.OperationalError, Unavailable) as error:
        raise Misconfigured(f"{database} could not be written: {_reason(error)}. Nothing was changed.") from error
    typer.echo(f"{database} holds {_told(found)}.")
    if standing:
        typer.echo(f"What stood there is kept as {aside}.")
    if schema.standing(found.revision) is Standing.BEHIND:
        typer.echo("It is of an earlier version; run: konsult db upgrade")


def _refuse_other(found: Inventory, file: Path, database: Path) -> None:
    """Raises `Misconfigured` when the database holds what the copy does not. An empty or damaged one has nothing to
    say."""
    try:
        there = backup.inspected(database)
    except Unusable:
        return
    other = backup.differing(file, database) if there.total else []
    if other:
        raise Misconfigured(
            f"{database} does not hold what {file} holds: {', '.join(other)}. It last noted something at "
            f"{_moment(there)}, the copy at {_moment(found)}; add --force to lose what the database holds."
        )


def _copy(source: Database, target: Database, *, force: bool) -> None:
    from alembic.util import CommandError  # noqa: PLC0415 - no other command should wait for it

    try:
        if not force and _in_use(source):
            raise Misconfigured("The database is in use; stop konsult first, or add --force to rehearse.")
        tables = copying.copy(source, target)
    except NotEmpty as error:
        raise Misconfigured(f"The database of --to is not empty: there is something in {error}.") from error
    except Rejected as error:
        raise Misconfigured(
            f"The database of --to does not hold {error} as it was given; nothing was copied."
        ) from error
    except CommandError as error:
        raise Misconfigured("The database of --to comes from a later version of konsult.") from error
    except (SQLAlchemyError, Unavailable, OSError) as error:
        raise Misconfigured("One of the two databases does not answer; nothing was copied.") from error
    for each in tables:
        typer.echo(f"{each.table:<14}{each.rows:>10}  {each.checksum}")
    typer.echo(f"{len(tables)} tables, {sum(each.rows for each in tables)} rows; every count and checksum agrees.")
    typer.echo(
        "Set KONSULT_DATABASE_URL (for the demo KONSULT_DEMO_DATABASE_URL) to the new database and start konsult "
        "there, and only there."
    )


def _in_use(database: Database) -> bool:
    if database.file is None:
        return database.sessions() > 0
    database.close()
    return backup.in_use(database.file)


def _told(found: Inventory) -> str:
    return f"{found.total} rows in {len(found.rows)} tables, at revision {found.revision}"


def _moment(found: Inventory) -> str:
    return f"{found.latest[:19]} UTC" if found.latest else "no time"


def _reason(error: Exception) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
