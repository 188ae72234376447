"""The trail of an act: one id that its log lines carry, from the click to the post.

What comes in from a platform, and every timer's run, gets an id of its own; what it enqueues remembers it, and whoever
delivers that takes it up again.
"""

import secrets
from contextlib import AbstractContextManager

from structlog.contextvars import bound_contextvars, get_contextvars

NAME = "request"
"""What the id is called in a log line."""


def new_id() -> str:
    """An id for a trail that begins here; short enough to be quoted by a person."""
    return secrets.token_hex(5)


def current() -> str | None:
    """The id of the trail that this thread is on."""
    found: str | None = get_contextvars().get(NAME)
    return found


def followed(request: str | None) -> AbstractContextManager[None]:
    """Let this thread be on the trail for as long as the block lasts."""
    return bound_contextvars(**{NAME: request})
