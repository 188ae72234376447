"""The catalogues: read once, straight from the .po files, with no compiling step."""

from collections.abc import Mapping
from functools import lru_cache
from gettext import c2py
from importlib.resources import files
from types import MappingProxyType

from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LOCALES = {"sv": "sv_SE", "en": "en_GB"}
LANGUAGES = tuple(LOCALES)

Sentence = str | tuple[str, ...]
"""A sentence with `{named}` places, or its plural forms in the order of the language's rule."""


def spoken(language: str) -> str:
    """The language konsult answers in: "en" for every English locale ("en", "en-US"), otherwise "sv"."""
    primary = language.replace("_", "-").split("-")[0].casefold()
    return primary if primary in LOCALES else "sv"


@lru_cache(maxsize=len(LOCALES))
def _read(language: str) -> Mapping[str, Sentence]:
    sentences: dict[str, Sentence] = {}
    folder = files("bot.wording") / language
    subjects = [file for file in folder.iterdir() if file.name.endswith(".po")]
    for subject in sorted(subjects, key=lambda file: file.name):
        with subject.open("rb") as opened:
            messages = read_po(opened, locale=LOCALES[language], abort_invalid=True)
        for message in messages:
            key = message.id if isinstance(message.id, str) else message.id[0]
            if not key:
                continue
            if key in sentences:
                raise ValueError(f"{key} stands in two files of {language}, one of them {subject.name}.")
            if message.string and all(message.string):
                sentences[key] = message.string if isinstance(message.string, str) else tuple(message.string)
    return MappingProxyType(sentences)


def catalogue(language: str) -> Mapping[str, Sentence]:
    """Every sentence of the language by its key. Raises ValueError when a key stands in two files."""
    return _read(spoken(language))


def say(language: str, key: str, /, **values: object) -> str:
    """The sentence with its named places filled in.

    Raises KeyError, naming the key, when there is no such sentence or when one of its places gets no value.
    """
    sentence = catalogue(language).get(key)
    if not isinstance(sentence, str):
        raise KeyError(f"{key} ({spoken(language)})")
    return _fill(key, sentence, values)


def say_n(language: str, key: str, n: int, /, **values: object) -> str:
    """The sentence in the form that n asks for; `{n}` in it is the number as the language writes it.

    Raises KeyError like `say`, also for a sentence without plural forms.
    """
    forms = catalogue(language).get(key)
    if not isinstance(forms, tuple):
        raise KeyError(f"{key} with plural forms ({spoken(language)})")
    form = forms[_plural_form(spoken(language), n)]
    return _fill(key, form, {"n": format_decimal(n, locale=LOCALES[spoken(language)]), **values})


def _plural_form(language: str, n: int) -> int:
    return c2py(get_plural(language).plural_expr)(abs(n))


def _fill(key: str, sentence: str, values: Mapping[str, object]) -> str:
    try:
        return sentence.format_map(values)
    except KeyError as missing:
        raise KeyError(f"{key} needs a value for {missing.args[0]}") from None
