import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import sheets
from bot.sheets import SheetRefused
from bot.wording import words

COLUMNS = ("name", "email", "bio")
cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)


@given(st.lists(st.tuples(cells, cells, cells).filter(lambda row: any(cell.strip() for cell in row)), max_size=5))
def test_what_is_written_is_read_again(rows: list[tuple[str, str, str]]) -> None:
    stripped = [tuple(cell.strip() for cell in row) for row in rows]
    read = sheets.read(sheets.write(COLUMNS, stripped), COLUMNS, "name")
    assert [tuple(row[column] for column in COLUMNS) for row in read] == stripped


@given(st.lists(cells.map(str.strip).filter(bool), max_size=6))
def test_several_values_share_a_cell(values: list[str]) -> None:
    assert sheets.several(sheets.one_cell(values)) == values


@given(cells)
def test_no_cell_is_ever_a_formula(cell: str) -> None:
    body = sheets.write(("name",), [(cell,)]).decode("utf-8-sig").partition("\r\n")[2]
    assert not body.removeprefix('"').startswith(("=", "+", "-", "@", "\t", "\r"))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_kindly(content: bytes) -> None:
    said = ["fine"]
    try:
        sheets.read(content, COLUMNS, "name")
    except SheetRefused as refused:
        said = [refused.sentence(words(language)) for language in ("sv", "en")]
    assert all(said)


@pytest.mark.parametrize(
    "content",
    [
        b"name,email\r\nAnna \xc3\x85s,anna@a.example\r\n",
        b"\xef\xbb\xbfname;email\r\nAnna \xc3\x85s;anna@a.example\r\n",
        b"name;email\nAnna \xc5s;anna@a.example",
        b"sep=;\r\nName;E-mail\r\n".replace(b"E-mail", b"EMAIL") + b"Anna \xc3\x85s;anna@a.example\r\n",
        b'"email"\t"name"\r\n"anna@a.example"\t"Anna \xc3\x85s"\r\n\r\n',
        b"email,name,,\nanna@a.example,Anna \xc3\x85s,,\n,,,\n",
    ],
    ids=["plain", "spreadsheet UTF-8", "older spreadsheet", "sep line", "tabs, other order", "blank edges"],
)
def test_files_as_spreadsheet_programs_make_them(content: bytes) -> None:
    (row,) = sheets.read(content, COLUMNS, "name")
    assert (row["name"], row["email"], row["bio"]) == ("Anna Ås", "anna@a.example", "")


@pytest.mark.parametrize(
    ("content", "line", "key"),
    [
        (b"", 1, "sheet_empty"),
        (b"\x00\x01", 1, "sheet_unreadable"),
        (b"\x81\x8d", 1, "sheet_unreadable"),
        (b"name,age\nA,3\n", 1, "sheet_column"),
        (b"name,name\nA,B\n", 1, "sheet_twice"),
        (b"email,bio\na,b\n", 1, "sheet_needs"),
        (b'name,bio\nA,"two\nlines"\nB,c,d\n', 4, "sheet_cells"),
        (b'name,bio\nA,b\nB,"open\n', 3, "sheet_quotes"),
        (b"sep=,\nname,bio\nA,b,c\n", 3, "sheet_cells"),
    ],
)
def test_what_cannot_be_read_is_named_by_line(content: bytes, line: int, key: str) -> None:
    with pytest.raises(SheetRefused) as refused:
        sheets.read(content, COLUMNS, "name")
    assert [(problem.line, problem.key) for problem in refused.value.problems] == [(line, key)]
