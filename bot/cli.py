"""The command line: `konsult`, one command for each thing an operator does.

What only one command needs is imported by that command: `konsult match` should not wait for Slack's library."""

import enum
import json
import shutil
import sys
from collections.abc import Callable
from functools import wraps
from typing import Annotated, ParamSpec

import typer

from bot import database_commands, directory_commands, job_commands, logs, settings, terms_commands
from bot.matching import command as matching
from bot.matching.rank import Matcher
from bot.settings import Misconfigured, Settings
from models.database import Database

P = ParamSpec("P")

main = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="konsult: districts ask the academy's researchers for advice.",
    pretty_exceptions_enable=False,
)
db = typer.Typer(no_args_is_help=True, help="The database.")
manifests = typer.Typer(no_args_is_help=True, help="What a platform must be told of the bot.")
main.add_typer(db, name="db")
main.add_typer(manifests, name="manifest")


def sentence_first(command: Callable[P, None]) -> Callable[P, None]:
    """End with one clear sentence and exit code 2 when a setting is missing or wrong."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except Misconfigured as problem:
            typer.echo(str(problem), err=True)
            raise typer.Exit(2) from problem

    return run


@main.command()
@sentence_first
def run() -> None:
    """Run the bot in one process: what comes in, and what goes out."""
    from bot import app  # noqa: PLC0415

    app.run(app.put_together(_settings()))


@main.command()
@sentence_first
def serve() -> None:
    """Take in what people do (one of the two halves of `run`)."""
    from bot import app  # noqa: PLC0415

    app.serve(app.put_together(_settings()))


@main.command()
@sentence_first
def work() -> None:
    """Bring out what is to be told and shown (the other half)."""
    from bot import app  # noqa: PLC0415

    app.work(app.put_together(_settings()))


@main.command()
@sentence_first
def demo(
    reset: Annotated[bool, typer.Option("--reset", help="Throw the demo's data away and start over.")] = False,
) -> None:
    """Run everything in a workspace of its own, with a sample organisation, in the browser."""
    from bot import demo as demonstration  # noqa: PLC0415

    found = _settings()
    if reset:
        shutil.rmtree(found.demo_folder, ignore_errors=True)
    demonstration.run(found)


@db.command()
@sentence_first
def upgrade() -> None:
    """Make the database, or bring it to today's schema."""
    from alembic.util import CommandError  # noqa: PLC0415
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from bot import app  # noqa: PLC0415
    from models import schema  # noqa: PLC0415

    database = app.open_database(_settings(), current=False)
    try:
        schema.upgrade(database)
    except SQLAlchemyError as error:
        raise Misconfigured("The database of KONSULT_DATABASE_URL cannot be upgraded: it does not answer.") from error
    except CommandError as error:
        raise Misconfigured("The database of KONSULT_DATABASE_URL comes from a later version of konsult.") from error
    typer.echo("The database is up to date.")


class Form(enum.StrEnum):
    """How the manifest is written."""

    JSON = "json"
    YAML = "yaml"


@manifests.command()
@sentence_first
def slack(
    form: Annotated[Form, typer.Option("--format", help="json or yaml.")] = Form.YAML,
) -> None:
    """The Slack app's manifest: for HTTP when KONSULT_PUBLIC_URL is set, otherwise for Socket Mode."""
    import yaml  # noqa: PLC0415

    from handlers.slack.manifest import manifest  # noqa: PLC0415

    made = manifest(_settings().public_url)
    if form is Form.JSON:
        typer.echo(json.dumps(made, ensure_ascii=False, indent=2))
    else:
        typer.echo(yaml.safe_dump(made, allow_unicode=True, sort_keys=False), nl=False)


def _settings() -> Settings:
    found = settings.load()
    logs.configure(found.log_format, found.log_level)
    return found


def _database() -> Database:
    from bot import app  # noqa: PLC0415

    try:
        return app.open_database(_settings())
    except Misconfigured as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(2) from problem


def _matcher() -> Matcher:
    from bot import academy, organisations  # noqa: PLC0415

    with _database().reading() as session:
        return academy.Academy().matcher(session, organisations.only(session).id)


def _own_database(current: bool) -> Database:
    from bot import app  # noqa: PLC0415

    return app.open_database(_settings(), current=current)


def _other_database(url: str) -> Database:
    from bot import app  # noqa: PLC0415

    return app.database_at(url, "--to", current=False)


main.add_typer(matching.group(_matcher), name="match")
directory_commands.register(main, _database)
terms_commands.register(main, _database)
database_commands.register(db, sentence_first, _own_database, _other_database)
job_commands.register(main, _database)

if __name__ == "__main__":
    sys.exit(main())
