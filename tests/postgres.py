"""A throw-away PostgreSQL: a Unix socket in a directory of its own, dropped privileges, gone when the tests die."""

import itertools
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL

USER = "konsult"
TEMPLATE = "konsult_template"
STARTING = 60.0
"""Seconds it may take to come up."""
SOCKET_ROOM = 80
"""The longest directory whose sockets still have addresses."""

WATCHDOG = """
import os, select, shutil, signal, subprocess, sys
folder, user, *command = sys.argv[1:]
as_user = {"user": int(user), "group": os.stat(folder).st_gid, "extra_groups": []} if user else {}
log = os.path.join(folder, "log")
def begin():
    with open(log, "ab") as sink:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, cwd=folder, **as_user)
server, wanted = begin(), True
while server.poll() is None or not wanted:
    if not select.select([sys.stdin], [], [], 0.5)[0]:
        continue
    told = os.read(0, 1)
    if told == b"-":
        server.send_signal(signal.SIGINT)
        server.wait()
        wanted = False
        print("stopped", flush=True)
    elif told == b"+":
        server, wanted = begin(), True
    else:
        break
if server.poll() is None:
    server.send_signal(signal.SIGQUIT)
    server.wait()
elif wanted:
    with open(log) as told:
        print(told.read()[-500:], flush=True)
shutil.rmtree(folder, ignore_errors=True)
"""
"""Holds the server for as long as its standard input is open: when the tests end, however they end, it closes.

Told "-" it stops the server, told "+" it starts it again.
"""


class Missing(Exception):
    """No PostgreSQL can be started here; says why."""


@dataclass
class Server:
    """A running server, reached through the socket in `folder`."""

    folder: Path
    _watchdog: "subprocess.Popen[str]"
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, name: str) -> str:
        """The address of one of its databases."""
        address = URL.create("postgresql+psycopg", USER, database=name, query={"host": str(self.folder)})
        return address.render_as_string(hide_password=False)

    def create(self, name: str | None = None, template: str = TEMPLATE) -> str:
        """Make a database, named if not otherwise by number, as a copy of another. Returns its name."""
        fresh = name or f"konsult_{next(self._numbers)}"
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(fresh), sql.Identifier(template)))
        return fresh

    def create_swedish(self) -> str:
        """Make an empty database as a city would: sorted as Swedish is (since PostgreSQL 15), and told that its disks
        have no moving parts. Returns its name."""
        fresh = f"konsult_{next(self._numbers)}"
        name = sql.Identifier(fresh)
        swedish = "LOCALE_PROVIDER icu ICU_LOCALE 'sv-SE' LC_COLLATE 'C' LC_CTYPE 'C'" if self._version() >= 15 else ""
        self._run(sql.SQL(f"CREATE DATABASE {{}} TEMPLATE template0 {swedish}").format(name))
        self._run(sql.SQL("ALTER DATABASE {} SET random_page_cost = 1.1").format(name))
        return fresh

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Stop it; what it holds is kept, and whoever is connected is cut off."""
        self._tell("-")
        assert self._watchdog.stdout is not None
        assert self._watchdog.stdout.readline() == "stopped\n"

    def start(self) -> None:
        """Start it again, and return when it answers."""
        self._tell("+")
        _wait(self._watchdog, self.folder)

    def _tell(self, what: str) -> None:
        assert self._watchdog.stdin is not None
        self._watchdog.stdin.write(what)
        self._watchdog.stdin.flush()

    def _version(self) -> int:
        with psycopg.connect(host=str(self.folder), user=USER, dbname="postgres") as connection:
            return connection.info.server_version // 10_000

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(host=str(self.folder), user=USER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def server(*, lasting: bool = False) -> Iterator[Server]:
    """Start one and stop it again: hasty and forgetful, or `lasting`, with PostgreSQL's own settings for what a crash
    may take. Raises `Missing` when there are no binaries or no place for it."""
    postgres, initdb = binaries()
    user = _user()
    folder = _folder(user)
    try:
        _initialise(initdb, folder, user)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    command = [str(postgres), "-D", str(folder / "data"), "-k", str(folder)]
    hasty = () if lasting else ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
    for setting in ("listen_addresses=", *hasty):
        command += ["-c", setting]
    watchdog = subprocess.Popen(
        [sys.executable, "-c", WATCHDOG, str(folder), "" if user is None else str(user.pw_uid), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd="/",
    )
    try:
        _wait(watchdog, folder)
        yield Server(folder, watchdog)
    finally:
        watchdog.communicate()


def binaries() -> tuple[Path, Path]:
    """`postgres` and `initdb`: where KONSULT_TEST_POSTGRES_BIN says, on the PATH, or where Debian keeps them."""
    wanted = os.environ.get("KONSULT_TEST_POSTGRES_BIN")
    folders = [Path(wanted)] if wanted else [Path(part) for part in os.get_exec_path()]
    if not wanted:
        folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    for folder in folders:
        found = [folder / name for name in ("postgres", "initdb")]
        if all(os.access(path, os.X_OK) for path in found):
            return found[0].resolve(), found[1].resolve()
    raise Missing(f"no postgres and initdb in {wanted}" if wanted else "no postgres and initdb on this machine")


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def _user() -> pwd.struct_passwd | None:
    """Whom to run it as: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Missing("root, and no user postgres or nobody to run PostgreSQL as")


def _folder(user: pwd.struct_passwd | None) -> Path:
    """A new directory owned by `user`, in a place they can get to; nobody else's modes are touched."""
    for place in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):
        try:
            folder = Path(tempfile.mkdtemp(prefix="konsult-pg-", dir=place))
        except OSError:
            continue
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        reach = _as(user, "/bin/sh", "-c", 'cd "$0" && : > try && rm try', str(folder))
        if reach.returncode == 0 and len(str(folder)) < SOCKET_ROOM:
            return folder
        folder.rmdir()
    raise Missing("no temporary directory that PostgreSQL's user can get to")


def _initialise(initdb: Path, folder: Path, user: pwd.struct_passwd | None) -> None:
    settings = ("-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
    made = _as(user, str(initdb), "-D", str(folder / "data"), *settings)
    if made.returncode != 0:
        raise Missing(f"initdb failed: {made.stderr.strip()}")


def _as(user: pwd.struct_passwd | None, *command: str) -> "subprocess.CompletedProcess[str]":
    who: dict[str, Any] = {}
    if user is not None:
        who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    environment = {"PATH": os.defpath, "LC_ALL": "C"}
    try:
        return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, env=environment, **who)
    except OSError as error:
        raise Missing(f"{command[0]} cannot be run: {error}") from error


def _wait(watchdog: "subprocess.Popen[str]", folder: Path) -> None:
    """Until it answers. Raises `Missing` with the end of its log when it ends instead."""
    until = time.monotonic() + STARTING
    while True:
        try:
            psycopg.connect(host=str(folder), user=USER, dbname="postgres").close()
            return
        except psycopg.OperationalError as error:
            if watchdog.poll() is not None and watchdog.stdout is not None:
                raise Missing(f"PostgreSQL did not start: {watchdog.stdout.read()}") from error
            if time.monotonic() > until:
                raise Missing("PostgreSQL did not come up in time") from error
            time.sleep(0.05)
