"""The page's own interface: who may ask, what is shown, and what is pushed."""

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_sdk import WebClient
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from bot.workspace import Person, Server, Workspace, serve
from tests.workspace.conftest import ANNA, BO, CLARE, GONE, MANIFEST, made


def status_of(url: str, body: dict[str, Any] | None = None, **headers: str) -> int:
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def live(server: Server, user: str, **extra: Any) -> Any:
    return connect(f"{server.url.replace('http', 'ws')}page/live?user={user}", **extra)


def test_state_shows_what_a_person_is_in(anna: Person, workspace: Workspace) -> None:
    state = anna.state()
    assert state["user"]["real_name"] == "Anna Åkerö"
    assert state["commands"] == [{"command": "/consult", "description": "Begär råd", "usage_hint": "[fråga]"}]
    assert sorted((c["kind"], c["name"]) for c in state["channels"]) == [
        ("channel", "forum"),
        ("channel", "utan-bot"),
        ("im", ""),
        ("private", "enskild"),
    ]
    assert [c["with"] for c in state["channels"] if c["kind"] == "im"] == [[workspace.bot_user]]
    assert anna._get("state")["channels"] == []


def test_only_loopback_and_only_the_page_itself(server: Server) -> None:
    state = f"{server.url}page/state"
    read = {"user": ANNA, "channel": "C0FORUM"}
    assert status_of(state) == 200
    assert status_of(state, Host="example.org") == 403
    assert status_of(f"{server.url}api/api.test", Host="example.org:80") == 403
    assert status_of(state, Origin="https://example.org") == 403
    assert status_of(f"{server.url}page/read", read, Origin="null") == 403
    assert status_of(f"{server.url}page/read", read, Origin=server.url.rstrip("/")) == 200
    with pytest.raises(InvalidStatus), live(server, ANNA, origin="https://example.org"):
        raise AssertionError("let in")


@pytest.mark.parametrize("user", [GONE, "U0NONE", ""])
def test_nobody_else_acts(server: Server, user: str) -> None:
    body = {"user": user, "channel": "C0FORUM", "text": "x"}
    assert status_of(f"{server.url}page/message", body) in (403, 404)


def test_what_is_not_ones_own_stays_closed(server: Server, client: WebClient, workspace: Workspace) -> None:
    bo = Person(server, BO)
    assert status_of(f"{server.url}page/history?user={BO}&channel=C0PRIVATE") == 403
    ts = client.chat_postMessage(channel=ANNA, text="x", blocks=_buttons())["ts"]
    channel = next(c["id"] for c in workspace.channels() if c["kind"] == "im" and ANNA in c["members"])
    container = {"type": "message", "channel": channel, "ts": ts}
    action = {"type": "button", "block_id": "b", "action_id": "yes"}
    with pytest.raises(LookupError, match="403"):
        bo._post("action", container=container, action=action, state={})


def test_an_element_that_is_not_there_is_refused(client: WebClient, anna: Person) -> None:
    ts = client.chat_postMessage(channel="C0FORUM", text="x", blocks=_buttons())["ts"]
    container = {"type": "message", "channel": "C0FORUM", "ts": ts}
    for action in (
        {"type": "button", "block_id": "b", "action_id": "no"},
        {"type": "overflow", "block_id": "b", "action_id": "yes"},
        {"type": "static_select", "block_id": "b", "action_id": "pick", "selected_option": {"value": "z"}},
    ):
        with pytest.raises(LookupError, match=r"40[04]"):
            anna._post("action", container=container, action=action, state={})


def test_history_comes_in_parts_and_is_read(client: WebClient, anna: Person) -> None:
    for number in range(5):
        client.chat_postMessage(channel="C0FORUM", text=str(number))
    assert anna.channel("forum")["unread"] == 5
    last = anna._get("history", user=ANNA, channel="C0FORUM", limit=2)
    assert ([m["text"] for m in last["messages"]], last["has_more"]) == (["3", "4"], True)
    before = last["messages"][0]["ts"]
    first = anna._get("history", user=ANNA, channel="C0FORUM", limit=3, before=before)
    assert ([m["text"] for m in first["messages"]], first["has_more"]) == (["0", "1", "2"], False)
    anna._post("read", channel="C0FORUM")
    assert anna.channel("forum")["unread"] == 0


def test_pages_see_each_others_effects(server: Server, client: WebClient, anna: Person) -> None:
    with live(server, BO) as bo, live(server, CLARE) as clare:
        ts = anna.say("forum", "Hej allihop")["ts"]
        for page in (bo, clare):
            pushed = json.loads(page.recv(5))
            assert (pushed["type"], pushed["message"]["text"]) == ("message", "Hej allihop")
        posted = client.chat_postMessage(channel="C0FORUM", text="Svar", thread_ts=ts)["ts"]
        assert json.loads(bo.recv(5))["message"]["thread_ts"] == ts
        client.chat_update(channel="C0FORUM", ts=posted, text="Ändrat")
        assert json.loads(bo.recv(5))["type"] == "message_changed"
        client.chat_delete(channel="C0FORUM", ts=posted)
        assert json.loads(bo.recv(5)) == {"type": "message_deleted", "channel": "C0FORUM", "ts": posted}
        client.chat_postEphemeral(channel="C0FORUM", user=CLARE, text="Bara Clare")
        kinds = [json.loads(clare.recv(5)) for _ in range(4)]
        assert kinds[-1]["message"]["ephemeral"] is True
        client.chat_postMessage(channel=BO, text="Bara Bo")
        pushed = [json.loads(bo.recv(5)) for _ in range(2)]
        assert [each["type"] for each in pushed] == ["channels", "message"]
        assert pushed[1]["message"]["text"] == "Bara Bo"


def test_open_pages_are_closed_when_the_workspace_stops(workspace: Workspace) -> None:
    server = serve(workspace)
    with live(server, ANNA) as page:
        server.stop()
        with pytest.raises(ConnectionClosed):
            page.recv(5)


def test_a_person_invites_the_bot(anna: Person, workspace: Workspace) -> None:
    assert anna.command("/invite @radgivaren", "enskild") == {"ok": True}
    assert workspace.bot_user in anna.channel("enskild")["members"]
    answer = anna.command("/invite @ingen", "enskild")
    assert answer["error"] == "user_not_found"
    assert "@ingen" in answer["message"]


class Clock:
    """Business time that only moves when told."""

    zone = "Europe/Stockholm"

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def presets(self, language: str) -> list[tuple[str, str]]:
        return [("tomorrow", "I morgon" if language == "sv" else "Tomorrow")]

    def move(self, to: str | datetime) -> datetime:
        if to == "tomorrow":
            self.moment += timedelta(days=1)
        elif isinstance(to, datetime):
            self.moment = to
        else:
            raise ValueError(to)
        return self.moment


def test_the_clock_is_moved_and_stamps_messages() -> None:
    server = serve(made(clock=Clock()))
    try:
        anna = Person(server, ANNA)
        clock = anna.state()["clock"]
        assert clock["now"] == "2026-03-02T07:00:00+00:00"
        assert clock["presets"] == [{"id": "tomorrow", "label": "I morgon"}]
        with live(server, BO) as bo:
            assert anna._post("clock", preset="tomorrow") == {"now": "2026-03-03T07:00:00+00:00"}
            assert json.loads(bo.recv(5)) == {"type": "clock", "now": "2026-03-03T07:00:00+00:00"}
        first = float(anna.say("forum", "a")["ts"])
        second = float(anna.say("forum", "b")["ts"])
        assert datetime.fromtimestamp(first, UTC) == datetime(2026, 3, 3, 7, tzinfo=UTC)
        assert second > first
        for bad in ({"preset": "never"}, {"to": "2026-03-04T10:00"}, {"to": "snart"}, {}):
            with pytest.raises(LookupError, match="bad_time"):
                anna._post("clock", **bad)
    finally:
        server.stop()


def test_a_read_only_messages_tab(anna: Person) -> None:
    home = {**MANIFEST["features"]["app_home"], "messages_tab_read_only_enabled": True}
    manifest = {**MANIFEST, "features": {**MANIFEST["features"], "app_home": home}}
    workspace = Workspace(None, manifest, signing_secret="x")
    workspace.add_user(id=ANNA, name="anna", real_name="Anna Åkerö")
    server = serve(workspace)
    try:
        person = Person(server, ANNA)
        with pytest.raises(LookupError, match="read_only"):
            person.say(person.dm(), "hej")
    finally:
        server.stop()


def _buttons() -> list[dict[str, Any]]:
    text = {"type": "plain_text", "text": "Ja"}
    return [
        {
            "type": "actions",
            "block_id": "b",
            "elements": [
                {"type": "button", "action_id": "yes", "text": text, "value": "1"},
                {"type": "static_select", "action_id": "pick", "options": [{"text": text, "value": "a"}]},
            ],
        }
    ]
