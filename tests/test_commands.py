"""What people type after the command, and what is made of it."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.commands import SPELLINGS, Asking, Command, Guess, Word, parse


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", Asking("")),
        ("   \n", Asking("")),
        ("status", Command(Word.STATUS)),
        ("Status 12", Command(Word.STATUS, number=12)),
        ("status #12", Command(Word.STATUS, number=12)),
        ("status nr 12", Command(Word.STATUS, number=12)),
        ("mine", Command(Word.MINE)),
        ("MINA", Command(Word.MINE)),
        ("sök hemlöshet i Farsta", Command(Word.SEARCH, text="hemlöshet i Farsta")),
        ("so\u0308k vräkning", Command(Word.SEARCH, text="vräkning")),
        ("sok vräkning", Command(Word.SEARCH, text="vräkning")),
        ("search", Command(Word.SEARCH)),
        ("ledamöter", Command(Word.MEMBERS)),
        ("ledamoter missbruk och genus", Command(Word.MEMBERS, text="missbruk och genus")),
        ("profil", Command(Word.PROFILE)),
        ("paus", Command(Word.PAUSE)),
        ("veckobrev", Command(Word.DIGEST)),
        ("hjälp", Command(Word.HELP)),
        ("Hjälp!", Command(Word.HELP)),
        ("help ?", Command(Word.HELP)),
    ],
)
def test_a_word_with_a_legal_argument_is_a_command(typed: str, meant: object) -> None:
    assert parse(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "status för unga i kriminalitet",
        "profil för en ny gruppbostad",
        "paus i behandlingen, vad säger forskningen?",
        "mina brukare vill ha mer inflytande",
        "hjälp oss att utvärdera",
        "status 1234567890",
        "Hur följer vi upp boendestöd?",
        "utvärdering",
        "vräkning",
        "status 12 och 13",
    ],
)
def test_a_word_with_anything_else_is_part_of_a_question(typed: str) -> None:
    meant = parse(typed)
    if len(typed.split()) > 2 or typed in {"utvärdering", "vräkning"}:
        assert meant == Asking(typed)
    else:
        assert isinstance(meant, Guess)
        assert meant.written == typed


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("staus", Command(Word.STATUS)),
        ("sttaus 12", Command(Word.STATUS, number=12)),
        ("mine 3", Command(Word.MINE)),
        ("mian", Command(Word.MINE)),
        ("ledmöter hemlöshet", Command(Word.MEMBERS, text="hemlöshet")),
        ("vekobrev", Command(Word.DIGEST)),
        ("hjäpl", Command(Word.HELP)),
        ("sökk barn", Command(Word.SEARCH, text="barn")),
        ("status imorgon", Command(Word.STATUS)),
    ],
)
def test_one_or_two_words_close_to_a_command_are_asked_about(typed: str, command: Command) -> None:
    guess = parse(typed)
    assert isinstance(guess, Guess)
    assert (guess.command, guess.written) == (command, typed)
    assert parse(guess.meant) == command


@given(st.one_of(st.text(max_size=400), st.text(alphabet="statuminehjälp #nr0129!?\n\u0308\x00 ", max_size=60)))
@example("status " + "9" * 5000)
@example("status ٣")
@example("#" * 4000)
def test_any_text_is_something_and_no_question_loses_a_word(typed: str) -> None:
    meant = parse(typed)
    if isinstance(meant, Asking):
        assert parse(meant.text) == meant
        assert meant.text.split() == unicodedata.normalize("NFC", typed).split()
    elif isinstance(meant, Guess):
        assert 1 <= len(meant.written.split()) <= 2
        assert parse(meant.meant) == meant.command
    else:
        assert meant.number is None or 0 <= meant.number < 10**9


@given(
    st.sampled_from(sorted(SPELLINGS)), st.lists(st.sampled_from(["för", "barn", "unga", "i", "Farsta"]), min_size=2)
)
def test_three_words_are_never_a_guess(spelling: str, rest: list[str]) -> None:
    typed = " ".join([spelling, *rest])
    meant = parse(typed)
    assert meant == (
        Command(SPELLINGS[spelling], text=" ".join(rest))
        if SPELLINGS[spelling] in {Word.SEARCH, Word.MEMBERS}
        else Asking(typed)
    )
