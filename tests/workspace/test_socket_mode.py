"""An unchanged Bolt app over Socket Mode: command, form, message, button."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.errors import SlackApiError

from bot.workspace import Person, Server, Workspace
from tests.workspace.conftest import ANNA, CLARE, web_client


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def form(title: str = "Begär råd", **extra: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain(title),
        "submit": plain("Skicka"),
        "close": plain("Avbryt"),
        "notify_on_close": True,
        "private_metadata": "utkast-1",
        "blocks": [
            {
                "type": "input",
                "block_id": "question",
                "label": plain("Fråga"),
                "element": {
                    "type": "plain_text_input",
                    "action_id": "text",
                    "multiline": True,
                    "min_length": 5,
                    "max_length": 40,
                },
            },
            {
                "type": "input",
                "block_id": "when",
                "optional": True,
                "label": plain("Datum"),
                "element": {"type": "datepicker", "action_id": "date"},
            },
            {
                "type": "input",
                "block_id": "kind",
                "label": plain("Slag"),
                "element": {
                    "type": "static_select",
                    "action_id": "kind",
                    "options": [{"text": plain("Samtal"), "value": "talk"}, {"text": plain("Text"), "value": "text"}],
                    "initial_option": {"text": plain("Samtal"), "value": "talk"},
                },
            },
            {
                "type": "actions",
                "block_id": "more",
                "elements": [
                    {"type": "button", "action_id": "change", "text": plain("Ändra"), "value": "v"},
                    {"type": "button", "action_id": "deeper", "text": plain("Mer"), "value": "v"},
                    {"type": "external_select", "action_id": "unit", "min_query_length": 2},
                ],
            },
        ],
        **extra,
    }


class Bot:
    """What the app under test has seen."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.seen: dict[str, list[dict[str, Any]]] = {}
        self.silent = threading.Event()

    def note(self, kind: str, body: dict[str, Any]) -> None:
        self.seen.setdefault(kind, []).append(body)


def connected(server: Server, register: Callable[[Bot], None]) -> Iterator[tuple[Bot, SocketModeHandler]]:
    app = App(token="xoxb-workspace", signing_secret="hemlig", client=web_client(server))
    bot = Bot(app)
    register(bot)
    handler = SocketModeHandler(app, "xapp-workspace")
    handler.connect()
    handler.client.current_session.sock.settimeout(0.2)  # closing waits for the SDK's read in progress
    yield bot, handler
    handler.close()


def register(bot: Bot) -> None:
    app = bot.app

    @app.command("/consult")
    def consult(ack: Any, body: Any, client: Any, respond: Any) -> None:
        bot.note("command", body)
        if body["text"] == "tyst":
            bot.silent.wait(5)
            return
        if body["text"] == "hej":
            ack("Hej på dig")
            return
        if body["text"] == "senare":
            ack()
            respond("Svar i efterhand")
            return
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=form())

    @app.action("change")
    def change(ack: Any, body: Any, client: Any) -> None:
        bot.note("change", body)
        ack()
        view = body["view"]
        blocks = [block for block in form()["blocks"] if block["block_id"] != "when"]
        client.views_update(view_id=view["id"], hash=view["hash"], view=form("Ändrad", blocks=blocks))

    @app.action("deeper")
    def deeper(ack: Any, body: Any, client: Any) -> None:
        ack()
        try:
            client.views_push(trigger_id=body["trigger_id"], view=form("Djupare"))
        except SlackApiError as error:
            bot.note("push_error", {"error": error.response["error"]})

    @app.options("unit")
    def units(ack: Any, payload: Any) -> None:
        bot.note("options", payload)
        ack(options=[{"text": plain("Enhet Öst"), "value": "east"}])

    @app.view("form")
    def submitted(ack: Any, body: Any, client: Any) -> None:
        bot.note("submit", body)
        text = body["view"]["state"]["values"]["question"]["text"]["value"]
        if text == "fel fält":
            ack(response_action="errors", errors={"unknown": "Nej"})
        elif "individ" in text:
            ack(response_action="errors", errors={"question": "Beskriv ingen enskild"})
        else:
            ack()
            client.chat_postMessage(
                channel=body["user"]["id"],
                text="Tack",
                blocks=[
                    {"type": "section", "text": {"type": "mrkdwn", "text": "Tack för frågan"}},
                    {
                        "type": "actions",
                        "elements": [{"type": "button", "action_id": "yes", "text": plain("Ja"), "value": "1"}],
                    },
                ],
                metadata={"event_type": "notice", "event_payload": {"key": "k1"}},
            )

    @app.view_closed("form")
    def closed(ack: Any, body: Any) -> None:
        bot.note("closed", body)
        ack()

    @app.action("yes")
    def yes(ack: Any, body: Any, client: Any, respond: Any) -> None:
        bot.note("yes", body)
        ack()
        client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="Klart", blocks=[])
        respond(text="Bara för dig", replace_original=False)

    @app.event("app_home_opened")
    def home(event: Any, client: Any) -> None:
        bot.note("home", event)
        blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "Hem"}}]
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})


@pytest.fixture
def bot(server: Server) -> Iterator[Bot]:
    for made, _ in connected(server, register):
        yield made
        made.silent.set()


def opened(person: Person) -> dict[str, Any]:
    assert person.command("/consult") == {"ok": True}
    return person.wait_for(person.modal)


def test_the_whole_way_from_command_to_button(bot: Bot, anna: Person, workspace: Workspace) -> None:
    view = opened(anna)
    assert bot.seen["command"][0]["user_id"] == ANNA
    assert view["title"]["text"] == "Begär råd"
    answer = anna.fill(question="Hur mäter vi effekt?", date="2026-05-04")
    assert answer == {"result": "closed", "view": None}
    assert anna.modal() is None
    sent = bot.seen["submit"][0]["view"]
    assert sent["private_metadata"] == "utkast-1"
    assert sent["state"]["values"] == {
        "question": {"text": {"type": "plain_text_input", "value": "Hur mäter vi effekt?"}},
        "when": {"date": {"type": "datepicker", "selected_date": "2026-05-04"}},
        "kind": {"kind": {"type": "static_select", "selected_option": {"text": plain("Samtal"), "value": "talk"}}},
        "more": {"unit": {"type": "external_select", "selected_option": None}},
    }
    message = anna.wait_for(lambda: next((m for m in anna.messages() if m["text"] == "Tack"), None))
    assert "metadata" not in message
    assert workspace.dm(ANNA)[0]["metadata"] == {"event_type": "notice", "event_payload": {"key": "k1"}}
    assert anna.click(anna.dm(), message["ts"], "yes") == {"ok": True}
    anna.wait_for(lambda: [m for m in anna.messages() if m["ephemeral"] and m["text"] == "Bara för dig"])
    assert anna.message(anna.dm(), message["ts"])["text"] == "Klart"
    assert bot.seen["yes"][0]["actions"][0]["value"] == "1"
    assert workspace.calls.refused == []


def test_what_is_missing_or_wrong_is_said_without_asking_the_bot(bot: Bot, anna: Person) -> None:
    opened(anna)
    assert anna.fill(question="  ") == {"result": "errors", "errors": {"question": "Fyll i det här fältet."}}
    assert anna.fill(question="Hej")["errors"] == {"question": "Skriv minst 5 tecken."}
    assert anna.fill(question="x" * 41)["errors"] == {"question": "Skriv högst 40 tecken."}
    assert "when" in anna.fill(question="Hur gör vi?", date="4 maj")["errors"]
    assert "kind" in anna.fill(question="Hur gör vi?", date=None, kind="song")["errors"]
    assert "submit" not in bot.seen


def test_errors_of_the_bot_stand_at_their_field(bot: Bot, anna: Person, workspace: Workspace) -> None:
    opened(anna)
    answer = anna.fill(question="om en individ")
    assert answer == {"result": "errors", "errors": {"question": "Beskriv ingen enskild"}}
    assert anna.fill(question="fel fält")["result"] == "timeout"
    assert [call.error for call in workspace.calls.refused] == ["invalid_response_errors"]
    assert anna.modal() is not None


def test_input_survives_an_update_where_ids_stay(bot: Bot, anna: Person) -> None:
    view = opened(anna)
    entered = {
        "question": {"text": {"type": "plain_text_input", "value": "Hur gör vi?"}},
        "when": {"date": {"type": "datepicker", "selected_date": "2026-05-04"}},
    }
    container = {"type": "view", "view_id": view["id"]}
    action = {"type": "button", "block_id": "more", "action_id": "change", "value": "v"}
    anna._post("action", container=container, action=action, state={"values": entered})
    changed = anna.wait_for(lambda: (m := anna.modal()) and m["title"]["text"] == "Ändrad" and m)
    assert changed["id"] == view["id"]
    assert changed["hash"] != view["hash"]
    assert changed["state"]["values"]["question"] == entered["question"]
    assert "when" not in changed["state"]["values"]
    assert anna.submit()["result"] == "closed"


def test_views_are_stacked_three_high(bot: Bot, anna: Person) -> None:
    first = opened(anna)
    for height in (2, 3):
        anna.press("deeper")
        anna.wait_for(lambda height=height: len(anna.modals()) == height)
    anna.press("deeper")
    anna.wait_for(lambda: "push_error" in bot.seen)
    assert bot.seen["push_error"] == [{"error": "push_limit_reached"}]
    second, third = anna.modals()[1:]
    assert third["root_view_id"] == first["id"]
    assert third["previous_view_id"] == second["id"]
    answer = anna.fill(question="Bara den översta")
    assert answer["view"]["id"] == second["id"]
    assert len(bot.seen["submit"]) == 1
    assert anna.close()["view"]["id"] == first["id"]
    anna.wait_for(lambda: bot.seen.get("closed"))
    assert bot.seen["closed"][0]["view"]["id"] == second["id"]
    assert bot.seen["closed"][0]["is_cleared"] is False


def test_options_are_asked_of_the_bot(bot: Bot, anna: Person) -> None:
    opened(anna)
    assert anna.options("unit", "öst")["options"][0]["value"] == "east"
    assert bot.seen["options"][0]["value"] == "öst"


def test_answers_to_a_command(bot: Bot, anna: Person) -> None:
    anna.command("/consult hej", "forum")
    assert [m["text"] for m in anna.messages("forum") if m["ephemeral"]] == ["Hej på dig"]
    anna.command("/consult senare", "forum")
    anna.wait_for(lambda: [m for m in anna.messages("forum") if m["text"] == "Svar i efterhand"])
    assert Person(anna._url, CLARE).messages("forum") == []


def test_a_silent_bot_shows_the_time_out(bot: Bot, anna: Person) -> None:
    answer = anna.command("/consult tyst")
    assert answer["error"] == "timeout"
    assert answer["message"] == "Rådgivaren svarade inte i tid. Försök igen om en stund."


def test_without_a_bot_or_with_another_command(server: Server, anna: Person) -> None:
    assert anna.command("/consult")["error"] == "not_connected"
    answer = Person(server, CLARE).command("/other")
    assert answer == {"ok": False, "error": "unknown_command", "message": "There is no command /other here."}


def test_home_is_published_and_kept(bot: Bot, anna: Person, workspace: Workspace) -> None:
    assert anna.home() is None
    anna.open_home()
    home = anna.wait_for(anna.home)
    anna.open_home()
    again = anna.wait_for(lambda: (h := anna.home()) and h["hash"] != home["hash"] and h)
    assert again["id"] == home["id"]
    assert workspace.home(ANNA) == again


def test_triggers_work_once_and_three_seconds(bot: Bot, anna: Person) -> None:
    opened(anna)
    trigger_id = bot.seen["command"][0]["trigger_id"]
    client = bot.app.client
    assert _error(lambda: client.views_open(trigger_id=trigger_id, view=form())) == "exchanged_trigger_id"
    assert _error(lambda: client.views_open(trigger_id="1.2.x", view=form())) == "invalid_trigger_id"


def test_an_old_trigger_has_expired(bot: Bot, anna: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    anna.command("/consult hej")
    trigger_id = bot.seen["command"][0]["trigger_id"]
    later = time.monotonic() + 3.1
    monkeypatch.setattr("bot.workspace.views.monotonic", lambda: later)
    assert _error(lambda: bot.app.client.views_open(trigger_id=trigger_id, view=form())) == "expired_trigger_id"


def test_hash_of_an_older_view_conflicts(bot: Bot, anna: Person) -> None:
    view = opened(anna)
    client = bot.app.client
    client.views_update(view_id=view["id"], hash=view["hash"], view=form("Ny"))
    assert _error(lambda: client.views_update(view_id=view["id"], hash=view["hash"], view=form())) == "hash_conflict"
    assert _error(lambda: client.views_update(view_id="V0", view=form())) == "not_found"


def test_each_envelope_goes_to_one_connection(server: Server, anna: Person) -> None:
    for one, _ in connected(server, register):
        for other, _ in connected(server, register):
            for _ in range(4):
                anna.command("/consult hej")
            assert [len(bot.seen["command"]) for bot in (one, other)] == [2, 2]


def test_a_bot_that_comes_back_is_served_again(server: Server, anna: Person) -> None:
    for _, handler in connected(server, register):
        assert anna.command("/consult hej")["ok"]
        handler.close()
        anna.wait_for(lambda: not anna._get("health")["bot_connected"])
    assert anna.command("/consult hej")["error"] == "not_connected"
    for _ in connected(server, register):
        assert anna.command("/consult hej")["ok"]


def test_an_unanswered_event_comes_again(server: Server, anna: Person) -> None:
    attempts: list[dict[str, Any]] = []

    def fails_once(bot: Bot) -> None:
        @bot.app.event("app_home_opened")
        def home(event: Any, body: Any, request: Any) -> None:
            return None

        @bot.app.middleware
        def refuse_first(req: Any, resp: Any, next: Any) -> Any:
            attempts.append({"id": req.body["event_id"], "again": req.headers.get("x-slack-retry-num")})
            if len(attempts) == 1:
                resp.status = 500
                return resp
            return next()

    for _ in connected(server, fails_once):
        anna.open_home()
        anna.wait_for(lambda: len(attempts) > 1)
    assert attempts[0]["id"] == attempts[1]["id"]
    assert attempts[1]["again"] == ["1"]


def _error(call: Callable[[], Any]) -> str:
    with pytest.raises(SlackApiError) as caught:
        call()
    return str(caught.value.response["error"])
