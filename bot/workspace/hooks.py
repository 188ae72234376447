"""Response addresses: each command and click lets the bot answer five times within half an hour."""

import secrets
import time
from dataclasses import dataclass
from typing import Any

from bot.workspace import limits
from bot.workspace.office import Office
from bot.workspace.refusal import RefusedError
from bot.workspace.store import Document
from bot.workspace.validation import require_blocks


@dataclass
class Hook:
    user: str
    channel: str
    message: Document | None
    made: float
    uses: int = 0


class Hooks:
    def __init__(self, office: Office) -> None:
        self._office = office
        self._all: dict[str, Hook] = {}

    def issue(self, user: str, channel: str, message: Document | None = None) -> str:
        """The identifier of a new address, for a person in a channel and the message that was clicked."""
        old = time.monotonic() - limits.RESPONSE_URL_SECONDS
        self._all = {key: hook for key, hook in self._all.items() if hook.made > old}
        key = secrets.token_urlsafe(18)
        self._all[key] = Hook(user, channel, message, time.monotonic())
        return key

    def receive(self, key: str, given: Any) -> None:
        """Do what was sent to the address; raises RefusedError `expired_url`, `used_url` or a message's own."""
        hook = self._all.get(key)
        if hook is None or time.monotonic() - hook.made > limits.RESPONSE_URL_SECONDS:
            raise RefusedError("expired_url")
        if hook.uses >= limits.RESPONSE_URL_USES:
            raise RefusedError("used_url")
        if not isinstance(given, dict):
            raise RefusedError("invalid_payload")
        hook.uses += 1
        if given.get("delete_original"):
            self._delete(hook)
        else:
            self.say(hook.user, hook.channel, given, hook.message)

    def say(self, user: str, channel_id: str, given: Document, original: Document | None = None) -> None:
        """Show an answer (`text`, `blocks`, `response_type`, `replace_original`) to a person or a channel."""
        blocks = given.get("blocks")
        if blocks:
            require_blocks(blocks)
        text = str(given.get("text") or "")
        if not text and not blocks:
            raise RefusedError("no_text")
        if len(text) > limits.MESSAGE_TEXT:
            raise RefusedError("msg_too_long")
        channel = self._office.channels.get(channel_id)
        if given.get("replace_original") and original is not None:
            self._office.change(original, text=text, blocks=blocks or None)
            return
        fields = {"blocks": blocks or None, "thread_ts": given.get("thread_ts")}
        if given.get("response_type") == "in_channel":
            self._office.post(channel, self._office.bot, text, **fields)
        else:
            self._office.post_ephemeral(channel, self._office.bot, user, text, **fields)

    def _delete(self, hook: Hook) -> None:
        if hook.message is None:
            raise RefusedError("message_not_found")
        self._office.delete(hook.message)
