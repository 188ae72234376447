"""An installation moves from one kind of database to the other, and nothing is different there."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import JSON, func, null, select, text, update
from sqlalchemy.orm import Session
from typer.testing import CliRunner, Result

from bot.cli import main
from models import copying, schema
from models.case import Draft
from models.database import Database
from models.job import Job, Lane
from models.organisation import District, Organisation
from models.people import Person
from models.schema import Standing, metadata, revision, standing
from tests import postgres
from tests.conftest import SAMPLED_AT

pytestmark = pytest.mark.postgres

Make = Callable[[str], Database]
KINDS = ["sqlite", "postgresql"]
WAYS = [("sqlite", "postgresql"), ("postgresql", "sqlite"), ("sqlite", "sqlite"), ("postgresql", "postgresql")]


@pytest.fixture
def make(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Make]:
    """An empty database, without a table, of a kind."""
    made: list[Database] = []
    dropped: list[str] = []
    server: postgres.Server = request.getfixturevalue("postgres_server")

    def empty(kind: str) -> Database:
        if kind == "sqlite":
            made.append(Database(f"sqlite:///{tmp_path / f'{len(made)}.db'}"))
        else:
            dropped.append(server.create(template="template1"))
            made.append(Database(server.url(dropped[-1])))
        return made[-1]

    yield empty
    for database in made:
        database.close()
    for name in dropped:
        server.drop(name)


@pytest.fixture
def filled(tmp_path: Path, sample_template: Path, make: Make) -> Make:
    """A database of a kind, with the sample organisation."""

    def sampled(kind: str) -> Database:
        shutil.copyfile(sample_template, tmp_path / "sample.db")
        source = Database(f"sqlite:///{tmp_path / 'sample.db'}")
        if kind == "sqlite":
            make(kind).close()
            return source
        target = make(kind)
        copying.copy(source, target)
        source.close()
        return target

    return sampled


@pytest.mark.parametrize(("kind", "other"), WAYS)
def test_everything_is_there(filled: Make, make: Make, kind: str, other: str) -> None:
    source, target = filled(kind), make(other)
    tables = copying.copy(source, target)
    assert tables == copying.checksums(source) == copying.checksums(target)
    assert {each.table for each in tables} == set(metadata.tables)
    rows = {each.table: each.rows for each in tables}
    assert min(rows["case"], rows["event"], rows["job"], rows["district"]) > 10
    assert standing(revision(target)) is Standing.CURRENT
    with target.reading() as session:
        assert session.scalar(select(func.count()).where(District.successor_id.is_not(None)))
    source.close()


def draft(session: Session) -> Draft:
    """A draft, made now."""
    person_id = session.scalars(select(func.min(Person.id))).one()
    made = Draft(organisation_id=1, person_id=person_id, created_at=SAMPLED_AT, changed_at=SAMPLED_AT)
    session.add(made)
    session.flush()
    return made


@pytest.mark.parametrize(("kind", "other"), WAYS[:2])
def test_an_id_is_not_used_again_there(filled: Make, make: Make, kind: str, other: str) -> None:
    source, target = filled(kind), make(other)
    with source.writing() as session:
        gone = [draft(session) for _ in range(3)]
        for each in gone:
            session.delete(each)
        last_lane = session.scalars(select(func.max(Lane.id))).one()
    copying.copy(source, target)
    with target.writing() as session:
        assert draft(session).id == gone[-1].id + 1
        lane = Lane(organisation_id=1, surface="slack", receiver="person:999")
        session.add(lane)
        session.flush()
        assert lane.id == last_lane + 1
    source.close()


@pytest.mark.parametrize(("kind", "other"), WAYS[:2])
def test_every_kind_of_value_arrives_as_it_was(filled: Make, make: Make, kind: str, other: str) -> None:
    """No value and the value null of a JSON column, a moment with microseconds, letters from everywhere."""
    source, target = filled(kind), make(other)
    table = metadata.tables["organisation"]
    values = {"name": "Ånge ☃ 𝔸 \\ ' \" \n", "quiet_periods": None, "zone": "", "last_number": -(2**31)}
    with source.writing() as session:
        session.execute(update(table).values(quiet_periods=JSON.NULL))
        session.add(Organisation(**{**values, "quiet_periods": null()}))
        session.execute(
            update(Job).values(created_at=SAMPLED_AT + dt.timedelta(microseconds=1), data={"å": [1.5, None]})
        )
    copying.copy(source, target)
    with target.reading() as session:
        absent = session.scalars(select(Organisation.quiet_periods.is_(None)).order_by(Organisation.id)).all()
        assert absent == [False, True]
        name, number = session.execute(
            select(Organisation.name, Organisation.last_number).where(Organisation.zone == "")
        ).one()
        assert (name, number) == (values["name"], values["last_number"])
        assert set(session.scalars(select(Job.created_at))) == {SAMPLED_AT + dt.timedelta(microseconds=1)}
    source.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_difference_of_one_value_would_be_seen(filled: Make, kind: str) -> None:
    database = filled(kind)
    before = copying.checksums(database)
    with database.writing() as session:
        session.execute(update(Job).where(Job.id == 1).values(why="x"))
    after = copying.checksums(database)
    assert [each.table for each, other in zip(before, after, strict=True) if each != other] == ["job"]
    assert [each.rows for each in before] == [each.rows for each in after]
    database.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_target_that_alters_what_it_is_given_is_not_trusted(filled: Make, make: Make, kind: str) -> None:
    source, target = filled("sqlite"), make(kind)
    schema.upgrade(target)
    with target.engine.begin() as connection:
        if target.embedded:
            statements = [
                "CREATE TRIGGER shortens AFTER INSERT ON event "
                "BEGIN UPDATE event SET source = 'x' WHERE id = NEW.id; END"
            ]
        else:
            statements = [
                "CREATE FUNCTION shorten() RETURNS trigger LANGUAGE plpgsql AS "
                "'BEGIN NEW.source = ''x''; RETURN NEW; END'",
                "CREATE TRIGGER shortens BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION shorten()",
            ]
        for statement in statements:
            connection.execute(text(statement))
    with pytest.raises(copying.Rejected, match=r"^event$"):
        copying.copy(source, target)
    assert copying.occupied(target) is None
    source.close()


def test_a_text_that_has_no_room_there_is_named_by_its_table(filled: Make, make: Make) -> None:
    source, target = filled("sqlite"), make("postgresql")
    with source.writing() as session:
        session.execute(update(District).where(District.id == 1).values(name="x" * 201))
    with pytest.raises(copying.Rejected, match=r"^district$"):
        copying.copy(source, target)
    assert copying.occupied(target) is None
    source.close()


@pytest.fixture
def konsult(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """`konsult(source, target)`: what `db copy` says and ends with."""
    monkeypatch.chdir(tmp_path)

    def run(source: Database, to: str, *words: str) -> Result:
        monkeypatch.setenv("KONSULT_DATABASE_URL", address(source))
        return CliRunner().invoke(main, ["db", "copy", "--to", to, *words])

    return run


def address(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


@pytest.mark.parametrize(("kind", "other"), WAYS[:2])
def test_the_command_tells_what_it_compared(
    konsult: Callable[..., Result], filled: Make, make: Make, kind: str, other: str
) -> None:
    source, target = filled(kind), make(other)
    source.close()
    ended = konsult(source, address(target))
    assert (ended.exit_code, ended.stderr) == (0, "")
    *lines, total, advice = ended.stdout.splitlines()
    tables = copying.checksums(target)
    assert [tuple(line.split()) for line in lines] == [(each.table, str(each.rows), each.checksum) for each in tables]
    rows = sum(each.rows for each in tables)
    assert total == f"{len(tables)} tables, {rows} rows; every count and checksum agrees."
    assert advice.startswith("Set KONSULT_DATABASE_URL (for the demo KONSULT_DEMO_DATABASE_URL) to the new database")


@pytest.mark.parametrize("kind", KINDS)
def test_a_target_that_holds_something_is_refused(
    konsult: Callable[..., Result], filled: Make, make: Make, kind: str
) -> None:
    source, target = filled("sqlite"), make(kind)
    source.close()
    with target.engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (id INTEGER)"))
    ended = konsult(source, address(target))
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr == "The database of --to is not empty: there is something in theirs.\n"
    with target.engine.begin() as connection:
        connection.execute(text("DROP TABLE theirs"))
    assert konsult(source, address(target)).exit_code == 0
    again = konsult(source, address(target))
    assert (again.exit_code, again.stderr.split(":")[0]) == (2, "The database of --to is not empty")
    assert copying.checksums(target) == copying.checksums(source)


@pytest.mark.parametrize("kind", KINDS)
def test_a_target_of_a_later_version_is_refused(
    konsult: Callable[..., Result], filled: Make, make: Make, kind: str
) -> None:
    source, target = filled("sqlite"), make(kind)
    source.close()
    schema.upgrade(target)
    with target.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    ended = konsult(source, address(target))
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr == "The database of --to comes from a later version of konsult.\n"


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_is_in_use_is_copied_only_to_rehearse(
    konsult: Callable[..., Result], filled: Make, make: Make, kind: str
) -> None:
    source, target = filled(kind), make("sqlite")
    with source.reading() as session:
        session.execute(select(1))
        ended = konsult(source, address(target))
        assert (ended.exit_code, ended.stdout) == (2, "")
        assert ended.stderr == "The database is in use; stop konsult first, or add --force to rehearse.\n"
        assert konsult(source, address(target), "--force").exit_code == 0
    source.close()


@pytest.mark.parametrize(
    ("to", "sentence"),
    [
        ("nonsense", "--to must be an SQLAlchemy URL of an SQLite or a PostgreSQL database."),
        ("postgresql://konsult:secret@127.0.0.1:9/k", "One of the two databases does not answer; nothing was copied."),
    ],
)
def test_a_target_that_is_none(konsult: Callable[..., Result], filled: Make, to: str, sentence: str) -> None:
    source = filled("sqlite")
    source.close()
    ended = konsult(source, to)
    assert (ended.exit_code, ended.stdout, ended.stderr) == (2, "", f"{sentence}\n")
