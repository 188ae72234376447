"""The docs say what the code does, lead somewhere, and speak of the project alone."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import typer

from bot import cli
from bot.settings import Settings
from tests.pages import ROOT, SECTIONS, diagram, example, leaves, renewed, variable

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PLACES = re.compile(r"`((?:models|bot|handlers|tests|docs)/[\w./-]*)`")
VARIABLES = re.compile(r"\bKONSULT_[A-Z_]+\b")
MADE_BY_TESTS = {"docs/pictures/page.png"}
"""Pictures that the browser tests make."""
FOREIGN = re.compile(
    r"pythonhosted|pypi\.org|npmjs|deb\.debian|/root\b|/work\b|/tmp/|/home/|\bAI agents?\b|\bLLMs?\b|\bsub-?agents?\b"
    r"|\bClaude\b|\bChatGPT\b|\bCopilot\b|\bTODO\b|\bFIXME\b|\bissue #?\d|ärende",
    re.IGNORECASE,
)
"""What no page may say: hosts that files come from, paths of one machine, who wrote it, what is not finished, and a
word that means a client here."""
TESTING = {"KONSULT_TEST_REQUIRE", "KONSULT_TEST_POSTGRES_BIN"}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("name", SECTIONS)
def test_what_is_taken_from_the_code_is_as_the_code_is(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert renewed(name, text) == text, "run: make docs"


def test_the_example_of_settings_is_as_the_code_is() -> None:
    assert (ROOT / ".env.example").read_text("utf-8") == example(), "run: make docs"


def test_an_old_page_would_be_seen() -> None:
    text = (ROOT / "docs/settings.md").read_text("utf-8")
    old = text.replace("KONSULT_PORT", "KONSULT_DOOR")
    assert renewed("docs/settings.md", old) == text
    with pytest.raises(ValueError, match="one part marked settings"):
        renewed("docs/settings.md", "nothing")


def test_every_setting_says_what_it_is() -> None:
    table = (ROOT / "docs/settings.md").read_text("utf-8")
    for name, field in Settings.model_fields.items():
        assert f"| `{variable(name, field)}` |" in table
        assert field.description
        assert field.description.endswith(".")


def test_every_command_and_option_says_what_it_does() -> None:
    page = (ROOT / "docs/commands.md").read_text("utf-8")
    found = list(leaves(typer.main.get_command(cli.main), ("konsult",)))
    assert len(found) >= 10
    for path, command in found:
        assert f"## `{' '.join(path)}`\n" in page
        assert command.help
        for parameter in command.params:
            assert parameter.name == "help" or getattr(parameter, "help", None), (path, parameter.name)


def test_the_diagram_leaves_no_status_alone() -> None:
    edges = [line.split(":")[0].split(" --> ") for line in diagram().splitlines() if " --> " in line]
    sources, targets = ({edge[side].strip() for edge in edges} for side in (0, 1))
    for status in ("submitted", "clarifying", "offered", "active", "paused", "closed", "withdrawn"):
        assert status in sources
        assert status in targets


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text("utf-8")):
        assert not target.startswith("http"), target
        place, _, heading = target.partition("#")
        goal = (path.parent / place).resolve() if place else path
        if named(goal) in MADE_BY_TESTS:
            continue
        assert goal.exists(), target
        headings = re.findall(r"^#+ (.+)$", goal.read_text("utf-8"), re.MULTILINE) if heading else []
        slugs = {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}
        assert not heading or heading in slugs, target


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_every_place_and_setting_that_is_named_is_there(path: Path) -> None:
    text = path.read_text("utf-8")
    for place in PLACES.findall(text):
        assert (ROOT / place).exists(), place
    known = {variable(name, field) for name, field in Settings.model_fields.items()} | TESTING
    assert set(VARIABLES.findall(text)) <= known


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_every_command_that_is_shown_is_one(path: Path) -> None:
    known = {words[1:] for words, _ in leaves(typer.main.get_command(cli.main), ("konsult",))}
    shown = re.findall(
        r"`(?:\.venv/bin/)?konsult ([^`]+)`|^\.venv/bin/konsult (.+)$", path.read_text("utf-8"), re.MULTILINE
    )
    for inline, line in shown:
        words = tuple((inline or line).split())
        assert any(words[: len(each)] == each for each in known), words


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_the_targets_that_are_named_can_be_made(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    assert targets >= {"help", "demo", "test", "lint", "docs", "lock"}
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", path.read_text("utf-8"), re.MULTILINE)) <= targets


def project_files() -> list[Path]:
    """Every text file that belongs to the project."""
    kinds = {".md", ".py", ".toml", ".txt", ".po", ".mako", ".js", ".css", ".html", ".svg"}
    folders = [ROOT / name for name in ("bot", "handlers", "models", "tests", "docs")]
    found = [path for folder in folders for path in folder.rglob("*") if path.suffix in kinds]
    return [*found, *(path for path in ROOT.iterdir() if path.is_file() and path.name != ".env"), ROOT / ".ci/run"]


def test_the_pages_speak_of_the_project_alone() -> None:
    for page in [*PAGES, ROOT / "Makefile", ROOT / "Procfile", ROOT / ".env.example"]:
        assert FOREIGN.findall(page.read_text("utf-8")) == [], page


def test_no_file_names_a_download_host_or_one_machines_paths() -> None:
    hosts = re.compile(r"py[p]i\.org|python[h]osted|npm[j]s\.|deb\.debi[a]n|index-url|/(?:home|r[o]ot|w[o]rk)/")
    for path in project_files():
        if path.name not in {"test_docs.py", "Makefile"}:
            assert hosts.findall(path.read_text("utf-8", "replace")) == [], path


def test_every_locked_package_has_its_hashes() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    runtime, development = ((ROOT / f"requirements{kind}.txt").read_text("utf-8") for kind in ("", "-dev"))
    for lock in (runtime, development):
        pins = re.findall(
            r"^([a-z0-9-]+)(?:\[[a-z]+\])?==(\S+)[^\n]*\\\n    --hash=sha256:[0-9a-f]{64}", lock, re.MULTILINE
        )
        assert len(pins) == len(re.findall(r"^[a-z]", lock, re.MULTILINE))
        for requirement in wanted:
            assert re.split(r"[\[>=<]", requirement)[0] in dict(pins)
    pins_of = re.compile(r"^([a-z0-9-]+)(?:\[[a-z]+\])?==(\S+)(?: ; ([^\\\n]+))?", re.MULTILINE)
    assert set(pins_of.findall(runtime)) <= set(pins_of.findall(development))


def test_help_is_what_make_says_by_itself() -> None:
    told = subprocess.run(["make", "-s", "-C", ROOT], capture_output=True, text=True, check=True)
    for target in ("demo", "test", "lint", "docs", "lock"):
        assert f"make {target} " in told.stdout


def test_the_procfile_starts_what_there_is() -> None:
    lines = dict(line.split(": ") for line in (ROOT / "Procfile").read_text("utf-8").splitlines())
    assert lines == {"release": "konsult db upgrade", "web": "konsult serve", "worker": "konsult work"}
