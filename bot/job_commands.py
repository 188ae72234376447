"""The command line's `jobs`: what waits and what is parked, and what an operator can do about it."""

import dataclasses
import datetime as dt
import enum
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy.orm import Session

from bot import advance, backlog, organisations
from bot.backlog import JobSeen
from bot.clock import Clock
from bot.refusals import Invalid, NotFound, Refusal
from bot.wording import Words, words
from models.database import Database, Unavailable
from models.job import JobKind, JobState

AT_ONCE = 100
"""So many parked jobs are tried again in one transaction, for nobody's click to wait long."""

OpenDatabase = Callable[[], Database]
Act = Callable[[Session, int, dt.datetime], None]

Number = Annotated[int, typer.Argument(help="The job's number.", metavar="NUMBER", min=1)]
Numbers = Annotated[list[int], typer.Argument(help="The jobs' numbers.", metavar="NUMBER…", min=1)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object; moments are in UTC.")]
Which = Annotated[str | None, typer.Option("--organisation", help="One organisation by its name, instead of all.")]


@dataclasses.dataclass(frozen=True, slots=True)
class Desk:
    """Where a command works. `words` are the only organisation's, or English ones; `organisation_id` the one named."""

    session: Session
    database: Database
    words: Words
    organisation_id: int | None


def group(open_database: OpenDatabase) -> typer.Typer:
    """The commands `jobs list`, `show`, `retry`, `cancel` and `park`."""
    jobs = typer.Typer(no_args_is_help=True, help="What is still to be told, shown and done at a date.")

    @jobs.command("list")
    def list_jobs(
        state: Annotated[
            list[JobState] | None,
            typer.Option(help="In this state; may be repeated. Without it: parked, or waiting and no date to come."),
        ] = None,
        kind: Annotated[list[JobKind] | None, typer.Option(help="Of this kind; may be repeated.")] = None,
        organisation: Which = None,
        before: Annotated[int | None, typer.Option(help="Only jobs with a lower number: the next page.")] = None,
        limit: Annotated[int, typer.Option(help="How many to show.", min=1, max=1000)] = 50,
        as_json: AsJson = False,
    ) -> None:
        """List jobs, the newest first."""
        with _desk(open_database, organisation) as desk:
            found = backlog.page(
                desk.session,
                now=Clock(advance.stored_offset(desk.database)).now(),
                organisation_id=desk.organisation_id,
                states=state or (),
                kinds=kind or (),
                before=before,
                limit=limit,
            )
        if as_json:
            _print_json({"jobs": [_plain(job) for job in found.jobs], "left_out": found.left_out})
            return
        _print_table(found.jobs, desk.words)
        if found.left_out:
            typer.echo(desk.words.n("jobs.left_out", found.left_out, before=found.jobs[-1].id))

    @jobs.command()
    def show(job: Number, as_json: AsJson = False) -> None:
        """Show everything about a job."""
        with _desk(open_database) as desk:
            (found,) = backlog.seen(desk.session, [job])
        if as_json:
            _print_json(_plain(found))
        else:
            _print_one(found, desk.words)

    @jobs.command()
    def retry(
        numbers: Annotated[
            list[int] | None, typer.Argument(help="The jobs' numbers.", metavar="NUMBER…", min=1, show_default=False)
        ] = None,
        parked: Annotated[
            bool, typer.Option("--parked", help="Everything that is parked, instead of numbers.")
        ] = False,
        organisation: Annotated[
            str | None, typer.Option("--organisation", help="With --parked: in one organisation, by its name.")
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        """Try again what is parked or cancelled; a message is looked for before it is posted."""
        with _desk(open_database, organisation, writing=True) as desk:
            if parked == bool(numbers) or (numbers and organisation):
                raise Invalid("job_which")
            chosen = numbers or backlog.parked(desk.session, desk.organisation_id, limit=AT_ONCE)
            done = _do(desk, chosen, backlog.retry)
        while parked and len(chosen) == AT_ONCE:
            with _desk(open_database, organisation, writing=True) as desk:
                chosen = backlog.parked(desk.session, desk.organisation_id, after=chosen[-1], limit=AT_ONCE)
                done += _do(desk, chosen, backlog.retry)
        _print(done, desk.words, as_json=as_json)

    @jobs.command()
    def cancel(numbers: Numbers, as_json: AsJson = False) -> None:
        """Give up what waits or is parked."""
        with _desk(open_database, writing=True) as desk:
            done = _do(desk, numbers, backlog.cancel)
        _print(done, desk.words, as_json=as_json)

    @jobs.command()
    def park(
        numbers: Numbers,
        why: Annotated[str, typer.Option(help="The reason, kept with the job.")] = "operator",
        as_json: AsJson = False,
    ) -> None:
        """Set aside what waits, so that what comes after it goes on."""
        with _desk(open_database, writing=True) as desk:
            done = _do(desk, numbers, lambda session, job, now: backlog.park(session, job, why, now))
        _print(done, desk.words, as_json=as_json)

    return jobs


@contextmanager
def _desk(open_database: OpenDatabase, organisation: str | None = None, *, writing: bool = False) -> Iterator[Desk]:
    """A session for one command; a refusal ends it with a sentence and exit code 2, and nothing is changed."""
    database = open_database()
    speech = words("en")
    try:
        with database.writing() if writing else database.reading() as session:
            speech, chosen = _spoken(session, organisation)
            yield Desk(session, database, speech, chosen)
    except Refusal as refusal:
        raise _failed(refusal.sentence(speech)) from refusal
    except Unavailable as error:
        raise _failed(speech("sheet.unavailable")) from error


def _spoken(session: Session, organisation: str | None) -> tuple[Words, int | None]:
    """The words to use, and the organisation's id when one is named. Raises `NotFound` when there is none so named."""
    try:
        found = organisations.only(session, organisation)
    except (NotFound, Invalid):
        if organisation is not None:
            raise
        return words("en", "UTC"), None
    return words(found.language, found.zone), found.id if organisation is not None else None


def _do(desk: Desk, numbers: list[int], act: Act) -> tuple[JobSeen, ...]:
    """All of them or none."""
    chosen = sorted(set(numbers))
    backlog.hold(desk.session, chosen)
    for number in chosen:
        act(desk.session, number, desk.database.real_now(desk.session))
    return backlog.seen(desk.session, chosen)


def _failed(sentence: str) -> typer.Exit:
    typer.echo(sentence, err=True)
    return typer.Exit(2)


def _print(jobs: tuple[JobSeen, ...], w: Words, *, as_json: bool) -> None:
    if as_json:
        _print_json({"jobs": [_plain(job) for job in jobs]})
    else:
        _print_table(jobs, w)


def _print_json(value: dict[str, Any]) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


def _plain(job: JobSeen) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, dt.datetime) else value
        for name, value in dataclasses.asdict(job).items()
    }


def _print_table(jobs: tuple[JobSeen, ...], w: Words) -> None:
    if not jobs:
        typer.echo(w("jobs.none"))
        return
    table = Table()
    for column in ("id", "state", "name", "receiver", "case", "tries", "why", "created_at"):
        table.add_column(w(f"jobs.{column}"), overflow="fold", no_wrap=column in {"id", "state", "tries"})
    for job in jobs:
        cells = (job.id, job.state, job.name, job.receiver, job.case, job.tries, job.why, job.created_at)
        table.add_row(*(_cell(cell, w) for cell in cells))
    Console().print(table)


def _print_one(job: JobSeen, w: Words) -> None:
    table = Table(show_header=False)
    for name, value in dataclasses.asdict(job).items():
        table.add_row(Text(w(f"jobs.{name}")), _cell(value, w))
    Console().print(table)


def _cell(value: object, w: Words) -> Text:
    match value:
        case None | "":
            return Text("–")
        case bool():
            return Text(w("jobs.yes" if value else "jobs.no"))
        case dt.datetime():
            return Text(f"{value.astimezone(ZoneInfo(w.zone)):%Y-%m-%d %H:%M}")
        case enum.StrEnum():
            return Text(value.value)
    return Text("".join(each if each.isprintable() else " " for each in str(value)))
