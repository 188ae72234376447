"""A database that was put back from a copy.

What was done after the copy was taken is not in it, and yet it was done: messages stand on the platform, with ids of
that time in their keys and buttons, and channels with numbers of that time.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select, update

from models import counters
from models.database import Database, plain
from models.job import Job, JobState, Lane
from models.organisation import Organisation

WAIT = dt.timedelta(seconds=20)

IDS_LEFT_OUT = 1_000_000
"""More ids than any table gives out between a copy and what it is needed for; an id has room for two thousand times."""

NUMBERS_LEFT_OUT = 1000
"""The same for the numbers of cases, which people read."""


@dataclass(frozen=True, slots=True)
class Lost:
    """How far the lost database had counted, as far as it can be read: the last id of each table by name, the last
    number of a case by organisation."""

    ids: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[int, int] = field(default_factory=dict)


UNKNOWN = Lost()


def resume(database: Database, lost: Lost = UNKNOWN) -> None:
    """Have the database go on where the lost one stopped.

    What waits, or was given up, may have been done since: it is looked for before it is posted, a date's consequences
    too. No id of the lost time is given out again, no number of a case, and whoever still has something in hand from
    then records nothing. The ids always leave a gap, for nobody can tell whether what stood there was the latest; the
    numbers only where the lost database does not say how far it came. Doing it twice, or needlessly, does no harm.

    Also on an earlier revision. Raises `Unavailable`.
    """
    job, lane, organisation = plain(Job), plain(Lane), plain(Organisation)
    with database.writing(WAIT) as session:
        connection = session.connection()
        connection.execute(update(job).where(job.c.state != JobState.DONE).values(maybe_sent=True))
        connection.execute(update(lane).values(token=lane.c.token + IDS_LEFT_OUT))
        for organisation_id, number in connection.execute(select(organisation.c.id, organisation.c.last_number)).all():
            came_to = lost.numbers.get(organisation_id, -1)
            last = came_to if came_to >= number else number + NUMBERS_LEFT_OUT
            connection.execute(
                update(organisation).where(organisation.c.id == organisation_id).values(last_number=last)
            )
        given = counters.reached(connection)
        names = counters.numbering() if database.embedded else given
        last_ids = {name: max(given.get(name, 0), lost.ids.get(name, 0)) + IDS_LEFT_OUT for name in names}
        counters.go_on_after(connection, last_ids)
