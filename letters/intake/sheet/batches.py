"""The life of a batch before it is imported: a file comes in, is read, its columns are matched, its rows are checked and mended."""

from collections.abc import Callable
from itertools import islice

from django.db import transaction
from django.db.models import F

from letters.domain import files, sheet_files
from letters.domain.access import EDIT, RELEASE, Actor, may, require
from letters.domain.copying import copy_new
from letters.domain.history import acting
from letters.enums import ImportState
from letters.errors import NotAllowed, Problem, RecordError, StaleVersion
from letters.intake.sheet import columns as known
from letters.intake.sheet import reading
from letters.intake.sheet.csv_file import as_number
from letters.models import ImportBatch, ImportRow, User

AT_ONCE = 200  # rows read or written together
WANTED = "wanted"  # in `counts`: the sheet and the row of headers that were chosen, until they are read
SKIP = "skip"  # in `mended`: the row is left out
STANDING = (ImportState.READING, ImportState.MATCHING, ImportState.CHECKING, ImportState.READY, ImportState.FAILED)
CHANGED = (
    "“{name}” was changed while you had this page open: rows were mended or looked at again, or its columns chosen anew. Nothing of "
    "yours was done. It stands below as it is now: look at it again, then go on."
)
Tell = Callable[[int, int], None]  # how many of how many


def nothing(done: int, total: int) -> None:
    """Nobody waits to be told."""


def may_handle(by: Actor, batch: ImportBatch) -> bool:
    """Whoever brought it in, or a manager."""
    if not isinstance(by, User):
        return True
    return may(by, EDIT) and (batch.owner_id == by.pk or may(by, RELEASE))


def require_handling(by: Actor, batch: ImportBatch) -> None:
    """Raise NotAllowed for anybody else."""
    require(by, EDIT)
    if not may_handle(by, batch):
        raise NotAllowed(
            Problem("by", f"{batch.owner} brought this file in. Only they and managers may go on with it.")
        )


@transaction.atomic
def receive(*, by: Actor, data: bytes, name: str, sheet: str = "") -> ImportBatch:
    """Look into a file, and keep it. Raises RecordError, field `file`, for what is no spreadsheet that can be read,
    or cannot be kept here; of that nothing stays."""
    require(by, EDIT)
    if len(data) > files.MAX_FILE:
        raise files.too_large(name)
    batch = ImportBatch(owner=by if isinstance(by, User) else None, file_name=files.clean(name), size=len(data))
    batch.file.name = sheet_files.place(batch)
    try:
        book = reading.open_book(sheet_files.lay_down(batch, data), name, through=False)
        batch.sheets, batch.remarks = list(book.sheets), list(book.remarks)
        if sheet or len(book.sheets) == 1:
            batch.sheet = reading.choose_sheet(book.sheets, sheet)
        else:
            batch.state = ImportState.MATCHING
        with acting(by, why="import"):
            batch.save(force_insert=True)
        sheet_files.keep(batch)
    except BaseException:
        sheet_files.forget(batch)
        raise
    return batch


@transaction.atomic
def choose(
    batch: ImportBatch, *, by: Actor, sheet: str, header_row: int | None = None, expected_version: int | None = None
) -> ImportBatch:
    """Say what is to be read: by whoever `read`s it then. Until it is, what was read before stands."""
    require_handling(by, batch)
    with acting(by, why="import"):
        batch = lock(batch, expected_version)
        batch.counts = {**batch.counts, WANTED: [reading.choose_sheet(batch.sheets, sheet), header_row]}
        batch.counts.pop("refused", None)
        batch.state = ImportState.READING
        return saved(batch)


@transaction.atomic
def read(
    batch: ImportBatch, *, by: Actor, sheet: str | None = None, header_row: int | None = None,
    expected_version: int | None = None, tell: Tell = nothing,
) -> ImportBatch:  # fmt: skip
    """Take the rows in as they stand, find the headers, and guess what each column is. What was read before goes."""
    require_handling(by, batch)
    with acting(by, why="import"):
        batch = lock(batch, expected_version)
        if not sheet_files.path(
            batch
        ).is_file():  # deleted by hand, or given up while the backup was made that this came from
            raise RecordError.of("file", f"“{batch.file_name}” is no longer kept here. Forget it, and choose it again.")
        book = reading.open_book(sheet_files.path(batch), batch.file_name)
        batch.sheet = reading.choose_sheet(book.sheets, batch.sheet if sheet is None else sheet)
        batch.remarks = list(book.remarks)
        batch.rows.all().delete()
        rows = reading.rows(book, batch.sheet)
        ahead = list(islice(rows, known.HEADER_WITHIN))
        _find_headers(batch, ahead, header_row)
        width = len(batch.headers)
        body = (pair for part in (ahead, rows) for pair in part if pair[0] > batch.header_row)
        count = 0
        while part := list(islice(body, AT_ONCE)):
            count += len(part)
            if count > reading.MAX_ROWS:
                raise RecordError.of(
                    "file",
                    f"The sheet has more than {reading.MAX_ROWS:,} rows, the most one import takes. Part it, by year for example.",
                )
            width = max(width, *(len(cells) for _, cells in part))
            copy_new(ImportRow, ({"batch": batch, "number": number, "cells": cells} for number, cells in part))
            tell(count, 0)
        if not count:
            raise RecordError.of(
                "sheet",
                f"{f'The sheet “{batch.sheet}”' if batch.sheet else 'The file'} has headers and no row below them. Choose another sheet or file.",
                batch.sheet,
            )
        batch.headers += [""] * (width - len(batch.headers))
        batch.columns = [*batch.columns, *[""] * width][:width]  # a former sheet of these headers may have been wider
        batch.counts = {"rows": count}
        batch.state = ImportState.MATCHING
        return saved(batch)


def _find_headers(batch: ImportBatch, ahead: list[tuple[int, list[str]]], header_row: int | None) -> None:
    """The row of headers that a person chose, or that has known ones in it; else the first."""
    if not ahead:
        raise RecordError.of(
            "sheet",
            f"{f'The sheet “{batch.sheet}”' if batch.sheet else 'The file'} is empty. Choose another one.",
            batch.sheet,
        )
    place = known.find_header([cells for _, cells in ahead])
    if header_row is not None:
        place = next((n for n, (number, _) in enumerate(ahead) if number == header_row), None)
        if place is None:
            raise RecordError.of(
                "header_row",
                f"Row {header_row} is empty, or not among the first {known.HEADER_WITHIN} rows. Give the number of the row that holds the headers.",
                header_row,
            )
    number, cells = ahead[place or 0]
    headers = [as_number(cell, is_day=False) for cell in cells]
    batch.header_row, batch.headers = number, [" ".join(header.split())[:200] for header in headers]
    batch.fingerprint = known.fingerprint(headers)
    former = ImportBatch.objects.filter(fingerprint=batch.fingerprint, columns_confirmed=True).exclude(pk=batch.pk)
    before = former.first()
    batch.columns = list(before.columns) if before and len(before.columns) >= len(headers) else known.guess(headers)
    # as was said of the last one that asked: most say it themselves, by a date that can be read in one way only
    batch.day_first = former.exclude(day_first=None).values_list("day_first", flat=True).first()
    batch.columns_confirmed = False


@transaction.atomic
def match(
    batch: ImportBatch,
    *,
    by: Actor,
    columns: list[str],
    day_first: bool | None = None,
    expected_version: int | None = None,
) -> ImportBatch:
    """Say which column is which, and how 4/5/2023 is read. It is remembered for the next sheet with these headers."""
    require_handling(by, batch)
    with acting(by, why="import"):
        batch = lock(batch, expected_version)
        problems = [
            Problem("columns", f"“{known.BY_CODE[code].label}” is chosen for two columns. Choose it once.", code)
            for code in known.clashes(columns)
        ]
        problems += [
            Problem("columns", f"“{code}” is no column we know.", code)
            for code in columns
            if code and code not in known.BY_CODE
        ]
        problems += [
            Problem("columns", f"No column is “{label}”, and no letter can do without it. Choose which one it is.", "")
            for label in known.missing(columns)
        ]
        if problems:
            raise RecordError(*problems)
        batch.columns = [*columns, *[""] * (len(batch.headers) - len(columns))]
        batch.columns_confirmed, batch.day_first = True, day_first
        batch.state = ImportState.CHECKING
        return saved(batch)


def own_words(batch: ImportBatch, row: ImportRow) -> dict[str, str]:
    """The words of a row by code of the column, as the file has them."""
    return {
        code: as_number(row.cells[place], is_day=code in known.DATES) if place < len(row.cells) else ""
        for place, code in enumerate(batch.columns)
        if code
    }


def values_of(batch: ImportBatch, row: ImportRow) -> dict[str, str]:
    """The same with what somebody typed over them."""
    return own_words(batch, row) | {code: words for code, words in row.mended.items() if code in known.BY_CODE}


@transaction.atomic
def give_up(batch: ImportBatch, *, by: Actor) -> bool:
    """Forget a batch that was not imported: its rows go, then the file; False where an earlier version kept that one for good."""
    require_handling(by, batch)
    with acting(by, why="import given up"):
        found = lock(batch)
        ImportBatch.objects.filter(pk=found.pk).delete()
        return sheet_files.forget(found)


def lock(batch: ImportBatch, expected_version: int | None = None) -> ImportBatch:
    """The batch as it is now, while it can still be changed."""
    found = ImportBatch.objects.select_for_update().filter(pk=batch.pk).first()
    if found is None or found.state not in STANDING:
        now = found.get_state_display() if found else "given up"
        raise RecordError.of("state", f"“{batch.file_name}” is {now}; it can no longer be changed.")
    require_version(found, expected_version)
    return found


def require_version(batch: ImportBatch, expected: int | None) -> None:
    """Raise StaleVersion where a locked batch is no longer what somebody saw."""
    if expected not in (None, batch.version):
        raise StaleVersion(Problem("version", CHANGED.format(name=batch.file_name), expected))


def saved(batch: ImportBatch) -> ImportBatch:
    batch.version = F("version") + 1
    batch.save()
    batch.refresh_from_db()
    return batch
