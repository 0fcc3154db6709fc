"""CSV: which characters, which delimiter, and its rows. Nothing is held but one row."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, count, islice
from pathlib import Path

from letters.domain.guarded import unquoted

MAX_CELL = 200_000  # characters: the text of a letter may stand in one
SAMPLE = 25  # rows by which a delimiter is judged
CHUNK = 1 << 16
BEHIND = "\ue002"  # a line behind the last one: it is come to where a quotation mark is still open
FORMULA = "\ue000"  # begins a cell that holds a formula and no value; no spreadsheet has this character
# Begins a number of a workbook with the old Macintosh calendar: a day in a column of dates, counted from 1904, else a number.
SERIAL_1904 = "\ue001"
MARKED = re.compile(rf"{SERIAL_1904}([0-9]{{5}})((?:\.[0-9]+)?)")
DAYS_1904 = 1462  # from Excel's other day 0 to that one
CELL = r'((?:"(?:[^"]+|"")*+")?)([^{0}\r\n]*)(?:{0}|\r\n|\r|\n|$)'  # what stands in quotation marks, and behind them
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WORDS = {
    "utf-8-sig": "UTF-8",
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
}


class Unreadable(Exception):
    """What a file is instead of a sheet, said after “is”, and the way out."""

    def __init__(self, what: str, way_out: str = ""):
        self.what, self.way_out = what, way_out
        super().__init__(what)


@dataclass(frozen=True)
class Text:
    encoding: str
    delimiter: str
    remarks: tuple[str, ...]


def look_into(path: Path) -> Text:
    """How to read the file. Raises Unreadable where it is not text."""
    encoding = _encoding(path)
    delimiter = _delimiter(path, encoding)
    said = f"Read as {WORDS[encoding]}, columns parted by {DELIMITERS[delimiter]}."
    if encoding == "cp1252":
        said += " The file does not say its encoding, and it is not UTF-8: check names with accents below."
    return Text(encoding, delimiter, (said,))


def rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with its number, counted from 1, and its cells; a line break inside quotes is part of a cell."""
    csv.field_size_limit(MAX_CELL)
    with path.open(encoding=encoding, newline="") as opened:
        lines: list[str] = []  # of the record that is being read
        kept = _kept(opened, lines)
        reader = csv.reader(kept, delimiter=delimiter, strict=True)
        for number in count(1):
            lines.clear()
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                record = _as_it_stands(lines, kept, delimiter, number, error)
            yield number, [_tidy(cell) for cell in record]


def _kept(opened: Iterable[str], lines: list[str]) -> Iterator[str]:
    for line in opened:
        lines.append(line)
        yield line


def _as_it_stands(lines: list[str], more: Iterator[str], delimiter: str, number: int, error: csv.Error) -> list[str]:
    """A record whose quotation marks are not as they should be: words behind a closing one are part of the cell, as for
    Excel. But a cell with such words that goes on over lines has swallowed them: its own other half is missing, and it ends
    at the next quotation mark of another."""
    with suppress(csv.Error):
        record = next(csv.reader(chain(tuple(lines), more, [BEHIND]), delimiter=delimiter))
        cells = re.finditer(CELL.format(re.escape(delimiter)), "".join(lines))
        swallowed = any(
            words and re.search("[\r\n]", quoted or "") for quoted, words in (one.groups() for one in cells)
        )
        if not swallowed and not record[-1].endswith(BEHIND):
            return record
    raise Unreadable(
        f"not readable from row {number} on",
        "Look in that row for a quotation mark without its other half, or a cell of more than 200,000 characters.",
    ) from error


def as_number(cell: str, *, is_day: bool) -> str:
    """A cell without the mark of a 1904 workbook's number; where it is a day, as the serial that it is elsewhere."""
    found = MARKED.fullmatch(cell) if cell.startswith(SERIAL_1904) else None
    return f"{int(found[1]) + DAYS_1904 if is_day else found[1]}{found[2]}" if found else cell


def _tidy(cell: str) -> str:
    words = cell.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").strip()
    return FORMULA + words if words.startswith("=") and len(words) > 1 else unquoted(words)


def _encoding(path: Path) -> str:
    with path.open("rb") as opened:
        head = opened.read(4)
        for mark, encoding in MARKS:
            if head.startswith(mark):
                if _decodes(path, encoding):
                    return encoding
                raise Unreadable(f"damaged: it says that it is {WORDS[encoding]}, and is not")
        start = head + opened.read(CHUNK)
    if b"\0" in start:
        # UTF-16 without its mark: every other byte of plain letters is nothing
        for encoding, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[0::2])):
            if zeros.count(0) > len(zeros) * 0.6 and _decodes(path, encoding):
                return encoding
        raise Unreadable("no text and no workbook")
    return next((name for name in ("utf-8", "cp1252") if _decodes(path, name)), "") or _no_text()


def _no_text() -> str:
    raise Unreadable(
        "in an encoding that we do not know (neither UTF-8, UTF-16 nor Windows-1252)",
        "In Excel choose “Save as”, “CSV UTF-8 (Comma delimited)”.",
    )


def _decodes(path: Path, encoding: str) -> bool:
    """Whether the whole file is text in it, read in parts."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as opened:
            while chunk := opened.read(CHUNK):
                if "\0" in decoder.decode(chunk):
                    return False
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(path: Path, encoding: str) -> str:
    """The one that cuts the first rows into the most columns, the same number in each."""
    best, found = (0.0, 0), ","
    for delimiter in DELIMITERS:
        widths: Counter[int] = Counter()
        with suppress(Unreadable):  # the rows before the one that is broken tell
            for _, cells in islice(rows(path, encoding, delimiter), SAMPLE):
                widths[len(cells)] += 1
        width, often = max(
            ((w, n) for w, n in widths.items() if w > 1), key=lambda pair: pair[1] * pair[0], default=(1, 0)
        )
        score = (often / max(1, widths.total()) * width, width)
        if score > best:
            best, found = score, delimiter
    return found
