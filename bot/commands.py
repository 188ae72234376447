"""What somebody types after the command: a word the bot knows, something close to one, or a question."""

import enum
import re
import unicodedata
from dataclasses import dataclass

from rapidfuzz.distance import OSA


class Word(enum.StrEnum):
    """The words that mean something by themselves."""

    STATUS = "status"
    MINE = "mine"
    SEARCH = "search"
    MEMBERS = "members"
    PROFILE = "profile"
    PAUSE = "pause"
    DIGEST = "digest"
    HELP = "help"


SPELLINGS: dict[str, Word] = {
    "status": Word.STATUS,
    "mina": Word.MINE,
    "mine": Word.MINE,
    "search": Word.SEARCH,
    "sök": Word.SEARCH,
    "sok": Word.SEARCH,
    "members": Word.MEMBERS,
    "ledamöter": Word.MEMBERS,
    "ledamoter": Word.MEMBERS,
    "profil": Word.PROFILE,
    "profile": Word.PROFILE,
    "paus": Word.PAUSE,
    "pause": Word.PAUSE,
    "digest": Word.DIGEST,
    "veckobrev": Word.DIGEST,
    "help": Word.HELP,
    "hjälp": Word.HELP,
    "hjalp": Word.HELP,
}
"""Every way to write a word, casefolded; words without their rings and dots count too. Of two that are as close to what
was typed, the first is guessed: Swedish comes first."""

_WITH_TEXT = frozenset({Word.SEARCH, Word.MEMBERS})
_NUMBER = re.compile(r"(?:nr\.?\s*|#)?([0-9]{1,9})")
_LONGEST = 20
_LONGEST_GUESS = 80


@dataclass(frozen=True, slots=True)
class Command:
    """A word with what belongs to it: a consultation's number, or the words to look for."""

    word: Word
    number: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Guess:
    """One or two words that may have been meant as a command: `meant` is how that is typed, `written` what was."""

    command: Command
    meant: str
    written: str


@dataclass(frozen=True, slots=True)
class Asking:
    """A question, with the first sign and the last as typed; empty when nothing was."""

    text: str


def parse(typed: str) -> Command | Guess | Asking:
    """What was meant. Never raises.

    A word counts only when the rest is a legal argument: nothing, a number after `status`, any words after `search`
    and `members`. Of what is left, one or two words close to a command are a `Guess`; everything else is a question.
    """
    text = unicodedata.normalize("NFC", typed).strip()
    parts = text.split(maxsplit=1)
    if not parts:
        return Asking("")
    first, rest = parts[0], parts[1] if len(parts) > 1 else ""
    known = SPELLINGS.get(_key(first))
    if known is not None and (command := _with(known, rest)) is not None:
        return command
    if len(text.split()) <= 2 and len(text) <= _LONGEST_GUESS and (spelling := _closest(_key(first))) is not None:
        word = SPELLINGS[spelling]
        command = _with(word, rest)
        return Guess(command or Command(word), f"{spelling} {rest}".strip() if command else spelling, text)
    return Asking(text)


def _with(word: Word, rest: str) -> Command | None:
    """The command with its argument, or None when the rest is none."""
    if word in _WITH_TEXT:
        return Command(word, text=rest)
    if not rest.strip(".!?"):
        return Command(word)
    if word is Word.STATUS and (number := _NUMBER.fullmatch(rest.casefold())) is not None:
        return Command(word, number=int(number.group(1)))
    return None


def _closest(written: str) -> str | None:
    """The spelling that a word is most likely meant for: one slip of the pen, two in a longer word."""
    if not 3 <= len(written) <= _LONGEST:
        return None
    slips = {each: OSA.distance(written, each, score_cutoff=2) for each in SPELLINGS}
    nearest = min(slips, key=lambda each: slips[each])
    allowed = 2 if min(len(written), len(nearest)) > 5 else 1
    return nearest if slips[nearest] <= allowed else None


def _key(word: str) -> str:
    return word.casefold().strip(".,:;!?")
