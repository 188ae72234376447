"""Conversations: public and private channels, direct messages between two and among several."""

from typing import Any

from bot.workspace import limits
from bot.workspace.installation import Installation, new_id
from bot.workspace.refusal import RefusedError
from bot.workspace.store import Document, Store

KIND_OF_TYPE = {"public_channel": "channel", "private_channel": "private", "im": "im", "mpim": "mpim"}
READ_SCOPE = {"channel": "channels:read", "private": "groups:read", "im": "im:read", "mpim": "mpim:read"}
HISTORY_SCOPE = {
    "channel": "channels:history",
    "private": "groups:history",
    "im": "im:history",
    "mpim": "mpim:history",
}
WRITE_SCOPE = {
    "channel": "channels:manage",
    "private": "groups:write",
    "im": "im:write",
    "mpim": "mpim:write",
}
NAMED_KINDS = ("channel", "private")


def checked_name(name: Any) -> str:
    """A channel name as Slack allows it: lower case letters of any alphabet, digits, - and _, at most 80.

    Raises RefusedError `invalid_name_required`, `_maxlength`, `_specials` or `_punctuation`.
    """
    if not isinstance(name, str) or not name:
        raise RefusedError("invalid_name_required")
    if len(name) > limits.CHANNEL_NAME:
        raise RefusedError("invalid_name_maxlength")
    if any(not (letter.isalnum() or letter in "-_") or letter != letter.lower() for letter in name):
        raise RefusedError("invalid_name_specials")
    if not any(letter.isalnum() for letter in name):
        raise RefusedError("invalid_name_punctuation")
    return name


class Channels:
    def __init__(self, store: Store, installation: Installation) -> None:
        self._store = store
        self._bot = installation.bot_user
        self._installation = installation
        self._all: dict[str, Document] = dict(store.read("channel"))

    def get(self, channel_id: str) -> Document:
        """The conversation; raises RefusedError `channel_not_found`."""
        channel = self._all.get(channel_id)
        if channel is None:
            raise RefusedError("channel_not_found")
        return channel

    def named(self, name: str) -> Document | None:
        for channel in self._all.values():
            if channel["kind"] in NAMED_KINDS and channel["name"] == name:
                return channel
        return None

    def seen_by_bot(self, channel_id: str) -> Document:
        """The conversation, when it is public or the bot is in it; else `channel_not_found`."""
        channel = self.get(channel_id)
        if channel["kind"] != "channel" and self._bot not in channel["members"]:
            raise RefusedError("channel_not_found")
        return channel

    def joined_by_bot(self, channel_id: str) -> Document:
        """The conversation, when the bot is in it; else `channel_not_found` or `not_in_channel`."""
        channel = self.seen_by_bot(channel_id)
        if self._bot not in channel["members"]:
            raise RefusedError("not_in_channel")
        return channel

    def of(self, user_id: str) -> list[Document]:
        return [channel for channel in self.all() if user_id in channel["members"]]

    def all(self) -> list[Document]:
        return [self._all[channel_id] for channel_id in sorted(self._all)]

    def create(
        self,
        name: Any,
        *,
        private: bool,
        creator: str,
        members: list[str],
        created: int,
        channel_id: str | None = None,
    ) -> Document:
        """Create a channel; raises RefusedError for a bad name, and `name_taken` (archived ones keep theirs)."""
        checked = checked_name(name)
        if self.named(checked):
            raise RefusedError("name_taken")
        return self._add(
            channel_id or new_id("C"),
            "private" if private else "channel",
            name=checked,
            creator=creator,
            members=members,
            created=created,
        )

    def between(self, one: str, other: str, *, created: int) -> tuple[Document, bool]:
        """The direct messages of two users, and whether they were there before."""
        return self._direct("im", "D", {one, other}, created)

    def among(self, users: set[str], *, created: int) -> tuple[Document, bool]:
        """The group conversation of exactly these users (always the same one), and whether it was there."""
        return self._direct("mpim", "G", users, created)

    def change(self, channel: Document, **fields: Any) -> None:
        channel.update(fields)
        self._store.put("channel", channel["id"], channel)

    def api(self, channel: Document, deleted: bool = False) -> Document:
        """The conversation as the Web API shows it; `deleted` says that an im's person is deactivated."""
        kind = channel["kind"]
        shown: Document = {
            "id": channel["id"],
            "created": channel["created"],
            "is_channel": kind == "channel",
            "is_group": kind == "private",
            "is_im": kind == "im",
            "is_mpim": kind == "mpim",
            "is_private": kind != "channel",
            "is_archived": channel["is_archived"],
            "is_org_shared": False,
            "is_shared": False,
            "is_ext_shared": False,
            "context_team_id": self._installation.team_id,
            "updated": channel["created"] * 1000,
        }
        if kind == "im":
            other = [user for user in channel["members"] if user != self._bot]
            return {**shown, "user": other[0] if other else self._bot, "is_user_deleted": deleted, "priority": 0}
        return {
            **shown,
            "name": channel["name"],
            "name_normalized": channel["name"],
            "creator": channel["creator"],
            "is_general": False,
            "is_member": self._bot in channel["members"],
            "topic": channel["topic"],
            "purpose": channel["purpose"],
            "previous_names": channel["previous_names"],
            "num_members": len(channel["members"]),
        }

    def _direct(self, kind: str, prefix: str, users: set[str], created: int) -> tuple[Document, bool]:
        for channel in self._all.values():
            if channel["kind"] == kind and set(channel["members"]) == users:
                return channel, True
        name = "mpdm-" + "-".join(sorted(users)).lower() + "-1" if kind == "mpim" else ""
        channel = self._add(new_id(prefix), kind, name=name, creator=self._bot, members=sorted(users), created=created)
        return channel, False

    def _add(
        self, channel_id: str, kind: str, *, name: str, creator: str, members: list[str], created: int
    ) -> Document:
        nothing = {"value": "", "creator": "", "last_set": 0}
        channel: Document = {
            "id": channel_id,
            "kind": kind,
            "name": name,
            "creator": creator,
            "members": list(dict.fromkeys(members)),
            "created": created,
            "topic": nothing,
            "purpose": nothing,
            "is_archived": False,
            "previous_names": [],
        }
        self._all[channel_id] = channel
        self._store.put("channel", channel_id, channel)
        return channel
