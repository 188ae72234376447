"""The throw-away PostgreSQL itself: private, unprivileged, and gone when the tests die."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests import postgres

pytestmark = pytest.mark.postgres

STARTER = """
import signal
from tests import postgres
with postgres.server() as server:
    print(server.folder, flush=True)
    signal.pause()
"""


def test_it_listens_on_nothing_but_a_private_socket(postgres_server: postgres.Server) -> None:
    with psycopg.connect(host=str(postgres_server.folder), user=postgres.USER, dbname="postgres") as connection:
        row = connection.execute("SHOW listen_addresses").fetchone()
    assert row == ("",)
    assert stat.S_IMODE(postgres_server.folder.stat().st_mode) == 0o700
    assert (postgres_server.folder / "data").stat().st_uid != 0


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_it_is_gone_when_its_tests_die(postgres_server: postgres.Server, end: signal.Signals) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert starter.stdout is not None
    assert starter.stderr is not None
    folder = Path(starter.stdout.readline().strip())
    pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    starter.send_signal(end)
    starter.wait()
    starter.stderr.read()  # its keeper holds it open for as long as there is something to clear away
    starter.stdout.close()
    starter.stderr.close()
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_without_binaries_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KONSULT_TEST_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(postgres.Missing, match="no postgres"), postgres.server():
        pass


def test_binaries_that_cannot_work_are_missing_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("postgres", "initdb"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("KONSULT_TEST_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(postgres.Missing), postgres.server():
        pass
