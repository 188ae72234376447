"""The workspace misbehaves as it is told to, on the real wire, and behaves again."""

import http.client
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from bot.workspace import Moment, Person, Server, Switches, Workspace, serve
from bot.workspace.faults import DELIVERING, Faults
from tests.workspace.conftest import ANNA, MANIFEST, web_client

FORUM = "C0FORUM"
PATIENCE = 20.0


def posted(workspace: Workspace) -> list[str]:
    return [message["text"] for message in workspace.messages(FORUM)]


def raw(server: Server, method: str = "chat.postMessage", **arguments: Any) -> tuple[int, dict[str, Any], Any]:
    """The status, the answer and the headers of a call, without any SDK."""
    request = urllib.request.Request(
        f"{server.api_url}{method}",
        json.dumps(arguments).encode(),
        {"Authorization": "Bearer xoxb-workspace", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, json.loads(answer.read()), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read()), error.headers


class Socket:
    """One Socket Mode connection by hand: what came over it, and whether it is acknowledged."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        assert self.next()["type"] == "hello"

    def next(self) -> dict[str, Any]:
        received: dict[str, Any] = json.loads(self.connection.recv(PATIENCE))
        return received

    def event(self) -> dict[str, Any]:
        """The next event, acknowledged."""
        envelope = self.next()
        assert envelope["type"] == "events_api"
        self.connection.send(json.dumps({"envelope_id": envelope["envelope_id"]}))
        return envelope

    def until_closed(self) -> tuple[list[str], bool]:
        """The reasons of the goodbyes that came, and whether the line was closed as lines should be."""
        reasons = []
        try:
            while True:
                reasons.append(self.next()["reason"])
        except ConnectionClosed as closed:
            return reasons, closed.rcvd is not None


@contextmanager
def linked(server: Server) -> Iterator[Socket]:
    url = web_client(server, "xapp-workspace").apps_connections_open(app_token="xapp-workspace")["url"]
    with connect(url, close_timeout=1, ping_interval=None) as connection:
        yield Socket(connection)


class Seen:
    """The moments of a workspace, which can be waited for."""

    def __init__(self, workspace: Workspace) -> None:
        self.all: list[Moment] = []
        self._changed = threading.Condition()
        self.end = workspace.watch(self._note)

    def wait(self, wanted: Callable[[Moment], bool]) -> Moment:
        with self._changed:
            assert self._changed.wait_for(lambda: any(map(wanted, self.all)), PATIENCE)
            return next(filter(wanted, self.all))

    def _note(self, moment: Moment) -> None:
        with self._changed:
            self.all.append(moment)
            self._changed.notify_all()


def test_a_limited_call_is_told_when_to_come_back_and_is_not_carried_out(workspace: Workspace, server: Server) -> None:
    workspace.misbehave(limited=1.0, retry_after=7)
    status, answer, headers = raw(server, channel=FORUM, text="Hej")
    assert (status, answer, headers["Retry-After"]) == (429, {"ok": False, "error": "ratelimited"}, "7")
    assert posted(workspace) == []
    assert workspace.faults.inflicted["limited"] == 1


def test_a_failed_call_looks_the_same_whether_it_was_carried_out_or_not(workspace: Workspace, server: Server) -> None:
    workspace.misbehave(failed_before=1.0)
    before = raw(server, channel=FORUM, text="Före")
    workspace.misbehave(failed_before=0, failed_after=1.0)
    after = raw(server, channel=FORUM, text="Efter")
    assert before[:2] == after[:2] == (503, {"ok": False, "error": "service_unavailable"})
    assert before[2].keys() == after[2].keys()
    assert posted(workspace) == ["Efter"]
    assert [(call.error, call.fault) for call in workspace.calls.of("chat.postMessage")] == [
        ("service_unavailable", "failed_before"),
        (None, "failed_after"),
    ]
    assert workspace.calls.refused == []


def test_a_dropped_call_is_carried_out_and_hears_nothing(workspace: Workspace, client: WebClient) -> None:
    workspace.misbehave(dropped=1.0)
    with pytest.raises(http.client.RemoteDisconnected):
        client.chat_postMessage(channel=FORUM, text="Hej")
    assert posted(workspace) == ["Hej"]
    assert workspace.faults.inflicted["dropped"] == 1


def test_after_a_dropped_call_the_next_one_is_answered(workspace: Workspace, client: WebClient) -> None:
    workspace.misbehave(dropped=1.0)
    with pytest.raises(http.client.RemoteDisconnected):
        client.chat_postMessage(channel=FORUM, text="Ett")
    workspace.behave()
    client.chat_postMessage(channel=FORUM, text="Två")
    assert posted(workspace) == ["Ett", "Två"]


def test_a_slow_call_is_carried_out_at_once_and_answered_later(workspace: Workspace, server: Server) -> None:
    workspace.misbehave(slow=1.0, slow_seconds=3)
    hasty = WebClient("xoxb-workspace", base_url=server.api_url, retry_handlers=[], timeout=1)
    with pytest.raises(TimeoutError):
        hasty.chat_postMessage(channel=FORUM, text="Hej")
    assert posted(workspace) == ["Hej"]
    assert workspace.faults.inflicted["slow"] == 1


def test_a_slow_call_is_answered_as_any_other(workspace: Workspace, client: WebClient) -> None:
    workspace.misbehave(slow=1.0, slow_seconds=0.2)
    assert client.chat_postMessage(channel=FORUM, text="Hej")["ok"]
    workspace.misbehave(failed_after=1.0)
    with pytest.raises(SlackApiError, match="service_unavailable"):
        client.chat_postMessage(channel=FORUM, text="Igen")
    assert workspace.faults.inflicted["slow"] == 2


def test_what_the_bot_needs_to_connect_is_left_alone(workspace: Workspace, server: Server, client: WebClient) -> None:
    workspace.misbehave(limited=1.0)
    assert client.auth_test()["ok"]
    assert web_client(server, "xapp-workspace").apps_connections_open(app_token="xapp-workspace")["ok"]
    for method in ("users.info", "conversations.list", "views.open", "chat.update"):
        assert raw(server, method)[0] == 429


def test_trouble_can_be_kept_to_some_methods(workspace: Workspace, client: WebClient) -> None:
    workspace.misbehave(failed_before=1.0, methods=["chat.update", "users.*"])
    posting = client.chat_postMessage(channel=FORUM, text="Hej")
    for call in (
        lambda: client.chat_update(channel=FORUM, ts=posting["ts"], text="Hej då"),
        lambda: client.users_info(user=ANNA),
    ):
        with pytest.raises(SlackApiError, match="service_unavailable"):
            call()
    assert posted(workspace) == ["Hej"]


def test_shares_are_kept_and_the_same_seed_gives_the_same_fates(workspace: Workspace, server: Server) -> None:
    shares = {"limited": 0.2, "failed_before": 0.2, "failed_after": 0.2, "dropped": 0.2}

    def fates(seed: int) -> list[str | None]:
        faults = Faults(lambda: None)
        faults.change({**shares, "seed": seed})
        return [faults.call("chat.postMessage").trouble for _ in range(2000)]

    first = fates(11)
    assert first == fates(11) != fates(12)
    for trouble in (*shares, None):
        assert 330 < first.count(trouble) < 470, trouble


@pytest.mark.parametrize("anew", [{"switches": {"seed": 5}}, {"switches": {"dropped": 0.5, "seed": 5}, "reset": True}])
def test_a_seed_starts_the_dice_anew(anew: dict[str, Any]) -> None:
    faults = Faults(lambda: None)
    faults.change({"dropped": 0.5, "seed": 5})
    first = [faults.call("chat.postMessage").trouble for _ in range(50)]
    faults.change(**anew)
    assert [faults.call("chat.postMessage").trouble for _ in range(50)] == first


def test_the_fates_of_one_method_do_not_depend_on_the_calls_of_another() -> None:
    def fates(between: int) -> list[str | None]:
        faults = Faults(lambda: None)
        faults.change({"limited": 0.3, "dropped": 0.3, "seed": 5})
        found = []
        for _ in range(50):
            found.append(faults.call("chat.postMessage").trouble)
            for _ in range(between):
                faults.call("chat.update")
        return found

    assert fates(0) == fates(3)


@pytest.mark.parametrize(
    ("switches", "problem"),
    [
        ({"limited": 1.2}, "limited is from 0 to 1"),
        ({"dropped": -0.1}, "dropped is from 0 to 1"),
        ({"late": float("nan")}, "late is from 0 to 1"),
        ({"limited": True}, "limited is a number"),
        ({"slow": "ofta"}, "slow is a number"),
        ({"limited": 0.6, "dropped": 0.6}, "are more than 1 together"),
        ({"slow_seconds": 4000}, "slow_seconds is from 0 to 3600"),
        ({"retry_after": 1.5}, "retry_after is a whole number"),
        ({"disconnect_every": 0.01}, "disconnect_every is 0 or at least 0.1"),
        ({"methods": "chat.*"}, "methods is a list of names"),
        ({"methods": [""]}, "methods is a list of names"),
        ({"sulky": 1.0}, "there is no switch sulky"),
    ],
)
def test_switches_that_make_no_sense_are_refused_and_change_nothing(
    workspace: Workspace, switches: dict[str, Any], problem: str
) -> None:
    workspace.misbehave(failed_after=0.25)
    with pytest.raises(ValueError, match=problem):
        workspace.misbehave(**switches)
    assert workspace.faults.switches == Switches(failed_after=0.25)


def test_the_switches_are_set_and_read_over_http(workspace: Workspace, server: Server, anna: Person) -> None:
    assert anna.faults()["on"] is False
    assert anna.misbehave(limited=1.0, retry_after=2, methods=["chat.*"])["on"] is True
    assert raw(server, channel=FORUM, text="Hej")[0] == 429
    shown = anna.misbehave(slow=0.5, slow_seconds=0)
    assert (shown["switches"]["limited"], shown["switches"]["slow"], shown["switches"]["methods"]) == (
        1,
        0.5,
        ["chat.*"],
    )
    assert shown["inflicted"]["limited"] == 1
    assert anna.misbehave(reset=True, dropped=0.1)["switches"]["limited"] == 0
    shown = anna.behave()
    assert (shown["on"], shown["switches"]["methods"]) == (False, list(DELIVERING))
    assert shown["inflicted"]["limited"] == 1
    assert anna.state()["faults"] == shown
    assert raw(server, channel=FORUM, text="Hej")[0] == 200


@pytest.mark.parametrize("switches", [{"limited": 2}, {"sulky": 1}, {}])
def test_switches_that_make_no_sense_are_refused_over_http(anna: Person, switches: dict[str, Any]) -> None:
    with pytest.raises(LookupError, match="400"):
        anna.misbehave(**switches)
    assert anna.faults()["on"] is False


def test_a_restarted_workspace_behaves(tmp_path: Path) -> None:
    kept = tmp_path / "workspace.db"
    for _ in range(2):
        workspace = Workspace(kept, MANIFEST, signing_secret="hemlig")
        server = serve(workspace)
        assert raw(server, "users.list")[0] == 200
        assert not workspace.faults.switches.on
        assert not any(workspace.faults.inflicted.values())
        workspace.misbehave(limited=1.0, disconnect_every=1, late=1.0)
        assert raw(server, "users.list")[0] == 429
        server.stop()
        workspace.close()


def test_connections_end_politely_and_without_a_word(workspace: Workspace, server: Server) -> None:
    """What the bot sees of each end: a message that says so and a proper close, or a line that is dead."""
    workspace.misbehave(disconnect_every=0.1, seed=4)
    ends = []
    for _ in range(2):
        with linked(server) as socket:
            ends.append(socket.until_closed())
    assert ends == [(["refresh_requested"], True), ([], False)]
    inflicted = workspace.faults.inflicted
    assert (inflicted["disconnect_polite"], inflicted["disconnect_hard"]) == (1, 1)


def test_connections_that_are_open_are_ended_too_and_left_alone_again(
    workspace: Workspace, server: Server, anna: Person
) -> None:
    with linked(server) as first, linked(server) as second:
        workspace.misbehave(disconnect_every=0.1)
        for socket in (first, second):
            socket.until_closed()
    workspace.behave()
    with linked(server) as third:
        anna.open_home()
        assert third.event()["payload"]["event"]["type"] == "app_home_opened"


def test_a_bolt_app_comes_back_after_both_ends(workspace: Workspace, server: Server, anna: Person) -> None:
    app = App(client=web_client(server), signing_secret="hemlig")
    app.command("/consult")(lambda ack: ack())
    handler = SocketModeHandler(app, "xapp-workspace", ping_interval=1)  # it notices a dead line by its pings alone
    handler.connect()
    workspace.misbehave(disconnect_every=1, seed=4)
    ends = workspace.faults.inflicted
    while not (ends["disconnect_polite"] and ends["disconnect_hard"]):
        anna.wait_for(lambda before=ends: workspace.faults.inflicted != before, seconds=60)
        ends = workspace.faults.inflicted
    workspace.behave()
    assert anna.wait_for(lambda: anna.command("/consult").get("ok"), seconds=60)
    handler.client.current_session.sock.settimeout(0.2)  # closing waits for the SDK's read in progress
    handler.close()


def opened(socket: Socket) -> str:
    """Whose App Home was opened, by the next event."""
    return str(socket.event()["payload"]["event"]["user"])


def test_late_events_come_out_of_order_and_none_is_lost(workspace: Workspace, server: Server) -> None:
    people = [str(user["id"]) for user in workspace.users() if not user["is_bot"] and not user["deleted"]]
    workspace.misbehave(late=1.0, late_seconds=2, seed=4)
    orders = set()
    with linked(server) as socket:
        while len(orders) < 2:
            assert workspace.faults.inflicted["late"] < 40 * len(people)
            for user in people:
                Person(server, user).open_home()
            came = [opened(socket) for _ in people]
            assert sorted(came) == sorted(people)
            orders.add(tuple(came))


def test_an_acknowledged_event_comes_again_as_slack_repeats_it(
    workspace: Workspace, server: Server, anna: Person
) -> None:
    workspace.misbehave(repeated=1.0, repeated_seconds=0.5)
    with linked(server) as socket:
        anna.open_home()
        first = socket.event()
        again = socket.event()
    assert again["payload"] == first["payload"]
    assert again["envelope_id"] != first["envelope_id"]
    assert (first["retry_attempt"], first["retry_reason"]) == (0, "")
    assert again["retry_attempt"] >= 1
    assert again["retry_reason"] == "http_timeout"
    assert workspace.faults.inflicted["repeated"] == 1


def test_repeats_mix_with_younger_events(workspace: Workspace, server: Server, anna: Person) -> None:
    workspace.misbehave(repeated=1.0, repeated_seconds=1, seed=2)
    came: list[tuple[str, int]] = []
    with linked(server) as socket:
        while [attempt for _, attempt in came] == sorted(attempt for _, attempt in came):
            assert len(came) < 200
            anna.open_home()
            envelope = socket.event()
            came.append((envelope["payload"]["event_id"], envelope["retry_attempt"]))


def test_a_call_can_be_watched(workspace: Workspace, client: WebClient) -> None:
    seen = Seen(workspace)
    ts = client.chat_postMessage(channel=FORUM, text="Hej")["ts"]
    answered = seen.wait(lambda moment: moment.phase == "answered")
    accepted, _ = seen.all
    assert (accepted.phase, accepted.name, accepted.content["text"]) == ("accepted", "chat.postMessage", "Hej")
    assert accepted.answer is not None
    assert answered.answer is not None
    assert accepted.answer["ts"] == answered.answer["ts"] == ts
    seen.end()
    client.chat_postMessage(channel=FORUM, text="Hej")
    assert len(seen.all) == 2


def test_at_the_moment_of_acceptance_nothing_has_been_answered(workspace: Workspace, client: WebClient) -> None:
    """Whoever ends the caller at that moment leaves a post that the caller knows nothing of."""
    answers: list[Any] = []
    standing: list[tuple[int, list[Any]]] = []

    def look(moment: Moment) -> None:
        if moment.phase == "accepted":
            standing.append((len(workspace.messages(FORUM)), list(answers)))

    workspace.watch(look)
    answers.append(client.chat_postMessage(channel=FORUM, text="Hej"))
    assert standing == [(1, [])]


@pytest.mark.parametrize(
    ("trouble", "phases", "answer"),
    [
        ("limited", ["answered"], {"ok": False, "error": "ratelimited"}),
        ("failed_before", ["answered"], {"ok": False, "error": "service_unavailable"}),
        ("failed_after", ["accepted", "answered"], {"ok": False, "error": "service_unavailable"}),
        ("dropped", ["accepted", "answered"], None),
    ],
)
def test_whoever_looks_on_knows_the_fate(
    workspace: Workspace, client: WebClient, trouble: str, phases: list[str], answer: Any
) -> None:
    workspace.misbehave(**{trouble: 1.0})
    seen = Seen(workspace)
    with pytest.raises((SlackApiError, http.client.RemoteDisconnected)):
        client.chat_postMessage(channel=FORUM, text="Hej")
    assert seen.wait(lambda moment: moment.phase == "answered").answer == answer
    assert [moment.phase for moment in seen.all] == phases
    assert {moment.fault for moment in seen.all} == {trouble}


def test_a_refused_call_is_not_accepted(workspace: Workspace, client: WebClient) -> None:
    seen = Seen(workspace)
    with pytest.raises(SlackApiError, match="channel_not_found"):
        client.chat_postMessage(channel="C0NOWHERE", text="Hej")
    seen.wait(lambda moment: moment.phase == "answered")
    assert [moment.phase for moment in seen.all] == ["answered"]


def test_what_is_handed_to_the_bot_can_be_watched(workspace: Workspace, server: Server, anna: Person) -> None:
    seen = Seen(workspace)
    with linked(server) as socket:
        asking = threading.Thread(target=anna.command, args=("/consult hej",))
        asking.start()
        envelope = socket.next()
        handed = seen.wait(lambda moment: moment.phase == "handed")
        assert not any(moment.phase == "acknowledged" for moment in seen.all)
        socket.connection.send(json.dumps({"envelope_id": envelope["envelope_id"], "payload": {"text": "Hej"}}))
        acknowledged = seen.wait(lambda moment: moment.phase == "acknowledged")
        asking.join(PATIENCE)
    assert handed.name == acknowledged.name == envelope["type"] == "slash_commands"
    assert handed.content == envelope["payload"]
    assert acknowledged.answer == {"text": "Hej"}
