"""Every (status, act, part) is carried out or refused as the table of acts says; none is left out."""

import itertools

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot import authority
from bot.actors import Actor, clock
from bot.refusals import Refusal, TooLate
from models.case import Answer, Case, CaseUnit, Event, Lesson, Offer
from models.database import Database
from models.life import ACTS, Act, OfferStatus, Part, Status, status_after
from models.people import Member
from tests.factories import Inhabitant, Town
from tests.life.deeds import deeds

ONLY_AUTHORISED = {(Act.EXPIRE, Part.CLOCK), (Act.ASK, Part.CLOCK), (Act.RETRACT, Part.CLOCK)}
"""What the clock does as a part of something else: no function takes it as the actor."""

COMBINATIONS = [
    pytest.param(status, act, part, id=f"{status}-{act}-{part}")
    for status, act, part in itertools.product(Status, Act, Part)
    if act is not Act.FILE
]


class Scene:
    """A case in any status, with somebody in every part: rows are set, so that no combination is out of reach."""

    def __init__(self, town: Town, status: Status) -> None:
        self.town = town
        requester = town.requester()
        coordinator = town.coordinator()
        asked, member, self.spare = town.member(), town.member(), town.member()
        self.persons: dict[Part, Actor] = {
            Part.REQUESTER: requester,
            Part.COORDINATOR: coordinator,
            Part.ASKED: asked,
            Part.MEMBER: member,
            Part.DISTRICT: town.requester(unit="Vuxenenheten"),
            Part.FORUM: town.requester(unit="Familjerådgivningen"),
            Part.CLOCK: clock(town.id),
        }
        self.case_id = town.file(requester, members_wanted=3, other_unit_ids=[town.units["Vuxenenheten"]]).case_id
        town.ask(coordinator, self.case_id, asked, member)
        self._set(status, member)

    def _set(self, status: Status, member: Inhabitant) -> None:
        with self.town.database.writing() as session:
            session.execute(
                update(Offer)
                .where(Offer.case_id == self.case_id, Offer.member_id == member.member)
                .values(status=OfferStatus.ACCEPTED)
            )
            session.execute(update(Case).where(Case.id == self.case_id).values(status=status))
            at = self.town.now
            owner = {"organisation_id": self.town.id, "case_id": self.case_id}
            session.add(Answer(**owner, member_id=member.member, text="Börja mäta.", given_at=at))
            session.add(Lesson(**owner, person_id=member.person, text="Mät före.", written_at=at))

    def spare_member(self, session: Session, case_id: int) -> int:
        return self.spare.member

    def do(self, act: Act, part: Part) -> None:
        deed = deeds(self.town.units["Barn och unga"], self.spare_member)[act]
        self.town.do(deed, self.persons[part], self.case_id, self.town.now)

    def case(self) -> Case:
        return self.town.see(lambda session: session.get_one(Case, self.case_id))

    def offers(self) -> list[OfferStatus]:
        query = select(Offer.status).where(Offer.case_id == self.case_id)
        return self.town.see(lambda session: list(session.scalars(query)))

    def latest(self) -> Event:
        query = select(Event).where(Event.case_id == self.case_id).order_by(Event.seq.desc())
        return self.town.see(lambda session: session.scalars(query).first())


@pytest.fixture(scope="module")
def shared(sqlite_template, tmp_path_factory) -> Town:
    """One town for all combinations: each gets its own people and case."""
    import shutil

    path = tmp_path_factory.mktemp("acts") / "konsult.db"
    shutil.copyfile(sqlite_template, path)
    return Town(Database(f"sqlite:///{path}"))


@pytest.mark.parametrize(("status", "act", "part"), COMBINATIONS)
def test_every_combination_is_carried_out_or_refused_as_the_table_says(
    shared: Town, status: Status, act: Act, part: Part
) -> None:
    scene = Scene(shared, status)
    rule = ACTS[act]
    allowed = status in rule.within and part in rule.by
    if act is Act.ASK and part is Part.REQUESTER:
        allowed = False  # the coordinator distributes, unless the organisation has chosen otherwise: tested below
    if (act, part) in ONLY_AUTHORISED or part is Part.CLOCK:
        _check_authority(scene, act, part, allowed)
        return
    before = scene.latest().seq
    if not allowed:
        with pytest.raises(Refusal) as refused:
            scene.do(act, part)
        assert scene.latest().seq == before
        assert scene.case().status is status
        assert isinstance(refused.value, TooLate) == (part in rule.by and not _asks_unasked(act, part)) or (
            act is Act.ACCEPT and status in {Status.CLOSED, Status.WITHDRAWN}
        )
        return
    scene.do(act, part)
    events = scene.town.see(
        lambda session: session.scalars(
            select(Event).where(Event.case_id == scene.case_id, Event.seq > before).order_by(Event.seq)
        ).all()
    )
    mine = [event for event in events if event.act is act]
    assert len(mine) == 1
    assert mine[0].before is status or mine[0].seq > before + 1
    assert scene.case().status is status_after(events[-1].act, events[-1].before, scene.offers())
    assert scene.case().status is events[-1].after


def _asks_unasked(act: Act, part: Part) -> bool:
    return act is Act.ASK and part is Part.REQUESTER


def _check_authority(scene: Scene, act: Act, part: Part, allowed: bool) -> None:
    def attempt(session: Session) -> None:
        case = session.get_one(Case, scene.case_id)
        offer = session.scalars(select(Offer).where(Offer.case_id == case.id).order_by(Offer.id)).first()
        authority.authorise(session, case, scene.persons[part], act, offer)

    if allowed:
        scene.town.see(attempt)
    else:
        with pytest.raises(Refusal):
            scene.town.see(attempt)


def test_every_act_has_a_rule_and_a_deed() -> None:
    assert set(ACTS) == set(Act)
    assert set(deeds(1, lambda session, case_id: 1)) == set(Act) - {Act.FILE, Act.EXPIRE}


@pytest.mark.parametrize("status", Status)
def test_a_requester_asks_members_where_the_organisation_lets_them(new_database, status: Status) -> None:
    scene = Scene(Town(new_database(), choosing="requester"), status)
    if status in ACTS[Act.ASK].within:
        scene.do(Act.ASK, Part.REQUESTER)
        assert scene.latest().act is Act.ASK
    else:
        with pytest.raises(TooLate):
            scene.do(Act.ASK, Part.REQUESTER)


@pytest.mark.parametrize("act", [act for act in Act if ACTS[act].by & {Part.ASKED, Part.MEMBER, Part.REQUESTER}])
def test_a_coordinator_does_anybodys_act_on_their_behalf_and_says_how_they_know(new_database, act: Act) -> None:
    if act in {Act.FILE, Act.ASK}:
        return
    rule = ACTS[act]
    status = sorted(rule.within)[0] if Status.ACTIVE not in rule.within else Status.ACTIVE
    scene = Scene(Town(new_database()), status)
    part = next(part for part in (Part.ASKED, Part.MEMBER, Part.REQUESTER) if part in rule.by)
    coordinator = scene.persons[Part.COORDINATOR]
    stood_for = scene.persons[part].person_id
    assert stood_for is not None
    deed = deeds(scene.town.units["Barn och unga"], scene.spare_member)[act]
    silent = coordinator.for_person(stood_for, "  ")
    with pytest.raises(Refusal):
        scene.town.do(deed, silent, scene.case_id, scene.town.now)
    other = scene.persons[Part.FORUM].for_person(stood_for, "ringde")
    with pytest.raises(Refusal):
        scene.town.do(deed, other, scene.case_id, scene.town.now)
    scene.town.do(deed, coordinator.for_person(stood_for, "mejl 14 mars"), scene.case_id, scene.town.now)
    query = select(Event).where(Event.case_id == scene.case_id, Event.act == act)
    event = scene.town.see(lambda session: session.scalars(query).one())
    assert (event.actor_id, event.for_id, event.source) == (coordinator.person_id, stood_for, "mejl 14 mars")


def test_a_member_of_another_organisation_is_told_that_there_is_no_such_thing(new_database) -> None:
    database = new_database()
    scene = Scene(Town(database, "Ena staden"), Status.ACTIVE)
    stranger = Town(database, "Andra staden").coordinator()
    for act, deed in deeds(1, scene.spare_member).items():
        with pytest.raises(Refusal) as refused:
            scene.town.do(deed, stranger, scene.case_id, scene.town.now)
        assert type(refused.value).__name__ == "NotFound", act


def test_what_is_not_shown_is_nowhere_for_the_forum(new_database) -> None:
    scene = Scene(Town(new_database()), Status.ACTIVE)
    with scene.town.database.writing() as session:
        session.execute(update(Case).where(Case.id == scene.case_id).values(shown=False))
    with pytest.raises(Refusal) as refused:
        scene.do(Act.NOTE, Part.FORUM)
    assert refused.value.key == "case"


def test_the_parts_are_what_the_rows_say(new_database) -> None:
    scene = Scene(Town(new_database()), Status.ACTIVE)
    with scene.town.database.reading() as session:
        case = session.get_one(Case, scene.case_id)
        for part, actor in scene.persons.items():
            assert authority.parts_in(session, case, actor.person_id) == {part}
        assert session.scalars(select(CaseUnit).where(CaseUnit.case_id == case.id)).all()
        assert session.scalars(select(Member)).all()
