"""`make bench`: runs the benchmarks and writes their tables into docs/performance.md. ARGS names sizes to leave out
the largest, for a quick look: `make bench ARGS="34 1000"` prints and writes nothing."""

import re
import sys
from pathlib import Path

from tests.bench import matching

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"


def main(sizes: list[int]) -> None:
    """Run everything; with sizes given, print only."""
    table = matching.tables(sizes or list(matching.SIZES))
    print(table)  # noqa: T201 - this is what it is for
    if not sizes:
        marks = re.compile(r"(<!-- matching: from the benchmark -->\n).*?(<!-- end of matching -->)", re.DOTALL)
        text = PAGE.read_text("utf-8")
        PAGE.write_text(marks.sub(lambda found: f"{found[1]}\n{table}\n{found[2]}", text), "utf-8")


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]])
