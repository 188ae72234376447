"""conversations.* that change a channel: made, filled, emptied, named, archived."""

from typing import Any

from bot.workspace import limits
from bot.workspace.channels import NAMED_KINDS, WRITE_SCOPE, checked_name
from bot.workspace.methods.conversations import shown
from bot.workspace.refusal import RefusedError
from bot.workspace.request import Request
from bot.workspace.store import Document

Answer = dict[str, Any]


def create(request: Request) -> Answer:
    private = request.flag("is_private")
    request.need(WRITE_SCOPE["private" if private else "channel"])
    office = request.office
    channel = office.channels.create(
        request.text("name"),
        private=private,
        creator=office.bot,
        members=[],
        created=office.messages.seconds(),
    )
    office.join(channel, office.bot)
    return {"channel": shown(request, channel)}


def invite(request: Request) -> Answer:
    """All or nobody, unless `force`; each refused user stands in `errors`."""
    channel = _changeable(request)
    users = request.names("users")
    if not users:
        raise RefusedError("no_user")
    if len(users) > limits.INVITED_AT_ONCE:
        raise RefusedError("too_many_users")
    problems = {user: code for user in users if (code := _not_invited(request, channel, user))}
    if problems and not (request.flag("force") and len(problems) < len(users)):
        errors = [{"user": user, "ok": False, "error": code} for user, code in problems.items()]
        raise RefusedError(next(iter(problems.values())), errors=errors)
    for user in users:
        if user not in problems:
            request.office.join(channel, user, inviter=request.office.bot)
    answer: Answer = {"channel": shown(request, channel)}
    if problems:
        answer["errors"] = [{"user": user, "ok": False, "error": code} for user, code in problems.items()]
    return answer


def kick(request: Request) -> Answer:
    channel = _changeable(request)
    user = request.required("user", "user_not_found")
    request.office.people.get(user)
    if user == request.office.bot:
        raise RefusedError("cant_kick_self")
    if user not in channel["members"]:
        raise RefusedError("not_in_channel")
    request.office.leave(channel, user)
    return {"errors": {}}


def join(request: Request) -> Answer:
    request.need("channels:join")
    office = request.office
    channel = office.channels.seen_by_bot(request.required("channel", "channel_not_found"))
    if channel["kind"] != "channel":
        raise RefusedError("method_not_supported_for_channel_type")
    if channel["is_archived"]:
        raise RefusedError("is_archived")
    if office.bot in channel["members"]:
        warning = {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
        return {"channel": shown(request, channel), **warning}
    office.join(channel, office.bot)
    return {"channel": shown(request, channel)}


def leave(request: Request) -> Answer:
    office = request.office
    channel = office.channels.seen_by_bot(request.required("channel", "channel_not_found"))
    request.need(WRITE_SCOPE[channel["kind"]])
    if channel["kind"] not in NAMED_KINDS:
        raise RefusedError("method_not_supported_for_channel_type")
    if channel["is_archived"]:
        raise RefusedError("is_archived")
    if office.bot not in channel["members"]:
        return {"not_in_channel": True}
    office.leave(channel, office.bot)
    return {}


def set_topic(request: Request) -> Answer:
    return _described(request, "topic")


def set_purpose(request: Request) -> Answer:
    return _described(request, "purpose")


def rename(request: Request) -> Answer:
    office = request.office
    channel = _changeable(request)
    if channel["creator"] != office.bot:
        raise RefusedError("not_authorized")
    name = checked_name(request.text("name"))
    holder = office.channels.named(name)
    if holder is not None and holder is not channel:
        raise RefusedError("name_taken")
    previous = [channel["name"], *channel["previous_names"]]
    text = f'<@{office.bot}> has renamed the channel from "{channel["name"]}" to "{name}"'
    office.alter(channel, "channel_name", text, name, name=name, previous_names=previous)
    event = {"id": channel["id"], "name": name, "created": channel["created"]}
    kind = "channel_rename" if channel["kind"] == "channel" else "group_rename"
    office.events.emit(kind, {"type": kind, "channel": event, "event_ts": office.messages.next_ts()})
    return {"channel": shown(request, channel)}


def archive(request: Request) -> Answer:
    office = request.office
    channel = office.channels.seen_by_bot(request.required("channel", "channel_not_found"))
    if channel["is_archived"]:
        raise RefusedError("already_archived")
    channel = _changeable(request)
    text = f"<@{office.bot}> has archived the channel"
    office.alter(channel, "channel_archive", text, None, is_archived=True)
    kind = "channel_archive" if channel["kind"] == "channel" else "group_archive"
    event = {"type": kind, "channel": channel["id"], "user": office.bot}
    office.events.emit(kind, {**event, "event_ts": office.messages.next_ts()})
    return {}


def unarchive(_request: Request) -> Answer:
    """Never for a bot token."""
    raise RefusedError("not_allowed_token_type")


def _changeable(request: Request) -> Document:
    """A channel the bot is in, is allowed to change, and that is not archived."""
    channels = request.office.channels
    channel = channels.seen_by_bot(request.required("channel", "channel_not_found"))
    request.need(WRITE_SCOPE[channel["kind"]])
    if channel["kind"] not in NAMED_KINDS:
        raise RefusedError("method_not_supported_for_channel_type")
    if channel["is_archived"]:
        raise RefusedError("is_archived")
    return channels.joined_by_bot(channel["id"])


def _not_invited(request: Request, channel: Document, user_id: str) -> str | None:
    """Why a user cannot be invited, as Slack's code."""
    office = request.office
    if user_id == office.bot:
        return "cant_invite_self"
    try:
        user = office.people.get(user_id)
    except RefusedError as refusal:
        return refusal.code
    if user["deleted"]:
        return "cant_invite"
    return "already_in_channel" if user_id in channel["members"] else None


def _described(request: Request, what: str) -> Answer:
    office = request.office
    channel = _changeable(request)
    value = request.text(what)
    if len(value) > limits.TOPIC:
        raise RefusedError("too_long")
    entry = {"value": value, "creator": office.bot, "last_set": office.messages.seconds()}
    text = f"<@{office.bot}> set the channel {what}: {value}"
    office.alter(channel, f"channel_{what}", text, value, **{what: entry})
    return {"channel": shown(request, channel)}


METHODS = {
    "conversations.create": create,
    "conversations.invite": invite,
    "conversations.kick": kick,
    "conversations.join": join,
    "conversations.leave": leave,
    "conversations.setTopic": set_topic,
    "conversations.setPurpose": set_purpose,
    "conversations.rename": rename,
    "conversations.archive": archive,
    "conversations.unarchive": unarchive,
}
