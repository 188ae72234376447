"""A workspace that speaks Slack's protocol on loopback, and what its owner may do with it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from bot.workspace.api import Api
from bot.workspace.calls import Calls
from bot.workspace.channels import Channels
from bot.workspace.clock import ClockControl
from bot.workspace.delivery import Delivery
from bot.workspace.events import Events
from bot.workspace.faults import Faults
from bot.workspace.hooks import Hooks
from bot.workspace.installation import Installation, new_id
from bot.workspace.interaction import Interaction
from bot.workspace.live import Live
from bot.workspace.manifest import Manifest
from bot.workspace.messages import Messages
from bot.workspace.moments import Listener, Moments, Watched
from bot.workspace.office import Office
from bot.workspace.pages import Pages
from bot.workspace.people import People
from bot.workspace.signed import Signed
from bot.workspace.site import site
from bot.workspace.sockets import Sockets
from bot.workspace.store import Document, Store
from bot.workspace.views import Triggers, Views

Result = TypeVar("Result")


class Workspace:
    """One team with one app installed in it, described by the app's manifest.

    Everything accepted is committed to the SQLite file `path` before it is answered (None: kept in memory
    only). With `request_url` the app is reached by signed HTTP (several addresses in turn), else by Socket
    Mode. `now` is the time messages are stamped with (default: the clock's, else real time); trigger ids,
    signatures and time-outs always use real time. Raises ManifestError for a manifest Slack would refuse.
    """

    def __init__(
        self,
        path: Path | None,
        manifest: Mapping[str, Any],
        *,
        signing_secret: str,
        bot_token: str = "xoxb-workspace",  # noqa: S107 - good for this loopback workspace alone
        app_token: str = "xapp-workspace",  # noqa: S107 - likewise
        request_url: str | list[str] | None = None,
        team_name: str = "Arbetsyta",
        now: Callable[[], datetime] | None = None,
        clock: ClockControl | None = None,
    ) -> None:
        self._store = Store(path)
        ids = _identifiers(self._store)
        installation = Installation(
            manifest=Manifest(manifest),
            team_name=team_name,
            domain="localhost",
            bot_token=bot_token,
            app_token=app_token,
            signing_secret=signing_secret,
            **ids,
        )
        self.bot_user = installation.bot_user
        self.team = installation.team_id
        self._live = Live()
        self._calls = Calls()
        self._moments = Moments()
        self._faults = Faults(self._unsettled)
        self._sockets = Sockets(
            installation.app_id,
            self._faults,
            on_change=lambda connected: self._live.push("bot", {"connected": connected}),
        )
        delivery = Watched(self._delivery(request_url, signing_secret), self._moments)
        self._office = Office(
            installation=installation,
            people=People(self._store, installation),
            channels=Channels(self._store, installation),
            messages=Messages(self._store, installation, now or (clock.now if clock else _real_now)),
            views=Views(self._store, installation),
            triggers=Triggers(),
            events=Events(installation, delivery, self._live, self._faults),
            live=self._live,
        )
        self._store.flush()
        hooks = Hooks(self._office)
        interaction = Interaction(self._office, delivery, hooks, self._calls)
        self.asgi = site(
            Api(self._office, self._store, self._sockets, hooks, self._calls, self._faults, self._moments),
            Pages(self._office, self._store, delivery, interaction, clock, self._faults),
            self._sockets,
            self._live,
        )

    def add_user(self, **fields: Any) -> Document:
        """Add a user, or replace the one with the same id: `name` (handle) and `real_name` are needed; `id`,
        `title`, `email`, `locale`, `tz`, `is_admin` and `deleted` may be given."""

        def work() -> Document:
            user = self._office.people.add(**fields)
            self._live.push("channels", {})
            return user

        return self._done(work)

    def deactivate_user(self, user_id: str) -> None:
        """Deactivate a user, who leaves every channel. Raises RefusedError when there is none."""

        def work() -> None:
            office = self._office
            user = office.people.deactivate(user_id)
            for channel in office.channels.of(user_id):
                if channel["kind"] in ("channel", "private"):
                    members = [each for each in channel["members"] if each != user_id]
                    office.channels.change(channel, members=members)
            shown = office.people.api(user, email=False, locale=False)
            office.events.emit("user_change", {"type": "user_change", "user": shown})
            self._live.push("channels", {})

        self._done(work)

    def add_channel(
        self,
        *,
        name: str,
        private: bool = False,
        members: list[str] | None = None,
        id: str | None = None,
    ) -> Document:
        """Make a channel with these members (the bot too when it is among them), or return the one there is."""

        def work() -> Document:
            office = self._office
            known = office.channels.named(name)
            if known is not None:
                return known
            channel = office.channels.create(
                name,
                private=private,
                creator=(members or [office.bot])[0],
                members=members or [],
                created=office.messages.seconds(),
                channel_id=id,
            )
            self._live.push("channels", {})
            return channel

        return self._done(work)

    def invite(self, channel: str, user: str) -> None:
        """Let a user (or the bot) into a channel. Raises RefusedError when there is no such channel."""

        def work() -> None:
            place = self._office.channels.get(channel)
            if user not in place["members"]:
                self._office.join(place, user)

        self._done(work)

    def messages(self, channel: str) -> list[Document]:
        """Every message of a conversation, by id or name, with replies and metadata, oldest first."""

        def work() -> list[Document]:
            office = self._office
            named = office.channels.named(channel.removeprefix("#"))
            place = named or office.channels.get(channel)
            found = [
                message
                for parent in office.messages.history(place["id"])
                for message in office.messages.thread(place["id"], parent["ts"])
            ]
            unique = {message["ts"]: message for message in found}
            return [office.messages.api(unique[ts], metadata=True) for ts in sorted(unique)]

        return self._done(work)

    def dm(self, user: str) -> list[Document]:
        """Every message between the bot and a person, oldest first."""
        channel = self._done(lambda: self._office.direct(self.bot_user, user)[0])
        return self.messages(channel["id"])

    def channels(self) -> list[Document]:
        """Every conversation as it is kept: id, kind, name, members, topic, is_archived ..."""
        return self._done(lambda: [dict(channel) for channel in self._office.channels.all()])

    def users(self) -> list[Document]:
        return self._done(lambda: [dict(user) for user in self._office.people.all()])

    def home(self, user: str) -> Document | None:
        """The person's App Home, or None before one was published."""

        def work() -> Document | None:
            home = self._office.views.home(user)
            return self._office.views.api(home) if home else None

        return self._done(work)

    @property
    def calls(self) -> Calls:
        """The latest calls of the bot: method and error."""
        return self._calls

    @property
    def faults(self) -> Faults:
        """How the workspace misbehaves just now (`switches`), and what it has inflicted so far (`inflicted`)."""
        return self._faults

    def misbehave(self, **switches: Any) -> None:
        """Set switches, by the names of `Switches`; the others stay as they are. A new workspace behaves.

        Raises ValueError, which names what is wrong, and changes nothing then.
        """
        self._live.do(lambda: self._faults.change(switches))

    def behave(self) -> None:
        """Turn everything off."""
        self._live.do(lambda: self._faults.change({}, reset=True))

    def watch(self, listener: Listener) -> Callable[[], None]:
        """Have the listener called at every `Moment` of the bot's calls and of what is handed to it, until the
        function that is returned is called.

        It is called on the thread that serves the workspace, which does nothing else until it returns: whoever ends
        the bot's process in it does so at that very instant. It must be quick, must not raise, and must not call the
        workspace, whether here or over HTTP.
        """
        return self._moments.add(listener)

    async def goodbye(self) -> None:
        """Tell the bot's connections that the workspace stops; for whoever runs `asgi`."""
        await self._sockets.goodbye()

    def close(self) -> None:
        """Let go of the file. Nothing is lost without it."""
        self._store.close()

    def _unsettled(self) -> None:
        self._sockets.unsettle()
        self._live.push("faults", {"faults": self._faults.shown()})

    def _delivery(self, request_url: str | list[str] | None, secret: str) -> Delivery:
        if request_url is None:
            return self._sockets
        return Signed([request_url] if isinstance(request_url, str) else request_url, secret)

    def _done(self, work: Callable[[], Result]) -> Result:
        """Do it where everything is done (on the running server's loop) and commit it."""

        def committed() -> Result:
            result = work()
            self._store.flush()
            return result

        return self._live.do(committed)


def _identifiers(store: Store) -> dict[str, str]:
    """The team's and the app's identifiers: made once, kept with the data."""
    for _, kept in store.read("installation"):
        return kept
    ids = {
        "team_id": new_id("T"),
        "app_id": new_id("A"),
        "bot_user": new_id("U"),
        "bot_id": new_id("B"),
    }
    store.put("installation", "ids", ids)
    return ids


def _real_now() -> datetime:
    return datetime.now(UTC)
