"""The command line as the parts start it: `konsult`, with a short lease and pace so that a long story fits in minutes.

python -m tests.chaos.program run|serve|work
"""

import datetime as dt
import sys
from functools import partial

from bot import app, cli

LEASE = dt.timedelta(seconds=2)
PACE = dt.timedelta(milliseconds=50)


def main() -> None:
    """`konsult`, hurried."""
    app.put_together = partial(app.put_together, pace=PACE, lease=LEASE)  # type: ignore[assignment]
    cli.main(sys.argv[1:])


if __name__ == "__main__":
    main()
