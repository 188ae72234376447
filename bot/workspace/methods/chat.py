"""chat.*: posting, changing and deleting messages."""

import json
from typing import Any

from bot.workspace import limits
from bot.workspace.refusal import RefusedError
from bot.workspace.request import Request
from bot.workspace.store import Document
from bot.workspace.validation import require_blocks

Answer = dict[str, Any]


def post_message(request: Request) -> Answer:
    request.need("chat:write")
    channel = _receiver(request)
    fields = _content(request)
    thread_ts = request.text("thread_ts") or None
    if thread_ts is not None:
        _known_thread(request, channel, thread_ts)
        fields["thread_ts"] = thread_ts
        fields["reply_broadcast"] = request.flag("reply_broadcast") or None
    metadata = _metadata(request)
    message = request.office.post(channel, request.office.bot, metadata=metadata or None, **fields)
    shown = request.office.messages.api(message, metadata=True)
    return {"channel": channel["id"], "ts": message["ts"], "message": shown}


def post_ephemeral(request: Request) -> Answer:
    request.need("chat:write")
    channel = _receiver(request)
    to = request.required("user", "no_user")
    if to not in channel["members"]:
        raise RefusedError("user_not_in_channel")
    fields = _content(request)
    if request.text("thread_ts"):
        fields["thread_ts"] = request.text("thread_ts")
    message = request.office.post_ephemeral(channel, request.office.bot, to, **fields)
    return {"message_ts": message["ts"]}


def update(request: Request) -> Answer:
    """Text without blocks takes the blocks away; blocks without text keep it; metadata stays unless given."""
    request.need("chat:write")
    message = _own_message(request, "cant_update_message")
    fields = _content(request)
    blocks = fields.get("blocks")
    changes: Document = {"blocks": blocks or None}
    if request.given("text"):
        changes["text"] = fields["text"]
    if not blocks and message["text"] != fields["text"]:
        changes["edited"] = {"user": request.office.bot, "ts": request.office.messages.next_ts()}
    metadata = _metadata(request)
    if metadata is not None:
        changes["metadata"] = metadata or None
    request.office.change(message, **changes)
    shown = request.office.messages.api(message, metadata=True)
    return {"channel": message["channel"], "ts": message["ts"], "text": message["text"], "message": shown}


def delete(request: Request) -> Answer:
    request.need("chat:write")
    message = _own_message(request, "cant_delete_message")
    request.office.delete(message)
    return {"channel": message["channel"], "ts": message["ts"]}


def get_permalink(request: Request) -> Answer:
    channel = request.office.channels.seen_by_bot(request.required("channel", "channel_not_found"))
    message = request.office.messages.get(channel["id"], request.required("message_ts", "message_not_found"))
    stamp = "p" + message["ts"].replace(".", "")
    link = f"{request.base_url}archives/{channel['id']}/{stamp}"
    if "thread_ts" in message:
        link += f"?thread_ts={message['thread_ts']}&cid={channel['id']}"
    return {"channel": channel["id"], "permalink": link}


def _receiver(request: Request) -> Document:
    """The conversation to post in: by id, by a channel's name, or a person's direct messages."""
    office = request.office
    wanted = request.required("channel", "channel_not_found")
    if wanted.startswith(("U", "W")):
        user = office.people.get(wanted) if _is_user(request, wanted) else None
        if user is None or user["deleted"]:
            raise RefusedError("channel_not_found")
        if user["is_bot"]:
            raise RefusedError("cannot_dm_bot")
        channel, _ = office.direct(office.bot, wanted)
    else:
        named = office.channels.named(wanted.removeprefix("#"))
        channel = office.channels.seen_by_bot(named["id"] if named else wanted)
    _may_post(request, channel)
    return channel


def _may_post(request: Request, channel: Document) -> None:
    office = request.office
    if channel["is_archived"]:
        raise RefusedError("is_archived")
    joined = office.bot in channel["members"]
    if not joined and "chat:write.public" not in office.installation.manifest.scopes:
        raise RefusedError("not_in_channel")
    if channel["kind"] == "im":
        if not office.installation.manifest.messages_tab:
            raise RefusedError("messages_tab_disabled")
        if any(office.people.get(user)["deleted"] for user in channel["members"]):
            raise RefusedError("channel_not_found")


def _is_user(request: Request, wanted: str) -> bool:
    return any(user["id"] == wanted for user in request.office.people.all())


def _content(request: Request) -> Document:
    """Text and blocks of a message; raises RefusedError `no_text`, `msg_too_long` or `invalid_blocks`."""
    text = request.text("text")
    blocks = request.document("blocks", "invalid_blocks_format")
    attachments = request.document("attachments", "invalid_attachments")
    if blocks:
        if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
            raise RefusedError("invalid_blocks_format")
        require_blocks(blocks)
    if attachments:
        raise RefusedError("invalid_attachments")
    if not text and not blocks:
        raise RefusedError("no_text")
    if len(text) > limits.MESSAGE_TEXT:
        raise RefusedError("msg_too_long")
    return {"text": text, "blocks": blocks or None}


def _metadata(request: Request) -> Document | None:
    """The metadata to keep: None when not given, empty to take it away."""
    metadata: Document | None = request.document("metadata", "invalid_metadata_format")
    if metadata is None or metadata == {}:
        return metadata
    if (
        not isinstance(metadata, dict)
        or not isinstance(metadata.get("event_type"), str)
        or not metadata["event_type"]
        or not isinstance(metadata.get("event_payload"), dict)
        or set(metadata) - {"event_type", "event_payload"}
    ):
        raise RefusedError("invalid_metadata_format")
    if len(json.dumps(metadata, ensure_ascii=False).encode()) > limits.METADATA_BYTES:
        raise RefusedError("metadata_too_large")
    return metadata


def _own_message(request: Request, code: str) -> Document:
    office = request.office
    channel = office.channels.seen_by_bot(request.required("channel", "channel_not_found"))
    if channel["is_archived"]:
        raise RefusedError("is_archived")
    message = office.messages.get(channel["id"], request.required("ts", "message_not_found"))
    if message["user"] != office.bot or "subtype" in message:
        raise RefusedError(code)
    return message


def _known_thread(request: Request, channel: Document, thread_ts: str) -> None:
    try:
        request.office.messages.get(channel["id"], thread_ts)
    except RefusedError as refusal:
        raise RefusedError("thread_not_found") from refusal


METHODS = {
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
    "chat.getPermalink": get_permalink,
}
