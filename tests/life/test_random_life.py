"""Random acts by random persons, several at once, and time that passes: what must always hold, holds.

Every transition of the table is taken at least once in the run, so that nothing stands there untried.
"""

import datetime as dt
import itertools
import random
import threading
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import authority, offers
from bot.actors import Actor
from bot.refusals import Refusal
from bot.reminders import timers
from bot.suggestions import Suggester
from models.case import Case, Event, Offer
from models.database import Database
from models.life import ACTS, FROM_OFFERS, Act, OfferStatus, Status, To, status_of
from tests.factories import Inhabitant, Town
from tests.life.deeds import deeds

TRANSITIONS = {(status, act) for act in Act for status in ACTS[act].within}
CASES = 2
WALKS = 60
STEPS = 60
RETURNING = {Act.COMPLETE, Act.RESUME, Act.REOPEN}

SEEDS = st.integers(0, 2**32)
"""Each choice of case, act and person comes from a seed: what it stands for depends on who was first where several act
at once, and what hypothesis draws must not."""


def life(new_database: Callable[[], Database], taken: set[tuple[Status, Act]]) -> type[RuleBasedStateMachine]:
    class Life(RuleBasedStateMachine):
        @initialize()
        def found(self) -> None:
            self.town = town = Town(new_database())
            self.requesters = [town.requester(), town.requester(unit="Vuxenenheten")]
            self.coordinators = [town.coordinator(), town.coordinator(deputy=True)]
            self.members = [town.member(keywords=["utvärdering"]) for _ in range(4)]
            self.handlers = timers(Suggester())
            self.persons: list[Inhabitant] = [*self.requesters, *self.coordinators, *self.members]
            others = [town.units["Vuxenenheten"]]
            self.cases = [
                town.file(self.requesters[0], members_wanted=wanted + 1, other_unit_ids=others).case_id
                for wanted in range(CASES)
            ]

        @rule(seed=SEEDS)
        def one_after_another(self, seed: int) -> None:
            dice = random.Random(seed)
            for _ in range(6):
                self._attempt(*self._chosen(dice))

        @rule(seeds=st.lists(SEEDS, min_size=2, max_size=3))
        def several_act_at_once(self, seeds: list[int]) -> None:
            chosen = [self._chosen(random.Random(seed)) for seed in seeds]
            start = threading.Barrier(len(chosen))
            faults: list[BaseException] = []

            def run(act: Act, actor: Actor, case_id: int) -> None:
                start.wait(10)
                try:
                    self._attempt(act, actor, case_id)
                except BaseException as fault:  # noqa: BLE001 - raised again in the test's own thread
                    faults.append(fault)

            crew = [threading.Thread(target=run, args=each) for each in chosen]
            for thread in crew:
                thread.start()
            for thread in crew:
                thread.join()
            if faults:
                raise faults[0]

        @rule(days=st.integers(1, 4))
        def time_passes(self, days: int) -> None:
            self.town.pass_time(self.handlers, self.town.now + dt.timedelta(days=days))

        @rule(case=st.integers(0, CASES - 1), first=st.integers(0, 3), second=st.integers(0, 3), in_turn=st.booleans())
        def two_are_asked(self, case: int, first: int, second: int, in_turn: bool) -> None:
            """Two are asked at once, or one and the other stands by."""
            members = dict.fromkeys([self.members[first], self.members[second]])
            with _Tolerated():
                self.town.ask(self.coordinators[0], self.cases[case], *members, in_turn=in_turn)

        @invariant()
        def the_rows_agree(self) -> None:
            with self.town.database.reading() as session:
                for case_id in self.cases:
                    self._check(session, case_id)

        def teardown(self) -> None:
            if hasattr(self, "town"):
                self.town.database.close()

        def set_out(self, dice: random.Random) -> None:
            """Two are asked about each case, and perhaps one says yes: from here everything is near."""
            for case_id in self.cases:
                asked, member = self.members[:2]
                self.town.ask(self.coordinators[0], case_id, asked)
                offer = self.town.ask(self.coordinators[0], case_id, member)
                if dice.random() < 0.5:
                    self.town.do(offers.accept, member, offer, self.town.now)

        def walk(self, dice: random.Random) -> None:
            """One act or several days, rather something that was not seen yet."""
            if dice.random() < 0.1:
                self.town.pass_time(self.handlers, self.town.now + dt.timedelta(days=dice.randint(1, 9)))
            elif dice.random() < 0.1:
                members = dice.sample(self.members, 2)
                with _Tolerated():
                    self.town.ask(self.coordinators[0], dice.choice(self.cases), *members, in_turn=dice.random() < 0.3)
            else:
                self._attempt(*self._chosen(dice, curious=True))
                self.the_rows_agree()

        def _chosen(self, dice: random.Random, *, curious: bool = False) -> tuple[Act, Actor, int]:
            """Mostly an act that the table allows now, by somebody whose part allows it; sometimes anything.

            The curious choose what was never done from where the case stands.
            """
            case_id = dice.choice(self.cases)
            acts = list(deeds(self.town.units["Barn och unga"], self._spare))
            if dice.random() < 0.1:
                return dice.choice(acts), dice.choice(self.persons), case_id
            with self.town.database.reading() as session:
                case = session.get_one(Case, case_id)
                within = [act for act in acts if case.status in ACTS[act].within]
                dice.shuffle(within)
                if curious:
                    lacking = {status for status, _ in TRANSITIONS - taken}
                    within.sort(key=lambda act: ((case.status, act) in taken, ACTS[act].to not in lacking))
                    within = within if dice.random() < 0.7 else within[::-1]
                for act in within:
                    for who in dice.sample(self.persons, len(self.persons)):
                        if authority.parts_in(session, case, who.person_id) & ACTS[act].by:
                            return act, who, case_id
            return dice.choice(acts), dice.choice(self.persons), case_id

        def _attempt(self, act: Act, actor: Actor, case_id: int) -> None:
            deed = deeds(self.town.units["Barn och unga"], self._spare)[act]
            with _Tolerated(), self.town.database.writing(wait=dt.timedelta(seconds=20)) as session:
                deed(session, actor, case_id, self.town.now)

        def _spare(self, session: Session, case_id: int) -> int:
            live = set(session.scalars(select(Offer.member_id).where(Offer.case_id == case_id)))
            free = [each.member for each in self.members if each.member not in live]
            return (free or [each.member for each in self.members])[0]

        def _check(self, session: Session, case_id: int) -> None:
            case = session.get_one(Case, case_id)
            events = session.scalars(select(Event).where(Event.case_id == case_id).order_by(Event.seq)).all()
            statuses = list(session.scalars(select(Offer.status).where(Offer.case_id == case_id)))
            assert [event.seq for event in events] == list(range(1, case.version + 1))
            assert events[0].act is Act.FILE
            assert all(later.before is earlier.after for earlier, later in itertools.pairwise(events))
            assert all(earlier.at <= later.at for earlier, later in itertools.pairwise(events))
            assert events[-1].after is case.status
            for event in events[1:]:
                assert event.before in ACTS[event.act].within, (event.before, event.act)
                assert event.after in _led_to(event)
                taken.add((event.before, event.act))
            assert statuses.count(OfferStatus.ACCEPTED) <= case.members_wanted or _fewer_wanted_since(events)
            if case.status in FROM_OFFERS:
                assert case.status is status_of(statuses)
            if case.status in {Status.CLOSED, Status.WITHDRAWN, Status.CLARIFYING}:
                assert OfferStatus.PENDING not in statuses
            assert (case.status is Status.CLOSED) == (case.closed_at is not None)

    return Life


class _Tolerated:
    """A refusal is an answer; anything else is a fault."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is not None and issubclass(kind, Refusal)


def _led_to(event: Event) -> set[Status]:
    to = ACTS[event.act].to
    if isinstance(to, Status):
        return {to}
    if to is To.SAME or (event.before not in FROM_OFFERS and event.act not in RETURNING):
        return {event.before}
    return set(FROM_OFFERS)


def _fewer_wanted_since(events: list[Event]) -> bool:
    """An edit may ask for fewer members than have said yes already; none of them is sent away."""
    accepted = [event.seq for event in events if event.act is Act.ACCEPT]
    edited = [event.seq for event in events if event.act in {Act.EDIT, Act.COMPLETE}]
    return bool(accepted and edited and edited[-1] > accepted[-1])


@pytest.mark.timeout(1200)
def test_whatever_happens_the_rows_agree(new_database: Callable[[], Database], request: pytest.FixtureRequest) -> None:
    taken: set[tuple[Status, Act]] = set()
    on_sqlite = "sqlite" in request.node.name
    machine = life(new_database, taken)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8 if on_sqlite else 4,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    if on_sqlite:
        _walk_on(machine, taken)
        assert not TRANSITIONS - taken, sorted(f"{status}:{act}" for status, act in TRANSITIONS - taken)


def _walk_on(machine: type[RuleBasedStateMachine], taken: set[tuple[Status, Act]]) -> None:
    """What hypothesis left untried: the same acts by the same rules, by dice that are curious."""
    dice = random.Random(1)
    for _ in range(WALKS):
        if taken >= TRANSITIONS:
            return
        walker = machine()
        walker.found()
        walker.set_out(dice)
        for _ in range(STEPS):
            walker.walk(dice)
        walker.teardown()
