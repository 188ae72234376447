"""An embedded database is copied while it is used, and put back whole or not at all."""

import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text
from typer.testing import CliRunner, Result

from bot.cli import main
from models import backup
from models.database import Database
from models.schema import configuration, revisions, upgrade

READER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for _ in sys.stdin:
    print(connection.execute("SELECT count(*) FROM event").fetchone()[0], flush=True)
"""

Konsult = Callable[..., Result]


@pytest.fixture
def standing(tmp_path: Path, sample_template: Path) -> Path:
    """The installation's database, with the sample organisation."""
    place = tmp_path / "var" / "konsult.db"
    place.parent.mkdir()
    shutil.copyfile(sample_template, place)
    return place


@pytest.fixture
def konsult(standing: Path, monkeypatch: pytest.MonkeyPatch) -> Konsult:
    """`konsult("backup", file)`: what a command about the database says and ends with."""
    monkeypatch.chdir(standing.parents[1])
    monkeypatch.setenv("KONSULT_DATABASE_URL", f"sqlite:///{standing}")
    return lambda *words: CliRunner().invoke(main, ["db", *map(str, words)])


def refused(result: Result) -> str:
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr.strip()


def done(result: Result) -> str:
    assert result.exit_code == 0, result.stderr
    return result.stdout


def events(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("SELECT count(*) FROM event").fetchone()[0])


def change(file: Path) -> None:
    """Something happens after the copy was taken."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("DELETE FROM event WHERE id = (SELECT max(id) FROM event)")
        connection.execute("UPDATE job SET done_at = '2099-01-01 00:00:00.000000' WHERE id = 1")


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


@contextmanager
def somebody_connected(file: Path) -> Iterator[Callable[[], int]]:
    """Another process that has the database open, and counts its events when asked."""
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reader.stdin is not None
    assert reader.stdout is not None

    def count() -> int:
        assert reader.stdin is not None
        assert reader.stdout is not None
        reader.stdin.write("\n")
        reader.stdin.flush()
        return int(reader.stdout.readline())

    try:
        count()
        yield count
    finally:
        reader.stdin.close()
        reader.wait()
        reader.stdout.close()


def test_a_copy_holds_everything_and_is_its_owners_alone(konsult: Konsult, standing: Path, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    told = done(konsult("backup", file))
    found = backup.inspected(file)
    assert found == backup.inspected(standing)
    assert found.rows["event"] == events(standing)
    assert told.startswith(
        f"{file} holds {found.total} rows in {len(found.rows)} tables, at revision {revisions()[-1]}"
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(each.name for each in tmp_path.iterdir()) == ["copy.db", "var"]


def test_a_copy_is_of_one_moment_and_holds_nobody_up(konsult: Konsult, standing: Path, tmp_path: Path) -> None:
    """What is written but not committed is not in it, and the one who writes goes on."""
    before = events(standing)
    with closing(sqlite3.connect(standing, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM event")
        done(konsult("backup", tmp_path / "copy.db"))
        writer.execute("COMMIT")
    assert (events(tmp_path / "copy.db"), events(standing)) == (before, 0)


def test_a_copy_takes_nobodys_place(konsult: Konsult, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    file.write_text("something else")
    assert refused(konsult("backup", file)) == f"{file} is there already; name another file."
    assert file.read_text() == "something else"


def test_a_copy_without_a_place_is_refused(konsult: Konsult, tmp_path: Path) -> None:
    file = tmp_path / "no" / "copy.db"
    assert refused(konsult("backup", file)) == f"{file} cannot be written: No such file or directory."


def test_there_is_nothing_to_copy(konsult: Konsult, standing: Path) -> None:
    standing.unlink()
    assert refused(konsult("backup", "copy.db")) == f"{standing} cannot be copied: there is no such file."
    assert not Path("copy.db").exists()


def damage(file: Path) -> None:
    """Overwrite a good part of its pages."""
    with file.open("r+b") as pages:
        pages.seek(8192)
        pages.write(b"\xff" * 200_000)


def test_a_damaged_database_makes_no_copy(konsult: Konsult, standing: Path, tmp_path: Path) -> None:
    damage(standing)
    assert "cannot be copied" in refused(konsult("backup", tmp_path / "copy.db"))
    assert [each.name for each in tmp_path.iterdir()] == ["var"]


def test_a_row_that_points_at_nothing_is_damage(konsult: Konsult, standing: Path) -> None:
    with closing(sqlite3.connect(standing, isolation_level=None)) as connection:
        connection.execute("DELETE FROM person")
    assert "points at nothing" in refused(konsult("backup", "copy.db"))


def test_a_value_that_breaks_a_rule_is_damage(konsult: Konsult, standing: Path) -> None:
    """Every page can be read, and yet it is not whole."""
    with closing(sqlite3.connect(standing, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute('UPDATE "case" SET members_wanted = 9 WHERE id = 1')
    assert "CHECK constraint failed in case" in refused(konsult("backup", "copy.db"))


@pytest.mark.parametrize("words", [("backup", "copy.db"), ("restore", "copy.db")], ids=" ".join)
def test_a_server_has_its_own_ways(konsult: Konsult, monkeypatch: pytest.MonkeyPatch, words: tuple[str, str]) -> None:
    monkeypatch.setenv("KONSULT_DATABASE_URL", "postgresql://konsult@127.0.0.1:9/konsult")
    assert refused(konsult(*words)).startswith("Only an SQLite file can be backed up here; for PostgreSQL, see")


def test_what_was_lost_comes_back(konsult: Konsult, standing: Path) -> None:
    had = backup.inspected(standing)
    done(konsult("backup", "copy.db"))
    standing.unlink()
    assert "What stood there" not in done(konsult("restore", "copy.db"))
    assert backup.inspected(standing) == had
    assert [each.name for each in standing.parent.iterdir()] == ["konsult.db"]


def test_what_a_lost_database_left_beside_it_is_not_read_into_the_copy(konsult: Konsult, standing: Path) -> None:
    done(konsult("backup", "copy.db"))
    standing.unlink()
    standing.with_name("konsult.db-wal").write_bytes(b"left behind")
    done(konsult("restore", "copy.db"))
    assert not standing.with_name("konsult.db-wal").exists()
    assert backup.inspected(standing) == backup.inspected(Path("copy.db"))


def test_a_newer_database_is_lost_only_on_purpose_and_then_kept(konsult: Konsult, standing: Path) -> None:
    done(konsult("backup", "copy.db"))
    change(standing)
    newer = backup.inspected(standing)
    said = refused(konsult("restore", "copy.db"))
    assert said.startswith(
        f"{standing} does not hold what copy.db holds: event, job. It last noted something at 2099-01-01 00:00:00 UTC, "
    )
    assert said.endswith("add --force to lose what the database holds.")
    assert backup.inspected(standing) == newer
    told = done(konsult("restore", "copy.db", "--force"))
    assert backup.inspected(standing) == backup.inspected(Path("copy.db")) != newer
    kept = only(standing.parent, "konsult.db.replaced-*Z")
    assert backup.inspected(kept) == newer
    assert str(kept) in told


def test_a_database_that_has_nothing_newer_is_replaced(konsult: Konsult, standing: Path) -> None:
    done(konsult("backup", "copy.db"))
    done(konsult("restore", "copy.db"))
    assert backup.inspected(standing) == backup.inspected(Path("copy.db"))


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("person", "INSERT INTO person (name, sort_key, language) VALUES ('Ny', 'ny', 'sv')"),
        ("member", "UPDATE member SET title = 'professor emerita' WHERE id = (SELECT max(id) FROM member)"),
        ("posted", "DELETE FROM posted WHERE id = (SELECT max(id) FROM posted)"),
    ],
    ids=["more", "other", "less"],
)
def test_a_change_that_notes_no_moment_is_lost_only_on_purpose(
    konsult: Konsult, standing: Path, table: str, change: str
) -> None:
    """Members are imported, profiles corrected, people forgotten, and no act or job says when."""
    done(konsult("backup", "copy.db"))
    with closing(sqlite3.connect(standing, isolation_level=None)) as connection:
        connection.execute(change)
    said = refused(konsult("restore", "copy.db"))
    assert said.startswith(f"{standing} does not hold what copy.db holds: {table}. ")
    done(konsult("restore", "copy.db", "--force"))


def test_imported_members_are_lost_only_on_purpose(konsult: Konsult, standing: Path) -> None:
    done(konsult("backup", "copy.db"))
    Path("members.csv").write_text("name\nNy Ledamot\n", "utf-8")
    assert CliRunner().invoke(main, ["members", "import", "members.csv"]).exit_code == 0
    assert ": member, person" in refused(konsult("restore", "copy.db"))


def test_an_empty_database_is_replaced(konsult: Konsult, standing: Path) -> None:
    """On a new machine it may have been made already."""
    done(konsult("backup", "copy.db"))
    standing.unlink()
    database = Database(f"sqlite:///{standing}")
    upgrade(database)
    database.close()
    done(konsult("restore", "copy.db"))
    assert backup.inspected(standing) == backup.inspected(Path("copy.db"))


@pytest.mark.parametrize("words", [(), ("--force",)], ids=["asked", "forced"])
def test_a_database_in_use_stays_as_it_is(konsult: Konsult, standing: Path, words: tuple[str, ...]) -> None:
    """Whoever is at work has things in hand and in memory that the copy does not know of."""
    done(konsult("backup", "copy.db"))
    with somebody_connected(standing) as count:
        had = count()
        said = refused(konsult("restore", "copy.db", *words))
        assert said == f"{standing} is in use; stop konsult first. Nothing was changed."
        assert count() == had
    assert [each.name for each in standing.parent.iterdir() if "replaced" in each.name] == []
    done(konsult("restore", "copy.db", *words))


def test_a_damaged_database_is_replaced_and_kept(konsult: Konsult, standing: Path) -> None:
    done(konsult("backup", "copy.db"))
    damage(standing)
    done(konsult("restore", "copy.db"))
    assert backup.inspected(standing) == backup.inspected(Path("copy.db"))
    with pytest.raises(backup.Unusable):
        backup.inspected(only(standing.parent, "konsult.db.replaced-*Z"))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda file: file.unlink(), "there is no such file"),
        (lambda file: file.write_text("never a database"), "file is not a database"),
        (damage, ""),
        (lambda file: sqlite3.connect(file).execute("DROP TABLE alembic_version").connection.close(), "no database of"),
        (lambda file: shutil.copyfile("part.db", file), ""),
    ],
    ids=["gone", "rubbish", "damaged", "somebody else's", "half of it"],
)
def test_a_copy_that_is_not_whole_changes_nothing(
    konsult: Konsult, standing: Path, spoil: Callable[[Path], object], why: str
) -> None:
    done(konsult("backup", "copy.db"))
    whole = Path("copy.db").read_bytes()
    Path("part.db").write_bytes(whole[: len(whole) // 2])
    had = backup.inspected(standing)
    spoil(Path("copy.db"))
    said = refused(konsult("restore", "copy.db", "--force"))
    assert said.startswith("copy.db cannot be used: ")
    assert why in said
    assert said.endswith("Nothing was changed.")
    assert backup.inspected(standing) == had
    assert [each.name for each in standing.parent.iterdir()] == ["konsult.db"]


def test_a_copy_of_a_later_version_is_refused(konsult: Konsult) -> None:
    done(konsult("backup", "copy.db"))
    with closing(sqlite3.connect("copy.db", isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'later'")
    assert refused(konsult("restore", "copy.db", "--force")) == "copy.db comes from a later version of konsult."


def test_a_copy_of_an_earlier_version_says_what_to_do(konsult: Konsult, standing: Path) -> None:
    database = Database(f"sqlite:///{standing}")
    with database.engine.begin() as connection:
        command.downgrade(configuration(connection), revisions()[0])
    database.close()
    done(konsult("backup", "copy.db"))
    assert done(konsult("restore", "copy.db", "--force")).endswith("run: konsult db upgrade\n")
    done(konsult("upgrade"))
    with closing(sqlite3.connect(standing)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone()[0] == revisions()[-1]


def test_a_crash_on_the_way_leaves_the_old_database(
    konsult: Konsult, standing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(konsult("backup", "copy.db"))
    change(standing)
    newer = backup.inspected(standing)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(backup, "_move_aside", dies)
    konsult("restore", "copy.db", "--force")
    assert backup.inspected(standing) == newer


def test_what_may_have_been_posted_since_is_looked_for(konsult: Konsult, standing: Path) -> None:
    """Something waited when the copy was taken: nobody knows whether it stands on the platform by now, or whether a
    date has come."""

    def doubtful() -> dict[str, int]:
        with closing(sqlite3.connect(standing)) as connection:
            counted = connection.execute(
                "SELECT CASE WHEN lane_id IS NULL THEN 'date' ELSE 'message' END, sum(maybe_sent) = count(*)"
                " FROM job WHERE state = 'waiting' GROUP BY 1"
            )
            return dict(counted.fetchall())

    assert doubtful() == {"date": 0, "message": 0}
    done(konsult("backup", "copy.db"))
    done(konsult("restore", "copy.db"))
    assert doubtful() == {"date": 1, "message": 1}


def test_a_database_put_back_by_other_means_is_told_so(konsult: Konsult, standing: Path) -> None:
    def states() -> tuple[int, int]:
        with closing(sqlite3.connect(standing)) as connection:
            trusted = "SELECT count(*) FROM job WHERE state = 'waiting' AND NOT maybe_sent"
            last = "SELECT seq FROM sqlite_sequence WHERE name = 'case'"
            return connection.execute(trusted).fetchone()[0], connection.execute(last).fetchone()[0]

    trusted, last = states()
    assert trusted > 0
    assert done(konsult("restored")) == (
        "What waits is looked for before it is posted; ids and numbers go on after a gap.\n"
    )
    assert states() == (0, last + 1_000_000)


def test_an_earlier_version_is_upgraded_before_it_is_told(konsult: Konsult, standing: Path) -> None:
    database = Database(f"sqlite:///{standing}")
    with database.engine.begin() as connection:
        command.downgrade(configuration(connection), revisions()[0])
    database.close()
    assert "konsult db upgrade" in refused(konsult("restored"))


def test_the_restored_database_works(konsult: Konsult, standing: Path) -> None:
    done(konsult("backup", "copy.db"))
    done(konsult("restore", "copy.db"))
    database = Database(f"sqlite:///{standing}")
    with database.writing() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        session.execute(text("INSERT INTO person (name, sort_key, language) VALUES ('Ny', 'ny', 'sv')"))
    database.close()
