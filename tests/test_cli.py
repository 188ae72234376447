"""The command line: what is missing or wrong ends with one clear sentence and exit code 2, never with a traceback."""

import datetime as dt
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from bot import firstday
from bot.cli import main
from bot.settings import Settings, load
from bot.stopping import until_told
from bot.workspace import Workspace, serve
from handlers.slack.manifest import manifest
from models.database import Database
from models.schema import upgrade

Konsult = Callable[..., Result]
CLOSED = "http://127.0.0.1:9/api/"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty folder, and no setting from outside."""
    for name in [name for name in os.environ if name.startswith("KONSULT_") or name == "PORT"]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def konsult(monkeypatch: pytest.MonkeyPatch) -> Konsult:
    """`konsult("db", "upgrade", KONSULT_…="…")`: what the command says and ends with."""

    def run(*words: str, **settings: str) -> Result:
        with monkeypatch.context() as patched:
            for name, value in settings.items():
                patched.setenv(name, value)
            return CliRunner().invoke(main, list(words))

    return run


def refused(result: Result) -> str:
    """The sentence that a refused command ends with; only what Slack's library logs may stand before it."""
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 2
    assert result.stdout == ""
    *logged, said = result.stderr.splitlines()
    assert not logged or "[slack_" in "".join(logged)
    assert "Traceback" not in result.stderr
    return said


@pytest.fixture
def ready() -> None:
    """A database with today's tables where the default settings look for it."""
    database = Database(Settings().database_url)
    upgrade(database)
    database.close()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("KONSULT_PORT", "many", "KONSULT_PORT cannot be used: input should be a valid integer"),
        ("KONSULT_PORT", "70000", "KONSULT_PORT cannot be used: input should be less than or equal to 65535."),
        ("PORT", "-1", "PORT cannot be used: input should be greater than or equal to 0."),
        ("KONSULT_HEALTH_PORT", "70000", "KONSULT_HEALTH_PORT cannot be used: input should be less than or equal to"),
        ("KONSULT_QUEUE_LIMIT", "0", "KONSULT_QUEUE_LIMIT cannot be used: input should be greater than or equal to"),
        ("KONSULT_WORKER_THREADS", "0", "KONSULT_WORKER_THREADS cannot be used: input should be greater than"),
        ("KONSULT_LOG_FORMAT", "xml", "KONSULT_LOG_FORMAT cannot be used: input should be 'text' or 'json'."),
        ("KONSULT_LOG_LEVEL", "loud", "KONSULT_LOG_LEVEL cannot be used: input should be 'debug', 'info',"),
        ("KONSULT_SLACK_API_URL", "slack", "KONSULT_SLACK_API_URL cannot be used: it must be an address that"),
        ("KONSULT_SLACK_API_URL", "http://a b/", "KONSULT_SLACK_API_URL cannot be used: it must be an address that"),
        ("KONSULT_PUBLIC_URL", "konsult.example", "KONSULT_PUBLIC_URL cannot be used: it must be an address that"),
        ("KONSULT_SLACK_BOT_TOKEN", "xoxb-å", "KONSULT_SLACK_BOT_TOKEN cannot be used: it has characters that Slack"),
        ("KONSULT_SLACK_APP_TOKEN", "xapp-1\n", "KONSULT_SLACK_APP_TOKEN cannot be used: it has characters that"),
        ("KONSULT_SLACK_SIGNING_SECRET", "a b", "KONSULT_SLACK_SIGNING_SECRET cannot be used: it has characters"),
        ("KONSULT_COORDINATORS", "U1,U2", "KONSULT_COORDINATORS and KONSULT_DEPUTIES must be JSON lists."),
        ("KONSULT_DEPUTIES", '{"a": 1}', "KONSULT_DEPUTIES cannot be used: input should be a valid list."),
        ("KONSULT_DATABASE_URL", "nonsense", "KONSULT_DATABASE_URL must be an SQLAlchemy URL of an SQLite or a"),
        ("KONSULT_DATABASE_URL", "mysql://there/x", "KONSULT_DATABASE_URL must be an SQLAlchemy URL of an SQLite"),
    ],
)
def test_a_wrong_setting_is_named(konsult: Konsult, name: str, value: str, sentence: str) -> None:
    said = refused(konsult("run", **{"KONSULT_SLACK_BOT_TOKEN": "xoxb-1", name: value}))
    assert said.startswith(sentence)
    assert said.endswith(".")
    assert value not in said or name == "PORT"


def test_a_wrong_setting_in_the_file_is_named(konsult: Konsult) -> None:
    Path(".env").write_text("KONSULT_PORT=many\n", "utf-8")
    assert refused(konsult("run")).startswith("KONSULT_PORT cannot be used")


def test_a_file_that_is_no_text_is_named(konsult: Konsult) -> None:
    Path(".env").write_bytes("KONSULT_ORGANISATION=Åmål\n".encode("latin-1"))
    assert refused(konsult("run")) == "The file .env cannot be read; it must be text in UTF-8."


def test_the_environment_wins_over_the_file_and_empty_means_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("KONSULT_ORGANISATION=Åmål\nKONSULT_PORT=4000\nKONSULT_SLACK_APP_TOKEN=\n", "utf-8")
    monkeypatch.setenv("KONSULT_PORT", "5000")
    monkeypatch.setenv("PORT", "")
    found = load()
    assert (found.organisation, found.port, found.endpoint_port) == ("Åmål", 5000, 5000)
    assert found.slack_app_token is None
    monkeypatch.setenv("PORT", "6000")
    assert (load().port, load().endpoint_port) == (5000, 6000)


@pytest.mark.parametrize("command", ["run", "serve", "work"])
@pytest.mark.parametrize("token", [{}, {"KONSULT_SLACK_BOT_TOKEN": ""}], ids=["missing", "empty"])
def test_without_a_token_nothing_starts(konsult: Konsult, command: str, token: dict[str, str]) -> None:
    assert refused(konsult(command, **token)) == "KONSULT_SLACK_BOT_TOKEN must be set; see docs/settings.md."


@pytest.mark.parametrize(
    "words",
    [
        ("run",),
        ("serve",),
        ("work",),
        ("match", "enkät"),
        ("members", "export"),
        ("members", "import", "members.csv"),
        ("jobs", "list"),
        ("jobs", "retry", "1"),
    ],
    ids=" ".join,
)
def test_a_database_that_was_never_made_is_refused(konsult: Konsult, words: tuple[str, ...]) -> None:
    Path("members.csv").write_text("name\n", "utf-8")
    said = refused(konsult(*words, KONSULT_SLACK_BOT_TOKEN="xoxb-1"))
    assert said == "The database is not up to date; run: konsult db upgrade"


def test_the_database_is_made_and_made_again(konsult: Konsult) -> None:
    for _ in range(2):
        made = konsult("db", "upgrade")
        assert (made.exit_code, made.stdout) == (0, "The database is up to date.\n")
    assert Path("var/konsult.db").is_file()


@pytest.mark.usefixtures("ready")
def test_the_version_before_goes_on_with_the_database_of_a_later_one(konsult: Konsult) -> None:
    """While the hosts are renewed one by one, those with the old version may have to start again."""
    konsult("db", "upgrade")
    database = Database(Settings().database_url)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    database.close()
    listed = konsult("jobs", "list", "--json")
    assert (listed.exit_code, json.loads(listed.stdout)["jobs"]) == (0, [])
    assert listed.stderr == ""


@pytest.mark.usefixtures("ready")
def test_a_database_of_a_later_version_is_refused(konsult: Konsult) -> None:
    database = Database(Settings().database_url)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    database.close()
    said = refused(konsult("db", "upgrade"))
    assert said == "The database of KONSULT_DATABASE_URL comes from a later version of konsult."


def no_database() -> str:
    Path("rubbish.db").write_text("This file was never a database, and it is long enough to show it." * 20)
    return "sqlite:///rubbish.db"


def no_folder() -> str:
    Path("file").touch()
    return "sqlite:///file/below/konsult.db"


@pytest.mark.parametrize(
    "address",
    [no_database, no_folder, lambda: "postgresql://konsult@127.0.0.1:9/konsult"],
    ids=["not a database", "not a folder", "nobody answers"],
)
@pytest.mark.parametrize("words", [("run",), ("db", "upgrade"), ("match", "enkät")], ids=" ".join)
def test_a_database_that_cannot_be_read(konsult: Konsult, words: tuple[str, ...], address: Callable[[], str]) -> None:
    said = refused(konsult(*words, KONSULT_SLACK_BOT_TOKEN="xoxb-1", KONSULT_DATABASE_URL=address()))
    assert said.startswith("The database of KONSULT_DATABASE_URL cannot be ")


class Page(http.server.BaseHTTPRequestHandler):
    """An ordinary web server, which knows nothing of Slack."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>Hej</html>")

    def log_message(self, *said: object) -> None:
        """Say nothing."""


@pytest.fixture
def web_server() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("ready")
def test_nobody_at_the_address_of_slack(konsult: Konsult) -> None:
    said = refused(konsult("run", KONSULT_SLACK_BOT_TOKEN="xoxb-1", KONSULT_SLACK_API_URL=CLOSED))
    assert said == f"No answer from {CLOSED} (KONSULT_SLACK_API_URL)."


@pytest.mark.usefixtures("ready")
def test_somebody_else_at_the_address_of_slack(konsult: Konsult, web_server: str) -> None:
    said = refused(konsult("run", KONSULT_SLACK_BOT_TOKEN="xoxb-1", KONSULT_SLACK_API_URL=web_server))
    assert said == f"{web_server} (KONSULT_SLACK_API_URL) is no Slack Web API."


@pytest.fixture
def chat() -> Iterator[dict[str, str]]:
    """The settings of a bot whose Slack is a local workspace."""
    workspace = Workspace(None, manifest(), bot_token="xoxb-right", app_token="xapp-right", signing_secret="")
    server = serve(workspace)
    yield {"KONSULT_SLACK_API_URL": server.api_url, "KONSULT_SLACK_BOT_TOKEN": "xoxb-right"}
    server.stop()
    workspace.close()


@pytest.mark.usefixtures("ready")
def test_slack_does_not_know_the_token(konsult: Konsult, chat: dict[str, str]) -> None:
    said = refused(konsult("run", **{**chat, "KONSULT_SLACK_BOT_TOKEN": "xoxb-wrong"}))
    assert said == "Slack said no to KONSULT_SLACK_BOT_TOKEN: invalid_auth."
    assert "wrong" not in said


@pytest.mark.usefixtures("ready")
def test_a_database_without_a_place_to_write_is_waited_for_and_named(
    konsult: Konsult, chat: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.firstday.WAIT", dt.timedelta(milliseconds=20))
    database = Database(Settings().database_url)
    with database.writing() as session:
        session.execute(text("SELECT 1"))
        said = refused(konsult("run", **chat))
    database.close()
    assert said == "The database of KONSULT_DATABASE_URL is there, but has no place to write."


@pytest.mark.usefixtures("ready")
def test_slack_does_not_know_the_app_token(konsult: Konsult, chat: dict[str, str]) -> None:
    said = refused(konsult("serve", **chat, KONSULT_SLACK_APP_TOKEN="xapp-wrong"))
    assert said == "Slack did not let KONSULT_SLACK_APP_TOKEN connect."


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KONSULT_FIRST_ADMIN", "U0NOBODY"),
        ("KONSULT_COORDINATORS", '["U0NOBODY"]'),
        ("KONSULT_DEPUTIES", '["U0NOBODY"]'),
    ],
)
def test_slack_does_not_know_somebody_of_the_settings(
    konsult: Konsult, chat: dict[str, str], name: str, value: str
) -> None:
    said = refused(konsult("run", **{**chat, name: value}))
    assert said == "Slack does not know the user U0NOBODY of the settings: user_not_found."


@pytest.mark.usefixtures("ready")
def test_no_way_in_is_set(konsult: Konsult, chat: dict[str, str]) -> None:
    assert refused(konsult("serve", **chat)) == (
        "KONSULT_SLACK_APP_TOKEN (Socket Mode) or KONSULT_SLACK_SIGNING_SECRET (HTTP) must be set."
    )


@pytest.fixture
def taken() -> Iterator[str]:
    """A port on which somebody else listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        yield str(other.getsockname()[1])


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("command", ["run", "serve", "work"])
def test_the_health_port_is_taken(konsult: Konsult, chat: dict[str, str], taken: str, command: str) -> None:
    said = refused(konsult(command, **chat, KONSULT_SLACK_SIGNING_SECRET="secret", KONSULT_HEALTH_PORT=taken))
    assert said == f"Nothing can listen on 127.0.0.1, port {taken}; perhaps it is taken."


def test_the_demos_own_database_does_not_answer(konsult: Konsult) -> None:
    said = refused(konsult("demo", KONSULT_DEMO_DATABASE_URL="postgresql://konsult@127.0.0.1:9/konsult"))
    assert said == "The database of KONSULT_DEMO_DATABASE_URL cannot be used."
    said = refused(konsult("demo", KONSULT_DEMO_DATABASE_URL="nonsense"))
    assert said == "KONSULT_DEMO_DATABASE_URL must be an SQLAlchemy URL of an SQLite or a PostgreSQL database."


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("command", ["run", "serve"])
def test_the_endpoints_port_is_taken(konsult: Konsult, chat: dict[str, str], taken: str, command: str) -> None:
    said = refused(konsult(command, **chat, KONSULT_SLACK_SIGNING_SECRET="secret", PORT=taken))
    assert said == f"Nothing can listen on 127.0.0.1, port {taken}; perhaps it is taken."


def test_the_demos_port_is_taken(konsult: Konsult, taken: str) -> None:
    said = refused(konsult("demo", KONSULT_PORT=taken))
    assert said == f"Port {taken} is taken; name another with KONSULT_PORT."


def test_the_demos_data_is_none(konsult: Konsult) -> None:
    Path("var/demo").mkdir(parents=True)
    Path("var/demo/konsult.db").write_text("not a database at all" * 50)
    said = refused(konsult("demo"))
    assert said == "The demo's data in var/demo cannot be used; konsult demo --reset starts over."


@pytest.mark.parametrize("elsewhere", [True, False])
def test_the_demos_database_is_another_workspaces(konsult: Konsult, taken: str, elsewhere: bool) -> None:
    """As after `--reset`, which leaves a database elsewhere alone, or when only the workspace's file is gone."""
    url = f"sqlite:///{'elsewhere' if elsewhere else 'var/demo/konsult'}.db"
    database = Database(url)
    upgrade(database)
    with database.writing() as session:
        firstday.connect(session, "slack", "T0OTHER", "Provstad", "Provstad")
    database.close()
    said = refused(konsult("demo", KONSULT_PORT=taken, **({"KONSULT_DEMO_DATABASE_URL": url} if elsewhere else {})))
    if elsewhere:
        assert said == "The database of KONSULT_DEMO_DATABASE_URL is another demo's; name an empty one."
    else:
        assert said == "The demo's data in var/demo cannot be used; konsult demo --reset starts over."


@pytest.mark.parametrize("words", [("import", "missing.csv"), ("export", "no/such/folder/members.csv")], ids=" ".join)
@pytest.mark.usefixtures("ready")
def test_a_file_that_is_not_there(konsult: Konsult, words: tuple[str, str]) -> None:
    database = Database(Settings().database_url)
    with database.engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM organisation")).scalar_one() == 0
    database.close()
    assert refused(konsult("members", *words))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_at_any_moment_is_heard(number: signal.Signals) -> None:
    """Also while the thread that waits holds the event's lock, on its way to sleep."""
    with until_told() as stop:
        with stop._cond:
            signal.raise_signal(number)
        assert stop.wait(10)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_reaches_another_thread_is_heard(number: signal.Signals) -> None:
    """The one that waits runs no handler meanwhile."""
    with until_told() as stop:
        elsewhere = threading.Timer(0.5, lambda: signal.pthread_kill(threading.get_ident(), number))
        elsewhere.start()
        assert stop.wait(10)
        elsewhere.join()


def test_the_command_is_installed_and_tells_of_itself() -> None:
    command = Path(sys.executable).parent / "konsult"
    told = subprocess.run([command, "--help"], capture_output=True, text=True, check=True, timeout=120)
    for each in ("run", "serve", "work", "demo", "db", "manifest", "match", "members", "districts", "jobs", "terms"):
        assert f" {each} " in told.stdout


def test_a_wrong_setting_shows_no_traceback() -> None:
    """The whole process, as an operator starts it."""
    ended = subprocess.run(
        [sys.executable, "-m", "bot.cli", "run"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "KONSULT_PORT": "many"},
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines() == [
        "KONSULT_PORT cannot be used: input should be a valid integer, unable to parse string as an integer."
    ]


def test_matching_files_waits_for_neither_the_database_s_library_nor_slack_s(tmp_path: Path) -> None:
    members = tmp_path / "members.json"
    members.write_text('[{"id": 1, "name": "Lena Lind", "keywords": ["boendestöd"]}]', "utf-8")
    program = (
        "import sys\n"
        "from bot.cli import main\n"
        "main(['match', 'Vad vet man om boendestöd?', '--members', sys.argv[1]], standalone_mode=False)\n"
        "loaded = {'sqlalchemy', 'alembic', 'slack_bolt', 'structlog', 'starlette'} & sys.modules.keys()\n"
        "sys.exit(', '.join(loaded) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(members)], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Lena Lind" in done.stdout


def test_a_group_is_called_by_its_name() -> None:
    assert (
        "Usage: konsult terms check"
        in CliRunner().invoke(main, ["terms", "check", "--help"], prog_name="konsult").output
    )
