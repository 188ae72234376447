"""What Prometheus is told. Counters count in this process; the gauges about the queue are read from the database each
time, so every process says the same of them.

Labels are names of ours (listeners, notices, commands) and never anything that somebody wrote.
"""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import queue_age
from bot.clock import Clock
from models.database import Database, Unavailable
from models.digest import Decision, Digest
from models.job import Job, JobKind, JobState

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

ACKS = Histogram(
    "konsult_ack_seconds",
    "How long a person's click or command waited for its answer.",
    ["command", "outcome"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0),
)
FAILURES = Counter(
    "konsult_listener_failures", "Clicks and commands that ended with a reference or an apology.", ["listener", "why"]
)
DELIVERIES = Counter("konsult_deliveries", "Tries to bring something to a receiver.", ["name", "outcome"])
RECONCILED = Counter("konsult_reconciled", "Posts of doubtful tries that were found where they had arrived.", ["name"])
PARKED = Counter("konsult_parked", "Jobs set aside for a person to look at.", ["kind", "name"])


def exposed(database: Database, clock: Clock) -> bytes:
    """Everything, in Prometheus's text format."""
    read = CollectorRegistry(auto_describe=False)
    read.register(_Read(database, clock))
    return generate_latest() + generate_latest(read)


class _Read(Collector):
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def collect(self) -> Iterable[Metric]:
        """What stands in the database; when it does not answer, only that."""
        try:
            with self._database.reading() as session:
                found = [*_jobs(session), _ages(session, self._database, self._clock), *_digests(session)]
        except (SQLAlchemyError, Unavailable, OSError):
            found = []
        yield GaugeMetricFamily("konsult_database_up", "Whether the database answers.", value=float(bool(found)))
        yield from found


def _jobs(session: Session) -> Iterable[Metric]:
    gauge = GaugeMetricFamily("konsult_jobs", "Jobs in the database.", labels=["kind", "state"])
    counted = {(kind, state): 0 for kind in JobKind for state in JobState}
    for kind, state, count in session.execute(select(Job.kind, Job.state, func.count()).group_by(Job.kind, Job.state)):
        counted[kind, state] = count
    for (kind, state), count in counted.items():
        gauge.add_metric([kind, state], count)
    yield gauge


def _ages(session: Session, database: Database, clock: Clock) -> Metric:
    gauge = GaugeMetricFamily(
        "konsult_oldest_due_job_age_seconds",
        "How long the oldest thing has waited that could be done now; 0 when nothing is due.",
        labels=["kind"],
    )
    for kind, age in queue_age.ages(session, database.real_now(session), clock.now()).items():
        gauge.add_metric([kind], age.total_seconds())
    return gauge


def _digests(session: Session) -> Iterable[Metric]:
    posted = GaugeMetricFamily(
        "konsult_digest_posted_timestamp_seconds",
        "When it was last decided to post an organisation's digest.",
        labels=["organisation"],
    )
    decided = GaugeMetricFamily("konsult_digests", "Weeks that were decided about.", labels=["decision"])
    latest = (
        select(Digest.organisation_id, func.max(Digest.decided_at))
        .where(Digest.decision == Decision.POSTED)
        .group_by(Digest.organisation_id)
    )
    for organisation_id, moment in session.execute(latest):
        posted.add_metric([str(organisation_id)], moment.timestamp())
    counted = dict.fromkeys(Decision, 0)
    for decision, count in session.execute(select(Digest.decision, func.count()).group_by(Digest.decision)):
        counted[decision] = count
    for decision, count in counted.items():
        decided.add_metric([decision], count)
    return posted, decided
