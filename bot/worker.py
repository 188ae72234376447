"""The worker: does what is due and delivers what is queued.

The guarantee is *effectively once*. A timer's effect is one transaction, so it happens once. A post is noted before it
is tried; whoever comes after a killed or doubtful try looks for the post's key on the platform first, and whoever was
held up on the way finds that the lane is another's. It ends where the platform does not yet show what it has accepted,
and where a worker stands still in the very moment before it posts, for longer than half a lease.
"""

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from functools import partial
from secrets import SystemRandom

import structlog

from bot import metrics, trail
from bot.backoff import back_off as doubling
from bot.backoff import spread
from bot.bell import Bell
from bot.cleanup import Cleanup
from bot.clock import Clock
from bot.lanes import Claim, Lanes
from bot.leap import Leap
from bot.parking import Parked
from bot.surfaces import Gone, MaybeSent, NotSent, Place, Refused, Surface, Throttled
from bot.timers import Handler, Timers
from models.database import Database, Unavailable
from models.job import JobKind

LEASE = dt.timedelta(seconds=60)
"""Longer than a worker stands still between looking and posting; so long waits what a killed one had in hand."""
POLL = 1.0
"""Seconds of real time between looks for a timer that is due, on average: other processes' commits ring no bell here.

Drawn anew each time, from half to one and a half of it, so that all processes look at different moments.
"""
WATCH = 0.5
"""The same between looks for something to deliver, by one thread for all that deliver."""

_chance = SystemRandom()
log = structlog.get_logger()


class _Late(Exception):
    """The lease ran out and another worker has the lane."""


class _Doubtful(Exception):
    """The post itself failed in a way that does not say whether it arrived."""


class Worker:
    """Runs timers by the business clock and deliveries by real time.

    `surfaces` are the platforms it can deliver on, by name; `timers` the handlers by timer name. `on_parked` is called
    in the transaction that parks a job. Several workers, in any number of processes, share the work through rows alone.
    They may be of different versions: each leaves alone what it has no timer handler and no surface's renderer for.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        surfaces: Mapping[str, Surface],
        timers: Mapping[str, Handler],
        *,
        lease: dt.timedelta = LEASE,
        pace: dt.timedelta = dt.timedelta(seconds=1),
        on_parked: Parked | None = None,
        back_off: Callable[[int], dt.timedelta] = doubling,
    ) -> None:
        self._clock = clock
        self._surfaces = surfaces
        self._back_off = back_off
        self._lanes = Lanes(database, surfaces, lease=lease, pace=pace, on_parked=on_parked)
        self._timers = Timers(database, timers, back_off=back_off, on_parked=on_parked)
        self._cleanup = Cleanup(database)
        self._leap = Leap(database, lease)

    def run_due(self, now: dt.datetime) -> int:
        """Do every timer due at `now` (business time), oldest first. Returns how many were done."""
        return self._timers.run_due(now)

    def deliver_once(self) -> bool:
        """Try the oldest job whose lane is free. False when there is none. Raises `Unavailable`."""
        claim = self._lanes.claim()
        if claim is None:
            return False
        with trail.followed(claim.request):
            self._outcome(claim, self._surfaces[claim.delivery.surface])()
        return True

    def drain(self, limit: int = 100_000) -> int:
        """Run timers and deliveries until nothing more can be done just now, or `limit` is reached.

        Returns how many timers were done and jobs tried. Lanes that wait (pace, back-off) are left waiting.
        """
        done = 0
        while done < limit:
            step = self.run_due(self._clock.now()) + self.deliver_once()
            if not step:
                return done
            done += step
        log.warning("drain.limit", done=done)
        return done

    def run(self, stop: threading.Event, threads: int = 4) -> None:
        """Work until `stop` is set; then finish what is held, let go of it, and return; nothing new is begun."""
        bell, closing = Bell(), threading.Event()
        crew = [
            threading.Thread(target=_work, args=(self._run_timer, bell, closing, POLL)),
            *[threading.Thread(target=_work, args=(self.deliver_once, bell, closing)) for _ in range(threads)],
            threading.Thread(target=_look, args=(partial(self._watch, bell), closing, WATCH)),
            threading.Thread(target=_look, args=(self._cleanup.step, closing, POLL)),
            threading.Thread(target=_look, args=(self._leap.step, closing, POLL)),
        ]
        with bell.hung():
            try:
                for thread in crew:
                    thread.start()
                stop.wait()
            finally:
                closing.set()
                bell.ring()
                for thread in crew:
                    if thread.ident is not None:
                        thread.join()

    def _run_timer(self) -> bool:
        return self._timers.run_oldest(self._clock.now()) is not None

    def _watch(self, bell: Bell) -> bool:
        """Wake those who deliver when there is something for them: enqueued elsewhere, or waiting no longer."""
        if self._lanes.free():
            bell.ring()
        return False

    def _outcome(self, claim: Claim, surface: Surface) -> Callable[[], None]:
        """Try once, outside any transaction; returns the record to make of it."""
        failed = partial(self._lanes.failed, claim, self._back_off(claim.tries), maybe_sent=claim.look_first)
        record: Callable[[], None]
        try:
            place = self._bring(claim, surface)
            record = partial(self._lanes.sent, claim, place) if place else partial(self._lanes.skipped, claim)
        except _Late:
            record = partial(log.warning, "delivery.late", job=claim.job_id)
        except Throttled as error:
            record = partial(self._lanes.throttled, claim, dt.timedelta(seconds=error.retry_after), error.why)
        except NotSent as error:
            wait = spread(dt.timedelta(seconds=error.retry_after))
            record = partial(self._lanes.not_sent, claim, wait, error.why)
        except _Doubtful as error:
            record = partial(failed, str(error), maybe_sent=True)
        except (MaybeSent, Gone) as error:
            record = partial(failed, error.why)
        except Refused as error:
            record = partial(self._lanes.refused, claim, error.why)
        except Unavailable:
            record = partial(self._lanes.not_sent, claim, self._back_off(1), "database")
        except Exception as error:  # noqa: BLE001 - one job's fault must not stop the others
            log.error("delivery.failed", job=claim.job_id, name=claim.delivery.name, error=type(error).__name__)
            record = partial(failed, type(error).__name__)
        return record

    def _bring(self, claim: Claim, surface: Surface) -> Place | None:
        """Where it stands now; None when it had become obsolete."""
        delivery = claim.delivery
        rendered = surface.render(delivery)
        if rendered is None:
            return None
        if delivery.place is not None:
            self._secure(claim)
            try:
                surface.update(delivery, delivery.place, rendered)
            except Gone:
                log.info("delivery.anew", job=claim.job_id)
            else:
                return delivery.place
        return self._place(claim, surface, rendered)

    def _place(self, claim: Claim, surface: Surface, rendered: object) -> Place:
        """Where the post stands, found or newly made."""
        delivery, found = claim.delivery, None
        address = delivery.address or surface.locate(delivery)
        if claim.look_first:
            found = surface.find(delivery, address)
            if found is not None:
                metrics.RECONCILED.labels(delivery.name).inc()
                log.info("delivery.reconciled", job=claim.job_id, name=delivery.name)
        self._secure(claim, address if claim.look_first or delivery.address is None else None)
        if found is None:
            return _post(claim, surface, address, rendered)
        if delivery.kind is JobKind.SHOW:
            surface.update(delivery, found, rendered)
        return found

    def _secure(self, claim: Claim, address: str | None = None) -> None:
        """See to it that the lane is ours while something is sent, and keep its address. Raises `_Late`."""
        if (address is not None or not self._lanes.fresh(claim)) and not self._lanes.keep(claim, address):
            raise _Late


def _post(claim: Claim, surface: Surface, address: str, rendered: object) -> Place:
    try:
        return surface.post(claim.delivery, address, rendered)
    except (NotSent, Refused):
        raise
    except MaybeSent as error:
        raise _Doubtful(error.why) from error
    except Exception as error:
        log.error("delivery.failed", job=claim.job_id, name=claim.delivery.name, error=type(error).__name__)
        raise _Doubtful(type(error).__name__) from error


def _work(step: Callable[[], bool], bell: Bell, closing: threading.Event, poll: float | None = None) -> None:
    """Take step after step as long as there is something to do, and again when the bell rings or it is time to look.

    The rings are counted before `closing` is looked at: it is set before the last ring, which nobody may miss.
    """
    heard = bell.rings()
    while not closing.is_set():
        if not _taken(step):
            bell.wait(heard, poll and _about(poll))
        heard = bell.rings()


def _look(step: Callable[[], bool], closing: threading.Event, poll: float) -> None:
    """Take a step each time that it is time to look, and as long as there is more to do."""
    while not closing.wait(_about(poll)):
        while not closing.is_set() and _taken(step):
            pass


def _taken(step: Callable[[], bool]) -> bool:
    try:
        return step()
    except Exception as error:  # noqa: BLE001 - the worker outlives whatever befalls the database
        log.error("worker.failed", error=type(error).__name__)
        return False


def _about(seconds: float) -> float:
    return seconds * _chance.uniform(0.5, 1.5)
