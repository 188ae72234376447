"""`make chaos`: plays the parts that are named (all, when none is) and prints what they have shown.

    make chaos ARGS="--seed 7 --kills 200 kills"

The same seed makes the same choices; what the machine makes of them is its own. Ends with 1 when a line does not hold.
"""

import argparse
import random
import sys
import traceback
from collections.abc import Callable

from tests.chaos import crowd, full_disk, kills, outage, race, unrest
from tests.chaos.lines import Line, table

PARTS: dict[str, Callable[[argparse.Namespace], list[Line]]] = {
    "kills": lambda wanted: kills.run(wanted.seed, wanted.kills),
    "race": lambda wanted: race.run(wanted.seed, wanted.cases, MEMBERS),
    "crowd": lambda wanted: crowd.run(wanted.seed, CROWDS, MEMBERS),
    "outage": lambda wanted: outage.run(wanted.seed, AWAY),
    "unrest": lambda wanted: unrest.run(wanted.seed, UNREST),
    "disk": lambda wanted: full_disk.run(wanted.seed, AWAY),
}
"""Each part by its name, in the order in which they are played."""

KILLS = 210
CASES, CROWDS, MEMBERS = 200, 5, 50
"""Cases in bulk, cases through the wire, and members who say yes at the same instant on each of them."""
AWAY, UNREST = 30.0, 120.0
"""Seconds without a database or without room, and of unrest on each kind of database."""


def main(arguments: list[str]) -> int:
    """Play, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make chaos", description="Fault tests, long; the seed makes the choices.")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="of every choice (default: any)")
    parser.add_argument("--kills", type=int, default=KILLS, help=f"how many processes are killed (default: {KILLS})")
    parser.add_argument("--cases", type=int, default=CASES, help=f"how many cases are raced for (default: {CASES})")
    parser.add_argument("parts", nargs="*", help=f"which parts (default: all): {', '.join(PARTS)}")
    wanted = parser.parse_args(arguments)
    unknown = sorted(set(wanted.parts) - PARTS.keys())
    if unknown:
        parser.error(f"no part is called {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    print(f"seed {wanted.seed}", flush=True)  # noqa: T201 - this is what it is for
    lines = [line for name in PARTS if name in (wanted.parts or PARTS) for line in _played(name, wanted)]
    print(table(lines))  # noqa: T201 - likewise
    return 0 if all(line.holds for line in lines) else 1


def _played(name: str, wanted: argparse.Namespace) -> list[Line]:
    """The lines of one part; a part that breaks off does not keep the others from being played."""
    try:
        return PARTS[name](wanted)
    except Exception:  # noqa: BLE001 - shown in full, and the table says that it does not hold
        traceback.print_exc()
        return [Line(name, "broke off; see above", holds=False)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
