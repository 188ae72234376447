"""What stands after everything has settled, compared with what was promised: nothing lost, nothing twice, in order."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.jobs import opaque
from bot.workspace import Workspace
from models.case import Case, Event, Offer
from models.database import Database
from models.job import Job, JobKind, JobState, Lane, Posted
from models.life import Act, OfferStatus, Status
from tests.chaos import firings
from tests.chaos.journal import Journal

TELLING = (Act.FILE, Act.ACCEPT, Act.ANSWER, Act.CLOSE)
"""Acts of which somebody is always told."""
UNEXPECTED = ("worker.failed", "timer.failed")
"""What no fault of the platform's and no death explains in a log."""
OVERLAP = dt.timedelta(seconds=5)
"""Two transactions whose notices were enqueued at most so long apart may have been saved in either order."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A message of the bot's on the platform: its key, its channel, and its time and identity there."""

    key: str
    channel: str
    ts: str


@dataclass
class Verdict:
    """The figures, and every broken promise in a sentence."""

    posts: int = 0
    distinct: int = 0
    reconciled: int = 0
    lost: int = 0
    overtaken: int = 0
    timers: int = 0
    cases: int = 0
    accepted: int = 0
    closed: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def duplicates(self) -> int:
        """Messages beyond the first of their key."""
        return self.posts - self.distinct


def judge(database: Database, workspace: Workspace, journal: Journal, said: Iterable[dict[str, Any]]) -> Verdict:
    """Compare what stands with what was promised. `said` are the log lines of all processes."""
    standing = list(_standing(workspace))
    lines = list(said)
    verdict = Verdict(
        posts=len(standing),
        distinct=len({each.key for each in standing}),
        reconciled=sum(line["event"] == "delivery.reconciled" for line in lines),
    )
    unexpected = Counter((line["event"], line.get("error")) for line in lines if line["event"] in UNEXPECTED)
    verdict.problems += [f"{times} times {event}: {error}" for (event, error), times in unexpected.items()]
    with database.reading() as session:
        verdict.problems += _cases(session, journal, verdict)
        verdict.problems += _enqueued(session)
        verdict.problems += _messages(session, standing, verdict)
        verdict.problems += _order(session, standing, verdict, strict=database.embedded)
        verdict.problems += _timers(session, verdict)
        verdict.problems += _offers(session, verdict)
        verdict.problems += _queue(session)
    return verdict


def _standing(workspace: Workspace) -> Iterator[Standing]:
    for channel in workspace.channels():
        for message in workspace.messages(channel["id"]):
            key = ((message.get("metadata") or {}).get("event_payload") or {}).get("key")
            if key is not None:
                yield Standing(key, channel["id"], message["ts"])


def _cases(session: Session, journal: Journal, verdict: Verdict) -> Iterator[str]:
    """Every receipt has its case, and no title has two."""
    found = {(title, number) for title, number in session.execute(select(Case.title, Case.number))}
    verdict.cases = len(found)
    verdict.closed = session.scalar(select(func.count()).where(Case.status == Status.CLOSED)) or 0
    for title, number in journal.receipts.items():
        if (title, number) not in found:
            verdict.lost += 1
            yield f"the receipt for nr {number} has no case"
    for title, times in Counter(title for title, _ in found).items():
        if times > 1:
            yield f"{times} cases are called {title}"


def _enqueued(session: Session) -> Iterator[str]:
    """What was saved has its notices: acts are told of, cases have a card, questions a message."""
    told = select(Job.event_id).where(Job.kind == JobKind.TELL, Job.event_id.is_not(None))
    silent = select(Event.id, Event.act).where(Event.act.in_(TELLING), Event.id.not_in(told))
    yield from (f"nobody is told of {act} ({event_id})" for event_id, act in session.execute(silent))
    shown = set(session.scalars(select(Posted.key)))
    wanted = [f"card:{case_id}" for case_id in session.scalars(select(Case.id))]
    wanted += [f"offer:{offer_id}" for offer_id in session.scalars(select(Offer.id))]
    yield from (f"{key} is shown nowhere" for key in wanted if key not in shown)


def _messages(session: Session, standing: list[Standing], verdict: Verdict) -> Iterator[str]:
    """Everything told or shown stands exactly once; nothing stands that nobody wanted."""
    times = Counter(each.key for each in standing)
    tells = select(Job, Lane.surface).join(Lane, Lane.id == Job.lane_id).where(Job.kind == JobKind.TELL)
    wanted: dict[str, str] = {}
    obsolete: set[str] = set()
    for job, surface in session.execute(tells):
        key = opaque(job.organisation_id, surface, JobKind.TELL, job.key)
        if job.state is JobState.DONE:
            wanted[key] = f"the notice {job.key}"
        else:
            obsolete.add(key)
    for posted in session.scalars(select(Posted)):
        key = opaque(posted.organisation_id, posted.surface, JobKind.SHOW, posted.key)
        if posted.ts is not None and posted.ts != "home":
            wanted[key] = f"the message {posted.key}"
            if not any(each.key == key and each.ts == posted.ts for each in standing):
                yield f"{wanted[key]} is remembered where it does not stand"
    for key, what in wanted.items():
        if times[key] == 0:
            verdict.lost += 1
            yield f"{what} does not stand"
    for key, count in times.items():
        if count > 1:
            yield f"{wanted.get(key, 'something obsolete')} stands {count} times"
        if key not in wanted and key not in obsolete:
            yield "something stands that nobody wanted"


def _order(session: Session, standing: list[Standing], verdict: Verdict, *, strict: bool) -> Iterator[str]:
    """In each channel the messages stand as they were enqueued.

    Where writers overlap (PostgreSQL), a notice can be numbered before another and saved after it: those may stand in
    either order, if they are about different cases.
    """
    jobs = _first_jobs(session)
    channels: dict[str, list[Job]] = defaultdict(list)
    for each in sorted(standing, key=lambda each: each.ts):
        if each.key in jobs:
            channels[each.channel].append(jobs[each.key])
    for channel, there in channels.items():
        newest = there[0]
        for job in there[1:]:
            if job.id > newest.id:
                newest = job
            elif job.id < newest.id:
                verdict.overtaken += 1
                near = abs(newest.created_at - job.created_at) <= OVERLAP
                if strict or newest.case_id == job.case_id or not near:
                    yield f"in {channel}, {job.key} stands after {newest.key}"


def _first_jobs(session: Session) -> dict[str, Job]:
    """The job that first brought each message, by the message's key."""
    found: dict[str, Job] = {}
    query = select(Job, Lane.surface).join(Lane, Lane.id == Job.lane_id).order_by(Job.id.desc())
    for job, surface in session.execute(query):
        key = job.key if job.kind is JobKind.TELL else job.key.rpartition("#")[0].partition("/")[2]
        found[opaque(job.organisation_id, surface, job.kind, key)] = job
    return found


def _timers(session: Session, verdict: Verdict) -> Iterator[str]:
    """Every date that was kept was kept once. (That none is left which has come, was waited for.)"""
    done = select(Job.id).where(Job.kind == JobKind.TIMER, Job.state == JobState.DONE)
    kept = firings.counted(session)
    verdict.timers = len(kept)
    for job_id in sorted({*session.scalars(done), *kept}):
        if kept[job_id] != 1:
            yield f"the date {job_id} was kept {kept[job_id]} times"
    expired = select(Event.offer_id).where(Event.act == Act.EXPIRE).group_by(Event.offer_id).having(func.count() > 1)
    yield from (f"question {offer_id} expired twice" for offer_id in session.scalars(expired))


def _offers(session: Session, verdict: Verdict) -> Iterator[str]:
    """No question has two yeses, and no case more members than it wants."""
    yeses = select(Event.offer_id).where(Event.act == Act.ACCEPT)
    verdict.accepted = len(session.scalars(yeses.distinct()).all())
    twice = session.scalars(yeses.group_by(Event.offer_id).having(func.count() > 1)).all()
    yield from (f"question {offer_id} was accepted twice" for offer_id in twice)
    members = func.count(Offer.id)
    crowded = (
        select(Case.number, members)
        .join(Offer, Offer.case_id == Case.id)
        .where(Offer.status == OfferStatus.ACCEPTED)
        .group_by(Case.id)
        .having(members > Case.members_wanted)
    )
    yield from (f"nr {number} has {count} members" for number, count in session.execute(crowded))


def _queue(session: Session) -> Iterator[str]:
    """Nothing is parked. (That nothing waits which is due, was waited for.)"""
    for job in session.scalars(select(Job).where(Job.state == JobState.PARKED)):
        yield f"{job.key} is parked: {job.why}"
