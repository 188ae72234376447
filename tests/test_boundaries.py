"""The house's import rules hold, and each of them can be broken."""

from pathlib import Path

import pytest

from tests.boundaries import LONGEST, modules, problems

ROOT = Path(__file__).parents[1]


def test_the_house_keeps_its_rules() -> None:
    assert problems(ROOT) == []


def test_every_module_is_looked_at() -> None:
    names = {module.name for module in modules(ROOT)}
    assert {"bot", "bot.app", "bot.matching.rank", "handlers.slack.app", "models.life", "bot.workspace.server"} <= names


def planted(root: Path, name: str, text: str) -> list[str]:
    """The problems of a house that has one module."""
    path = (root / Path(*name.split("."))).with_suffix(".py")
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    return problems(root)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("models.case", "from bot import cases", "models.case imports bot.cases"),
        ("models.case", "import handlers.slack.ids", "models.case imports handlers.slack.ids"),
        ("models.case", "from slack_sdk import WebClient", "models.case imports slack_sdk"),
        ("models.migrations.versions.late", "import bot", "models.migrations.versions.late imports bot"),
        ("bot.cases", "from handlers.slack import blocks", "bot.cases imports handlers.slack"),
        ("bot.cases", "def late():\n    import handlers.slack", "bot.cases imports handlers.slack"),
        ("bot.cases", "from ..handlers import slack", "bot.cases imports handlers"),
        ("bot.cases", "import slack_bolt.error", "bot.cases imports slack_bolt.error"),
        ("bot.cases", "from slack_sdk.errors import SlackApiError", "bot.cases imports slack_sdk.errors"),
        ("bot.cases", "from starlette.responses import Response", "bot.cases imports starlette.responses"),
        ("bot.cases", "from bot import app", "bot.cases imports bot.app"),
        ("bot.cases", "from . import app", "bot.cases imports bot.app"),
        ("bot.cases", "from bot.workspace import serve", "bot.cases imports bot.workspace"),
        ("bot.sample.town", "from ..app import House", "bot.sample.town imports bot.app"),
        ("handlers.slack.home", "from bot.app import House", "handlers.slack.home imports bot.app"),
        ("handlers.slack.home", "import bot.cli", "handlers.slack.home imports bot.cli"),
        ("bot.app", "from bot import demo", "bot.app imports bot.demo"),
        ("bot.matching.rank", "from models.people import Member", "bot.matching.rank imports models.people"),
        ("bot.matching.rank", "from sqlalchemy import select", "bot.matching.rank imports sqlalchemy"),
        ("bot.workspace.server", "from bot import clock", "bot.workspace.server imports bot.clock"),
        ("bot.workspace.server", "from handlers.slack import limits", "bot.workspace.server imports handlers.slack"),
        ("bot.workspace.server", "from slack_sdk import WebClient", "bot.workspace.server imports slack_sdk"),
        ("bot.utils", "", "bot.utils has a name that says nothing"),
        ("handlers.common.text", "", "handlers.common.text has a name that says nothing"),
        ("bot.long", "\n" * (LONGEST + 1), f"bot.long has {LONGEST + 1} lines, more than {LONGEST}"),
    ],
)
def test_each_rule_can_be_broken(tmp_path: Path, name: str, text: str, problem: str) -> None:
    assert problem in planted(tmp_path, name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bot.app", "from handlers.slack import app\nimport slack_sdk\nimport uvicorn"),
        ("bot.cli", "from bot import app, demo\nfrom handlers.slack.manifest import manifest"),
        ("bot.demo", "from bot import app\nfrom bot.workspace import serve\nfrom handlers.slack import manifest"),
        ("bot.workspace.server", "import uvicorn\nfrom bot.workspace.store import Store\nfrom . import store"),
        ("bot.cases", "from models.case import Case\nimport sqlalchemy\n# from handlers import slack"),
        ("handlers.slack.home", "from bot.cases import file\nfrom models.forms import Form\nimport slack_bolt"),
        ("models.migrations.versions.first", "\n" * (LONGEST * 3)),
        ("bot.full", "\n" * LONGEST),
    ],
)
def test_what_is_allowed_passes(tmp_path: Path, name: str, text: str) -> None:
    assert planted(tmp_path, name, text) == []
