"""Which module may import which, and how large and what called a module may be."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OURS = ("bot", "handlers", "models")
ROOT_OF_ALL = frozenset({"bot.app", "bot.cli", "bot.demo"})
"""The composition root and what starts it: they alone look at the handlers from inside `bot`."""
STARTERS = frozenset({"bot.cli", "bot.demo"})
"""Who may import the composition root."""
SURFACES = ("slack_bolt", "slack_sdk", "starlette", "uvicorn")
VAGUE = frozenset({"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"})
LONGEST = 320
"""Lines of a module; a page that can be read at once."""


@dataclass(frozen=True, slots=True)
class Module:
    """A module of ours: its dotted name, how many lines it has, and the dotted names that it imports."""

    name: str
    lines: int
    imports: frozenset[str]

    def under(self, *packages: str) -> bool:
        """Whether it is one of the packages or lies in one."""
        return within(self.name, *packages)

    def reaches(self, *packages: str) -> list[str]:
        """What it imports from the packages."""
        return sorted(name for name in self.imports if within(name, *packages))


def within(name: str, *packages: str) -> bool:
    """Whether a dotted name is one of the packages or lies in one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def modules(root: Path) -> list[Module]:
    """Every module of ours below a folder."""
    return [_read(root, path) for package in OURS for path in sorted((root / package).rglob("*.py"))]


def problems(root: Path) -> list[str]:
    """Every breach of the rules below a folder, one sentence each."""
    return [sentence for module in modules(root) for sentence in _broken(module)]


def _broken(module: Module) -> Iterator[str]:
    def must_not(*packages: str) -> Iterator[str]:
        for name in module.reaches(*packages):
            yield f"{module.name} imports {name}"

    if module.under("models"):
        yield from must_not("bot", "handlers", *SURFACES)
    if module.under("bot.workspace"):
        yield from (
            f"{module.name} imports {name}" for name in module.reaches(*OURS) if not within(name, "bot.workspace")
        )
        yield from must_not("slack_bolt", "slack_sdk")
    elif module.under("bot") and module.name not in ROOT_OF_ALL:
        yield from must_not("handlers", "bot.workspace", *SURFACES)
    if module.under("bot.matching"):
        yield from must_not("models", "sqlalchemy")
    if module.name not in STARTERS:
        yield from must_not("bot.app")
    if module.name != "bot.cli":
        yield from must_not("bot.cli", "bot.demo")
    if VAGUE.intersection(module.name.split(".")):
        yield f"{module.name} has a name that says nothing"
    if module.lines > LONGEST and not module.under("models.migrations"):
        yield f"{module.name} has {module.lines} lines, more than {LONGEST}"


def _read(root: Path, path: Path) -> Module:
    parts = path.relative_to(root).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    name = ".".join(parts[:-1] if is_package else parts)
    text = path.read_text("utf-8")
    package = name if is_package else name.rpartition(".")[0]
    found = {
        imported
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for imported in _imported(node, package)
    }
    return Module(name, len(text.splitlines()), frozenset(found))


def _imported(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[str]:
    """The dotted names of an import; `from bot import app` may mean the module `bot.app`, so both are named."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    source = ".".join([*above, *([node.module] if node.module else [])])
    yield source
    yield from (f"{source}.{alias.name}" for alias in node.names)
