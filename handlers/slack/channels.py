"""A case's own channel: private, made at the first acceptance, its people kept as their parts change.

Slack returns the same group conversation for the same people, so only a channel can hold one case. It is never
archived, for a bot cannot open an archived channel again.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy import select

from bot.services import Services
from handlers.slack import rooms
from models.case import Case
from models.people import Identity

TRIES = 20
ALREADY = frozenset({"already_in_channel", "not_in_channel", "cant_kick_self", "user_not_found"})


def channel_of(services: Services, web: WebClient, case_id: int) -> str:
    """The case's channel, made when there is none; one made just before a crash is found by its name."""
    with services.database.reading() as session:
        name = rooms.room_name(session.get_one(Case, case_id).number)
    for attempt in range(1, TRIES + 1):
        wanted = name if attempt == 1 else f"{name}-{attempt}"
        try:
            return str(web.conversations_create(name=wanted, is_private=True)["channel"]["id"])
        except SlackApiError as error:
            if error.response["error"] != "name_taken":
                raise
            mine = _mine(web, wanted)
            if mine is not None:
                return mine
    return str(web.conversations_create(name=f"{name}-{case_id}", is_private=True)["channel"]["id"])


def keep_members(services: Services, web: WebClient, case_id: int, channel: str) -> None:
    """Invite who belongs to the case and is in the chat; remove who no longer belongs."""
    with services.database.reading() as session:
        people = rooms.members_of_room(session, case_id)
        wanted = set(session.scalars(select(Identity.user).where(Identity.person_id.in_(people), Identity.active)))
    there = _members(web, channel)
    for user in sorted(wanted - there):
        with _tolerated():
            web.conversations_invite(channel=channel, users=user)
    bot = web.auth_test()["user_id"]
    for user in sorted(there - wanted - {bot}):
        with _tolerated():
            web.conversations_kick(channel=channel, user=user)


@contextmanager
def _tolerated() -> Iterator[None]:
    try:
        yield
    except SlackApiError as error:
        if error.response["error"] not in ALREADY:
            raise


def _mine(web: WebClient, name: str) -> str | None:
    cursor = ""
    while True:
        page = web.users_conversations(types="private_channel", limit=200, cursor=cursor, exclude_archived=True)
        for found in page["channels"]:
            if found["name"] == name:
                return str(found["id"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return None


def _members(web: WebClient, channel: str) -> set[str]:
    found: set[str] = set()
    cursor = ""
    while True:
        page = web.conversations_members(channel=channel, limit=200, cursor=cursor)
        found.update(page["members"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return found
