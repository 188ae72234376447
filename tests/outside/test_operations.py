"""Every command of docs/operations.md, executed: chapter by chapter, as they stand there.

The machine itself is left alone: `sudo`, `useradd`, `chown`, `systemctl` and `journalctl` are stand-ins, of which
systemctl's reads the sample units and starts what they start; `make` takes what is installed for new.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy

from bot import metrics
from bot.clock import Clock
from bot.settings import Settings
from models import backup, copying, counters, recovery
from models.database import Database
from models.schema import Standing, revision, standing
from tests import postgres
from tests.outside.installation import ANNA, Installed, free_port, get, installed, samples
from tests.pages import ROOT

PAGE = (ROOT / "docs/operations.md").read_text("utf-8")
CHAPTERS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
BLOCKS = {title: re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL) for title, text in CHAPTERS.items()}
UNITS = sorted((ROOT / "docs/systemd").glob("*.service"))
PORTS = ("9464", "9470", "9471", "9472")

SUDO = """#!/bin/sh
[ "$1" = -u ] && shift 2
exec "$@"
"""
NOTHING = """#!/bin/sh
exit 0
"""
MAKE = """#!/bin/sh
exec {make} -o requirements.txt -o pyproject.toml -o .venv/.runtime "$@"
"""
JOURNALCTL = """#!/bin/sh
exec cat "$SANDBOX/journal/$2"
"""
SYSTEMCTL = """#!{python}
import json, os, pathlib, shlex, signal, subprocess, sys
sandbox = pathlib.Path(os.environ["SANDBOX"])
word, *rest = sys.argv[1:]
names = [name for name in rest if not name.startswith("--")]

def unit(name):
    base, _, instance = name.partition("@")
    text = (sandbox / "units" / f"{{base}}{{'@' if instance else ''}}.service").read_text().replace("%i", instance)
    for told, given in json.loads(os.environ["SUBSTITUTED"]).items():
        text = text.replace(told, given)
    lines = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    environment = dict(each.split("=", 1) for each in shlex.split(lines["Environment"]))
    return shlex.split(lines["ExecStart"]), lines["WorkingDirectory"], environment

def start(name):
    command, folder, environment = unit(name)
    journal = open(sandbox / "journal" / name, "a")
    process = subprocess.Popen(command, cwd=folder, env={{**os.environ, **environment}}, stdout=journal, stderr=journal)
    (sandbox / "running" / name).write_text(str(process.pid))

def stop(name):
    mark = sandbox / "running" / name
    if mark.exists():
        pid = int(mark.read_text())
        os.kill(pid, signal.SIGTERM)
        subprocess.run(["tail", f"--pid={{pid}}", "-f", "/dev/null"], check=True)
        mark.unlink()

for name in names:
    if word in ("stop", "restart"):
        stop(name)
    if word in ("start", "restart") or (word == "enable" and "--now" in rest):
        start(name)
    if word not in ("start", "stop", "restart", "enable", "disable"):
        sys.exit(f"systemctl {{word}}?")
"""


class Machine:
    """A machine with the project's files at what stands for `/srv/konsult`."""

    def __init__(self, folder: Path, installation: Installed, new: str, restored: str) -> None:
        self.srv = folder / "srv"
        self.installation = installation
        self._sandbox = folder / "sandbox"
        for name in ("bin", "units", "journal", "running"):
            (self._sandbox / name).mkdir(parents=True)
        self.substituted = {
            "/srv/konsult": str(self.srv),
            "/etc/systemd/system": str(self._sandbox / "units"),
            "postgresql://konsult@db.internal/konsult": new,
            "postgresql://konsult@db.internal/restored": restored,
            **{port: str(free_port()) for port in PORTS},
        }
        self._stand_ins()
        self._files(folder / "origin")

    def runs(self, chapter: str, *blocks: int) -> str:
        """Execute blocks of a chapter; returns what they said."""
        said = ""
        for number in blocks:
            script = BLOCKS[chapter][number]
            for told, given in self.substituted.items():
                script = script.replace(told, given)
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script],
                cwd=self.srv, env=self._environment(), capture_output=True, text=True, check=False, timeout=240,
            )  # fmt: skip
            assert done.returncode == 0, (chapter, number, done.stdout, done.stderr, self.journals())
            said += done.stdout
        return said

    def settles(self, **settings: str) -> None:
        """Fill in `.env`."""
        lines = [f"KONSULT_{name}={value}" for name, value in {**self.installation.settings, **settings}.items()]
        (self.srv / ".env").write_text("\n".join(lines), "utf-8")

    def port(self, told: str) -> int:
        """The port that stands for one of the page's."""
        return int(self.substituted[told])

    def journals(self) -> str:
        """What every process has logged."""
        return "".join(path.read_text() for path in sorted((self._sandbox / "journal").iterdir()))

    def stop(self) -> None:
        """Stop whatever runs."""
        running = [path.name for path in (self._sandbox / "running").iterdir()]
        subprocess.run(["systemctl", "stop", *running], env=self._environment(), check=True, timeout=120)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KONSULT_") and name != "PORT"}
        postgres_bin = str(postgres.binaries()[0].parent)
        path = os.pathsep.join([str(self._sandbox / "bin"), kept["PATH"], postgres_bin])
        return kept | {"PATH": path, "SANDBOX": str(self._sandbox), "SUBSTITUTED": json.dumps(self.substituted)}

    def _stand_ins(self) -> None:
        make = shutil.which("make")
        scripts = {
            "sudo": SUDO,
            "useradd": NOTHING,
            "chown": NOTHING,
            "make": MAKE.format(make=make),
            "journalctl": JOURNALCTL,
            "systemctl": SYSTEMCTL.format(python=sys.executable),
        }
        for name, text in scripts.items():
            path = self._sandbox / "bin" / name
            path.write_text(text)
            path.chmod(0o755)

    def _files(self, origin: Path) -> None:
        """The project's files, in a clone of a repository that holds them."""
        git = ["git", "-c", "user.name=konsult", "-c", "user.email=konsult@example.org"]
        origin.mkdir()
        for name in ("Makefile", ".env.example", "pyproject.toml", "requirements.txt"):
            shutil.copy2(ROOT / name, origin / name)
        shutil.copytree(ROOT / "docs/systemd", origin / "docs/systemd")
        for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "All of it"]):
            subprocess.run([*git, *words], cwd=origin, check=True)
        subprocess.run(["git", "clone", "--quiet", str(origin), str(self.srv)], check=True)
        (self.srv / ".venv").symlink_to(sys.prefix)


@pytest.fixture
def machine(tmp_path: Path, postgres_server: postgres.Server) -> Iterator[Machine]:
    """A machine, Slack, and two PostgreSQL databases without a table."""
    names = [postgres_server.create(template="template1") for _ in range(2)]
    addresses = [sqlalchemy.make_url(postgres_server.url(name)).set(drivername="postgresql") for name in names]
    database = Database(f"sqlite:///{tmp_path / 'elsewhere.db'}")
    with installed(database, tmp_path) as installation:
        database.close()
        made = Machine(tmp_path, installation, *(each.render_as_string(hide_password=False) for each in addresses))
        yield made
        made.stop()
    for name in names:
        postgres_server.drop(name)


def starts_on_one_machine(machine: Machine) -> Database:
    machine.runs("On one machine", 0)
    machine.settles(DATABASE_URL=Settings.model_fields["database_url"].default)
    (machine.srv / "var/konsult.db").write_bytes((machine.srv.parent / "elsewhere.db").read_bytes())
    assert '"well":true' in machine.runs("On one machine", 1)
    return Database(f"sqlite:///{machine.srv / 'var/konsult.db'}")


@pytest.mark.postgres
def test_on_one_machine(machine: Machine) -> None:
    database = starts_on_one_machine(machine)
    assert (machine.srv / ".env").stat().st_mode & 0o777 == 0o600
    anna = machine.installation.screen(ANNA)
    assert anna.command("/consult hjälp") == {"ok": True}
    seen = machine.runs("Looking", 0)
    assert "The process lives." in seen
    assert "konsult_ack_seconds_count" in seen
    assert '"request": "' in machine.runs("Looking", 1)

    machine.runs("Backing up", 0)
    (copy,) = (machine.srv / "var").glob("backup-*.db")
    with database.writing() as session:
        session.execute(sqlalchemy.text("INSERT INTO person (name, sort_key, language) VALUES ('Ny', 'ny', 'sv')"))
    database.close()
    had = backup.inspected(copy).rows["person"]
    machine.runs("Restoring", 0)
    assert get(machine.port("9464"), "/readyz")[0] == 200
    assert anna.command("/consult hjälp") == {"ok": True}
    with database.reading() as session:
        assert session.execute(sqlalchemy.text("SELECT count(*) FROM person")).scalar_one() == had
    database.close()

    machine.runs("Upgrading", 0)
    assert len(list((machine.srv / "var").glob("before-the-upgrade-*.db"))) == 1
    assert samples(get(machine.port("9464"), "/metrics")[1])["konsult_database_up",] == 1


@pytest.mark.postgres
def test_from_one_machine_to_several_and_back_from_a_dump(machine: Machine) -> None:
    source = starts_on_one_machine(machine)
    had = [each.rows for each in copying.checksums(source)]
    source.close()
    machine.runs("From SQLite to PostgreSQL", 0)
    new = machine.substituted["postgresql://konsult@db.internal/konsult"]
    machine.settles(DATABASE_URL=new)
    machine.runs("On several hosts", 0, 1)
    database = Database(new)
    assert [each.rows for each in copying.checksums(database)] == had
    database.close()
    assert machine.installation.screen(ANNA).command("/consult hjälp") == {"ok": True}
    machine.runs("Upgrading", 1)
    machine.runs("Backing up", 1)
    machine.runs("Restoring", 1)
    restored = machine.substituted["postgresql://konsult@db.internal/restored"]
    machine.settles(DATABASE_URL=restored)
    machine.runs("Restoring", 2)
    database = Database(restored)
    assert standing(revision(database)) is Standing.CURRENT
    with database.reading() as session:
        assert counters.reached(session.connection())["case"] >= recovery.IDS_LEFT_OUT
    database.close()


def test_no_block_of_commands_is_left_out() -> None:
    assert {title: len(blocks) for title, blocks in BLOCKS.items() if blocks} == {
        "On one machine": 2,
        "On several hosts": 2,
        "From SQLite to PostgreSQL": 1,
        "Upgrading": 2,
        "Backing up": 2,
        "Restoring": 3,
        "Looking": 2,
    }


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_understands_the_units(unit: Path, tmp_path: Path) -> None:
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        pytest.skip("no systemd on this machine")
    text = unit.read_text().replace("/srv/konsult", str(tmp_path)).replace("User=konsult\n", "")
    command = tmp_path / ".venv/bin/konsult"
    command.parent.mkdir(parents=True)
    command.write_text(NOTHING)
    command.chmod(0o755)
    copy = tmp_path / unit.name.replace("@", "@1")
    copy.write_text(text)
    found = subprocess.run([analyse, "verify", str(copy)], capture_output=True, text=True, check=False, timeout=60)
    said = [line for line in found.stderr.splitlines() if unit.stem.partition("@")[0] in line]
    assert said == []


def test_every_metric_that_is_named_is_told(tmp_path: Path, sample_template: Path) -> None:
    path = tmp_path / "konsult.db"
    shutil.copyfile(sample_template, path)
    database = Database(f"sqlite:///{path}")
    text = metrics.exposed(database, Clock()).decode()
    database.close()
    told = set(re.findall(r"^# HELP (\w+)", text, re.MULTILINE))
    named = {re.sub(r"_(bucket|count)$", "", name) for name in re.findall(r"\bkonsult_\w+", PAGE)}
    assert named <= told
    ours = {name for name in told if name.startswith("konsult_") and not name.endswith("_created")}
    assert ours <= named, "an alarm for each, or a word about it"
