"""XLSX: looked into before it is opened (a workbook is a zip, and may be a bomb), then read row by row.

Formulas are never evaluated: the value that the spreadsheet program kept is taken; a formula without one stays as it is.
"""

import datetime as dt
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from letters.domain.guarded import unquoted
from letters.intake.sheet.csv_file import FORMULA, SERIAL_1904, Unreadable
from letters.intake.sheet.xlsx_book import (
    A_NEW_ONE,
    MAX_ROWS,
    ROW,
    SAVE_AS,
    Packed,
    Pieces,
    check_styles,
    opened,
    strings_of,
)

MAX_INFLATED = 300 * 1024 * 1024  # bytes of all parts together; 50,000 rows of thirty columns have 90 MB
MAX_PARTS = 2000
SHORT = 1024 * 1024  # bytes of all parts together: some thousand rows, which are read while a page waits
CHUNK = 1 << 16
OVERLAP = 256
MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)"')
HAS_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml$", re.I)
MAIN = re.compile(rb"spreadsheetml\.sheet\.main\+xml|ms-excel\.sheet\.macroEnabled\.main\+xml|template\.main\+xml")
ERRORS = frozenset({"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
# openpyxl has no error of its own for what it does not expect
DAMAGE = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, SyntaxError, LookupError, ValueError, TypeError, AttributeError)  # fmt: skip
Merge = tuple[int, int, int]  # column, first row, last row; from 1


@dataclass(frozen=True)
class Looked:
    sheets: tuple[str, ...]
    remarks: tuple[str, ...]
    merges: dict[str, list[Merge]]
    formulas: frozenset[str]


def look_into(path: Path, *, through: bool = True) -> Looked:
    """The sheets of a workbook. Raises Unreadable for other archives, damaged ones, and those that grow without measure.

    A long one is read through only where that is said: before its rows are read, and not while a page waits.
    """
    with _damage_said(), Packed(path) as packed:
        _check_container(packed)
        check_styles(packed)
        found = {}
        if through or sum(part.file_size for part in packed.infolist()) <= SHORT:
            with strings_of(packed) as strings:
                while strings and strings.read(CHUNK):
                    pass
            found = {name: _scan(packed, name) for name in packed.namelist() if SHEET.match(name)}
        with opened(path, cells=False) as book:
            return _looked(book, found)


def is_short(path: Path) -> bool:
    """Whether it is read in a moment; so is what is no workbook, which is told by its size."""
    try:
        with zipfile.ZipFile(path) as packed:
            return sum(part.file_size for part in packed.infolist()) <= SHORT
    except (OSError, zipfile.BadZipFile):
        return True


@contextmanager
def _damage_said() -> Iterator[None]:
    try:
        yield
    except DAMAGE as error:
        raise Unreadable(f"a damaged workbook, which cannot be opened ({error})", SAVE_AS) from error


def _looked(book: Any, found: dict[str, tuple[list[Merge], bool]]) -> Looked:
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
    if not shown:
        raise Unreadable("a workbook without a sheet", SAVE_AS)
    parts = {sheet.title: sheet._worksheet_path for sheet in shown}
    merges = {title: found[part][0] for title, part in parts.items() if part in found}
    formulas = frozenset(title for title, part in parts.items() if part in found and found[part][1])
    remarks = []
    if hidden := len(book.worksheets) - len(shown):
        remarks.append(f"{hidden} hidden {'sheet is' if hidden == 1 else 'sheets are'} left out.")
    if formulas:
        remarks.append("Formulas are not run: the value that Excel kept beside each is read.")
    return Looked(tuple(parts), tuple(remarks), merges, formulas)


def rows(path: Path, sheet: str, *, merges: list[Merge], has_formulas: bool) -> Iterator[tuple[int, list[str]]]:
    """Each row with its number and its cells as words; a merged cell's value stands in each of its rows."""
    with ExitStack() as stack:
        stack.enter_context(_damage_said())
        book = stack.enter_context(opened(path))
        formulas = _values(stack.enter_context(opened(path, values=False)), sheet) if has_formulas else None
        waiting = sorted(merges, key=lambda merge: merge[1], reverse=True)
        standing: list[tuple[Merge, str]] = []
        for number, values in enumerate(_values(book, sheet), 1):
            if number > MAX_ROWS:
                raise Unreadable(f"a workbook with rows behind row {MAX_ROWS:,}, the last one of Excel", A_NEW_ONE)
            cells = [_words(value, book.epoch) for value in values]
            if formulas is not None:
                _keep_formulas(cells, next(formulas, ()))
            standing = [(merge, value) for merge, value in standing if merge[2] >= number]
            for (column, _, _), value in standing:
                cells += [""] * (column - len(cells))
                cells[column - 1] = cells[column - 1] or value
            while waiting and waiting[-1][1] <= number:
                merge = waiting.pop()
                if merge[1] == number and merge[0] <= len(cells):
                    standing.append((merge, cells[merge[0] - 1]))
            yield number, cells


def _keep_formulas(cells: list[str], formulas: tuple[Any, ...]) -> None:
    """Where a formula has no value, the formula stands in its place, to be flagged."""
    for place, formula in enumerate(formulas[: len(cells)]):
        if isinstance(formula, ArrayFormula):  # TEXTJOIN, FILTER and the like
            formula = formula.text or "="
        elif isinstance(formula, DataTableFormula):
            formula = "=TABLE()"
        if isinstance(formula, str) and formula.startswith("=") and not cells[place]:
            cells[place] = FORMULA + formula


def _values(book: Any, title: str) -> Iterator[tuple[Any, ...]]:
    sheet = book[title]
    sheet.reset_dimensions()  # what the file says of its size may be nothing, or a million empty columns
    return sheet.iter_rows(values_only=True)


def _words(value: Any, epoch: dt.datetime) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return unquoted(
            value.replace("\r\n", "\n").replace("_x000D_", "").replace("\r", "\n").replace("\xa0", " ").strip()
        )
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int | float) and 20_000 <= value < 80_000 and epoch.year == 1904:
        return f"{SERIAL_1904}{value}"
    return str(value)


def _check_container(packed: zipfile.ZipFile) -> None:
    parts = packed.infolist()
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("a zip archive with a password", SAVE_AS)
    declared = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or declared > MAX_INFLATED:
        raise Unreadable(
            f"a workbook that unpacks to {declared // 1024**2:,} MB in {len(parts):,} parts, more than the {MAX_INFLATED // 1024**2} MB that are read",
            A_NEW_ONE,
        )
    if "[Content_Types].xml" not in names:
        kind = packed.read("mimetype")[:60] if "mimetype" in names else b""
        what = "an OpenDocument spreadsheet (.ods)" if b"spreadsheet" in kind else "a zip archive"
        raise Unreadable(what, SAVE_AS)
    with packed.open("[Content_Types].xml") as table:
        words = table.read(1_000_000)
    if not MAIN.search(words):
        binary = b"sheet.binary" in words
        raise Unreadable("a binary workbook (.xlsb)" if binary else "an Office file, but no workbook", SAVE_AS)


def _scan(packed: zipfile.ZipFile, name: str) -> tuple[list[Merge], bool]:
    """Read a sheet through in pieces: which cells are merged, and whether there is a formula."""
    merges: list[Merge] = []
    has_formulas, tail = False, b""
    with packed.open(name) as part:
        pieces = Pieces(part, ROW, MAX_ROWS)
        while chunk := pieces.read(CHUNK):
            window = tail + chunk
            cut = max(0, len(window) - OVERLAP)
            for found in MERGE.finditer(window):
                if found.end() > len(tail):  # what ends in the tail was seen before
                    first_column, first_row, _, last_row = range_boundaries(found[1].decode())
                    if last_row > first_row and len(merges) < 100_000:
                        merges.append((first_column, first_row, last_row))
            has_formulas = has_formulas or HAS_FORMULA.search(window) is not None
            tail = window[cut:]
    return merges, has_formulas
