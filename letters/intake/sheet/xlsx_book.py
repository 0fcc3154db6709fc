"""A workbook, opened for its rows alone, and never more of it at once than a sound one has.

A zip of some kilobytes may unpack to what fills the memory of the machine. Some parts are read whole, into trees that take
a hundred times their bytes (styles, the list of sheets): those are small or refused. The others are read in pieces, and of
those no piece between two rows, or two strings, may go on without end.
"""

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Self

from openpyxl.packaging.manifest import Manifest
from openpyxl.reader.excel import ExcelReader
from openpyxl.reader.strings import read_string_table
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.xml.constants import ARC_CONTENT_TYPES, ARC_STYLE, SHARED_STRINGS
from openpyxl.xml.functions import fromstring

from letters.intake.sheet.csv_file import Unreadable

MAX_WHOLE = 4 * 1024 * 1024  # bytes of a part that is read whole; of an office's workbook it has 50,000
MAX_TAGS = 100_000  # in it: as many cost 50 MB; Excel itself calls 65,490 styles too many
MAX_STRINGS = 1_000_000  # words that cells share: 165 MB of memory
MAX_STRING_BYTES = 100 * 1024 * 1024
MAX_ROWS = 1_048_576  # of a sheet of Excel, empty ones too
MAX_TAGS_OF_ONE = 500_000  # of one row, one string, or what stands behind the last: 16,384 cells have some 65,000
MAX_BYTES_OF_ONE = 32 * 1024 * 1024
MAX_SHEETS = 500
HEAD = 2000
TAIL = 64
A_NEW_ONE = "Copy your table into a new workbook, save that, then choose it."
SAVE_AS = "Save it in Excel as “Excel Workbook (.xlsx)” or as “CSV UTF-8”, then choose that file."
ROW, STRING = (re.compile(rb"<(?:\w+:)?" + name + rb"[\s/>]") for name in (b"row", b"si"))


class Packed(zipfile.ZipFile):
    """What is read of it whole is small."""

    def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
        part = name if isinstance(name, zipfile.ZipInfo) else self.getinfo(name)
        shown = part.filename.rpartition("/")[2][:40]
        if part.file_size > MAX_WHOLE:
            size = part.file_size / 1024**2
            raise Unreadable(
                f"a workbook with {size:,.0f} MB of “{shown}”, more than the {MAX_WHOLE // 1024**2} MB that are read", A_NEW_ONE
            )  # fmt: skip
        data = super().read(part, pwd)
        _without_a_type(data)
        if (tags := data.count(b"<")) > MAX_TAGS:
            raise Unreadable(
                f"a workbook with {tags:,} marks in “{shown}”, more than the {MAX_TAGS:,} that are read", A_NEW_ONE
            )
        return data


class Pieces:
    """A part on its way to whoever reads it, in the pieces they ask for. `pattern` begins one of its rows or strings."""

    def __init__(self, part: IO[bytes], pattern: re.Pattern[bytes], most: int):
        self.part, self.pattern, self.most = part, pattern, most
        self.begun = self.tags = self.bytes = 0
        self.tail = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, size: int = -1) -> bytes:
        piece = self.part.read(size)
        if not self.tail:
            _without_a_type(piece)
        window = self.tail + piece
        # what ends in the tail was counted with the piece before
        begun = len(self.pattern.findall(window)) - len(self.pattern.findall(self.tail))
        self.begun += begun
        self.tags = piece.count(b"<") + (0 if begun else self.tags)
        self.bytes = len(piece) + (0 if begun else self.bytes)
        self.tail = window[-TAIL:]
        if self.begun > self.most or self.tags > MAX_TAGS_OF_ONE or self.bytes > MAX_BYTES_OF_ONE:
            raise Unreadable("a workbook that unpacks without end", A_NEW_ONE)
        return piece

    def close(self) -> None:
        self.part.close()


def _without_a_type(data: bytes) -> None:
    if b"<!DOCTYPE" in data[:HEAD]:
        raise Unreadable("a workbook with its own document type, which no spreadsheet program writes", SAVE_AS)


class _Sheet(ReadOnlyWorksheet):
    def _get_size(self) -> None:
        """Not asked: a sheet that does not say its size would be read through for it."""

    def _get_source(self) -> Pieces:
        return Pieces(self.parent._archive.open(self._worksheet_path), ROW, MAX_ROWS)


class _Reader(ExcelReader):
    """Sheets, and where `cells` are wanted their words and styles. No chart, picture, link to another file, or property."""

    def __init__(self, file: IO[bytes], *, values: bool):
        super().__init__(file, read_only=True, data_only=values, keep_links=False)
        self.archive = Packed(file)

    def read(self, *, cells: bool) -> Any:
        self.read_manifest()
        if cells:
            with strings_of(self.archive, self.package) as part:
                self.shared_strings = read_string_table(part) if part else []
        self.read_workbook()
        if len(self.parser.sheets) > MAX_SHEETS:
            raise Unreadable(f"a workbook of {len(self.parser.sheets):,} sheets; at most {MAX_SHEETS} are read", A_NEW_ONE)  # fmt: skip
        if cells:
            apply_stylesheet(self.archive, self.wb)
        for sheet, rel in self.parser.find_sheets():
            if rel.target in self.valid_files and "chartsheet" not in rel.Type:
                one = _Sheet(self.wb, sheet.name, rel.target, self.shared_strings)
                one.sheet_state = sheet.state
                self.wb._sheets.append(one)
        return self.wb


@contextmanager
def strings_of(packed: Packed, manifest: Manifest | None = None) -> Iterator[Pieces | None]:
    """The words that cells share, in pieces; None where it has none."""
    manifest = manifest or Manifest.from_tree(fromstring(packed.read(ARC_CONTENT_TYPES)))
    found = manifest.find(SHARED_STRINGS)
    name = found.PartName[1:] if found else ""
    if name not in packed.namelist():
        yield None
        return
    if (size := packed.getinfo(name).file_size) > MAX_STRING_BYTES:
        raise Unreadable(
            f"a workbook with {size // 1024**2:,} MB of words, more than the {MAX_STRING_BYTES // 1024**2} MB that are read",
            "Save the sheet as “CSV UTF-8”, or part it, by year for example.",
        )
    with packed.open(name) as part:
        yield Pieces(part, STRING, MAX_STRINGS)


def check_styles(packed: Packed) -> None:
    """They are read with the rows; whoever brings the file in should hear of it at once."""
    if ARC_STYLE in packed.namelist():
        packed.read(ARC_STYLE)


@contextmanager
def opened(path: Path, *, values: bool = True, cells: bool = True) -> Iterator[Any]:
    """The workbook row by row: with the values of its formulas, or with the formulas; without `cells` its sheets alone."""
    # by what it holds and not by its name, which is a digest
    with path.open("rb") as file:
        book = _Reader(file, values=values).read(cells=cells)
        try:
            yield book
        finally:
            book.close()
