"""What it costs to grow, in a nation with a short history and in the same one with a longer history: every screen takes
the same statements, and neither screens nor worker read what lies behind them."""

import datetime as dt
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot import drafts, queue_age
from bot.actors import Actor
from bot.cleanup import Cleanup
from bot.clock import Clock
from bot.search import stems_of
from bot.services import Services
from bot.suggestions import Suggester
from bot.wording import words
from handlers.slack import review
from handlers.slack.asker import Asker
from models.case import Answer, Case, Event, Lesson, Offer
from models.database import Database
from models.life import FROM_OFFERS, status_of
from models.organisation import Organisation
from models.people import Role
from models.schema import metadata, upgrade
from models.word import CaseWord
from tests import postgres
from tests.bench.country import LARGE, ordinary
from tests.bench.monday import monday
from tests.bench.nation import NOW, populate
from tests.bench.places import ORGANISATIONS
from tests.bench.screens import Open, Screens
from tests.statements import Statement, Visit, recorded, visits, walked

pytestmark = pytest.mark.timeout(600)

SHORT, LONG = 1_000, 8_000
"""Cases: five weeks of them, and forty-two."""

SLACK = 200
"""So many more rows of a table a screen may look at when the history is longer: one for each member of the large
organisation, and what the reader has had to do with. The history itself is some five hundred rows and more longer."""

NATIONAL = frozenset({"organisation", "workspace", "university", "area", "district", "unit", "glossary", "throttle"})
"""Tables that grow with the number of organisations alone: they may be read from end to end."""


GROWING = metadata.tables.keys() - NATIONAL


@pytest.fixture(scope="module")
def short(postgres_server: postgres.Server) -> Iterator[Database]:
    """A nation with a short history; the database looked up what each row points to."""
    database = _founded(postgres_server, SHORT, checked=True)
    yield database
    database.close()


@pytest.fixture(scope="module")
def long(postgres_server: postgres.Server) -> Iterator[Database]:
    """The same nation with a longer history."""
    database = _founded(postgres_server, LONG)
    yield database
    database.close()


@pytest.fixture
def copied(long: Database, postgres_server: postgres.Server) -> Iterator[Database]:
    """A copy of the longer one, to be changed."""
    long.close()
    name = postgres_server.create(template=str(long.url.database))
    database = Database(postgres_server.url(name))
    with database.engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET random_page_cost = 1.1"))
    database.close()
    yield database
    database.close()
    postgres_server.drop(name)


def _founded(server: postgres.Server, cases: int, *, checked: bool = False) -> Database:
    database = Database(server.url(server.create_swedish()))
    upgrade(database)
    populate(database, cases, dt.datetime.now(dt.UTC), checked=checked)
    return database


def pairs(short: Database, long: Database, organisation_id: int) -> Iterator[tuple[str, Open, Open]]:
    """Every screen of an organisation that both have, by name."""
    these, those = ({**each.every(), **each.others()} for each in _screens(short, long, organisation_id))
    for name, opens in these.items():
        assert opens, f"nobody opens {name}"
        for first, second in zip(opens, those[name], strict=False):
            yield name, first, second


def _screens(short: Database, long: Database, organisation_id: int) -> tuple[Screens, Screens]:
    return Screens(short, organisation_id), Screens(long, organisation_id)


def asked(database: Database, open_it: Open) -> list[Statement]:
    """What the database is asked when a screen is opened once more."""
    open_it()
    with recorded(database) as found:
        open_it()
    return found


def scans(found: list[Visit]) -> set[str]:
    """The tables that grow with history or members and are read from end to end."""
    return {each.table for each in found if each.how == "Seq Scan"} & GROWING


def plans(database: Database, statements: list[Statement]) -> Iterator[tuple[str, list[Visit]]]:
    """How PostgreSQL goes about each of them, the first and the last of those that differ in parameters alone."""
    first = {each.text: each for each in reversed(statements)}
    last = {each.text: each for each in statements}
    for statement in [*first.values(), *last.values()]:
        yield statement.text, visits(database, statement)


def looked_at(database: Database, statements: list[Statement]) -> Counter[str]:
    """How many rows of each table are looked at in all."""
    counted: Counter[str] = Counter()
    for statement in statements:
        for each in visits(database, statement, carried_out=True):
            counted[each.table] += int(each.rows)
    return counted


@pytest.mark.postgres
@pytest.mark.parametrize("large", [True, False], ids=["large", "ordinary"])
def test_a_screen_takes_the_same_statements_and_reads_as_much_however_long_the_history(
    short: Database, long: Database, large: bool
) -> None:
    for name, in_short, in_long in pairs(short, long, LARGE if large else ordinary(short)):
        few, many = asked(short, in_short), asked(long, in_long)
        assert len(few) == len(many) > 0, name
        for statement, plan in plans(long, many):
            assert not scans(plan), (name, statement, plan)
        before, after = looked_at(short, few), looked_at(long, many)
        if name not in UNLIKE:
            assert {table: after[table] for table in after if after[table] > before[table] + SLACK} == {}, name


UNLIKE = {"`/consult status`"}
"""Counts how many cases stand where, in an index."""


def test_an_embedded_database_walks_through_nothing_either(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "konsult.db")
    database = Database(f"sqlite:///{tmp_path / 'konsult.db'}")
    populate(database, SHORT, dt.datetime.now(dt.UTC))
    screens = Screens(database, LARGE)
    for name, opens in {**screens.every(), **screens.others()}.items():
        for statement in asked(database, opens[0]):
            grown = {re.sub(r"_\d+$", "", each) for each in walked(database, statement)} & GROWING
            assert not grown, (name, statement)
    database.close()


@pytest.mark.postgres
def test_the_worker_finds_everything_by_an_index_and_every_forum_gets_its_digest_once(copied: Database) -> None:
    with recorded(copied) as found:
        _, messages = monday(copied)
        Cleanup(copied).batch()
        with copied.reading() as session:
            queue_age.ages(session, copied.real_now(session), NOW)
    assert len(messages) == ORGANISATIONS
    assert set(messages.values()) == {1}
    done = Counter(statement.text.split(maxsplit=1)[0] for statement in found)
    assert {"SELECT", "INSERT", "UPDATE", "DELETE"} <= done.keys()
    for statement, plan in plans(copied, found):
        assert not scans(plan), (statement, plan)


@pytest.mark.postgres
def test_filing_finds_everything_by_an_index(copied: Database) -> None:
    with copied.reading() as session:
        asking = select(Role.person_id, Role.unit_id).where(Role.organisation_id == LARGE, Role.unit_id.is_not(None))
        person_id, unit_id = session.execute(asking.order_by(Role.id).limit(1)).one()
    about = {"title": "Boendestöd", "question": "Hur vet vi om det gör nytta?", "unit_id": str(unit_id)}
    asker = Asker(Actor(LARGE, person_id), words("sv", "Europe/Stockholm"), "", "")
    with copied.writing() as session:
        session.get_one(Organisation, LARGE).last_number = LONG
        draft_id = drafts.begin(session, asker.actor, {**about, "help": "method", "answer_kind": "meeting"}, NOW)
    with recorded(copied) as found:
        review.file(Services(copied, Clock(), Suggester()), asker, draft_id, {})
    done = Counter(statement.text.split(maxsplit=1)[0] for statement in found)
    assert {"SELECT", "INSERT", "UPDATE", "DELETE"} <= done.keys()
    for statement, plan in plans(copied, found):
        assert not scans(plan), (statement, plan)


@pytest.mark.postgres
def test_the_matcher_looks_back_by_an_index_of_its_own(long: Database) -> None:
    """Also where a disk is thought to be slow, and walking back through everybody's events to be cheap."""
    with long.engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {long.url.database} SET random_page_cost = 4"))
    long.close()
    card = Screens(long, LARGE).every()["Triage card"][0]
    found = [visit for _, plan in plans(long, asked(long, card)) for visit in plan if visit.table == "event"]
    with long.engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {long.url.database} SET random_page_cost = 1.1"))
    long.close()
    assert {visit.index for visit in found} == {"ix_event_telling"}


@pytest.mark.postgres
def test_a_missing_index_would_be_seen(copied: Database) -> None:
    card = Screens(copied, LARGE).every()["Triage card"][0]
    with copied.engine.begin() as connection:
        for name in ("ix_offer_member_asked", "ix_offer_member_status"):
            connection.execute(text(f"DROP INDEX {name}"))
    assert "offer" in set().union(*(scans(plan) for _, plan in plans(copied, asked(copied, card))))


@pytest.mark.postgres
def test_a_nation_is_as_acts_would_have_left_it(short: Database) -> None:
    with short.reading() as session:
        cases = session.scalars(select(Case).order_by(Case.id)).all()
        assert len(cases) == SHORT
        offers, events, texts = {}, {}, {}
        for offer in session.scalars(select(Offer)):
            offers.setdefault(offer.case_id, []).append(offer.status)
        for event in session.scalars(select(Event).order_by(Event.seq)):
            events.setdefault(event.case_id, []).append(event)
        approved = select(Lesson.case_id, Lesson.text).where(Lesson.approved_at.is_not(None))
        for query in (select(Answer.case_id, Answer.text), approved):
            for case_id, written in session.execute(query):
                texts.setdefault(case_id, []).append(written)
        for case in cases:
            course = events[case.id]
            assert [each.seq for each in course] == list(range(1, case.version + 1))
            assert (course[-1].after, course[-1].at) == (case.status, case.changed_at)
            if case.status in FROM_OFFERS:
                assert case.status is status_of(offers.get(case.id, []))
        for case in cases[:50]:
            words = session.scalars(select(CaseWord.word).where(CaseWord.case_id == case.id)).all()
            wanted = {word for each in (case.title, case.question, *texts.get(case.id, [])) for word in stems_of(each)}
            assert set(words) == wanted
