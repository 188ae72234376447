"""Parking: what could not be done is set aside for a person to look at."""

from collections.abc import Callable

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot import metrics
from models.job import Job, JobState

WHY_LENGTH = 300

Parked = Callable[[Session, Job], None]
"""What happens, in the same transaction, when a job is parked. It must not enqueue anew for a notice of its own."""

log = structlog.get_logger()


def park(session: Session, job: Job, why: str, on_parked: Parked | None) -> None:
    """Set a job aside for a person to look at, and tell them so; a fault in the telling does not bring it back.

    A database that fails in the midst of it does: nothing is recorded then, and the job is tried again.
    """
    job.state, job.why = JobState.PARKED, why[:WHY_LENGTH]
    log.error("job.parked", job=job.id, name=job.name, why=job.why)
    metrics.PARKED.labels(job.kind, job.name).inc()
    session.flush()
    if on_parked is None:
        return
    try:
        with session.begin_nested():
            on_parked(session, job)
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault there must not keep the job in its lane
        log.error("job.parked.untold", job=job.id, error=type(error).__name__)
