"""The composition root: everything is made and wired here, and nowhere else."""

import datetime as dt
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import URLError

import structlog
import uvicorn
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from starlette.applications import Starlette
from starlette.routing import Route

from bot import advance, firstday, notices, reminders
from bot.clock import Clock
from bot.health import Health
from bot.services import Services
from bot.settings import Misconfigured, Settings, needed
from bot.stopping import until_told
from bot.suggestions import Suggester
from bot.worker import LEASE, Worker
from handlers.slack import app as slack_app
from handlers.slack.asker import identify
from handlers.slack.connection import Connection, hang_up
from handlers.slack.observed import LISTENERS
from handlers.slack.surface import SlackSurface, client
from handlers.web import app as web_app
from handlers.web import outside
from models.database import CONNECTIONS, Database, Unavailable
from models.people import RoleKind
from models.schema import serves

log = structlog.get_logger()
PACE = dt.timedelta(seconds=1)
"""Slack takes about one post a second in a channel."""

OTHERS = 16
"""Connections to the database beside those of listeners and deliveries: for payloads that come in, timers, and whoever
asks how the process is."""

GRACE = 5
"""Seconds that a process which was told to stop gives to the requests under way: Slack waits three for an answer."""

PING = 3.0
"""Seconds between two pings of a Socket Mode connection; one that has died is noticed after four of them."""


@dataclass(frozen=True, slots=True)
class House:
    """A bot put together: what it works with, its Slack app, its worker, and how it is."""

    settings: Settings
    services: Services
    slack: App
    worker: Worker
    organisation_id: int
    connection: Connection
    health: Health


def open_database(settings: Settings, *, current: bool = True) -> Database:
    """The database of the settings.

    Raises `Misconfigured` when it cannot be reached or, with `current`, when its schema is older than today's.
    """
    connections = LISTENERS + settings.worker_threads + OTHERS
    return database_at(settings.database_url, "KONSULT_DATABASE_URL", current=current, connections=connections)


def database_at(url: str, named: str, *, current: bool, connections: int = CONNECTIONS) -> Database:
    """The database at a URL, which whoever gave it knows as `named`. Raises as `open_database` does."""
    try:
        database = Database(url, connections)
        if current and not serves(database):
            database.close()
            raise Misconfigured("The database is not up to date; run: konsult db upgrade")
    except (ArgumentError, ValueError) as error:
        raise Misconfigured(f"{named} must be an SQLAlchemy URL of an SQLite or a PostgreSQL database.") from error
    except (SQLAlchemyError, Unavailable, OSError) as error:
        raise Misconfigured(f"The database of {named} cannot be reached.") from error
    return database


def put_together(settings: Settings, *, pace: dt.timedelta = PACE, lease: dt.timedelta = LEASE) -> House:
    """A bot that is ready to run. `pace` is the time between posts to one receiver, `lease` how long one is held.

    Raises `Misconfigured` with one sentence when a setting is missing, the database is not there, or Slack says no.
    """
    (token,) = needed(settings, "slack_bot_token")
    database = open_database(settings)
    web = client(token, settings.slack_api_url)
    services = Services(database, Clock(advance.stored_offset(database)), Suggester())
    secret = settings.slack_signing_secret
    try:
        team = web.auth_test()
        slack = slack_app.build(services, web, secret.get_secret_value() if secret else None)
        organisation_id = settle(services, settings, web, team["team_id"], team["team"])
    except SlackApiError as error:
        said = str(error.response["error"])
        if not said.isidentifier():
            raise Misconfigured(f"{settings.slack_api_url} (KONSULT_SLACK_API_URL) is no Slack Web API.") from error
        raise Misconfigured(f"Slack said no to KONSULT_SLACK_BOT_TOKEN: {said}.") from error
    except Unavailable as error:
        raise Misconfigured("The database of KONSULT_DATABASE_URL is there, but has no place to write.") from error
    except (URLError, OSError, HTTPException) as error:
        raise Misconfigured(f"No answer from {settings.slack_api_url} (KONSULT_SLACK_API_URL).") from error
    worker = Worker(
        database,
        services.clock,
        {notices.SURFACE: SlackSurface(services, web, slack_app.renderers(), f"{team['team_id']}/{team['user_id']}")},
        reminders.timers(services.suggester),
        lease=lease,
        pace=pace,
        on_parked=notices.parked,
    )
    connection = Connection(token, settings.slack_api_url)
    health = Health(database, services.clock, connection.state, dt.timedelta(seconds=settings.queue_limit))
    return House(settings, services, slack, worker, organisation_id, connection, health)


def settle(services: Services, settings: Settings, web: WebClient, team: str, team_name: str) -> int:
    """Make the workspace known, and whom and what the settings name; returns the organisation's id.

    With nothing but tokens and KONSULT_FIRST_ADMIN the rest is done in App Home; with all settings given an
    unattended installation works at once. Whatever a coordinator has chosen since stays as it is. A process that
    starts waits for others' writes as long as a worker does.
    """
    with firstday.alone(services.database) as session:
        organisation_id = firstday.connect(session, notices.SURFACE, team, team_name, settings.organisation)
        unfilled = firstday.unfilled(session, organisation_id)
    users = [
        *((user, RoleKind.COORDINATOR) for user in settings.coordinators),
        *((user, RoleKind.DEPUTY) for user in settings.deputies),
        *([(settings.first_admin, RoleKind.ADMINISTRATOR)] if settings.first_admin else []),
    ]
    named = [(_known(services, web, team, user), kind) for user, kind in users if kind in unfilled]
    with firstday.alone(services.database) as session:
        now = services.clock.now()
        firstday.name(session, organisation_id, named, now)
        firstday.begin(
            session, organisation_id, now, coordinators=settings.coordinators_channel, forum=settings.forum_channel
        )
    return organisation_id


def _known(services: Services, web: WebClient, team: str, user: str) -> int:
    """The person of a user id in the settings. Raises `Misconfigured` when Slack does not know it."""
    try:
        person_id = identify(services, web, team, user).actor.person_id
    except SlackApiError as error:
        raise Misconfigured(
            f"Slack does not know the user {user} of the settings: {error.response['error']}."
        ) from error
    if person_id is None:
        raise Misconfigured(f"The user {user} of the settings is nobody who can be given a role.")
    return person_id


def run(house: House) -> None:
    """Surface and worker in one process, until SIGTERM or SIGINT."""
    with until_told() as stop, seen_from_outside(house), worker_at_work(house, stop):
        serve_until(house, stop)


def serve(house: House) -> None:
    """The surface alone: Slack's deliveries come in, and acts are saved; `work` brings out what they enqueue."""
    with until_told() as stop, seen_from_outside(house):
        serve_until(house, stop)


def work(house: House) -> None:
    """The worker alone."""
    with until_told() as stop, seen_from_outside(house), worker_at_work(house, stop):
        stop.wait()


def serve_until(house: House, stop: threading.Event) -> None:
    """Take in what people do until told to stop."""
    with connected(house):
        stop.wait()


@contextmanager
def connected(house: House) -> Iterator[None]:
    """Over Socket Mode when there is an app token, and over HTTP when there is a signing secret, while the block lasts.

    Raises `Misconfigured` when there is neither, or when one of them does not work.
    """
    settings = house.settings
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        raise Misconfigured("KONSULT_SLACK_APP_TOKEN (Socket Mode) or KONSULT_SLACK_SIGNING_SECRET (HTTP) must be set.")
    with _getting_ready(house), _socket(house), _endpoint(house):
        yield


@contextmanager
def worker_at_work(house: House, stop: threading.Event) -> Iterator[None]:
    """The worker in a thread of its own, finished with what it holds when the block ends. It never ends alone."""

    def at_work() -> None:
        try:
            house.worker.run(stop, house.settings.worker_threads)
        finally:
            stop.set()

    thread = threading.Thread(target=at_work, name="worker")
    thread.start()
    house.health.watch(thread)
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def seen_from_outside(house: House) -> Iterator[None]:
    """Health and metrics on a port of their own while the block lasts, when the settings name one."""
    port = house.settings.health_port
    if port is None:
        yield
        return
    with listening(Starlette(routes=_outside(house)), house.settings.host, port, "health"):
        yield


@contextmanager
def _getting_ready(house: House) -> Iterator[None]:
    """Meanwhile load what suggestions need, so that the first person to ask for one does not wait for it."""

    def load() -> None:
        try:
            with house.services.database.reading() as session:
                house.services.suggester.get_ready(session, house.organisation_id)
        except Exception as error:  # noqa: BLE001 - whoever asks first waits a little, and is told what is wrong
            log.warning("suggestions.not_ready", error=type(error).__name__)

    thread = threading.Thread(target=load, name="getting ready")
    thread.start()
    try:
        yield
    finally:
        thread.join()


@contextmanager
def _socket(house: House) -> Iterator[None]:
    if house.settings.slack_app_token is None:
        yield
        return
    token = house.settings.slack_app_token.get_secret_value()
    handler = SocketModeHandler(house.slack, token, ping_interval=PING)
    try:
        handler.connect()  # type: ignore[no-untyped-call]
    except (SlackApiError, URLError, OSError) as error:
        raise Misconfigured("Slack did not let KONSULT_SLACK_APP_TOKEN connect.") from error
    log.info("socket.connected")
    house.connection.socket = handler.client
    try:
        yield
    finally:
        hang_up(handler)


@contextmanager
def _endpoint(house: House) -> Iterator[None]:
    if house.settings.slack_signing_secret is None:
        yield
        return
    asgi = web_app.build(house.slack, _outside(house))
    with listening(asgi, house.settings.host, house.settings.endpoint_port, "endpoint"):
        yield


def _outside(house: House) -> list[Route]:
    return outside.routes(house.health, house.services.database, house.services.clock)


@contextmanager
def listening(asgi: Starlette, host: str, port: int, name: str) -> Iterator[int]:
    """Serve this on a port (0: any free one) while the block lasts; what is under way then has `GRACE` to end.

    Raises `Misconfigured` when the port is taken.
    """
    try:
        door = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise Misconfigured(f"Nothing can listen on {host}, port {port}; perhaps it is taken.") from error
    server = uvicorn.Server(uvicorn.Config(asgi, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, name=name)
    thread.start()
    log.info(f"{name}.listening", port=door.getsockname()[1])
    try:
        yield int(door.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        door.close()
