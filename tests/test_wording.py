import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from bot.wording import LANGUAGES, Sentence, catalogue, say, say_n, words
from bot.wording.catalogues import LOCALES
from bot.workdays import IsoWeek

ROOT = Path(__file__).parents[1]
WORDING = ROOT / "bot" / "wording"
SENTENCES = [(language, key) for language in LANGUAGES for key in catalogue(language)]


def forms(sentence: Sentence) -> tuple[str, ...]:
    return (sentence,) if isinstance(sentence, str) else sentence


def keys_of(path: Path) -> list[str]:
    return sorted(re.findall(r'^msgid "(.+)"$', path.read_text(encoding="utf-8"), re.MULTILINE))


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


# What the code says


@dataclass(frozen=True)
class Said:
    """One call that says a sentence: the key or the beginning of one, and the names it fills in."""

    where: str
    key: str
    whole: bool
    plural: bool
    filled: frozenset[str] | None


@dataclass(frozen=True)
class Code:
    """What is said in some Python files, every literal in them, and how every f-string in them begins."""

    said: tuple[Said, ...]
    literals: frozenset[str]
    beginnings: frozenset[str]


def read_code(paths: Iterator[Path] | list[Path]) -> Code:
    said: list[Said] = []
    literals: set[str] = set()
    beginnings: set[str] = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                said.extend(said_by(node, path))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                literals.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                beginnings.add(beginning(node))
    dotted = frozenset(one for one in beginnings if re.match(r"[a-z_]+\.", one))
    return Code(tuple(said), frozenset(literals), dotted)


def said_by(call: ast.Call, path: Path) -> Iterator[Said]:
    found = key_argument(call)
    if found is None:
        return
    argument, plural = found
    names = {keyword.arg for keyword in call.keywords}
    filled = None if None in names else frozenset(name for name in names if name)
    for key, whole in keys_in(argument):
        if key and key not in LANGUAGES:
            yield Said(f"{path.name}:{call.lineno}", key, whole, plural, filled)


def key_argument(call: ast.Call) -> tuple[ast.expr, bool] | None:
    """The argument that holds the key, and whether plural forms are asked for."""
    name = spelled(call.func)
    if name in ("say", "say_n"):
        return (call.args[1], name == "say_n") if len(call.args) > 1 else None
    if not call.args:
        return None
    if name in ("w", "words") or (isinstance(call.func, ast.Call) and spelled(call.func.func) == "words"):
        return call.args[0], False
    if name == "n" and isinstance(call.func, ast.Attribute) and speaks(call.func.value):
        return call.args[0], True
    return None


def speaks(node: ast.expr) -> bool:
    return spelled(node.func if isinstance(node, ast.Call) else node) in ("w", "words")


def spelled(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def keys_in(node: ast.expr) -> Iterator[tuple[str, bool]]:
    if isinstance(node, ast.IfExp):
        yield from keys_in(node.body)
        yield from keys_in(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, True
    elif isinstance(node, ast.JoinedStr):
        yield beginning(node), False


def beginning(node: ast.JoinedStr) -> str:
    first = node.values[0] if node.values else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def wrongly_said(code: Code, sentences: dict[str, Sentence]) -> list[str]:
    mistakes = ((said, mistake(said, sentences)) for said in code.said)
    return sorted(f"{said.where} {said.key}: {why}" for said, why in mistakes if why)


def mistake(said: Said, sentences: dict[str, Sentence]) -> str:
    if not said.whole:
        return "" if any(key.startswith(said.key) for key in sentences) else "no sentence begins so"
    if said.key not in sentences:
        return "no such sentence"
    sentence = sentences[said.key]
    if said.plural != isinstance(sentence, tuple):
        return "has plural forms" if isinstance(sentence, tuple) else "has no plural forms"
    wanted = set().union(*map(places, forms(sentence))) - ({"n"} if said.plural else set())
    missing = wanted - said.filled if said.filled is not None else set()
    return f"needs {', '.join(sorted(missing))}" if missing else ""


def unsaid(code: Code, sentences: dict[str, Sentence]) -> list[str]:
    """Sentences nothing in the code can reach, neither by name nor by how an f-string begins."""
    begun = tuple(code.beginnings)
    return sorted(key for key in sentences if key not in code.literals and not key.startswith(begun))


@pytest.fixture(scope="module")
def code() -> Code:
    folders = (ROOT / "bot", ROOT / "handlers")
    return read_code([path for folder in folders for path in sorted(folder.rglob("*.py"))])


def test_every_sentence_the_code_says_stands_in_the_catalogues(code: Code) -> None:
    assert code.said
    wrong = wrongly_said(code, dict(catalogue("sv")))
    assert not wrong, "\n".join(["Said but not written:", *wrong])


def test_every_sentence_in_the_catalogues_is_said(code: Code) -> None:
    left = unsaid(code, dict(catalogue("sv")))
    assert not left, "\n".join(["Written but never said:", *left])


SAMPLE: dict[str, Sentence] = {
    "case.filed": "Konsultation {number} är inskickad.",
    "digest.new": ("{n} ny i {district}", "{n} nya i {district}"),
    "status.active": "pågår",
    "help.plan": "plan",
}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ('w("case.filed", number=3)', ""),
        ('words("sv")("case.filed", number=3)', ""),
        ('self.words("case.filed", **values)', ""),
        ('say("en", "case.filed", number=3)', ""),
        ('w.n("digest.new", 2, district="Farsta")', ""),
        ('words("sv").n("digest.new", 2, district="Farsta")', ""),
        ('say_n(language, "digest.new", 2, district="Farsta")', ""),
        ('w(f"status.{status}")', ""),
        ("w(key)", ""),
        ('w("case.field", number=3)', "case.field: no such sentence"),
        ('w("status.active" if on else "status.off")', "status.off: no such sentence"),
        ('words(language)("case.gone")', "case.gone: no such sentence"),
        ('w(f"state.{status}")', "state.: no sentence begins so"),
        ('w("case.filed")', "case.filed: needs number"),
        ('w.n("digest.new", 2)', "digest.new: needs district"),
        ('w("digest.new", district="Farsta")', "digest.new: has plural forms"),
        ('say_n("sv", "status.active", 1)', "status.active: has no plural forms"),
    ],
)
def test_the_reading_of_the_code(tmp_path: Path, line: str, wrong: str) -> None:
    path = tmp_path / "sample.py"
    path.write_text(line, encoding="utf-8")
    found = wrongly_said(read_code([path]), SAMPLE)
    assert found == ([f"sample.py:1 {wrong}"] if wrong else [])


def test_sentences_never_said_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "sample.py"
    path.write_text('KEYS = ("digest.new",)\nw(f"status.{status}")\nprint(f"{x}case.")\n', encoding="utf-8")
    assert unsaid(read_code([path]), SAMPLE) == ["case.filed", "help.plan"]


# What stands in the catalogues


def test_both_languages_have_the_same_files_and_sentences() -> None:
    subjects = [{path.name for path in (WORDING / language).glob("*.po")} for language in LANGUAGES]
    assert subjects[0] == subjects[1]
    assert sorted(catalogue("sv")) == sorted(catalogue("en"))


@pytest.mark.parametrize("subject", sorted(path.name for path in (WORDING / "sv").glob("*.po")))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_is_complete_and_in_order(language: str, subject: str) -> None:
    path = WORDING / language / subject
    with path.open("rb") as opened:
        messages = [message for message in read_po(opened, abort_invalid=True) if message.id]
    keys = keys_of(path)
    rule = get_plural(LOCALES[language])
    assert f"nplurals={rule.num_plurals}; plural={rule.plural_expr};" in path.read_text(encoding="utf-8")
    assert len(keys) == len(set(keys)) == len(messages)
    for message in messages:
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        assert len(set(ids)) == 1, f"{ids}: a sentence and its plural share one key"
        assert re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", ids[0]), ids[0]
        assert not message.fuzzy, ids[0]
        assert ids[0] in catalogue(language), f"{ids[0]} says nothing"


def test_every_sentence_has_its_subjects_file_in_both_languages() -> None:
    for path in (WORDING / "sv").glob("*.po"):
        assert keys_of(path) == keys_of(WORDING / "en" / path.name), path.name


@pytest.mark.parametrize("key", sorted(set(catalogue("sv")) & set(catalogue("en"))))
def test_both_languages_have_the_same_places_and_plurals(key: str) -> None:
    swedish, english = catalogue("sv")[key], catalogue("en")[key]
    assert isinstance(swedish, str) == isinstance(english, str)
    assert set().union(*map(places, forms(swedish))) == set().union(*map(places, forms(english)))
    for name in set().union(*map(places, forms(swedish))):
        assert name.isidentifier(), f"{{{name}}} is no plain name"


@pytest.mark.parametrize(("language", "key"), SENTENCES)
def test_a_sentence_reads_well(language: str, key: str) -> None:
    for form in forms(catalogue(language)[key]):
        assert "ärende" not in form.casefold(), "say konsultation"
        assert "!" not in form
        assert "  " not in form
        assert "..." not in form, "write …"
        assert form == form.strip()
        assert "\t" not in form
        if language == "sv":
            assert not re.search(r"[\"'“‘]", form), "write ” in Swedish"


# How they are said


def test_a_sentence_is_said_in_the_language_asked_for_and_else_in_swedish() -> None:
    assert say("sv", "status.active") == "pågår"
    assert say("en", "status.active") == "under way"
    assert say("en-GB", "status.active") == say("en_US", "status.active") == "under way"
    assert say("fi", "status.active") == say("", "status.active") == "pågår"
    assert words("de-DE").language == "sv"


def test_every_domain_word_fits_an_option() -> None:
    subjects = ("status.", "offer.", "decline.", "help.", "kind.", "phase.", "outcome.", "role.")
    for language in LANGUAGES:
        for key, sentence in catalogue(language).items():
            if key.startswith(subjects):
                assert all(len(form) <= 75 for form in forms(sentence)), key


def test_a_missing_sentence_is_named() -> None:
    with pytest.raises(KeyError, match=r"status\.unheard_of"):
        say("sv", "status.unheard_of")
    with pytest.raises(KeyError, match=r"status\.unheard_of"):
        words("en").n("status.unheard_of", 2)
    with pytest.raises(KeyError, match=r"status\.active with plural forms"):
        say_n("sv", "status.active", 2)


def test_a_missing_value_is_named() -> None:
    with pytest.raises(KeyError, match=r"time\.week needs a value for week"):
        say("sv", "time.week")


def test_user_text_with_braces_stays_as_it_is() -> None:
    assert say("sv", "time.week", week="{0.__class__} {week}") == "vecka {0.__class__} {week}"


def test_the_catalogue_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        catalogue("sv")["status.active"] = "klart"  # type: ignore[index]


def test_days_weeks_and_times() -> None:
    late = datetime(2026, 3, 11, 23, 30, tzinfo=UTC)
    swedish, english = words("sv"), words("en")
    assert (swedish.day(late), english.day(late)) == ("torsdag 12 mars", "Thursday 12 March")
    assert (swedish.date(late), english.date(late)) == ("12 mars 2026", "12 March 2026")
    assert swedish.time(late) == english.time(late) == "00:30"
    assert words("sv", zone="UTC").day(late) == "onsdag 11 mars"
    assert words("sv", zone="UTC").time(late) == "23:30"
    assert swedish.day(date(2026, 3, 12)) == "torsdag 12 mars"
    assert (swedish.week(date(2026, 3, 16)), english.week(IsoWeek(2026, 12))) == ("vecka 12", "week 12")
    assert swedish.week(datetime(2026, 3, 15, 23, 30, tzinfo=UTC)) == "vecka 12"


def test_naive_moments_are_refused() -> None:
    naive = datetime(2026, 3, 12)  # noqa: DTZ001
    for show in (words("sv").date, words("sv").day, words("sv").time, words("sv").week):
        with pytest.raises(ValueError, match="time zone"):
            show(naive)


def test_lists_of_names_and_numbers() -> None:
    swedish, english = words("sv"), words("en")
    assert swedish.names(["A", "B", "C"]) == "A, B och C"
    assert english.names(["A", "B", "C"]) == "A, B and C"
    assert swedish.names(["A", "B"]) == "A och B"
    assert (swedish.names(["A"]), swedish.names([])) == ("A", "")
    assert (swedish.number(12000), english.number(12000)) == ("12\u00a0000", "12,000")
    assert (swedish.number(1.5), english.number(1.5)) == ("1,5", "1.5")
