"""Personal numbers in free text: a consultation never describes an individual, so none may be sent in."""

import re
from collections.abc import Iterator

from personnummer import personnummer

_SPACE = r"[ \t\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff]"
_DASH = r"[-+\u00ad\u2010-\u2015\u2212\ufe63\uff0d]"
_CENTURY = rf"(?P<century>(?:18|19|20)(?={_SPACE}{{0,3}}[0-9])){_SPACE}{{0,3}}"
_DATE = r"(?P<year>[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
_SPACED_DATE = rf"(?P<year>[0-9]{{2}})(?P<gap>{_SPACE}|{_DASH}|[./])(?P<month>[0-9]{{2}})(?P=gap)(?P<day>[0-9]{{2}})"
_LAST_FOUR = rf"{_SPACE}{{0,3}}(?P<sign>{_DASH}?){_SPACE}{{0,3}}(?P<last>[0-9]{{4}})(?![0-9])"

# Looking ahead only, so that a match never hides another one that begins inside it.
_FORMS = tuple(
    re.compile(rf"(?<![0-9])(?=(?P<number>{century}{date}{_LAST_FOUR}))")
    for century in ("", _CENTURY)
    for date in (_DATE, _SPACED_DATE)
)


def personal_numbers(text: str) -> list[tuple[int, int]]:
    """Where valid Swedish personal and coordination numbers stand in the text, as (start, end), in order.

    Ten or twelve digits, with a hyphen, a plus, a dash, spaces or nothing between, also as a written date
    ("1912-12-12-1212"). Date and check digit must be right, so diary numbers, years and organisation numbers
    are no hits; a telephone number is one only when it is written and adds up exactly like a personal number.
    Spans that overlap are given as one.
    """
    spans: list[tuple[int, int]] = []
    for start, end in sorted(_candidates(text)):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _candidates(text: str) -> Iterator[tuple[int, int]]:
    for form in _FORMS:
        for match in form.finditer(text):
            if personnummer.valid(_written_plainly(match)):
                yield match.span("number")


def _written_plainly(match: re.Match[str]) -> str:
    parts = match.groupdict()
    sign = "+" if parts["sign"] == "+" else "-"
    return f"{parts.get('century') or ''}{parts['year']}{parts['month']}{parts['day']}{sign}{parts['last']}"
