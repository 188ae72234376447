"""`konsult match` as it is typed."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.matching.command import command
from bot.matching.concept import Area, Concept
from bot.matching.profiles import Profile
from bot.matching.rank import Matcher
from bot.matching.taxonomy import standard
from tests.matching.members import MEMBERS

FILE = {
    "members": [
        {"id": 7, "name": "Åsa Ö", "title": "Docent", "keywords": ["hemlöshet", "våld"], "lang": "sv"},
        {
            "id": "b",
            "name": "Bo [red]Ek",
            "bio": "Forskar om ASI.",
            "publications": ["Missbruk \u001b[2J"],
            "title": None,
        },
        {"id": 3},
    ],
    "requests": [
        {"id": 1, "text": "vi ser mer hemloshet", "lang": "sv"},
        {"id": "två", "text": "🎉"},
    ],
}


@pytest.fixture
def both(tmp_path: Path) -> Path:
    file = tmp_path / "både.json"
    file.write_text(json.dumps(FILE), "utf-8")
    return file


def konsult(*arguments: object) -> Result:
    def none_of_the_installation() -> Matcher:
        pytest.fail("the installation's members were asked for")

    return _run(none_of_the_installation, arguments)


def _run(matcher: Any, arguments: tuple[object, ...]) -> Result:
    app = typer.Typer()
    app.command("match")(command(matcher))
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_all_members_of_all_requests_as_one_object(both: Path) -> None:
    result = konsult("--requests", both, "--members", both, "--top", 0, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "results": [
            {
                "request": 1,
                "confidence": "clear",
                "ranking": [
                    {
                        "member": 7,
                        "score": pytest.approx(0.5, abs=0.5),
                        "reasons": [
                            {"asked": "hemloshet", "profile": "hemlöshet", "field": "keywords", "via": "spelling"}
                        ],
                    },
                    {"member": 3, "score": 0.0, "reasons": []},
                    {"member": "b", "score": 0.0, "reasons": []},
                ],
                "left_out": [],
            },
            {
                "request": "två",
                "confidence": "none",
                "ranking": [{"member": member, "score": 0.0, "reasons": []} for member in (3, "b", 7)],
                "left_out": [],
            },
        ]
    }
    assert "hemlöshet" in result.stdout


def test_one_text_has_no_request_id(both: Path) -> None:
    (answer,) = json.loads(konsult("ASI", "--members", both, "--json").stdout)["results"]
    assert (answer["request"], [each["member"] for each in answer["ranking"]]) == (None, ["b"])


def test_without_a_file_the_members_of_the_installation_answer() -> None:
    result = _run(lambda: Matcher(MEMBERS), ("Vi ser fler vräkningar", "--json"))
    assert json.loads(result.stdout)["results"][0]["ranking"][0]["member"] == "astrid"


def test_the_organisations_own_terms_count_for_its_members() -> None:
    terms = standard().with_terms([Concept("Fyrfadet", "own", (), ("ljusstunden",))], Area("own", "Eget", "Own"))
    members = [Profile("a", "A", keywords=("Fyrfadet",)), Profile("b", "B", keywords=("vräkning",))]
    for taxonomy, found in ((terms, ["a"]), (standard(), [])):
        answer = _run(lambda known=taxonomy: Matcher(members, taxonomy=known), ("ljusstunden", "--json"))
        assert [each["member"] for each in json.loads(answer.stdout)["results"][0]["ranking"]] == found


def test_no_requests_are_an_empty_answer(tmp_path: Path, both: Path) -> None:
    empty = tmp_path / "tom.json"
    empty.write_text("[]", "utf-8")
    result = konsult("--requests", empty, "--members", both, "--json")
    assert json.loads(result.stdout) == {"results": []}
    nobody = konsult("våld", "--members", empty, "--json")
    assert json.loads(nobody.stdout)["results"][0]["ranking"] == []


def test_half_a_character_is_no_obstacle(tmp_path: Path) -> None:
    file = tmp_path / "halv.json"
    file.write_text(r'[{"id": "\ud800", "name": "\ud800", "keywords": ["våld \udfff"]}]', "utf-8")
    assert len(json.loads(konsult("våld", "--members", file, "--json").stdout)["results"][0]["ranking"]) == 1
    assert konsult("våld", "--members", file).exit_code == 0


def test_the_table_gives_names_and_reasons_in_swedish(both: Path) -> None:
    shown = konsult("missbruk och våld", "--members", both).stdout
    for words in ("Ledamot", "Åsa Ö", "Bo [red]Ek", "”våld”", "nyckelord", "publikationer"):
        assert words in shown
    assert "\x1b[2J" not in shown
    assert "Ingen ledamot" in konsult("🎉", "--members", both).stdout
    assert "Förfrågan två" in konsult("--requests", both, "--members", both).stdout


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[{]", "is not JSON (line 1"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"[" * 100_000, "is not JSON that can be read"),
        (b'{"people": []}', 'under "members"'),
        (b"3", 'under "members"'),
        (b'[{"id": 1}, {"name": "x"}]', "members[1], field id"),
        (b'[{"id": true}]', "members[0], field id"),
        (b'[{"id": 1.5}]', "members[0], field id: Input should be a whole number or a text."),
        (b'[{"id": 1}, {"id": "1"}]', "members[1], field id: '1' stands there twice"),
        (b'[{"id": 1, "keywords": "x"}]', "members[0], field keywords"),
        (b'[{"id": 1, "publications": ["a", 2]}]', "members[0], field publications[1]"),
        (b'[{"id": 1, "bio": 2}]', "members[0], field bio"),
        (b"[7]", "members[0], entry: should be an object"),
    ],
)
def test_a_wrong_file_of_members_is_named_with_its_place(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "fel.json"
    file.write_bytes(content)
    result = konsult("våld", "--members", file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "fel.json" in result.stderr
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_wrong_file_of_requests_is_named_with_its_place(tmp_path: Path, both: Path) -> None:
    file = tmp_path / "fel.json"
    file.write_text('{"requests": [{"id": 1, "text": "x"}, {"id": 2, "text": null}]}', "utf-8")
    result = konsult("--requests", file, "--members", both)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "requests[1], field text" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Give a text"),
        (("våld", "--requests", "x.json"), "not both"),
        (("våld", "--top", "-1"), "--top"),
        (("våld", "--members", "finns-inte.json"), "finns-inte.json: cannot be read"),
        (("våld", "--members", "."), "cannot be read"),
    ],
)
def test_wrong_arguments_get_one_sentence(arguments: tuple[str, ...], says: str) -> None:
    result = konsult(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
