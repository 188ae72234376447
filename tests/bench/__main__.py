"""`make bench`: runs the benchmarks and writes their tables into docs/performance.md, each between markers of its own.

ARGS names the sections to run, for example `make bench ARGS="front"`. Numbers are sizes of the matching, for a quick
look: `make bench ARGS="34 1000"` prints and writes nothing.
"""

import re
import sys
from importlib import import_module
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
SECTIONS = ("matching", "front", "country")
"""The modules beside this one whose `tables()` is a section of the page."""


def main(asked: list[str]) -> None:
    """Run the sections that are asked for, or all; with sizes given, print only."""
    sizes = [int(each) for each in asked if each.isdecimal()]
    names = [each for each in asked if not each.isdecimal()]
    if unknown := set(names) - set(SECTIONS):
        sys.exit(f"There is no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}.")
    if sizes:
        print(import_module("tests.bench.matching").tables(sizes))  # noqa: T201 - this is what it is for
        return
    for name in names or SECTIONS:
        table = import_module(f"tests.bench.{name}").tables()
        print(table, flush=True)  # noqa: T201
        write(name, table)


def write(name: str, table: str) -> None:
    """Put a table in its place on the page. Raises `LookupError` when the page has no place for it."""
    text = PAGE.read_text("utf-8")
    marks = rf"(<!-- {name}: from the benchmark -->\n).*?(<!-- end of {name} -->)"
    written, places = re.subn(marks, lambda found: f"{found[1]}\n{table.rstrip()}\n\n{found[2]}", text, flags=re.DOTALL)
    if not places:
        raise LookupError(f"{PAGE.name} has no markers for {name}")
    PAGE.write_text(written, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
