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

from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries

from letters.intake.sheet.csv_file import FORMULA, Unreadable, unguarded

MAX_INFLATED = 300 * 1024 * 1024  # bytes of all parts together; 50,000 rows of thirty columns have 90 MB
MAX_PARTS = 2000
CHUNK = 1 << 16
OVERLAP = 256
MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)"')
HAS_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
READ = re.compile(r"xl/(?:worksheets/[^/]+|sharedStrings|styles|workbook)\.xml$", re.I)
MAIN = re.compile(rb"spreadsheetml\.sheet\.main\+xml|ms-excel\.sheet\.macroEnabled\.main\+xml|template\.main\+xml")
SAVE_AS = "Save it in Excel as “Excel Workbook (.xlsx)” or as “CSV UTF-8”, then choose that file."
ERRORS = frozenset({"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
Merge = tuple[int, int, int]  # column, first row, last row; from 1


@dataclass(frozen=True)
class Looked:
    sheets: tuple[str, ...]
    remarks: tuple[str, ...]
    merges: dict[str, list[Merge]]
    formulas: frozenset[str]


def look_into(path: Path) -> Looked:
    """The sheets of a workbook. Raises Unreadable for other archives, damaged ones, and those that grow without measure."""
    try:
        with zipfile.ZipFile(path) as packed:
            _check_container(packed)
            found = {name: _scan(packed, name) for name in packed.namelist() if READ.match(name)}
        with _opened(path, values=True) as book:
            return _looked(book, found)
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, EOFError, SyntaxError, zlib.error) as error:
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
    with ExitStack() as opened:
        book = opened.enter_context(_opened(path, values=True))
        formulas = _values(opened.enter_context(_opened(path, values=False)), sheet) if has_formulas else None
        waiting = sorted(merges, key=lambda merge: merge[1], reverse=True)
        standing: list[tuple[Merge, str]] = []
        for number, values in enumerate(_values(book, sheet), 1):
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
        if isinstance(formula, str) and formula.startswith("=") and not cells[place]:
            cells[place] = FORMULA + formula


@contextmanager
def _opened(path: Path, *, values: bool) -> Iterator[Any]:
    """The workbook row by row: with the values of its formulas, or with the formulas."""
    # by what it holds and not by its name, which is a digest
    with path.open("rb") as file:
        book = load_workbook(file, read_only=True, data_only=values)
        try:
            yield book
        finally:
            book.close()


def _values(book: Any, title: str) -> Iterator[tuple[Any, ...]]:
    sheet = book[title]
    sheet.reset_dimensions()  # what the file says of its size may be nothing, or a million empty columns
    return sheet.iter_rows(values_only=True)


def _words(value: Any, epoch: dt.datetime) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return unguarded(
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
    if isinstance(value, int) and 20_000 <= value < 80_000 and epoch.year == 1904:
        return str(value + 1462)  # a serial of the old Macintosh calendar, should it stand in a column of dates
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
            "Copy your table into a new workbook, save that, then choose it.",
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
    """Read one part through in pieces, counting what really comes: which cells are merged, and whether there is a formula."""
    merges: list[Merge] = []
    has_formulas, taken, tail = False, 0, b""
    with packed.open(name) as part:
        while chunk := part.read(CHUNK):
            if not taken and b"<!DOCTYPE" in chunk[:2000]:
                raise Unreadable("a workbook with its own document type, which no spreadsheet program writes", SAVE_AS)
            taken += len(chunk)
            if taken > MAX_INFLATED:
                raise Unreadable("a workbook that unpacks without end", SAVE_AS)
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
