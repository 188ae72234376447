"""The port to the surfaces people talk on: what the worker asks of them, and how they say that something went wrong."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from models.job import JobKind

UNSEEN = "history_too_long"
"""Why something was refused that nobody can tell of whether it stands on the platform already."""


class NotSent(Exception):
    """Certainly not sent (connection refused): try again in `retry_after` seconds; the try does not count."""

    def __init__(self, retry_after: float, why: str) -> None:
        super().__init__(why)
        self.retry_after = retry_after
        self.why = why


class Throttled(NotSent):
    """Not sent, for the platform wants a pause (429): everybody who shares its limit waits as well."""


class MaybeSent(Exception):
    """Perhaps sent (5xx, time-out, dropped reply): look for it before posting again."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Refused(Exception):
    """Not sent and never will be: park it. `why` is a short code, never a text that somebody wrote."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Gone(Refused):
    """The message to update no longer stands on the platform: post it anew."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands. A surface may make up a `ts` for what is no message: a home view, a room's membership."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to bring to one receiver. `name` says which notice; the ids say what it is about.

    `key` is opaque and the same in every try: it goes into the message's metadata, and `Surface.find` looks for it.
    `address` is the receiver's address on the platform once known; `place` where a shown message already stands. It
    was not posted before `since` (real time, by the database's clock), if that is known.
    """

    organisation_id: int
    job_id: int
    kind: JobKind
    name: str
    key: str
    surface: str
    receiver: str
    address: str | None
    place: Place | None
    case_id: int | None
    event_id: int | None
    subject_id: int | None
    data: Mapping[str, Any]
    since: dt.datetime | None = None


class Surface(Protocol):
    """A platform's outgoing side. No method is called inside a transaction; every method may raise the errors above.

    Anything else that is raised counts as a failed try; from `post` also as perhaps sent.

    `kinds` are the names of the notices it can render: others are left to a worker of another version. `account` is
    what the platform counts requests by, the same in every process with the same token; it is no secret.
    """

    kinds: Collection[str]
    account: str

    def locate(self, delivery: Delivery) -> str:
        """The receiver's address on the platform (opens the direct message, finds or makes the channel)."""

    def render(self, delivery: Delivery) -> object | None:
        """What to post, from state as it is now; None when it has become obsolete. Uses no network."""

    def find(self, delivery: Delivery, address: str) -> Place | None:
        """Where `delivery.key` was posted before. Raises `Refused` when not all of the history can be read."""

    def post(self, delivery: Delivery, address: str, rendered: object) -> Place:
        """Post it, with `delivery.key` in its metadata, exactly once."""

    def update(self, delivery: Delivery, place: Place, rendered: object) -> None:
        """Bring what stands at `place` up to date. Raises `Gone` when it no longer stands there."""
