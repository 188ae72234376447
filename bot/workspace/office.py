"""What happens in the workspace's rooms: every change of a conversation, with those who see it."""

from dataclasses import dataclass
from typing import Any

from bot.workspace import blocks as block_list
from bot.workspace.channels import NAMED_KINDS, Channels
from bot.workspace.events import Events
from bot.workspace.installation import Installation
from bot.workspace.live import Live
from bot.workspace.messages import Messages
from bot.workspace.people import People
from bot.workspace.sentences import sentence
from bot.workspace.store import Document
from bot.workspace.views import Triggers, Views

_MESSAGE_EVENTS = {"channel": "message.channels", "private": "message.groups", "im": "message.im"}
_CHANNEL_TYPES = {"channel": "channel", "private": "group", "im": "im", "mpim": "mpim"}


@dataclass
class Office:
    installation: Installation
    people: People
    channels: Channels
    messages: Messages
    views: Views
    triggers: Triggers
    events: Events
    live: Live

    @property
    def bot(self) -> str:
        return self.installation.bot_user

    def post(self, channel: Document, user: str, text: str, **fields: Any) -> Document:
        """Post into a conversation; its members see it, and the bot is told of what others write."""
        if fields.get("blocks"):
            fields["blocks"] = block_list.named(fields["blocks"])
        message = self.messages.post(channel["id"], user, text, **fields)
        self._show("message", message, channel["members"])
        if user != self.bot and self.bot in channel["members"]:
            self._tell_of(channel, message)
        return message

    def post_ephemeral(self, channel: Document, user: str, to: str, text: str, **fields: Any) -> Document:
        if fields.get("blocks"):
            fields["blocks"] = block_list.named(fields["blocks"])
        message = self.messages.post_ephemeral(channel["id"], user, to, text, **fields)
        self._show("message", message, [to])
        return message

    def change(self, message: Document, **fields: Any) -> None:
        if fields.get("blocks"):
            fields["blocks"] = block_list.named(fields["blocks"])
        self.messages.change(message, **fields)
        self._show("message_changed", message, self._audience(message))

    def delete(self, message: Document) -> None:
        audience = self._audience(message)
        if "to" in message:
            self.messages.drop_ephemeral(message)
        else:
            self.messages.delete(message)
        if message.get("subtype") == "tombstone":
            self._show("message_changed", message, audience)
            return
        place = {"channel": message["channel"], "ts": message["ts"]}
        self.live.push("message_deleted", place, audience)

    def join(self, channel: Document, user: str, inviter: str | None = None) -> None:
        self.channels.change(channel, members=[*channel["members"], user])
        if channel["kind"] in NAMED_KINDS:
            self.post(channel, user, f"<@{user}> has joined the channel", subtype="channel_join", inviter=inviter)
            self._member_event("member_joined_channel", channel, user, inviter=inviter)
        self.live.push("channels", {})

    def leave(self, channel: Document, user: str) -> None:
        if channel["kind"] in NAMED_KINDS:
            self.post(channel, user, f"<@{user}> has left the channel", subtype="channel_leave")
        self._member_event("member_left_channel", channel, user)
        self.channels.change(channel, members=[each for each in channel["members"] if each != user])
        self.live.push("channels", {})

    def alter(self, channel: Document, subtype: str, text: str, detail: str | None, **fields: Any) -> None:
        """Change a channel itself (name, topic, purpose, archived), with the line that says so in it."""
        self.channels.change(channel, **fields)
        self.post(channel, self.bot, text, subtype=subtype, detail=detail)
        self.live.push("channels", {})

    def direct(self, one: str, other: str) -> tuple[Document, bool]:
        """The direct messages of two users, and whether they were there before."""
        channel, known = self.channels.between(one, other, created=self.messages.seconds())
        if not known:
            self.live.push("channels", {}, channel["members"])
        return channel, known

    def page_message(self, message: Document, viewer: str) -> Document:
        """A message as the page shows it to one person."""
        text = message["text"]
        subtype = message.get("subtype")
        if subtype is not None and subtype != "bot_message":
            locale = self.people.get(viewer)["locale"]
            text = sentence(subtype, locale, detail=message.get("detail", ""))
        return {
            "ts": message["ts"],
            "channel": message["channel"],
            "user": message["user"],
            "text": text,
            "blocks": message.get("blocks"),
            "thread_ts": message.get("thread_ts"),
            "reply_count": self.messages.reply_count(message),
            "edited": "edited" in message,
            "ephemeral": "to" in message,
            "subtype": subtype,
        }

    def _audience(self, message: Document) -> list[str]:
        if "to" in message:
            return [message["to"]]
        return list(self.channels.get(message["channel"])["members"])

    def _show(self, kind: str, message: Document, audience: list[str]) -> None:
        self.live.push(kind, lambda viewer: {"message": self.page_message(message, viewer)}, audience)

    def _tell_of(self, channel: Document, message: Document) -> None:
        event = {
            **self.messages.api(message),
            "channel": channel["id"],
            "channel_type": _CHANNEL_TYPES[channel["kind"]],
            "event_ts": message["ts"],
        }
        self.events.emit(_MESSAGE_EVENTS.get(channel["kind"], "message.mpim"), event)
        if f"<@{self.bot}>" in message["text"] and channel["kind"] != "im" and "subtype" not in message:
            self.events.emit("app_mention", {**event, "type": "app_mention"})

    def _member_event(self, kind: str, channel: Document, user: str, *, inviter: str | None = None) -> None:
        if self.bot not in channel["members"]:
            return
        event = {
            "type": kind,
            "user": user,
            "channel": channel["id"],
            "channel_type": "C" if channel["kind"] == "channel" else "G",
            "team": self.installation.team_id,
            "event_ts": self.messages.next_ts(),
        }
        self.events.emit(kind, {**event, "inviter": inviter} if inviter else event)
