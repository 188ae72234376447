"""The parts of the docs that are taken from the code: settings, commands, the table of acts and its diagram.

`python -m tests.pages` writes them anew between their marks; `test_docs.py` demands that nothing is to be written.
"""

import re
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

import typer
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from typer.core import TyperGroup

from bot import cli, landscape, transfer
from bot.settings import Settings
from models.life import ACTS, Act, OfferStatus, Rule, Status, To, status_after, status_of

ROOT = Path(__file__).parents[1]


def variable(name: str, field: FieldInfo) -> str:
    """The environment variable of a setting."""
    return field.validation_alias if isinstance(field.validation_alias, str) else f"KONSULT_{name.upper()}"


def default(field: FieldInfo) -> str:
    """What holds when the variable is not set, as one would write it; empty when nothing does."""
    value = field.default
    return "" if value is None or value is PydanticUndefined or value == [] else str(value)


def settings() -> str:
    """A table of every setting."""
    rows = [
        (f"`{variable(name, field)}`", f"`{default(field)}`" if default(field) else "–", field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    return _table(("Variable", "Default", "What it is"), rows)


def example() -> str:
    """`.env.example`: every setting, none of them set."""
    parts = [
        f"# {field.description}\n#{variable(name, field)}={default(field)}\n"
        for name, field in Settings.model_fields.items()
    ]
    return "# Copy to .env and set what you need. docs/settings.md says the same in one table.\n\n" + "\n".join(parts)


def commands() -> str:
    """Every command of the command line with its arguments and options."""
    parts = []
    for path, command in sorted(leaves(typer.main.get_command(cli.main), ("konsult",))):
        rows = [
            (f"`{_spelled(parameter)}`", _meaning(parameter))
            for parameter in command.params
            if parameter.name not in {"help"}
        ]
        table = _table(("", ""), rows) if rows else ""
        parts.append(f"## `{' '.join(path)}`\n\n{(command.help or '').strip()}\n{table and chr(10) + table}")
    return "\n".join(parts)


def columns() -> str:
    """The columns of the two files that can be imported."""
    rows = [
        ("`members`", ", ".join(f"`{column}`" for column in transfer.COLUMNS)),
        ("`districts`", ", ".join(f"`{column}`" for column in landscape.COLUMNS)),
    ]
    return _table(("File", "Columns"), rows)


def leaves(command: Any, path: tuple[str, ...]) -> Iterable[tuple[tuple[str, ...], Any]]:
    """The commands that do something, with the words that call them."""
    if not isinstance(command, TyperGroup):
        yield path, command
        return
    context = typer.Context(command)
    for name in command.list_commands(context):
        yield from leaves(command.get_command(context, name), (*path, name))


def diagram() -> str:
    """The statuses and what leads from one to another, as Mermaid draws it; acts that change no status are left out."""
    edges = sorted({(before, _target(rule), act) for act, rule in ACTS.items() for before in _moves(act, rule)})
    lines = ["stateDiagram-v2", "    state offers <<choice>>", f"    [*] --> {Status.SUBMITTED}: {Act.FILE}"]
    for (before, after), acts in groupby(edges, key=lambda edge: edge[:2]):
        lines.append(f"    {before} --> {after}: {', '.join(act for _, _, act in acts)}")
    for status in (Status.ACTIVE, Status.OFFERED, Status.SUBMITTED):
        seen = [offer for offer in OfferStatus if status_of([offer]) is status]
        said = f"one {seen[0]}" if len(seen) == 1 else "none of these"
        lines.append(f"    offers --> {status}: {said}")
    lines += [f"    {status} --> [*]" for status in (Status.CLOSED, Status.WITHDRAWN)]
    return "```mermaid\n" + "\n".join(lines) + "\n```\n"


WHITHER = {str(To.SAME): "stays", str(To.OFFERS): "what the offers say"}


def acts() -> str:
    """The table of acts."""
    rows = [
        (
            f"`{act}`",
            "–" if not rule.within else "any" if rule.within == set(Status) else _listed(Status, rule.within),
            _listed(type(next(iter(rule.by))), rule.by),
            WHITHER.get(str(rule.to), str(rule.to)),
        )
        for act, rule in ACTS.items()
    ]
    return _table(("Act", "While the case is", "Done by", "Leads to"), rows)


SECTIONS: dict[str, dict[str, Callable[[], str]]] = {
    "docs/settings.md": {"settings": settings},
    "docs/commands.md": {"columns": columns, "commands": commands},
    "docs/life.md": {"diagram": diagram, "acts": acts},
}


def renewed(page: str, text: str) -> str:
    """The page's text with its taken parts as the code has them now. Raises ValueError when a mark is missing."""
    for name, made in SECTIONS[page].items():
        mark = re.compile(rf"(<!-- {name}: from the code -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        if len(mark.findall(text)) != 1:
            raise ValueError(f"{page} must have one part marked {name}")
        text = mark.sub(lambda found, made=made: f"{found[1]}\n{made()}\n{found[2]}", text)  # type: ignore[misc]
    return text


def write() -> None:
    """Renew every page and `.env.example`."""
    for page in SECTIONS:
        path = ROOT / page
        path.write_text(renewed(page, path.read_text("utf-8")), "utf-8")
    (ROOT / ".env.example").write_text(example(), "utf-8")


def _moves(act: Act, rule: Rule) -> Iterable[Status]:
    """The statuses that an act may lead away from."""
    outcomes: tuple[list[OfferStatus], ...] = ([], *([offer] for offer in OfferStatus))
    return (each for each in rule.within if any(status_after(act, each, offers) is not each for offers in outcomes))


def _target(rule: Rule) -> str:
    return "offers" if rule.to is To.OFFERS else str(rule.to)


def _listed(kind: Iterable[Any], chosen: frozenset[Any]) -> str:
    return ", ".join(str(each) for each in kind if each in chosen)


def _spelled(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    return ", ".join(parameter.opts)


def _meaning(parameter: Any) -> str:
    return str(getattr(parameter, "help", None) or "")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


if __name__ == "__main__":
    write()
