"""conversations.* that read, and the opening of direct messages."""

from typing import Any

from bot.workspace.channels import HISTORY_SCOPE, KIND_OF_TYPE, READ_SCOPE
from bot.workspace.refusal import RefusedError
from bot.workspace.request import Request
from bot.workspace.store import Document

Answer = dict[str, Any]
MOST_IN_A_GROUP = 8


def open_(request: Request) -> Answer:
    office = request.office
    if request.text("channel"):
        return _opened(request, office.channels.seen_by_bot(request.text("channel")), known=True)
    users = request.names("users")
    if not users:
        raise RefusedError("users_list_not_supplied")
    request.need("im:write" if len(users) == 1 else "mpim:write")
    if len(users) > MOST_IN_A_GROUP:
        raise RefusedError("too_many_users")
    for user_id in users:
        user = office.people.get(user_id)
        if user["deleted"]:
            raise RefusedError("user_disabled")
        if user["is_bot"]:
            raise RefusedError("cannot_dm_bot")
    if len(users) == 1:
        channel, known = office.direct(office.bot, users[0])
    else:
        created = office.messages.seconds()
        channel, known = office.channels.among({office.bot, *users}, created=created)
        if not known:
            office.live.push("channels", {}, channel["members"])
    return _opened(request, channel, known=known)


def info(request: Request) -> Answer:
    channel = _readable(request)
    return {"channel": shown(request, channel)}


def list_(request: Request) -> Answer:
    office = request.office
    kinds = _kinds(request)
    found = [
        channel
        for channel in office.channels.all()
        if channel["kind"] in kinds
        and (channel["kind"] == "channel" or office.bot in channel["members"])
        and not (channel["is_archived"] and request.flag("exclude_archived"))
    ]
    return _listed(request, found)


def of_user(request: Request) -> Answer:
    """users.conversations: what a user is in; of another than the bot, only what the bot may see."""
    office = request.office
    user_id = request.text("user", office.bot)
    office.people.get(user_id)
    kinds = _kinds(request)
    found = [
        channel
        for channel in office.channels.of(user_id)
        if channel["kind"] in kinds
        and (channel["kind"] == "channel" or office.bot in channel["members"])
        and not (channel["is_archived"] and request.flag("exclude_archived"))
    ]
    return _listed(request, found)


def members(request: Request) -> Answer:
    channel = _readable(request)
    shown_members, cursor = request.page(sorted(channel["members"]), str)
    return {"members": shown_members, "response_metadata": {"next_cursor": cursor}}


def history(request: Request) -> Answer:
    channel = _with_history(request)
    found = _between(request, list(reversed(request.office.messages.history(channel["id"]))))
    messages, cursor = request.page(found, lambda message: str(message["ts"]), descending=True)
    return {
        "messages": _shown_messages(request, messages),
        "has_more": bool(cursor),
        "pin_count": 0,
        "response_metadata": {"next_cursor": cursor},
    }


def replies(request: Request) -> Answer:
    channel = _with_history(request)
    ts = request.required("ts", "thread_not_found")
    parent, *rest = request.office.messages.thread(channel["id"], ts)
    found = [parent, *_between(request, rest)]
    messages, cursor = request.page(found, lambda message: str(message["ts"]), default=1000)
    return {
        "messages": _shown_messages(request, messages),
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }


def shown(request: Request, channel: Document) -> Document:
    people = request.office.people
    deleted = channel["kind"] == "im" and any(people.get(user)["deleted"] for user in channel["members"])
    return request.office.channels.api(channel, deleted)


def _opened(request: Request, channel: Document, *, known: bool) -> Answer:
    whole = shown(request, channel) if request.flag("return_im") else {"id": channel["id"]}
    return {"channel": whole, **({"no_op": True, "already_open": True} if known else {})}


def _readable(request: Request) -> Document:
    channel = request.office.channels.seen_by_bot(request.required("channel", "channel_not_found"))
    request.need(READ_SCOPE[channel["kind"]])
    return channel


def _with_history(request: Request) -> Document:
    channel = request.office.channels.seen_by_bot(request.required("channel", "channel_not_found"))
    request.need(HISTORY_SCOPE[channel["kind"]])
    return request.office.channels.joined_by_bot(channel["id"])


def _kinds(request: Request) -> set[str]:
    kinds = set()
    for name in request.text("types", "public_channel").split(","):
        if name.strip() not in KIND_OF_TYPE:
            raise RefusedError("invalid_types")
        kinds.add(KIND_OF_TYPE[name.strip()])
    for kind in sorted(kinds):
        request.need(READ_SCOPE[kind])
    return kinds


def _listed(request: Request, found: list[Document]) -> Answer:
    page, cursor = request.page(found, lambda channel: str(channel["id"]))
    channels = [shown(request, channel) for channel in page]
    return {"channels": channels, "response_metadata": {"next_cursor": cursor}}


def _between(request: Request, messages: list[Document]) -> list[Document]:
    oldest, latest = request.text("oldest", "0"), request.text("latest")
    inclusive = request.flag("inclusive")
    try:
        low, high = float(oldest or 0), float(latest) if latest and latest != "now" else float("inf")
    except ValueError as error:
        raise RefusedError("invalid_ts_oldest" if not latest else "invalid_ts_latest") from error

    def inside(message: Document) -> bool:
        ts = float(message["ts"])
        return low <= ts <= high if inclusive else low < ts < high

    return [message for message in messages if inside(message)]


def _shown_messages(request: Request, messages: list[Document]) -> list[Document]:
    metadata = request.flag("include_all_metadata")
    return [request.office.messages.api(message, metadata=metadata) for message in messages]


METHODS = {
    "conversations.open": open_,
    "conversations.info": info,
    "conversations.list": list_,
    "users.conversations": of_user,
    "conversations.members": members,
    "conversations.history": history,
    "conversations.replies": replies,
}
