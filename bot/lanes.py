"""Lanes: who may deliver to a receiver just now, and what is recorded of each try.

A claim is a lease on a lane with a fencing token, committed before anything is sent. Every record is made under that
token: a worker that comes late, when its lease ran out and another has claimed the lane, records nothing.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import Session, aliased

from bot import jobs, metrics
from bot.backoff import TRIES
from bot.parking import WHY_LENGTH, Parked, park
from bot.surfaces import Delivery, Place, Surface
from models.database import Database, insert
from models.job import Job, JobKind, JobState, Lane, Posted, Throttle
from models.moment import real_moment

WORKER_WAIT = dt.timedelta(seconds=20)
"""How long the worker waits for a place to write: nobody sits waiting for it, and the lease is longer."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Claim:
    """A job and the right to deliver it. `version` is the one wanted of a shown message (0 for a tell).

    `look_first`: an earlier try may have reached the platform. `tries` counts this one. `request` is its trail.
    """

    lane_id: int
    token: int
    job_id: int
    tries: int
    look_first: bool
    version: int
    request: str | None
    delivery: Delivery


class Lanes:
    """Claims and records. `lease`, `pace` and every moment here are real time, by the database's clock.

    Only what one of the `surfaces` can bring is claimed. The rest waits for a worker that can, and what is younger in
    its lane waits with it; so do all lanes of a surface whose platform wants a pause.
    """

    def __init__(
        self,
        database: Database,
        surfaces: Mapping[str, Surface],
        *,
        lease: dt.timedelta,
        pace: dt.timedelta,
        on_parked: Parked | None,
    ) -> None:
        self._database = database
        self._surfaces = surfaces
        self._lease = lease
        self._pace = pace
        self._on_parked = on_parked
        self._free = self._oldest_free()
        self._free_to_take = self._free.with_for_update(of=Lane, skip_locked=True, key_share=True)

    def free(self) -> bool:
        """Whether there is something to take just now. Raises `Unavailable`."""
        with self._database.reading() as session:
            return session.scalar(self._free) is not None

    def claim(self) -> Claim | None:
        """Take the lane with the oldest waiting job, or None when every lane is empty, held or waiting.

        The try is counted, and noted as perhaps sent, before it is made: a worker killed on the way leaves a trace.
        """
        if not self.free():
            return None
        with self._database.writing(WORKER_WAIT) as session:
            now = self._database.real_now(session)
            while (lane := session.scalar(self._free_to_take)) is not None:
                job = session.scalar(select(Job).where(Job.lane_id == lane.id, jobs.WAITING).order_by(Job.id).limit(1))
                if job is None:
                    continue
                if job.attempts >= TRIES:
                    self._park(session, job, job.why or "no reply")
                    session.flush()
                    continue
                return self._take(session, lane, job, now)
        return None

    def fresh(self, claim: Claim) -> bool:
        """Whether the lane is ours for half a lease yet: longer than it takes to send something."""
        with self._database.reading() as session:
            until = session.scalar(select(Lane.lease_until).where(Lane.id == claim.lane_id, Lane.token == claim.token))
            return until is not None and until - self._database.real_now(session) > self._lease / 2

    def keep(self, claim: Claim, address: str | None) -> bool:
        """Renew the lease, and store the lane's address when there is one and the receiver has not moved meanwhile.

        False: too late, the lane is another's.
        """
        with self._database.writing(WORKER_WAIT) as session:
            lane = self._held(session, claim)
            if lane is None:
                return False
            if address is not None and lane.address == claim.delivery.address:
                lane.address = address
            lane.lease_until = self._database.real_now(session) + self._lease
        return True

    def sent(self, claim: Claim, place: Place) -> None:
        """Record that it stands on the platform, and pace the lane. A home view has no channel to be paced in."""

        def record(session: Session, job: Job, now: dt.datetime) -> dt.datetime | None:
            if job.kind is JobKind.SHOW:
                posted = self._posted(session, claim, job)
                posted.channel, posted.ts, posted.shown = place.channel, place.ts, claim.version
                if posted.wanted > claim.version:
                    jobs.show_next(session, job, posted)
            job.state, job.done_at, job.maybe_sent, job.why = JobState.DONE, now, False, ""
            return None if claim.delivery.receiver.startswith("home:") else now + self._pace

        self._record(claim, "sent", record)

    def skipped(self, claim: Claim) -> None:
        """Record that it had become obsolete; nothing was sent in this try."""

        def record(session: Session, job: Job, now: dt.datetime) -> dt.datetime | None:
            if not self._wanted_anew(session, claim, job):
                job.state, job.done_at = JobState.SKIPPED, now
            job.maybe_sent = claim.look_first
            return None

        self._record(claim, "skipped", record)

    def refused(self, claim: Claim, why: str) -> None:
        """Park it: a person must look at it. The lane goes on."""

        def record(session: Session, job: Job, now: dt.datetime) -> dt.datetime | None:
            anew = self._wanted_anew(session, claim, job)
            job.maybe_sent = claim.look_first
            if not anew:
                self._park(session, job, why)
            return now + self._pace

        self._record(claim, "refused", record)

    def not_sent(self, claim: Claim, after: dt.timedelta, why: str) -> None:
        """Record that nothing left: the lane waits, and the try does not count."""

        def record(_session: Session, job: Job, now: dt.datetime) -> dt.datetime | None:
            job.attempts, job.maybe_sent, job.why = claim.tries - 1, claim.look_first, why[:WHY_LENGTH]
            return now + after

        self._record(claim, "not_sent", record)

    def throttled(self, claim: Claim, after: dt.timedelta, why: str) -> None:
        """Record that nothing left and that everybody who shares the platform's limit is to wait as well."""
        account = self._surfaces[claim.delivery.surface].account
        with self._database.writing(WORKER_WAIT) as session:
            new = insert(session, Throttle).values(account=account, until=self._database.real_now(session) + after)
            session.execute(
                new.on_conflict_do_update(
                    index_elements=["account"],
                    set_={"until": new.excluded.until},
                    where=Throttle.until < new.excluded.until,
                )
            )
        log.warning("delivery.throttled", seconds=after.total_seconds())
        self.not_sent(claim, after, why)

    def failed(self, claim: Claim, after: dt.timedelta, why: str, *, maybe_sent: bool) -> None:
        """Record a try that failed: the lane waits, and after `TRIES` of them the job is parked."""

        def record(session: Session, job: Job, now: dt.datetime) -> dt.datetime | None:
            last = claim.tries >= TRIES and not self._wanted_anew(session, claim, job)
            job.maybe_sent, job.why = maybe_sent, why[:WHY_LENGTH]
            if not last:
                return now + after
            self._park(session, job, why)
            return now + self._pace

        self._record(claim, "failed", record)

    def _oldest_free(self) -> Select[Lane]:
        """The lane with the oldest job that can be brought now. Made once: every worker asks it every second."""
        now = real_moment(self._database.engine.dialect.name)
        mine = [self._bringable(name, surface, now) for name, surface in self._surfaces.items()]
        return (
            select(Lane)
            .join(Job, Job.lane_id == Lane.id)
            .where(
                jobs.WAITING,
                Job.lane_id.is_not(None),
                or_(false(), *mine),
                or_(Lane.lease_until.is_(None), Lane.lease_until <= now),
                or_(Lane.next_at.is_(None), Lane.next_at <= now),
            )
            .order_by(Job.id)
            .limit(1)
        )

    def _bringable(self, name: str, surface: Surface, now: ColumnElement[dt.datetime]) -> ColumnElement[bool]:
        """Whether a lane's job can be brought on a surface now, with nothing before it that cannot."""
        older = aliased(Job)
        unknown = exists().where(
            older.lane_id == Job.lane_id,
            older.id < Job.id,
            jobs.standing(JobState.WAITING, older),
            older.name.not_in(surface.kinds),
        )
        paused = exists().where(Throttle.account == surface.account, Throttle.until > now)
        return and_(Lane.surface == name, Job.name.in_(surface.kinds), ~unknown, ~paused)

    def _take(self, session: Session, lane: Lane, job: Job, now: dt.datetime) -> Claim:
        look_first, place, version, key = job.maybe_sent, None, 0, job.key
        if job.kind is JobKind.SHOW:
            key = jobs.shown_key(job)
            posted = session.scalars(
                select(Posted).where(
                    Posted.organisation_id == job.organisation_id, Posted.surface == lane.surface, Posted.key == key
                )
            ).one()
            version = posted.wanted
            if posted.channel is not None and posted.ts is not None:
                place = Place(posted.channel, posted.ts)
        lane.token += 1
        lane.lease_until = now + self._lease
        job.attempts += 1
        job.maybe_sent = True
        return Claim(
            lane.id,
            lane.token,
            job.id,
            job.attempts,
            look_first,
            version,
            job.request,
            Delivery(
                organisation_id=job.organisation_id,
                job_id=job.id,
                kind=job.kind,
                name=job.name,
                key=jobs.opaque(job.organisation_id, lane.surface, job.kind, key),
                surface=lane.surface,
                receiver=lane.receiver,
                address=lane.address,
                place=place,
                case_id=job.case_id,
                event_id=job.event_id,
                subject_id=job.subject_id,
                data=dict(job.data),
                since=job.created_at if job.kind is JobKind.TELL and job.created_at <= now else None,
            ),
        )

    def _record(
        self, claim: Claim, outcome: str, record: Callable[[Session, Job, dt.datetime], dt.datetime | None]
    ) -> None:
        """Record under the token and let go of the lane until the moment that `record` returns.

        Of a job that an operator has cancelled or parked meanwhile only that it was sent is recorded.
        """
        why = ""
        with self._database.writing(WORKER_WAIT) as session:
            lane = self._held(session, claim)
            if lane is None:
                outcome = "late"
            else:
                job = session.get_one(Job, claim.job_id)
                if job.state is JobState.WAITING or outcome == "sent":
                    lane.next_at = record(session, job, self._database.real_now(session))
                lane.lease_until = None
                why = job.why
        delivery = claim.delivery
        metrics.DELIVERIES.labels(delivery.name, outcome).inc()
        about = {"job": claim.job_id, "name": delivery.name, "case": delivery.case_id, "act": delivery.event_id}
        log.info(f"delivery.{outcome}", **about, tries=claim.tries, **({"why": why} if why else {}))

    def _held(self, session: Session, claim: Claim) -> Lane | None:
        query = select(Lane).where(Lane.id == claim.lane_id, Lane.token == claim.token)
        return session.scalar(query.with_for_update(key_share=True))

    def _posted(self, session: Session, claim: Claim, job: Job) -> Posted:
        query = select(Posted).where(
            Posted.organisation_id == job.organisation_id,
            Posted.surface == claim.delivery.surface,
            Posted.key == jobs.shown_key(job),
        )
        return session.scalars(query.with_for_update(key_share=True)).one()

    def _wanted_anew(self, session: Session, claim: Claim, job: Job) -> bool:
        """Whether a shown message changed while it was tried: then the change deserves tries of its own.

        Locks the message before the job, as `jobs.show` does.
        """
        if job.kind is not JobKind.SHOW or self._posted(session, claim, job).wanted == claim.version:
            return False
        job.attempts = 0
        return True

    def _park(self, session: Session, job: Job, why: str) -> None:
        park(session, job, why, self._on_parked)
