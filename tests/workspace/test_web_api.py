"""The Web API through Slack's own SDK: what it does, and every error it must answer."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.workspace import ManifestError, Person, Server, Workspace, serve
from tests.workspace.conftest import ANNA, BO, CLARE, GONE, MANIFEST, web_client


def error_of(call: Callable[[], Any]) -> str:
    with pytest.raises(SlackApiError) as caught:
        call()
    return str(caught.value.response["error"])


def raw(server: Server, method: str, body: bytes, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"{server.api_url}{method}", body, named)
    with urllib.request.urlopen(request) as response:
        answer: dict[str, Any] = json.loads(response.read())
        return answer


def test_auth_test_names_the_bot(client: WebClient, workspace: Workspace) -> None:
    answer = client.auth_test()
    assert answer["user_id"] == workspace.bot_user
    assert answer["bot_id"].startswith("B")
    assert "chat:write" in answer.headers["x-oauth-scopes"]
    assert client.team_info()["team"]["id"] == answer["team_id"]
    assert client.bots_info(bot=answer["bot_id"])["bot"]["user_id"] == workspace.bot_user


@pytest.mark.parametrize(
    ("token", "method", "error"),
    [
        ("", "auth.test", "not_authed"),
        ("xoxb-other", "auth.test", "invalid_auth"),
        ("xapp-workspace", "auth.test", "not_allowed_token_type"),
        ("xoxb-workspace", "apps.connections.open", "not_allowed_token_type"),
        ("xoxb-workspace", "chat.shout", "unknown_method"),
        ("xoxb-workspace", "conversations.unarchive", "not_allowed_token_type"),
    ],
)
def test_tokens_and_methods(server: Server, token: str, method: str, error: str) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    form = "application/x-www-form-urlencoded"
    assert raw(server, method, b"a=b", Content_Type=form, **headers)["error"] == error


def test_body_must_be_json_or_a_form(server: Server) -> None:
    bearer = "Bearer xoxb-workspace"
    assert (
        raw(server, "auth.test", b"{", Content_Type="application/json", Authorization=bearer)["error"] == "invalid_json"
    )
    assert (
        raw(server, "auth.test", b"[]", Content_Type="application/json", Authorization=bearer)["error"]
        == "json_not_object"
    )
    assert (
        raw(server, "auth.test", b"x", Content_Type="text/plain", Authorization=bearer)["error"] == "invalid_form_data"
    )
    token_in_form = raw(server, "auth.test", b"token=xoxb-workspace", Content_Type="application/x-www-form-urlencoded")
    assert token_in_form["ok"] is True


def test_post_update_delete(client: WebClient, anna: Person) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "Åäö & mer"}}]
    posted = client.chat_postMessage(channel="C0FORUM", text="Hej", blocks=blocks)
    ts = posted["ts"]
    assert posted["message"]["blocks"][0]["block_id"]
    [seen] = anna.messages("forum")
    assert (seen["text"], seen["edited"], seen["ephemeral"]) == ("Hej", False, False)
    client.chat_update(channel="C0FORUM", ts=ts, text="Hej igen")
    [seen] = anna.messages("forum")
    assert (seen["text"], seen["blocks"], seen["edited"]) == ("Hej igen", None, True)
    assert ts.replace(".", "") in client.chat_getPermalink(channel="C0FORUM", message_ts=ts)["permalink"]
    client.chat_delete(channel="C0FORUM", ts=ts)
    assert anna.messages("forum") == []
    assert error_of(lambda: client.chat_update(channel="C0FORUM", ts=ts, text="x")) == "message_not_found"


def test_blocks_without_text_keep_the_text(client: WebClient, workspace: Workspace) -> None:
    ts = client.chat_postMessage(channel="C0FORUM", text="Hej", metadata=_metadata("a"))["ts"]
    client.api_call("chat.update", json={"channel": "C0FORUM", "ts": ts, "blocks": [{"type": "divider"}]})
    [message] = workspace.messages("forum")
    assert (message["text"], len(message["blocks"]), message["metadata"]) == ("Hej", 1, _metadata("a"))
    assert "edited" not in message
    client.chat_update(channel="C0FORUM", ts=ts, text="Hej", metadata={})
    assert "metadata" not in workspace.messages("forum")[0]


def test_metadata_is_shown_only_when_asked_for(client: WebClient) -> None:
    ts = client.chat_postMessage(channel="C0FORUM", text="Hej", metadata=_metadata("nyckel"))["ts"]
    client.chat_postMessage(channel="C0FORUM", thread_ts=ts, text="Svar", metadata=_metadata("svar"))
    plain = client.conversations_history(channel="C0FORUM")["messages"]
    assert [(m["text"], m.get("metadata"), m["reply_count"]) for m in plain] == [("Hej", None, 1)]
    asked = client.conversations_history(channel="C0FORUM", include_all_metadata=True)["messages"]
    assert asked[0]["metadata"] == _metadata("nyckel")
    thread = client.conversations_replies(channel="C0FORUM", ts=ts, include_all_metadata=True)["messages"]
    assert [m["metadata"]["event_payload"]["key"] for m in thread] == ["nyckel", "svar"]


def _metadata(key: str) -> dict[str, Any]:
    return {"event_type": "notice", "event_payload": {"key": key}}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C0FORUM"}, "no_text"),
        ({"channel": "C0FORUM", "text": "x" * 40001}, "msg_too_long"),
        ({"channel": "C0FORUM", "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel": "C0FORUM", "text": "x", "metadata": {"event_type": ""}}, "invalid_metadata_format"),
        (
            {"channel": "C0FORUM", "text": "x", "metadata": {"event_type": "a", "event_payload": []}},
            "invalid_metadata_format",
        ),
        (
            {"channel": "C0FORUM", "text": "x", "metadata": {"event_type": "a", "event_payload": {"k": "x" * 9000}}},
            "metadata_too_large",
        ),
        ({"channel": "C0FORUM", "text": "x", "blocks": "{{"}, "invalid_blocks_format"),
        ({"channel": "C0FORUM", "text": "x", "blocks": [{"type": "nothing"}]}, "invalid_blocks"),
        ({"channel": "C0WITHOUT", "text": "x"}, "not_in_channel"),
        ({"channel": "C0PRIVATE", "text": "x"}, "channel_not_found"),
        ({"channel": "C0NONE", "text": "x"}, "channel_not_found"),
        ({"channel": "", "text": "x"}, "channel_not_found"),
        ({"channel": GONE, "text": "x"}, "channel_not_found"),
        ({"channel": "U0NONE", "text": "x"}, "channel_not_found"),
    ],
)
def test_post_is_refused(client: WebClient, arguments: dict[str, Any], error: str) -> None:
    assert error_of(lambda: client.api_call("chat.postMessage", json=arguments)) == error


def test_post_to_a_person_and_by_name(client: WebClient, workspace: Workspace) -> None:
    opened = client.conversations_open(users=BO)["channel"]["id"]
    assert client.chat_postMessage(channel=BO, text="Hej Bo")["channel"] == opened
    assert client.conversations_open(users=BO)["already_open"] is True
    assert client.chat_postMessage(channel="#forum", text="Hej")["channel"] == "C0FORUM"
    assert [message["text"] for message in workspace.dm(BO)] == ["Hej Bo"]
    assert error_of(lambda: client.conversations_open(users=GONE)) == "user_disabled"
    assert error_of(lambda: client.conversations_open(users="U0NONE")) == "user_not_found"
    assert error_of(lambda: client.conversations_open(users=workspace.bot_user)) == "cannot_dm_bot"


def test_a_deactivated_person_is_reached_no_more(client: WebClient, workspace: Workspace) -> None:
    channel = client.conversations_open(users=BO)["channel"]["id"]
    workspace.deactivate_user(BO)
    assert error_of(lambda: client.chat_postMessage(channel=channel, text="x")) == "channel_not_found"
    assert client.conversations_info(channel=channel)["channel"]["is_user_deleted"] is True
    assert BO not in client.conversations_members(channel="C0FORUM")["members"]
    assert client.users_info(user=BO)["user"]["deleted"] is True


def test_a_group_is_the_same_for_the_same_people(client: WebClient) -> None:
    first = client.conversations_open(users=f"{ANNA},{BO}")["channel"]["id"]
    assert client.conversations_open(users=[BO, ANNA])["channel"]["id"] == first
    assert client.conversations_open(users=f"{ANNA},{CLARE}")["channel"]["id"] != first


def test_ephemeral_is_seen_by_one(client: WebClient, server: Server, anna: Person) -> None:
    ts = client.chat_postEphemeral(channel="C0FORUM", user=ANNA, text="Psst")["message_ts"]
    assert [(m["text"], m["ephemeral"]) for m in anna.messages("forum")] == [("Psst", True)]
    assert Person(server, BO).messages("forum") == []
    assert error_of(lambda: client.chat_update(channel="C0FORUM", ts=ts, text="x")) == "message_not_found"
    assert error_of(lambda: client.chat_postEphemeral(channel="C0FORUM", user=GONE, text="x")) == "user_not_in_channel"


def test_others_messages_are_not_the_bots(client: WebClient, anna: Person) -> None:
    ts = anna.say("forum", "Min text <!channel>")["ts"]
    assert anna.messages("forum")[0]["text"] == "Min text &lt;!channel&gt;"
    assert error_of(lambda: client.chat_update(channel="C0FORUM", ts=ts, text="x")) == "cant_update_message"
    assert error_of(lambda: client.chat_delete(channel="C0FORUM", ts=ts)) == "cant_delete_message"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", "invalid_name_required"),
        ("x" * 81, "invalid_name_maxlength"),
        ("Konsultation", "invalid_name_specials"),
        ("två ord", "invalid_name_specials"),
        ("punkt.", "invalid_name_specials"),
        ("-_-", "invalid_name_punctuation"),
        ("forum", "name_taken"),
        ("enskild", "name_taken"),
    ],
)
def test_channel_names(client: WebClient, name: str, error: str) -> None:
    assert error_of(lambda: client.conversations_create(name=name)) == error


def test_a_private_channel_through_its_life(client: WebClient, server: Server, workspace: Workspace) -> None:
    channel = client.conversations_create(name="råd-7-östermalm_å", is_private=True)["channel"]
    place = channel["id"]
    assert channel["is_private"] is True
    assert channel["is_member"] is True
    client.conversations_invite(channel=place, users=f"{ANNA},{BO}")
    anna = Person(server, ANNA)
    assert anna.channel(place)["kind"] == "private"
    assert [m["text"] for m in anna.messages(place)][-1] == "har gått med i kanalen"
    again = lambda: client.conversations_invite(channel=place, users=BO)  # noqa: E731
    assert error_of(again) == "already_in_channel"
    assert error_of(lambda: client.conversations_invite(channel=place, users="U0NONE")) == "user_not_found"
    assert error_of(lambda: client.conversations_invite(channel=place, users=workspace.bot_user)) == "cant_invite_self"
    assert error_of(lambda: client.conversations_invite(channel=place, users=GONE)) == "cant_invite"
    mixed = client.conversations_invite(channel=place, users=f"{BO},{CLARE}", force=True)
    assert [each["error"] for each in mixed["errors"]] == ["already_in_channel"]
    client.conversations_kick(channel=place, user=CLARE)
    assert error_of(lambda: client.conversations_kick(channel=place, user=CLARE)) == "not_in_channel"
    assert error_of(lambda: client.conversations_kick(channel=place, user=workspace.bot_user)) == "cant_kick_self"
    client.conversations_setTopic(channel=place, topic="Konsultation 7")
    client.conversations_setPurpose(channel=place, purpose="Råd")
    assert error_of(lambda: client.conversations_setTopic(channel=place, topic="x" * 251)) == "too_long"
    client.conversations_rename(channel=place, name="råd-8")
    info = client.conversations_info(channel=place)["channel"]
    assert (info["name"], info["topic"]["value"], info["num_members"]) == ("råd-8", "Konsultation 7", 3)
    client.conversations_archive(channel=place)
    assert error_of(lambda: client.conversations_archive(channel=place)) == "already_archived"
    assert error_of(lambda: client.chat_postMessage(channel=place, text="x")) == "is_archived"
    assert error_of(lambda: client.conversations_invite(channel=place, users=CLARE)) == "is_archived"


def test_public_channels_are_joined_and_left(client: WebClient) -> None:
    assert error_of(lambda: client.conversations_history(channel="C0WITHOUT")) == "not_in_channel"
    client.conversations_join(channel="C0WITHOUT")
    assert client.conversations_join(channel="C0WITHOUT")["warning"] == "already_in_channel"
    assert error_of(lambda: client.conversations_rename(channel="C0WITHOUT", name="nytt")) == "not_authorized"
    client.conversations_leave(channel="C0WITHOUT")
    assert client.conversations_leave(channel="C0WITHOUT")["not_in_channel"] is True
    assert error_of(lambda: client.conversations_join(channel="C0PRIVATE")) == "channel_not_found"


def test_lists_are_paged(client: WebClient, workspace: Workspace) -> None:
    for number in range(7):
        workspace.add_user(name=f"p{number}", real_name=f"Person {number}")
        client.chat_postMessage(channel="C0FORUM", text=str(number))
    users = [user["id"] for page in client.users_list(limit=3) for user in page["members"]]
    assert sorted(users) == [user["id"] for user in workspace.users()]
    pages = [
        ([message["text"] for message in page["messages"]], page["has_more"])
        for page in client.conversations_history(channel="C0FORUM", limit=3)
    ]
    assert pages == [(["6", "5", "4"], True), (["3", "2", "1"], True), (["0"], False)]
    channels = [c["id"] for page in client.conversations_list(limit=1) for c in page["channels"]]
    assert channels == ["C0FORUM", "C0WITHOUT"]
    assert error_of(lambda: client.users_list(cursor="???")) == "invalid_cursor"
    assert error_of(lambda: client.users_list(limit=1001)) == "invalid_limit"


def test_history_between_moments(client: WebClient) -> None:
    times = [client.chat_postMessage(channel="C0FORUM", text=str(n))["ts"] for n in range(4)]

    def texts(**bounds: Any) -> list[str]:
        found = client.conversations_history(channel="C0FORUM", **bounds)["messages"]
        return [message["text"] for message in found]

    assert texts(oldest=times[1]) == ["3", "2"]
    assert texts(oldest=times[1], latest=times[2], inclusive=True) == ["2", "1"]
    assert error_of(lambda: texts(oldest="igår")) == "invalid_ts_oldest"


def test_users_are_found(client: WebClient) -> None:
    found = client.users_lookupByEmail(email="ANNA@example.org")["user"]
    assert (found["id"], found["real_name"], found["profile"]["email"]) == (ANNA, "Anna Åkerö", "anna@example.org")
    assert "locale" not in found
    assert client.users_info(user=CLARE, include_locale=True)["user"]["locale"] == "en-GB"
    assert "email" not in client.users_info(user=BO)["user"]["profile"]
    assert error_of(lambda: client.users_lookupByEmail(email="g@example.org")) == "users_not_found"
    assert error_of(lambda: client.users_info(user="U0NONE")) == "user_not_found"
    own = client.users_conversations(types="public_channel,private_channel")["channels"]
    assert [channel["id"] for channel in own] == ["C0FORUM"]


SCOPED = [
    ("chat.postMessage", {"channel": "C0FORUM", "text": "x"}, "chat:write"),
    ("conversations.open", {"users": ANNA}, "im:write"),
    ("conversations.open", {"users": f"{ANNA},{BO}"}, "mpim:write"),
    ("conversations.create", {"name": "ny"}, "channels:manage"),
    ("conversations.create", {"name": "ny", "is_private": "true"}, "groups:write"),
    ("conversations.history", {"channel": "C0FORUM"}, "channels:history"),
    ("conversations.replies", {"channel": "C0FORUM", "ts": "1.1"}, "channels:history"),
    ("conversations.info", {"channel": "C0FORUM"}, "channels:read"),
    ("conversations.list", {"types": "private_channel"}, "groups:read"),
    ("conversations.members", {"channel": "C0FORUM"}, "channels:read"),
    ("conversations.join", {"channel": "C0WITHOUT"}, "channels:join"),
    ("users.info", {"user": ANNA}, "users:read"),
    ("users.list", {}, "users:read"),
    ("users.lookupByEmail", {"email": "anna@example.org"}, "users:read.email"),
    ("team.info", {}, "team:read"),
]


@pytest.mark.parametrize(("method", "arguments", "scope"), SCOPED)
def test_each_method_needs_its_scope(method: str, arguments: dict[str, str], scope: str) -> None:
    manifest = json.loads(json.dumps(MANIFEST))
    manifest["oauth_config"]["scopes"]["bot"].remove(scope)
    manifest["settings"]["event_subscriptions"]["bot_events"] = []
    workspace = Workspace(None, manifest, signing_secret="x")
    workspace.add_user(id=ANNA, name="anna", real_name="Anna Åkerö", email="anna@example.org")
    workspace.add_user(id=BO, name="bo", real_name="Bo Björkö")
    workspace.add_channel(name="forum", id="C0FORUM", members=[ANNA, workspace.bot_user])
    workspace.add_channel(name="utan-bot", id="C0WITHOUT", members=[ANNA])
    server = serve(workspace)
    try:
        with pytest.raises(SlackApiError) as caught:
            web_client(server).api_call(method, params=arguments)
    finally:
        server.stop()
    answer = caught.value.response
    assert (answer["error"], answer["needed"]) == ("missing_scope", scope)
    assert scope not in answer["provided"].split(",")


@pytest.mark.parametrize(
    ("events", "scopes", "named"),
    [
        (["app_mention"], ["commands"], "app_mentions:read"),
        (["message.im"], ["commands"], "im:history"),
        (["sun_rises"], ["commands"], "sun_rises"),
        ([], [], "commands"),
    ],
)
def test_a_manifest_that_slack_would_refuse(events: list[str], scopes: list[str], named: str) -> None:
    manifest = {
        "features": {"slash_commands": [{"command": "/consult", "description": "x"}]},
        "oauth_config": {"scopes": {"bot": scopes}},
        "settings": {"event_subscriptions": {"bot_events": events}},
    }
    with pytest.raises(ManifestError, match=named):
        Workspace(None, manifest, signing_secret="x")


def test_home_and_messages_only_when_the_manifest_has_them() -> None:
    manifest = {**MANIFEST, "features": {**MANIFEST["features"], "app_home": {"messages_tab_enabled": False}}}
    workspace = Workspace(None, manifest, signing_secret="x")
    workspace.add_user(id=ANNA, name="anna", real_name="Anna Åkerö")
    server = serve(workspace)
    try:
        client = web_client(server)
        view = {"type": "home", "blocks": []}
        assert error_of(lambda: client.views_publish(user_id=ANNA, view=view)) == "not_enabled"
        assert error_of(lambda: client.chat_postMessage(channel=ANNA, text="x")) == "messages_tab_disabled"
    finally:
        server.stop()


def test_calls_are_kept_for_tests(client: WebClient, workspace: Workspace) -> None:
    client.auth_test()
    error_of(lambda: client.chat_postMessage(channel="C0FORUM", blocks=[{"type": "header"}], text="x"))
    assert [(call.method, call.error) for call in workspace.calls.all][-2:] == [
        ("auth.test", None),
        ("chat.postMessage", "invalid_blocks"),
    ]
    assert workspace.calls.refused[-1].problems == ("[ERROR] missing required field: text [json-pointer:/blocks/0]",)
