"""`konsult match eval`: how well the matching does on a trial, beside its baselines and without each of its stages."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.matching.evaluation import MATCHER, Evaluation, evaluate
from bot.matching.figures import Figure, Figures
from bot.matching.files import Unreadable
from bot.matching.trial import read_trial

WRONG_INPUT = 2
COLUMNS = ("", "requests", "recall@1", "recall@3", "MRR")


def evaluating(
    file: Annotated[Path, typer.Argument(help="A trial: members, requests with who is right, texts to abstain from.")],
    members: Annotated[
        Path | None, typer.Option(help="JSON file of members instead of the trial's.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Evaluate the matching on a trial: recall@1, recall@3 and MRR with bootstrap intervals."""
    try:
        found = evaluate(read_trial(file, members))
    except Unreadable as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(WRONG_INPUT) from problem
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1))
    else:
        print_evaluation(found, Console())


def print_evaluation(found: Evaluation, console: Console) -> None:
    """The evaluation as tables; intervals are 95 % bootstrap intervals."""
    console.print(_table(f"All requests, {found.members} members", found.overall))
    for trap, rankers in found.traps.items():
        console.print(_table(f"Trap: {trap}", rankers))
    console.print(_table("Typed otherwise", {"as written": found.overall[MATCHER], **found.noises}))
    stages = {f"without {stage}": figures for stage, figures in found.stages.items()}
    console.print(_table("What each stage is worth", {"all stages": found.overall[MATCHER], **stages}))
    caution, pace = found.caution, found.pace
    console.print(
        f"Of {caution.abstain} texts that are no requests {caution.held_back:.0%} are not answered with certainty; "
        f"of {caution.genuine} requests {caution.refused:.0%} are answered with nobody and {caution.clear:.0%} with "
        "certainty."
    )
    console.print(
        f"Reading all members took {pace.reading:.0f} ms; a request {pace.median:.1f} ms (median), "
        f"{pace.p95:.1f} ms (95th percentile)."
    )


def _table(title: str, rows: dict[str, Figures]) -> Table:
    table = Table(*COLUMNS, title=title, title_justify="left")
    for name, figures in rows.items():
        table.add_row(
            name,
            str(figures.requests),
            _interval(figures.recall_1),
            _interval(figures.recall_3),
            _interval(figures.mrr),
        )
    return table


def _interval(figure: Figure) -> str:
    return f"{figure.mean:.2f} [{figure.low:.2f}, {figure.high:.2f}]"
