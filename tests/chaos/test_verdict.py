"""Every promise that the verdict looks after can be broken, and then it says so."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from slack_sdk import WebClient
from sqlalchemy import insert, select

from bot import jobs, offers
from bot.workspace import Server, Workspace, serve
from handlers.slack.manifest import manifest
from models.case import Case, Event, Offer
from models.database import Database
from models.job import Job, JobKind, JobState, Posted
from models.life import Act, OfferStatus
from tests.chaos.firings import FIRED
from tests.chaos.journal import Journal
from tests.chaos.verdict import UNEXPECTED, Verdict, judge
from tests.factories import Town


@dataclass
class Scene:
    """A town whose notices stand on a platform, all of them and in order, until a test breaks something."""

    town: Town
    workspace: Workspace
    web: WebClient
    channel: str
    case_id: int
    journal: Journal = field(default_factory=Journal)
    log: list[dict[str, Any]] = field(default_factory=list)

    def bring(self) -> None:
        """Post every notice that waits, as a worker would, and remember it; what stands already would be changed."""
        standing = self.keys()
        for job in self.waiting():
            key = jobs.opaque(
                self.town.id, "slack", job.kind, job.key if job.kind is JobKind.TELL else jobs.shown_key(job)
            )
            ts = None if key in standing else self.post(key)
            with self.town.database.writing() as session:
                session.get_one(Job, job.id).state = JobState.DONE
                if job.kind is JobKind.SHOW and ts is not None:
                    posted = session.scalars(select(Posted).where(Posted.key == jobs.shown_key(job))).one()
                    posted.channel, posted.ts = self.channel, ts

    def waiting(self) -> list[Job]:
        query = select(Job).where(jobs.WAITING, Job.kind != JobKind.TIMER).order_by(Job.id)
        return self.town.see(lambda session: list(session.scalars(query)))

    def post(self, key: str) -> str:
        metadata = {"event_type": "konsult_notice", "event_payload": {"key": key}}
        return str(self.web.chat_postMessage(channel=self.channel, text="hej", metadata=metadata)["ts"])

    def keys(self) -> list[str]:
        """The keys that stand, as they stand."""
        return [each["metadata"]["event_payload"]["key"] for each in self.workspace.messages(self.channel)]

    def verdict(self) -> Verdict:
        return judge(self.town.database, self.workspace, self.journal, self.log)


@pytest.fixture
def scene(database: Database) -> Iterator[Scene]:
    workspace = Workspace(None, manifest(), signing_secret="")
    server: Server = serve(workspace)
    FIRED.create(database.engine)
    town = Town(database)
    anna, maj, lena = town.requester(), town.coordinator(), town.member()
    case_id = town.active(anna, maj, lena, title="Boendestöd")
    channel = workspace.add_channel(name="alla", members=[workspace.bot_user])["id"]
    made = Scene(town, workspace, WebClient("xoxb-workspace", base_url=server.api_url), channel, case_id)
    made.journal.receipts["Boendestöd"] = 1
    made.bring()
    yield made
    server.stop()


def test_where_everything_stands_once_and_in_order_nothing_is_said(scene: Scene) -> None:
    verdict = scene.verdict()
    assert verdict.problems == []
    assert verdict.posts == verdict.distinct > 3
    assert (verdict.lost, verdict.duplicates, verdict.cases, verdict.accepted) == (0, 0, 1, 1)


def test_a_notice_that_stands_twice(scene: Scene) -> None:
    scene.post(scene.keys()[0])
    verdict = scene.verdict()
    assert verdict.duplicates == 1
    assert any("stands 2 times" in problem for problem in verdict.problems)


def test_a_message_that_does_not_stand(scene: Scene) -> None:
    lost = scene.workspace.messages(scene.channel)
    for each in lost:
        scene.web.chat_delete(channel=scene.channel, ts=each["ts"])
    verdict = scene.verdict()
    assert verdict.lost == len(lost)
    assert any("does not stand" in problem for problem in verdict.problems)


def test_something_that_nobody_wanted(scene: Scene) -> None:
    scene.post("0" * 32)
    assert scene.verdict().problems == ["something stands that nobody wanted"]


def test_an_act_of_which_nobody_is_told(scene: Scene) -> None:
    with scene.town.database.writing() as session:
        filed = session.scalars(select(Job).where(Job.name == "filed")).one()
        session.delete(filed)
    assert "nobody is told of file (1)" in scene.verdict().problems


def test_a_question_that_is_shown_nowhere(scene: Scene) -> None:
    with scene.town.database.writing() as session:
        session.delete(session.scalars(select(Posted).where(Posted.key == "offer:1")).one())
    assert "offer:1 is shown nowhere" in scene.verdict().problems


@pytest.mark.parametrize("event", UNEXPECTED)
def test_a_failure_that_nothing_explains(scene: Scene, event: str) -> None:
    scene.log.append({"event": event, "error": "KeyError"})
    assert scene.verdict().problems == [f"1 times {event}: KeyError"]


def test_messages_that_stand_in_another_order(scene: Scene) -> None:
    """A later notice of the same case that stands before an earlier one."""
    first = scene.workspace.messages(scene.channel)[0]
    scene.web.chat_delete(channel=scene.channel, ts=first["ts"])
    ts = scene.post(first["metadata"]["event_payload"]["key"])
    with scene.town.database.writing() as session:
        for posted in session.scalars(select(Posted).where(Posted.ts == first["ts"])):
            posted.ts = ts
    assert any("stands after" in problem for problem in scene.verdict().problems)


def test_a_receipt_without_a_case(scene: Scene) -> None:
    scene.journal.receipts["Vräkning"] = 2
    verdict = scene.verdict()
    assert (verdict.lost, verdict.problems) == (1, ["the receipt for nr 2 has no case"])


def test_a_request_that_became_two_cases(scene: Scene) -> None:
    scene.town.file(scene.town.requester(), title="Boendestöd")
    scene.bring()
    assert scene.verdict().problems == ["2 cases are called Boendestöd"]


@pytest.mark.parametrize("times", [0, 2])
def test_a_date_that_was_not_kept_once(scene: Scene, times: int) -> None:
    with scene.town.database.writing() as session:
        job = session.scalars(select(Job).where(Job.kind == JobKind.TIMER).limit(1)).one()
        job.state = JobState.DONE
        for _ in range(times):
            session.execute(insert(FIRED).values(job_id=job.id))
    assert scene.verdict().problems == [f"the date {job.id} was kept {times} times"]


@pytest.mark.parametrize(("act", "said"), [(Act.EXPIRE, "expired twice"), (Act.ACCEPT, "was accepted twice")])
def test_a_question_that_ended_twice(scene: Scene, act: Act, said: str) -> None:
    offer_id = scene.town.latest_offer(scene.case_id)
    with scene.town.database.writing() as session:
        there = session.scalars(select(Event).where(Event.act == Act.ACCEPT)).one()
        for number in range(2):
            copied = Event(
                organisation_id=there.organisation_id,
                case_id=there.case_id,
                seq=there.seq + 1 + number,
                act=act,
                at=there.at,
                recorded_at=there.recorded_at,
                offer_id=offer_id,
                before=there.before,
                after=there.after,
            )
            session.add(copied)
    assert f"question {offer_id} {said}" in scene.verdict().problems


def test_a_case_with_more_members_than_it_wants(scene: Scene) -> None:
    other = scene.town.member()
    with scene.town.database.writing() as session:
        session.get_one(Case, scene.case_id).members_wanted = 2
    offer_id = scene.town.ask(scene.town.coordinator(), scene.case_id, other)
    scene.town.do(offers.accept, other, offer_id, scene.town.now)
    scene.bring()
    with scene.town.database.writing() as session:
        assert session.get_one(Offer, offer_id).status is OfferStatus.ACCEPTED
        session.get_one(Case, scene.case_id).members_wanted = 1
    assert scene.verdict().problems == ["nr 1 has 2 members"]


def test_a_job_that_was_set_aside(scene: Scene) -> None:
    scene.town.file(scene.town.requester(), title="Vräkning")
    with scene.town.database.writing() as session:
        job = session.scalars(select(Job).where(jobs.WAITING, Job.kind == JobKind.TELL).limit(1)).one()
        job.state, job.why = JobState.PARKED, "channel_not_found"
        key = job.key
    scene.bring()
    assert f"{key} is parked: channel_not_found" in scene.verdict().problems
