"""Every (status, act, part) is carried out or refused as the table of acts says; none is left out."""

import contextlib
import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot import authority
from bot.actors import Actor, clock
from bot.refusals import NotAllowed, NotFound, Refusal, TooLate
from models.case import Answer, Case, Event, Lesson, Offer
from models.database import Database
from models.life import ACTS, FROM_OFFERS, Act, OfferStatus, Part, Status, To
from tests.factories import Inhabitant, Town
from tests.life.deeds import deeds

COMBINATIONS = [
    pytest.param(status, act, part, id=f"{status}-{act}-{part}")
    for status, act, part in itertools.product(Status, Act, Part)
    if act is not Act.FILE
]
BY_OTHERS = [act for act in Act if act not in {Act.FILE, Act.ASK} and ACTS[act].by - {Part.COORDINATOR, Part.CLOCK}]


class _Undo(Exception):
    """Rolls a test's transaction back."""


class Scene:
    """A case in any status, with somebody in every part: rows are set, so that no combination is out of reach."""

    def __init__(self, town: Town, status: Status) -> None:
        self.town = town
        requester, coordinator = town.requester(), town.coordinator()
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
        with town.database.reading() as session:
            self.before = session.scalars(select(func.max(Event.seq)).where(Event.case_id == self.case_id)).one()

    def do(self, act: Act, part: Part) -> list[Event]:
        return self.do_as(act, self.persons[part])

    def do_as(self, act: Act, actor: Actor) -> list[Event]:
        """Do it, and return the events it left; then everything is as before."""
        deed = deeds(self.town.units["Barn och unga"], lambda session, case_id: self.spare.member)[act]
        found: list[Event] = []
        with self._undone() as session:
            deed(session, actor, self.case_id, self.town.now)
            query = select(Event).where(Event.case_id == self.case_id, Event.seq > self.before).order_by(Event.seq)
            found = list(session.scalars(query))
            session.expunge_all()
        return found

    def authorise(self, act: Act, part: Part) -> None:
        with self._undone() as session:
            case = session.get_one(Case, self.case_id)
            offer = session.scalars(select(Offer).where(Offer.case_id == case.id).order_by(Offer.id)).first()
            authority.authorise(session, case, self.persons[part], act, offer)

    @contextmanager
    def _undone(self) -> Iterator[Session]:
        with contextlib.suppress(_Undo), self.town.database.writing() as session:
            yield session
            raise _Undo

    def _set(self, status: Status, member: Inhabitant) -> None:
        with self.town.database.writing() as session:
            accepted = update(Offer).where(Offer.case_id == self.case_id, Offer.member_id == member.member)
            session.execute(accepted.values(status=OfferStatus.ACCEPTED))
            session.execute(update(Case).where(Case.id == self.case_id).values(status=status))
            at = self.town.now
            owner = {"organisation_id": self.town.id, "case_id": self.case_id}
            session.add(Answer(**owner, member_id=member.member, text="Börja mäta.", given_at=at))
            session.add(Lesson(**owner, person_id=member.person, text="Mät före.", written_at=at))


@pytest.fixture(scope="module")
def scenes(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Status, Scene]:
    """A case in each status; what a test does to one is undone."""
    path = tmp_path_factory.mktemp("acts") / "konsult.db"
    shutil.copyfile(sqlite_template, path)
    town = Town(Database(f"sqlite:///{path}"))
    return {status: Scene(town, status) for status in Status}


@pytest.mark.parametrize(("status", "act", "part"), COMBINATIONS)
def test_every_combination_is_carried_out_or_refused_as_the_table_says(
    scenes: dict[Status, Scene], status: Status, act: Act, part: Part
) -> None:
    scene, rule = scenes[status], ACTS[act]
    allowed = status in rule.within and part in rule.by
    if (act, part) == (Act.ASK, Part.REQUESTER):
        allowed = False  # the coordinator distributes unless the organisation has chosen otherwise: tested below
    by_authority = act is Act.EXPIRE or part is Part.CLOCK
    if not allowed:
        with pytest.raises(Refusal) as refused:
            scene.authorise(act, part) if by_authority else scene.do(act, part)
        if part in rule.by and status not in rule.within:
            assert isinstance(refused.value, TooLate)
        return
    if by_authority:
        scene.authorise(act, part)
        return
    events = scene.do(act, part)
    assert [event.act for event in events].count(act) == 1
    assert events[0].before is status
    assert [event.seq for event in events] == list(range(scene.before + 1, scene.before + 1 + len(events)))
    assert all(later.before is earlier.after for earlier, later in itertools.pairwise(events))
    assert events[-1].after in _reachable(act, status)


def _reachable(act: Act, before: Status) -> set[Status]:
    to = ACTS[act].to
    if isinstance(to, Status):
        return {to}
    return {before} | (set(FROM_OFFERS) if to is To.OFFERS else set())


def test_every_act_has_a_rule_and_a_deed() -> None:
    assert set(ACTS) == set(Act)
    assert set(deeds(1, lambda session, case_id: 1)) == set(Act) - {Act.FILE, Act.EXPIRE}


def test_a_requester_asks_members_where_the_organisation_lets_them(new_database: Callable[[], Database]) -> None:
    town = Town(new_database(), choosing="requester")
    for status in Status:
        scene = Scene(town, status)
        if status in ACTS[Act.ASK].within:
            assert [event.act for event in scene.do(Act.ASK, Part.REQUESTER)] == [Act.ASK]
        else:
            with pytest.raises(TooLate):
                scene.do(Act.ASK, Part.REQUESTER)


@pytest.mark.parametrize("act", BY_OTHERS)
def test_a_coordinator_does_anybodys_act_on_their_behalf_and_says_how_they_know(
    scenes: dict[Status, Scene], act: Act
) -> None:
    rule = ACTS[act]
    scene = scenes[Status.ACTIVE if Status.ACTIVE in rule.within else min(rule.within)]
    part = next(part for part in (Part.ASKED, Part.MEMBER, Part.REQUESTER, Part.DISTRICT) if part in rule.by)
    coordinator, stood_for = scene.persons[Part.COORDINATOR], scene.persons[part].person_id
    assert stood_for is not None
    for refused in (coordinator.for_person(stood_for, "  "), scene.persons[Part.FORUM].for_person(stood_for, "ringde")):
        with pytest.raises(NotAllowed):
            scene.do_as(act, refused)
    done = scene.do_as(act, coordinator.for_person(stood_for, " mejl 14 mars "))
    event = next(event for event in done if event.act is act)
    assert (event.actor_id, event.for_id, event.source) == (coordinator.person_id, stood_for, "mejl 14 mars")


def test_somebody_of_another_organisation_is_told_that_there_is_no_such_thing(
    new_database: Callable[[], Database],
) -> None:
    database = new_database()
    scene = Scene(Town(database, "Ena staden"), Status.ACTIVE)
    stranger = Town(database, "Andra staden").coordinator()
    for act in deeds(1, lambda session, case_id: 1):
        with pytest.raises(NotFound):
            scene.do_as(act, stranger)


def test_what_is_not_shown_is_nowhere_for_the_forum(new_database: Callable[[], Database]) -> None:
    scene = Scene(Town(new_database()), Status.ACTIVE)
    with scene.town.database.writing() as session:
        session.execute(update(Case).where(Case.id == scene.case_id).values(shown=False))
    with pytest.raises(NotFound):
        scene.do(Act.NOTE, Part.FORUM)


def test_the_parts_are_what_the_rows_say(scenes: dict[Status, Scene]) -> None:
    scene = scenes[Status.ACTIVE]
    with scene.town.database.reading() as session:
        case = session.get_one(Case, scene.case_id)
        for part, actor in scene.persons.items():
            assert authority.parts_in(session, case, actor.person_id) == {part}
