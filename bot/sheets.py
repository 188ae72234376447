"""Sheets: tables as CSV, the way spreadsheet programs write them and may safely open them."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.refusals import Refusal
from bot.wording import Words

SEPARATOR = "|"
"""What stands between several values in one cell."""

_DELIMITERS = (",", ";", "\t")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_SPREADSHEETS_OWN = re.compile(r"sep=.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong on a line (1 is the first of the file); `key` names its sentence, `values` fill it."""

    line: int
    key: str
    values: Mapping[str, Any]

    def sentence(self, words: Words) -> str:
        """The line and what to do about it, in the reader's language."""
        return words("sheet.line", line=self.line, problem=words(f"refusal.{self.key}", **self.values))


class SheetRefused(Refusal):
    """A sheet has lines that cannot be used; nothing of it was imported."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("sheet", n=len(self.problems))

    def sentence(self, words: Words) -> str:
        """All lines that are wrong, one to a line."""
        return "\n".join(problem.sentence(words) for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it begins in the file, and its cells by column."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """The cell, empty when the file lacks the column."""
        return self.cells.get(column, "")

    def wrong(self, key: str, **values: object) -> Problem:
        """Something that is wrong with this row."""
        return Problem(self.line, key, values)


def read(content: bytes, columns: Sequence[str], needed: str) -> list[Row]:
    """The rows of a CSV file with a heading row, in any order of columns; blank rows are left out.

    UTF-8 with or without a byte order mark, or Windows-1252 as older spreadsheet programs write it; comma, semicolon or
    tab between cells. A leading apostrophe before what looks like a formula is taken away.
    Raises `SheetRefused` when it is no such file, or a column is unknown, missing (`needed`) or there twice.
    """
    text = _decoded(content)
    opening, _, rest = text.partition("\n")
    skipped = 1 if _SPREADSHEETS_OWN.fullmatch(opening.strip()) else 0
    lines = list(_lines(rest if skipped else text, columns, skipped))
    if not lines:
        raise SheetRefused([Problem(1, "sheet_empty", {})])
    line, heading = lines[0]
    names = [cell.strip().casefold() for cell in heading]
    while names and not names[-1]:
        names.pop()
    _check_heading(line, names, columns, needed)
    problems = [
        Problem(line, "sheet_cells", {"there": len(cells), "wanted": len(names)})
        for line, cells in lines[1:]
        if any(cell.strip() for cell in cells[len(names) :])
    ]
    if problems:
        raise SheetRefused(problems)
    return [
        Row(line, {name: _bare(cell.strip()) for name, cell in zip(names, cells, strict=False)})
        for line, cells in lines[1:]
        if any(cell.strip() for cell in cells)
    ]


def write(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file that spreadsheet programs open as text: UTF-8 with a byte order mark, commas, CRLF; what would be run
    as a formula gets an apostrophe in front."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_guarded(cell) for cell in row] for row in rows)
    return sheet.getvalue().encode("utf-8-sig")


def several(cell: str) -> list[str]:
    r"""The values in a cell, separated by `|`; `\|` is a bar within a value and `\\` a backslash."""
    values, value = [], ""
    for part in re.findall(r"\\[\\|]|\||[^\\|]+|\\", cell):
        if part == SEPARATOR:
            values.append(value)
            value = ""
        else:
            value += part[1:] if part in ("\\\\", "\\|") else part
    return [each for each in (value.strip() for value in [*values, value]) if each]


def one_cell(values: Iterable[str]) -> str:
    """The way back from `several`."""
    return SEPARATOR.join(value.replace("\\", "\\\\").replace(SEPARATOR, "\\|") for value in values)


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError as error:
            raise SheetRefused([Problem(1, "sheet_unreadable", {})]) from error
    if "\x00" in text:
        raise SheetRefused([Problem(1, "sheet_unreadable", {})])
    return text


def _lines(text: str, columns: Sequence[str], skipped: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, columns), strict=True)
    begins = 1
    try:
        for cells in reader:
            if cells:
                yield begins + skipped, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise SheetRefused([Problem(begins + skipped, "sheet_quotes", {})]) from error


def _delimiter(text: str, columns: Sequence[str]) -> str:
    """Whichever makes most of the heading's cells into columns that are known."""
    heading = text.lstrip("\r\n").partition("\n")[0]

    def known(delimiter: str) -> int:
        return sum(cell.strip().strip('"').casefold() in columns for cell in heading.split(delimiter))

    return max(_DELIMITERS, key=known)


def _check_heading(line: int, names: list[str], columns: Sequence[str], needed: str) -> None:
    known = ", ".join(columns)
    problems = [
        Problem(line, "sheet_column", {"column": name, "known": known}) for name in names if name not in columns
    ]
    problems += [Problem(line, "sheet_twice", {"column": name}) for name in columns if names.count(name) > 1]
    if needed not in names:
        problems.append(Problem(line, "sheet_needs", {"column": needed}))
    if problems:
        raise SheetRefused(problems)


def _guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _bare(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell
