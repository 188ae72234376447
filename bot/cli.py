"""The command line: `konsult`, one command for each thing an operator does.

What only one command needs is imported when that command is called: `konsult match` does not wait for the database's
library or Slack's."""

import enum
import json
import shutil
import sys
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from bot.matching.rank import Matcher
    from bot.settings import Settings
    from models.database import Database

P = ParamSpec("P")


class Commands(TyperGroup):
    """The commands, and the groups of `GROUPS`, each of which is put together when it is called or listed."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all commands and groups."""
        return [*super().list_commands(ctx), *(name for name in GROUPS if name not in self.commands)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command or group of this name; None when there is none."""
        if cmd_name in GROUPS and cmd_name not in self.commands:
            self.add_command(_named(cmd_name, typer.main.get_group(GROUPS[cmd_name]())), cmd_name)
        return super().get_command(ctx, cmd_name)


def _named(name: str, group: TyperGroup) -> TyperGroup:
    group.name = name
    return group


main = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    help="konsult: districts ask the academy's researchers for advice.",
    pretty_exceptions_enable=False,
)
manifests = typer.Typer(no_args_is_help=True, help="What a platform must be told of the bot.")
main.add_typer(manifests, name="manifest")


def sentence_first(command: Callable[P, None]) -> Callable[P, None]:
    """End with one clear sentence and exit code 2 when a setting is missing or wrong."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        from bot.settings import Misconfigured  # noqa: PLC0415

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


@sentence_first
def upgrade() -> None:
    """Make the database, or bring it to today's schema."""
    from alembic.util import CommandError  # noqa: PLC0415
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from bot import app  # noqa: PLC0415
    from bot.settings import Misconfigured  # noqa: PLC0415
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


def _settings() -> "Settings":
    from bot import logs, settings  # noqa: PLC0415

    found = settings.load()
    logs.configure(found.log_format, found.log_level)
    return found


def _database() -> "Database":
    from bot import app  # noqa: PLC0415
    from bot.settings import Misconfigured  # noqa: PLC0415

    try:
        return app.open_database(_settings())
    except Misconfigured as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(2) from problem


def _matcher() -> "Matcher":
    from bot import academy, organisations  # noqa: PLC0415

    with _database().reading() as session:
        return academy.Academy().matcher(session, organisations.only(session).id)


def _own_database(current: bool) -> "Database":
    from bot import app  # noqa: PLC0415

    return app.open_database(_settings(), current=current)


def _other_database(url: str) -> "Database":
    from bot import app  # noqa: PLC0415

    return app.database_at(url, "--to", current=False)


def _match() -> typer.Typer:
    from bot.matching import command  # noqa: PLC0415

    return command.group(_matcher)


def _db() -> typer.Typer:
    from bot import database_commands  # noqa: PLC0415

    group = database_commands.group(sentence_first, _own_database, _other_database)
    group.command()(upgrade)
    return group


def _members() -> typer.Typer:
    from bot import directory_commands  # noqa: PLC0415

    return directory_commands.members(_database)


def _districts() -> typer.Typer:
    from bot import directory_commands  # noqa: PLC0415

    return directory_commands.districts(_database)


def _terms() -> typer.Typer:
    from bot import terms_commands  # noqa: PLC0415

    return terms_commands.group(_database)


def _jobs() -> typer.Typer:
    from bot import job_commands  # noqa: PLC0415

    return job_commands.group(_database)


GROUPS: dict[str, Callable[[], typer.Typer]] = {
    "db": _db,
    "match": _match,
    "members": _members,
    "districts": _districts,
    "terms": _terms,
    "jobs": _jobs,
}

if __name__ == "__main__":
    sys.exit(main())
