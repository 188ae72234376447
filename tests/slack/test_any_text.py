"""Whatever anybody writes, wherever it may be written: Slack takes every message and view, and nothing in a text is
taken for a sign of Slack's. By our own table of limits and by a package of others."""

import ast
import dataclasses
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, table
from structlog.testing import capture_logs

from bot import notices
from bot.surfaces import Delivery
from bot.workspace import block_problems, view_problems
from handlers.slack import blocks, limits, markup
from handlers.slack.app import renderers
from handlers.slack.blocks import Message
from handlers.slack.rendering import scene
from models.database import Database
from tests.factories import Town
from tests.slack.desk import services_of
from tests.slack.kit import refused_message, refused_view
from tests.slack.saga import Saga
from tests.slack.walk import Walk
from tests.slack.written import OURS, WRITTEN, text_columns

HANDLERS = Path(markup.__file__).parent
LANGUAGES = ("sv", "en")
NASTY = (
    "<!channel>",
    "<!here|x>",
    "<@U1>",
    "<#C1|x>",
    "<https://evil.example.org|här>",
    "&",
    "&lt;!channel&gt;",
    "&amp;",
    "<",
    ">",
    "> ",
    "|",
    "*",
    "`",
    "```",
    "\n",
    "\x00",
    "\x1b[31m",
    "\x7f",
    "\u2028",
    "\u202eekil",
    "\ufeff",
    " ",
    "\t",
    "👩🏽‍🔬",
    "ﷺ",
    "שלום",
    "åäö",
    "ord ",
    "{name}",
    "%(name)s",
    ":tada:",
)


@dataclasses.dataclass(frozen=True)
class Written:
    """What somebody writes: a piece, so many times over."""

    piece: str
    times: int = 1

    def __str__(self) -> str:
        return (self.piece * self.times)[:12_000]


PIECES = st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TEXTS = st.builds(Written, st.lists(PIECES, min_size=1, max_size=6).map("".join), st.sampled_from([1, 1, 2, 40, 700]))
SEVERAL = st.lists(TEXTS, min_size=1, max_size=5)
WALKING = ("requester", "other unit", "coordinator", "administrator", "member", "member asked", "newcomer")
CHANNEL = frozenset({"coordinator", "deputy"})
_OURS = re.compile(r"<(?:@U\d+P\d+|#C\w+|(?:https?|mailto):[^<>|]*\|[^<>|\n]*)>")
_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_QUOTING = re.compile(r"^>(?=[ …]|$)", re.MULTILINE)


@pytest.fixture(scope="module")
def saga(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Saga]:
    path = tmp_path_factory.mktemp("saga") / "konsult.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    saga = Saga(Town(database))
    saga.deliveries = telling(saga)
    yield saga
    database.close()


def telling(saga: Saga) -> list[Delivery]:
    """For every renderer, to each kind of reader, as few deliveries as show all that it can show."""
    differing = _differing(saga, saga.deliveries)
    return _differing(saga, [each for delivery in differing for each in readers(saga, delivery)])


def _differing(saga: Saga, deliveries: list[Delivery]) -> list[Delivery]:
    """Those whose messages differ in the kinds of their blocks and elements."""
    found: dict[tuple[Any, ...], Delivery] = {}
    for delivery in deliveries:
        message = rendered(saga, delivery)
        if message is not None:
            reader = delivery.receiver if delivery.name == "home" else delivery.receiver.partition(":")[0]
            told = delivery.data.get("notice")
            found.setdefault((delivery.name, told, reader, *map(shape, message.blocks)), delivery)
    return list(found.values())


def readers(saga: Saga, delivery: Delivery) -> list[Delivery]:
    """The delivery as each kind of reader would get it: who it is for, others, a channel, and relayed."""
    if delivery.name == "home":
        return [delivery]
    others = [f"person:{saga.anna.person}", f"person:{saga.maj.person}", f"person:{saga.lena.person}", notices.FORUM]
    made = [delivery, *(dataclasses.replace(delivery, receiver=each) for each in others)]
    if delivery.name in RELAYED:
        data = {**delivery.data, "notice": delivery.name, "person": saga.utan.person}
        made.append(dataclasses.replace(delivery, name="relay", receiver=notices.COORDINATORS, data=data))
    return made


RELAYED = frozenset({"filed", "asking", "answer", "closed", "offer", "declined", "lesson", "clarify"})


def shape(block: dict[str, Any]) -> str:
    kinds = [element.get("action_id", "").partition(":")[0] for element in block.get("elements", [])]
    return f"{block['type']}{kinds}"


def rendered(saga: Saga, delivery: Delivery) -> Message | None:
    services = services_of(saga.town)
    with saga.town.database.reading() as session:
        return renderers()[delivery.name](scene(services, session, delivery))


def unescaped(text: str) -> str:
    """What Slack would take for a sign of its own, and no sentence of ours has put there; nothing when all is well."""
    rest = _ENTITY.sub("", _QUOTING.sub("", _OURS.sub("", text)))
    return rest if set(rest) & set("<>&") else ""


def marked(part: Any) -> Iterator[str]:
    """Every text in which Slack's signs count."""
    if isinstance(part, list):
        for each in part:
            yield from marked(each)
    elif isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield part["text"]
        for each in part.values():
            yield from marked(each)


def check_message(name: str, message: Message) -> None:
    assert block_problems(message.blocks) == [], name
    assert refused_message(message.text, message.blocks) == "", name
    assert 0 < len(message.text) <= limits.MESSAGE_TEXT, name
    assert [each for each in [message.text, *marked(message.blocks)] if unescaped(each)] == [], name
    assert "\x00" not in str([message.text, message.blocks]), name


def check_view(view: dict[str, Any]) -> None:
    name = view.get("callback_id", "home")
    assert view_problems(view, surface=view["type"]) == [], name
    assert refused_view(view) == "", name
    assert [each for each in marked(view["blocks"]) if unescaped(each)] == [], name
    assert "\x00" not in str(view), name


def builders() -> set[str]:
    """Every function of the surface that makes a modal, as module and qualified name."""
    found = set()
    for path in HANDLERS.rglob("*.py"):
        module = ".".join(["handlers.slack", *path.relative_to(HANDLERS).with_suffix("").parts])
        for function, name in _functions(ast.parse(path.read_text("utf-8")), ""):
            if any(isinstance(node, ast.Call) and ast.unparse(node.func) == "blocks.modal" for node in own(function)):
                found.add(f"{module}:{name}")
    return found


def _functions(node: ast.AST, within: str) -> Iterator[tuple[ast.AST, str]]:
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.FunctionDef):
            yield each, within + each.name
            yield from _functions(each, f"{within}{each.name}.<locals>.")
        else:
            yield from _functions(each, within)


def own(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, without those of functions in it."""
    for each in ast.iter_child_nodes(function):
        if not isinstance(each, ast.FunctionDef):
            yield each
            yield from own(each)


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Which functions have made a modal so far."""
    makers: set[str] = set()
    modal = blocks.modal

    def noting(*args: Any, **kwargs: Any) -> blocks.Block:
        maker = sys._getframe(1)
        makers.add(f"{maker.f_globals['__name__']}:{maker.f_code.co_qualname}")
        return modal(*args, **kwargs)

    monkeypatch.setattr(blocks, "modal", noting)
    return makers


def test_every_column_of_text_is_known() -> None:
    both = {name: WRITTEN.get(name, frozenset()) | OURS.get(name, frozenset()) for name in WRITTEN.keys() | OURS.keys()}
    assert text_columns() == both
    assert not {name for name in WRITTEN.keys() & OURS.keys() if WRITTEN[name] & OURS[name]}


def test_there_is_a_row_of_every_kind(saga: Saga) -> None:
    with saga.town.database.reading() as session:
        empty = [name for name in WRITTEN if not session.scalar(select(func.count()).select_from(table(name)))]
    assert empty == []


def test_every_renderer_has_something_to_show(saga: Saga) -> None:
    assert {delivery.name for delivery in saga.deliveries} == set(renderers())


FEW = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)


@FEW
@given(texts=SEVERAL, language=st.sampled_from(LANGUAGES))
@example(texts=[Written("&", 12_000)], language="sv")
@example(texts=[Written("<!channel>&<@U1>", 500)], language="sv")
@example(texts=[Written("<!channel>&<@U1>", 500)], language="en")
@example(texts=[Written("\n", 3_000)], language="en")
@example(texts=[Written(" ")], language="sv")
@example(texts=[Written("\x00")], language="en")
def test_every_message_is_taken(saga: Saga, texts: list[Written], language: str) -> None:
    saga.rewrite([str(text) for text in texts], language)
    for delivery in saga.deliveries:
        message = rendered(saga, delivery)
        assert message is not None
        if delivery.name == "home":
            check_view(blocks.home(message.blocks))
        else:
            check_message(f"{delivery.name} to {delivery.receiver}", message)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_view_is_reached_and_taken(saga: Saga, reached: set[str], language: str) -> None:
    for who in WALKING:
        walk(saga, who, language, [Written("<!channel>&<@U1>", 500), Written("Hur gör vi?")])
    assert reached == builders()


@FEW
@given(texts=SEVERAL, language=st.sampled_from(LANGUAGES), who=st.sampled_from(WALKING))
@example(texts=[Written("&", 12_000)], language="en", who="coordinator")
@example(texts=[Written("\x00")], language="sv", who="requester")
def test_every_view_is_taken(saga: Saga, texts: list[Written], language: str, who: str) -> None:
    walk(saga, who, language, texts)


def walk(saga: Saga, who: str, language: str, texts: list[Written]) -> None:
    """Somebody's way through everything they can open, from the command, their home and the messages they got."""
    written = [str(text) for text in texts]
    saga.rewrite(written, language)
    person = saga.everybody[who]
    mine = {f"person:{person.person}", f"home:{person.person}"} | ({notices.COORDINATORS} if who in CHANNEL else set())
    shown = [(each.name, rendered(saga, each)) for each in saga.deliveries if each.receiver in mine]
    way = Walk(saga.town, person, language, written)
    with capture_logs() as logged:
        way.through(*(_surface(name, message) for name, message in shown if message is not None))
    assert [entry for entry in logged if entry["log_level"] in {"error", "critical"}] == []
    for view in way.views:
        check_view(view)
    check_message("pickers", Message("x", [blocks.section("x", _menu(way.options))]))


def _surface(name: str, message: Message) -> dict[str, Any]:
    return {"blocks": message.blocks} | ({"type": "home"} if name == "home" else {})


def _menu(options: list[dict[str, Any]]) -> dict[str, Any]:
    """What pickers offered, as far as one menu holds it."""
    nothing = blocks.select([blocks.Choice("x", "x")])
    different = list({each["value"]: each for each in options}.values())[: limits.OPTIONS]
    return nothing | {"options": different} if different else nothing


@pytest.mark.parametrize("broken", ["escape", "cut"])
def test_a_lapse_would_be_seen(saga: Saga, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    if broken == "escape":
        monkeypatch.setattr(markup, "escape", markup.Markup)
        monkeypatch.setattr(blocks, "escape", markup.Markup)
    else:
        monkeypatch.setattr(blocks, "cut", lambda text, length: text)
    saga.rewrite(["<!channel>" * 500], "sv")
    card = next(each for each in saga.deliveries if each.name == "card")
    message = rendered(saga, card)
    assert message is not None
    with pytest.raises(AssertionError):
        check_message("card", message)
