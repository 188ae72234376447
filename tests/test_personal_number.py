import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.personal_number import personal_numbers


def check_digit(nine: str) -> int:
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(nine))
    return -sum(value - 9 if value > 9 else value for value in doubled) % 10


@st.composite
def plain_numbers(draw: st.DrawFn) -> tuple[str, str, str]:
    """Century, date and last four of an invented number with a right check digit."""
    born = draw(st.dates(min_value=date(1927, 1, 1), max_value=date(2025, 12, 31)))
    day = born.day + draw(st.sampled_from((0, 60)))
    birth = f"{born:%y%m}{day:02}"
    serial = f"{draw(st.integers(1, 999)):03}"
    return f"{born.year // 100}", birth, f"{serial}{check_digit(birth + serial)}"


@st.composite
def written_numbers(draw: st.DrawFn) -> str:
    century, birth, last = draw(plain_numbers())
    inner = draw(st.sampled_from(("", "-", " ", "\u00a0", ".", "/")))
    signs = ("", "-", "–", "—", "‑", "−", " ", "\u00a0", " - ", " – ", "\u202f-\u202f")
    sign = draw(st.sampled_from(signs))
    before = draw(st.sampled_from(("", century, century + " ", century + "\u00a0")))
    return before + inner.join((birth[:2], birth[2:4], birth[4:])) + sign + last


@given(written_numbers(), st.text(), st.text())
def test_any_valid_number_is_found_in_any_text(number: str, before: str, after: str) -> None:
    before = re.sub(r"[0-9]\Z", "x", before)
    after = re.sub(r"\A[0-9]", "x", after)
    start = len(before)
    found = personal_numbers(before + number + after)
    assert any(a <= start and start + len(number) <= b for a, b in found)


@given(plain_numbers(), st.integers(1, 9), st.sampled_from(("", "-", "+", " ", "–")))
def test_a_wrong_check_digit_is_no_personal_number(number: tuple[str, str, str], off: int, sign: str) -> None:
    century, birth, last = number
    wrong = last[:3] + str((int(last[3]) + off) % 10)
    assert personal_numbers(f"{birth}{sign}{wrong}") == []
    assert personal_numbers(f"{century}{birth}{sign}{wrong}") == []


@given(st.text())
def test_spans_are_ordered_apart_and_inside_the_text(text: str) -> None:
    ends = 0
    for start, end in personal_numbers(text):
        assert ends <= start < end <= len(text)
        ends = end


@pytest.mark.parametrize(
    "text",
    [
        "19121212-1212",
        "191212121212",
        "121212-1212",
        "121212+1212",
        "1212121212",
        "19 121212 - 1212",
        "19 121212–1212",
        "121212\u00a01212",
        "1912-12-12-1212",
        "1912-12-12 1212",
        "12 12 12-1212",
        "19121272-1219",  # a coordination number: the day plus 60
        "pnr:121212-1212x",
        "<tel:121212-1212>",
    ],
)
def test_numbers_as_people_write_them(text: str) -> None:
    start, end = personal_numbers(text)[0]
    assert re.sub(r"[^0-9]", "", text[start:end]).endswith(("1212", "1219"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "dnr 3.2-0582/2012",
        "dnr 2.3.1–289/2022",
        "212000-0142",  # an organisation number: its month part is 20 or more
        "16212000-0142",
        "2120000142",
        "070-123 45 67",
        "08-508 25 000",
        "0046 8 508 250 00",
        "åren 2012, 2013 och 2014–2017",
        "2026-03-12 14:30",
        "121212-1213",
        "19121312-1212",  # no thirteenth month
        "121212-0008",  # no serial number 000
        "9121212121212",  # thirteen digits
        "121212-12120",
        "121212\n1212",  # two figures on two lines
        "750 000 kr",
    ],
)
def test_what_is_no_personal_number(text: str) -> None:
    assert personal_numbers(text) == []


def test_each_number_has_its_own_span() -> None:
    text = "barnen 121212-1212 och 19121272-1219."
    assert [text[start:end] for start, end in personal_numbers(text)] == ["121212-1212", "19121272-1219"]


def test_an_impossible_century_does_not_hide_the_number_after_it() -> None:
    text = "99 19121212-1212"
    assert [text[start:end] for start, end in personal_numbers(text)] == ["19121212-1212"]
