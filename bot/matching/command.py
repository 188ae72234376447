"""`konsult match`: who fits a request, from the installation's members or from files; `konsult match eval` besides."""

import gc
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from bot.matching.eval_command import evaluating
from bot.matching.files import Members, Request, Unreadable, read_members, read_requests
from bot.matching.profiles import Confidence, Field, Ranking, Reason, Via
from bot.matching.rank import SHOWN, Matcher

WRONG_INPUT = 2
REQUEST = "request"

_CONFIDENCE: dict[Confidence, str] = {
    "clear": "Tydligt förslag",
    "weak": "Osäkert förslag",
    "none": "Ingen ledamot svarar mot förfrågan",
}
_FIELD: dict[Field, str] = {
    "keywords": "nyckelord",
    "title": "titel",
    "bio": "presentation",
    "publications": "publikationer",
    "evidence": "tidigare konsultationer",
}
_VIA: dict[Via, str] = {
    "exact": "samma ord",
    "stem": "annan böjning",
    "compound": "sammansättning",
    "spelling": "annan stavning",
    "abbreviation": "förkortning",
    "synonym": "samma sak",
    "narrower": "snävare",
    "broader": "vidare",
    "related": "närliggande",
}


class Matching(TyperGroup):
    """`konsult match`: the word `eval` calls the evaluation, anything else is a request."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command's name before a request."""
        named = bool(args) and (args[0] in self.commands or args[0] == "--help") and args != [REQUEST]
        return super().parse_args(ctx, args if named else [REQUEST, *args])


def group(default_matcher: Callable[[], Matcher]) -> typer.Typer:
    """The commands to mount as `konsult match`; `default_matcher` knows the installation's members and its own terms,
    and is called only when no file of members is named."""
    matching = typer.Typer(cls=Matching, help="Who fits a request, and how well that is found.")
    matching.command(REQUEST)(command(default_matcher))
    matching.command("eval")(evaluating)
    return matching


def command(default_matcher: Callable[[], Matcher]) -> Callable[..., None]:
    """The command that ranks; `default_matcher` is called only when no file of members is named."""

    def match(
        text: Annotated[str | None, typer.Argument(help="The request.", show_default=False)] = None,
        members: Annotated[
            Path | None, typer.Option(help="JSON file of members instead of the installation's.", show_default=False)
        ] = None,
        requests: Annotated[
            Path | None, typer.Option(help="JSON file of requests instead of one text.", show_default=False)
        ] = None,
        top: Annotated[int, typer.Option(help="How many members to show for a request; 0: all.")] = SHOWN,
        as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    ) -> None:
        """Rank the members who fit a request, with reasons."""
        try:
            asked = _asked(text, requests, top)
            known = read_members(members) if members is not None else None
        except Unreadable as problem:
            typer.echo(_clean(str(problem)), err=True)
            raise typer.Exit(WRONG_INPUT) from problem
        matcher = Matcher(known.profiles) if known is not None else default_matcher()
        known = known or Members.of(matcher.profiles.values())
        gc.freeze()  # the index stays to the end: nothing in it is garbage
        answers = ((request, matcher.rank(request.text, top=top, lang=request.lang)) for request in asked)
        if as_json:
            _print_json(answers, known)
        else:
            _print_tables(answers, known)

    return match


def _asked(text: str | None, requests: Path | None, top: int) -> list[Request]:
    if top < 0:
        raise Unreadable("--top is a number of members, 0 for all.")
    if text is not None and requests is not None:
        raise Unreadable("Give either a text or --requests FILE, not both.")
    if requests is not None:
        return read_requests(requests)
    if text is None:
        raise Unreadable("Give a text, or --requests FILE.")
    return [Request(None, text)]


def _print_json(answers: Iterator[tuple[Request, Ranking]], known: Members) -> None:
    """One object, written result by result: with all members of many requests it is large."""
    between = '{"results": ['
    for request, ranking in answers:
        result = json.dumps(_result(request, ranking, known), ensure_ascii=False)
        _write(between + result)
        between = ",\n"
    _write(("" if between.startswith(",") else between) + "]}\n")


def _result(request: Request, ranking: Ranking, known: Members) -> dict[str, Any]:
    return {
        "request": request.id,
        "confidence": ranking.confidence,
        "ranking": [
            {
                "member": known.ids[each.member],
                "score": each.score,
                "reasons": [
                    {"asked": why.asked, "profile": why.profile, "field": why.field, "via": why.via}
                    for why in each.reasons
                ],
            }
            for each in ranking.ranking
        ],
        "left_out": [{"member": known.ids[each.member], "why": each.why} for each in ranking.left_out],
    }


def _print_tables(answers: Iterator[tuple[Request, Ranking]], known: Members) -> None:
    names = {profile.id: profile.name or profile.id for profile in known.profiles}
    console = Console()
    for request, ranking in answers:
        if request.id is not None:
            console.print(Text(_clean(f"Förfrågan {request.id}"), style="bold"))
        console.print(Text(_CONFIDENCE[ranking.confidence]))
        if not ranking.ranking:
            continue
        table = Table("Ledamot", "Skäl")
        for each in ranking.ranking:
            reasons = "\n".join(_sentence(reason) for reason in each.reasons)
            table.add_row(Text(_clean(names[each.member])), Text(reasons or "inget i profilen svarar mot förfrågan"))
        console.print(table)


def _sentence(reason: Reason) -> str:
    quotes = _clean(f"”{reason.asked}” – ”{reason.profile}”")
    return f"{quotes} ({_FIELD[reason.field]}, {_VIA[reason.via]})"


def _clean(text: str) -> str:
    """A text as a terminal can show it: no control characters, no halves of characters."""
    return "".join(character if character.isprintable() else " " for character in text)


def _write(text: str) -> None:
    sys.stdout.write(text.encode("utf-8", "replace").decode("utf-8"))
