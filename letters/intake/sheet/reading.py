"""A file of a spreadsheet into rows of plain words. Reads row by row, so that a long file costs no more memory.

What cannot be read is refused in a sentence that says what the file is and what to do; nothing is ever evaluated.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import olefile

from letters.domain import files
from letters.errors import RecordError
from letters.intake.sheet import csv_file, xlsx_file
from letters.intake.sheet.csv_file import Unreadable

MAX_ROWS = 50_000  # below the header; an office that writes a letter a day has that after a century
MAX_COLUMNS = 200
CSV, XLSX = "csv", "xlsx"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WAY_OUT = "Save it in Excel as “Excel Workbook (.xlsx)” or as “CSV UTF-8”, then choose that file."
FOREIGN = (
    (re.compile(rb"%PDF"), "a PDF"),
    (re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8"), "a picture"),
    (re.compile(rb"Rar!|7z\xbc\xaf|\x1f\x8b"), "an archive"),
    (re.compile(rb"\{\\rtf"), "an RTF document"),
    (re.compile(rb"MZ|\x7fELF"), "a program"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|table|\?xml)", re.I), "a web page or an XML file"),
)


@dataclass(frozen=True)
class Book:
    """A file that can be read: its sheets by name (one, unnamed, of a CSV), and what was found out on the way."""

    path: Path
    kind: str
    sheets: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    merges: dict[str, list[xlsx_file.Merge]] = field(default_factory=dict)
    formulas: frozenset[str] = frozenset()  # sheets that have some


def open_book(path: Path, name: str, *, through: bool = True) -> Book:
    """Look into a file, a long workbook `through` before its rows are read. Raises RecordError, with `file` as the field, for
    what is no spreadsheet that can be read."""
    shown = files.clean(name)
    size = path.stat().st_size
    if size > files.MAX_FILE:
        raise files.too_large(name)
    with path.open("rb") as opened:
        head = opened.read(4096)
    try:
        if not head.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"):
            raise Unreadable("empty: it has not one row", "Choose the file that has your letters in it.")
        if head.startswith(b"PK"):
            found = xlsx_file.look_into(path, through=through)
            return Book(path, XLSX, found.sheets, found.remarks, merges=found.merges, formulas=found.formulas)
        if head.startswith(OLE):
            raise _old_container(path)
        for pattern, what in FOREIGN:
            if pattern.match(head):
                raise Unreadable(what, WAY_OUT)
        text = csv_file.look_into(path)
        return Book(path, CSV, ("",), text.remarks, encoding=text.encoding, delimiter=text.delimiter)
    except Unreadable as error:
        raise RecordError.of("file", f"“{shown}” is {error.what}. {error.way_out or WAY_OUT}", shown) from error


def rows(book: Book, sheet: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not empty: its number as the spreadsheet shows it, and its cells as words.

    Days are ISO 8601. A merged cell's value stands in each of its rows. A formula without a value stays a formula: it
    begins with `csv_file.FORMULA`. Raises RecordError for a sheet that goes on beyond the limits, or breaks off.
    """
    given = (
        csv_file.rows(book.path, book.encoding, book.delimiter)
        if book.kind == CSV
        else xlsx_file.rows(
            book.path, sheet, merges=book.merges.get(sheet, []), has_formulas=sheet in book.formulas
        )
    )  # fmt: skip
    count = 0
    try:
        for number, cells in given:
            while cells and not cells[-1]:
                cells.pop()
            if not cells:
                continue
            count += 1
            if count > MAX_ROWS + 100:
                raise RecordError.of(
                    "file",
                    f"The sheet has more than {MAX_ROWS:,} rows, the most one import takes. Part it, by year for example.",
                )
            if len(cells) > MAX_COLUMNS:
                raise RecordError.of(
                    "file",
                    f"Row {number} has {len(cells)} columns; at most {MAX_COLUMNS} are read. Delete what stands to the right of your table.",
                )
            yield number, cells
    except (Unreadable, zipfile.BadZipFile, UnicodeDecodeError) as error:
        what = error.what if isinstance(error, Unreadable) else f"damaged after row {count}"
        way_out = (isinstance(error, Unreadable) and error.way_out) or WAY_OUT
        raise RecordError.of("file", f"The file is {what}. {way_out}") from error


def choose_sheet(sheets: Sequence[str], wanted: str) -> str:
    """The sheet of that name; the only one where none is named. RecordError names those there are."""
    if wanted in sheets:
        return wanted
    if not wanted and len(sheets) == 1:
        return sheets[0]
    names = ", ".join(f"“{name}”" for name in sheets)
    what = f"There is no sheet “{wanted}” in it." if wanted else f"It has {len(sheets)} sheets."
    raise RecordError.of("sheet", f"{what} Choose one of {names}.", wanted)


def _old_container(path: Path) -> Unreadable:
    """Why a file in Microsoft's old container is refused: a password, or Excel 97."""
    try:
        with olefile.OleFileIO(str(path)) as ole:
            names = {"/".join(entry) for entry in ole.listdir()}
    except Exception:  # it has no error of its own for what it does not expect, such as folders a thousand deep
        return Unreadable("damaged: its container cannot be read", WAY_OUT)
    if "EncryptedPackage" in names:
        return Unreadable(
            "protected by a password, so nothing in it can be read",
            "Open it in Excel, take the password out (File, Info, Protect Workbook), save it, then choose it again.",
        )
    if names & {"Workbook", "Book"}:
        return Unreadable("an old Excel file (.xls, Excel 97 to 2003)", WAY_OUT)
    return Unreadable("no spreadsheet", WAY_OUT)
