"""How long to wait after a failed try, and how many tries there are."""

import datetime as dt
from secrets import SystemRandom

TRIES = 8
"""A job that has failed so often is parked for a person to look at."""

LONGEST = dt.timedelta(minutes=10)
"""Nothing waits longer than this for another try, whatever the reason."""

_FIRST = dt.timedelta(seconds=2)
_chance = SystemRandom()


def back_off(tries: int) -> dt.timedelta:
    """The wait after so many tries (one or more): doubling, with jitter so that failures do not return together."""
    doublings: int = 1 << min(tries - 1, 20)
    return min(_FIRST * doublings, LONGEST) * _chance.uniform(0.5, 1.0)


def spread(wait: dt.timedelta) -> dt.timedelta:
    """About this wait, half of it less or more: all who begin to wait together do not return together."""
    return wait * _chance.uniform(0.5, 1.5)
