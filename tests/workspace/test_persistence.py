"""Everything accepted is there after the workspace was killed."""

import json
import multiprocessing
import signal
from pathlib import Path
from typing import Any

from slack_sdk import WebClient

from bot.workspace import Person, Workspace, serve
from tests.workspace.conftest import ANNA, BO, MANIFEST, populate, web_client


def opened(path: Path) -> Workspace:
    return Workspace(path, MANIFEST, signing_secret="hemlig")


def test_all_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "var" / "workspace.db"
    before = opened(path)
    populate(before)
    server = serve(before)
    client, anna = web_client(server), Person(server, ANNA)
    ts = client.chat_postMessage(channel="C0FORUM", text="Åäö", metadata=_metadata())["ts"]
    client.chat_postMessage(channel="C0FORUM", text="Svar", thread_ts=ts)
    gone = client.chat_postMessage(channel="C0FORUM", text="Bort")["ts"]
    client.chat_delete(channel="C0FORUM", ts=gone)
    client.chat_postMessage(channel=BO, text="Hej Bo")
    client.views_publish(user_id=ANNA, view={"type": "home", "blocks": [{"type": "divider"}]})
    client.conversations_setTopic(channel="C0FORUM", topic="Ämne")
    anna.say("forum", "Jag är här")
    anna._post("read", channel="C0FORUM")
    shown = (before.messages("forum"), before.dm(BO), before.home(ANNA), before.users())
    channels = before.channels()
    server.stop()
    before.close()

    after = opened(path)
    assert after.bot_user == before.bot_user
    assert (after.messages("forum"), after.dm(BO), after.home(ANNA), after.users()) == shown
    assert after.channels() == channels
    server = serve(after)
    person = Person(server, ANNA)
    assert person.channel("forum")["unread"] == 0
    assert [m["text"] for m in person.replies("forum", ts)] == ["Åäö", "Svar"]
    later = web_client(server).chat_postMessage(channel="C0FORUM", text="Senare")["ts"]
    assert later > person.messages("forum")[-2]["ts"]
    server.stop()
    after.close()


def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    path = tmp_path / "workspace.db"
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_served, args=(path, theirs), daemon=True)
    process.start()
    client = WebClient("xoxb-workspace", base_url=ours.recv(), retry_handlers=[])
    accepted = [client.chat_postMessage(channel="C0FORUM", text=str(n))["ts"] for n in range(20)]
    process.kill()
    process.join(10)
    assert process.exitcode == -signal.SIGKILL
    after = opened(path)
    assert [message["ts"] for message in after.messages("forum")] == accepted
    after.close()


def test_nothing_is_written_without_a_path(tmp_path: Path) -> None:
    workspace = Workspace(None, MANIFEST, signing_secret="hemlig")
    populate(workspace)
    assert json.dumps(workspace.users())
    assert list(tmp_path.iterdir()) == []


def _metadata() -> dict[str, Any]:
    return {"event_type": "notice", "event_payload": {"key": "k"}}


def _served(path: Path, answer: Any) -> None:
    workspace = opened(path)
    populate(workspace)
    answer.send(serve(workspace).api_url)
    signal.pause()
