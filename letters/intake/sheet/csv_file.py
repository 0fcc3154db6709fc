"""CSV: which characters, which delimiter, and its rows. Nothing is held but one row."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

MAX_CELL = 200_000  # characters: the text of a letter may stand in one
SAMPLE = 25  # rows by which a delimiter is judged
CHUNK = 1 << 16
FORMULA = "\ue000"  # begins a cell that holds a formula and no value; no spreadsheet has this character
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
        reader = csv.reader(opened, delimiter=delimiter)
        number = 0
        try:
            for record in reader:
                number += 1
                yield number, [_tidy(cell) for cell in record]
        except csv.Error as error:
            raise Unreadable(
                f"not readable after row {number}: {error}",
                "Look for a quotation mark without its other half, or a cell of more than 200,000 characters.",
            ) from error


def unguarded(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from running it: our own files begin such cells with one."""
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in "=+-@\t\r\uff1d\uff0b\uff0d\uff20" else cell


def _tidy(cell: str) -> str:
    words = cell.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").strip()
    return FORMULA + words if words.startswith("=") and len(words) > 1 else unguarded(words)


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
        try:
            widths = Counter(len(cells) for _, cells in islice(rows(path, encoding, delimiter), SAMPLE))
        except Unreadable:
            continue
        width, often = max(
            ((w, n) for w, n in widths.items() if w > 1), key=lambda pair: pair[1] * pair[0], default=(1, 0)
        )
        score = (often / max(1, widths.total()) * width, width)
        if score > best:
            best, found = score, delimiter
    return found
