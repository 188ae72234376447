"""Messages: posted, changed, deleted, read back; and how far each person has read."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.workspace.installation import Installation
from bot.workspace.refusal import RefusedError
from bot.workspace.store import Document, Store

EPHEMERAL_KEPT = 200


class Messages:
    def __init__(self, store: Store, installation: Installation, now: Callable[[], datetime]) -> None:
        self._store = store
        self._installation = installation
        self._now = now
        self._last = 0
        self._all: dict[str, dict[str, Document]] = {}
        self._replies: dict[tuple[str, str], list[str]] = {}
        self._read: dict[str, Document] = dict(store.read("read"))
        self._ephemeral: list[Document] = []
        for _, message in store.read("message"):
            self._remember(message)
            self._last = max(self._last, int(message["ts"].replace(".", "")))

    def next_ts(self) -> str:
        """A message's time and identity: the workspace's now, in microseconds, later than every other."""
        moment = int(self._now().timestamp() * 1_000_000)
        self._last = max(moment, self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def seconds(self) -> int:
        return int(self._now().timestamp())

    def post(self, channel: str, user: str, text: str, **fields: Any) -> Document:
        """Post a message. `fields` are Slack's own (blocks, thread_ts, metadata, subtype ...)."""
        message: Document = {
            "ts": self.next_ts(),
            "channel": channel,
            "user": user,
            "text": text,
            **{name: value for name, value in fields.items() if value is not None},
        }
        parent = message.get("thread_ts")
        if parent is not None:
            message["thread_ts"] = self.get(channel, parent).get("thread_ts", parent)
        self._remember(message)
        self._save(message)
        return message

    def post_ephemeral(self, channel: str, user: str, to: str, text: str, **fields: Any) -> Document:
        """A message for one person, gone when the workspace ends."""
        message = {
            "ts": self.next_ts(),
            "channel": channel,
            "user": user,
            "to": to,
            "text": text,
            **{name: value for name, value in fields.items() if value is not None},
        }
        self._ephemeral = [*self._ephemeral[-EPHEMERAL_KEPT:], message]
        return message

    def get(self, channel: str, ts: str) -> Document:
        """The message; raises RefusedError `message_not_found`."""
        message = self._all.get(channel, {}).get(ts)
        if message is None:
            raise RefusedError("message_not_found")
        return message

    def ephemeral(self, channel: str, ts: str, to: str) -> Document | None:
        for message in self._ephemeral:
            if (message["channel"], message["ts"], message["to"]) == (channel, ts, to):
                return message
        return None

    def drop_ephemeral(self, message: Document) -> None:
        self._ephemeral = [each for each in self._ephemeral if each is not message]

    def change(self, message: Document, **fields: Any) -> None:
        """Change a message; a field given as None is taken away."""
        for name, value in fields.items():
            if value is None:
                message.pop(name, None)
            else:
                message[name] = value
        if "to" not in message:
            self._save(message)

    def delete(self, message: Document) -> None:
        """Delete a message; a parent that has replies stays as a tombstone."""
        channel, ts = message["channel"], message["ts"]
        if self._replies.get((channel, ts)):
            self.change(message, text="This message was deleted.", subtype="tombstone", blocks=None, metadata=None)
            return
        parent = message.get("thread_ts")
        if parent is not None:
            self._replies[channel, parent].remove(ts)
        del self._all[channel][ts]
        self._store.drop("message", f"{channel}/{ts}")

    def history(self, channel: str) -> list[Document]:
        """What stands in the conversation itself (no replies, unless broadcast), oldest first."""
        return [
            message
            for message in self._all.get(channel, {}).values()
            if "thread_ts" not in message or message.get("reply_broadcast")
        ]

    def thread(self, channel: str, ts: str) -> list[Document]:
        """The parent and its replies, oldest first; raises RefusedError `thread_not_found`."""
        known = self._all.get(channel, {})
        if ts not in known:
            raise RefusedError("thread_not_found")
        return [known[ts], *(known[reply] for reply in self._replies.get((channel, ts), []))]

    def shown_to(self, user: str, channel: str) -> list[Document]:
        """The conversation as one person sees it: with what only they were shown, oldest first."""
        own = [each for each in self._ephemeral if each["channel"] == channel and each["to"] == user]
        alone = [each for each in own if "thread_ts" not in each]
        return sorted([*self.history(channel), *alone], key=lambda message: message["ts"])

    def thread_shown_to(self, user: str, channel: str, ts: str) -> list[Document]:
        """A thread as one person sees it; raises RefusedError `thread_not_found`."""
        own = [
            each
            for each in self._ephemeral
            if (each["channel"], each["to"], each.get("thread_ts")) == (channel, user, ts)
        ]
        return sorted([*self.thread(channel, ts), *own], key=lambda message: message["ts"])

    def reply_count(self, message: Document) -> int:
        return len(self._replies.get((message["channel"], message["ts"]), []))

    def api(self, message: Document, *, metadata: bool = False) -> Document:
        """The message as the Web API shows it; metadata only when it was asked for."""
        hidden = {"channel", "to", "detail"} | (set() if metadata else {"metadata"})
        shown = {name: value for name, value in message.items() if name not in hidden}
        shown = {"type": "message", "team": self._installation.team_id, **shown}
        if message["user"] == self._installation.bot_user and "subtype" not in message:
            shown |= {"bot_id": self._installation.bot_id, "app_id": self._installation.app_id}
        replies = self._replies.get((message["channel"], message["ts"]))
        if replies:
            known = self._all[message["channel"]]
            authors = list(dict.fromkeys(known[reply]["user"] for reply in replies))
            shown |= {
                "thread_ts": message["ts"],
                "reply_count": len(replies),
                "reply_users": authors,
                "reply_users_count": len(authors),
                "latest_reply": replies[-1],
            }
        return shown

    def mark_read(self, user: str, channel: str) -> None:
        marks = {**self._read.get(user, {}), channel: self.last_ts(channel)}
        self._read[user] = marks
        self._store.put("read", user, marks)

    def unread(self, user: str, channel: str) -> int:
        mark = self._read.get(user, {}).get(channel) or ""
        return sum(message["ts"] > mark and message["user"] != user for message in self.history(channel))

    def last_ts(self, channel: str) -> str | None:
        here = self._all.get(channel)
        return next(reversed(here)) if here else None

    def _remember(self, message: Document) -> None:
        self._all.setdefault(message["channel"], {})[message["ts"]] = message
        if "thread_ts" in message:
            self._replies.setdefault((message["channel"], message["thread_ts"]), []).append(message["ts"])

    def _save(self, message: Document) -> None:
        self._store.put("message", f"{message['channel']}/{message['ts']}", message)
