"""The queue as a file: the rows on screen, all of them, in the same order, as CSV or XLSX.

Cells of words never become formulas: a spreadsheet that opens the file runs nothing that a letter, a reply or a
person's name says. Rows are read and written in parts, so that a long list costs no more memory than a short one.
"""

import csv
import datetime as dt
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

import xlsxwriter
from django.utils import timezone
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from letters.domain.deadlines import days_past
from letters.domain.guarded import guarded
from letters.domain.words import chased_words, date_words, signers_of, status_words
from letters.enums import Basis, OurRole, Stance, TaskingRole
from letters.models import Tasking

PART = 500
MOST_ROWS = 1_048_575  # of a sheet, besides its heading
MOST_CHARACTERS = 32_767  # of a cell


@dataclass(frozen=True)
class Column:
    """One column: its heading, its width in characters, and what a row says there: words, a number or a day."""

    heading: str
    width: int
    value: Callable[[Any, "Context"], str | int | dt.date | None]


@dataclass(frozen=True)
class Context:
    """What the cells need besides their row."""

    today: dt.date
    page_url: Callable[[Tasking], str]
    signers: dict[uuid.UUID, str]


def _late(tasking: Any, context: Context) -> int | None:
    return days_past(tasking.due_on, context.today) if tasking.days_past is not None else None


def _remind_on(tasking: Any, context: Context) -> dt.date | None:
    """As the screen: a day that has passed holds up nothing."""
    until = tasking.snoozed_until
    return until if until and until > context.today else None


COLUMNS: tuple[Column, ...] = (
    Column("Letter", 12, lambda t, c: t.ask.letter.reference),
    Column("Letter subject", 40, lambda t, c: t.ask.letter.subject),
    Column("Sent", 12, lambda t, c: t.ask.letter.sent_on),
    Column("Signed", 34, lambda t, c: c.signers.get(t.ask.letter_id, "")),
    Column("Our part", 16, lambda t, c: str(OurRole(t.ask.letter.our_role).label)),
    Column("Ask", 6, lambda t, c: t.ask.number),
    Column("Open item", 44, lambda t, c: t.ask.summary),
    Column("In the letter’s words", 60, lambda t, c: t.ask.quote),
    Column("Kind", 20, lambda t, c: t.ask.kind.name),
    Column("About", 30, lambda t, c: ", ".join(t.target_names)),
    Column("Agency", 16, lambda t, c: str(t.agency)),
    Column("Acting bureau", 14, lambda t, c: str(t.acting_agency) if t.acting_agency else ""),
    Column("Responsible", 14, lambda t, c: str(TaskingRole(t.role).label)),
    Column("Status", 24, lambda t, c: status_words(t)),
    Column("Position", 16, lambda t, c: str(Stance(t.stance).label)),
    Column("First asked", 12, lambda t, c: t.asked_on),
    Column("Due", 12, lambda t, c: t.due_on),
    Column("Due by", 20, lambda t, c: str(Basis(t.due_basis).label) if t.due_basis else ""),
    Column("Why that date", 48, lambda t, c: date_words(t) if t.due_on else ""),
    Column("Days past", 10, _late),
    Column("Reply unread", 12, lambda t, c: "yes" if t.has_unread and t.is_open else "no"),
    Column("Owner", 18, lambda t, c: str(t.owner) if t.owner else ""),
    Column("Remind on", 12, _remind_on),
    Column("Chased", 28, lambda t, c: chased_words(t.chased, t.last_chased)),
    Column("Last touched", 12, lambda t, c: timezone.localdate(t.touched_at)),  # the office’s day
    Column("Page", 30, lambda t, c: c.page_url(t)),
)  # fmt: skip


def parts(rows: Iterable[Tasking], *, today: dt.date, page_url: Callable[[Tasking], str]) -> Iterator[list[list]]:
    """The cells of the rows, `PART` rows at a time; one query a part. Needs what `Listing.for_export` gives."""
    rows = iter(rows)
    while part := list(islice(rows, PART)):
        yield _cells(part, Context(today, page_url, signers_of({tasking.ask.letter_id for tasking in part})))


def _cells(part: list[Tasking], context: Context) -> list[list]:
    return [[column.value(tasking, context) for column in COLUMNS] for tasking in part]


class _Echo:
    """What csv writes to: gives back each line."""

    def write(self, line: str) -> str:
        return line


def as_csv(cells: Iterator[list[list]]) -> Iterator[str]:
    """Lines of UTF-8 with a byte order mark, which spreadsheets need to read accents; dates as ISO 8601."""
    yield "\ufeff" + csv_lines([[column.heading for column in COLUMNS]])
    for part in cells:
        yield csv_lines(part)


def csv_lines(part: list[list]) -> str:
    """Some rows as lines of a CSV."""
    writer = csv.writer(_Echo())
    return "".join(writer.writerow([_csv_cell(value) for value in row]) for row in part)


def _csv_cell(value: object) -> str | int:
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    return value if isinstance(value, int) else guarded(str(value))


def as_xlsx(cells: Iterator[list[list]], *, title: str, name: str) -> BinaryIO:
    """A workbook in a temporary file, written row by row; words as strings, days as dates, numbers as numbers.

    `name`: of its one sheet, at most 31 characters.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - given to who sends it, who closes it
    book = xlsxwriter.Workbook(
        file,
        {
            "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )  # fmt: skip
    book.set_properties({"title": title})
    sheet = book.add_worksheet(name)
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.heading, bold)
    sheet.freeze_panes(1, 0)
    number = 0
    for part in cells:
        for row in part[: MOST_ROWS - number]:
            number += 1
            write_row(sheet, number, row, day)
    sheet.autofilter(0, 0, number, len(COLUMNS) - 1)
    book.close()
    file.seek(0)
    return file


def write_row(sheet: Worksheet, number: int, row: Iterable[object], day: Format) -> None:
    """One row of a worksheet: days as dates, numbers as numbers, words as strings and never as formulas."""
    for place, value in enumerate(row):
        if isinstance(value, dt.date):
            sheet.write_datetime(number, place, value, day)
        elif isinstance(value, int):
            sheet.write_number(number, place, value)
        elif value:
            sheet.write_string(number, place, guarded(str(value))[:MOST_CHARACTERS])
