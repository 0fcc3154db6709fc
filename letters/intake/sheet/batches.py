"""The life of a batch before it is imported: a file comes in, is read, its columns are matched, its rows are checked and mended."""

import hashlib
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F

from letters.domain import files
from letters.domain.access import EDIT, RELEASE, Actor, may, require
from letters.domain.copying import copy_new
from letters.domain.history import acting
from letters.enums import ImportState
from letters.errors import NotAllowed, Problem, RecordError
from letters.intake.sheet import columns as known
from letters.intake.sheet import reading
from letters.models import ImportBatch, ImportRow, User

AT_ONCE = 200  # rows read or written together
SKIP = "skip"  # in `mended`: the row is left out
MAX_CELL = 20_000  # characters that somebody types over a cell
STANDING = (ImportState.READING, ImportState.MATCHING, ImportState.CHECKING, ImportState.READY, ImportState.FAILED)
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
    """Keep a file and look into it. Raises RecordError, field `file`, for what is no spreadsheet that can be read,
    or cannot be kept here."""
    require(by, EDIT)
    if len(data) > files.MAX_FILE:
        raise files.too_large(name)
    with acting(by, why="import"):
        digest = hashlib.sha256(data).hexdigest()
        try:
            files.keep_bytes(data, digest)
        except OSError as error:
            raise RecordError.of("file", files.not_kept(name, error), name) from error
        batch = ImportBatch(
            owner=by if isinstance(by, User) else None,
            file_name=files.clean(name),
            file=files.place(digest),
            size=len(data),
        )
        book = reading.open_book(path_of(batch), name)
        batch.sheets, batch.remarks = list(book.sheets), list(book.remarks)
        if sheet or len(book.sheets) == 1:
            batch.sheet = reading.choose_sheet(book, sheet)
        else:
            batch.state = ImportState.MATCHING
        batch.save(force_insert=True)
        return batch


def path_of(batch: ImportBatch) -> Path:
    """Where its bytes lie."""
    return Path(settings.MEDIA_ROOT) / str(batch.file)


@transaction.atomic
def read(
    batch: ImportBatch, *, by: Actor, sheet: str | None = None, header_row: int | None = None, tell: Tell = nothing
) -> ImportBatch:
    """Take the rows in as they stand, find the headers, and guess what each column is. What was read before goes."""
    require_handling(by, batch)
    with acting(by, why="import"):
        batch = _lock(batch)
        book = reading.open_book(path_of(batch), batch.file_name)
        batch.sheet = reading.choose_sheet(book, batch.sheet if sheet is None else sheet)
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
        batch.columns += [""] * (width - len(batch.columns))
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
    number, headers = ahead[place or 0]
    batch.header_row, batch.headers = number, [" ".join(header.split())[:200] for header in headers]
    batch.fingerprint = known.fingerprint(headers)
    before = (
        ImportBatch.objects.filter(fingerprint=batch.fingerprint, columns_confirmed=True).exclude(pk=batch.pk).first()
    )
    batch.columns = list(before.columns) if before and len(before.columns) >= len(headers) else known.guess(headers)
    batch.day_first = before.day_first if before else None
    batch.columns_confirmed = False


@transaction.atomic
def match(batch: ImportBatch, *, by: Actor, columns: list[str], day_first: bool | None = None) -> ImportBatch:
    """Say which column is which, and how 4/5/2023 is read. It is remembered for the next sheet with these headers."""
    require_handling(by, batch)
    with acting(by, why="import"):
        batch = _lock(batch)
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


def values_of(batch: ImportBatch, row: ImportRow) -> dict[str, str]:
    """The words of a row by code of the column, with what somebody typed over them."""
    values = {
        code: row.cells[place] if place < len(row.cells) else "" for place, code in enumerate(batch.columns) if code
    }
    return values | {code: words for code, words in row.mended.items() if code in known.BY_CODE}


@transaction.atomic
def mend(row: ImportRow, *, by: Actor, values: dict[str, str], leave_out: bool = False) -> ImportRow:
    """What somebody types over cells of a row, kept beside what the file says. The batch has to be checked again after it."""
    require_handling(by, row.batch)
    with acting(by, why="import"):
        batch = _lock(row.batch)
        row = ImportRow.objects.select_for_update().get(pk=row.pk)
        problems = []
        for code, words in values.items():
            if code not in batch.columns and code not in known.BY_CODE:
                problems.append(Problem(code, f"“{code}” is no column we know.", words))
            elif len(words) > MAX_CELL:
                problems.append(
                    Problem(
                        code,
                        f"{known.BY_CODE[code].label} has {len(words):,} characters; at most {MAX_CELL:,} can be typed here.",
                        words,
                    )
                )
        if problems:
            raise RecordError(*problems)
        now = values_of(batch, row)
        row.mended = {**row.mended, **{code: words for code, words in values.items() if words != now.get(code, "")}}
        if leave_out:
            row.mended[SKIP] = "yes"
        else:
            row.mended.pop(SKIP, None)
        row.save(update_fields=["mended"])
        batch.state = ImportState.CHECKING
        saved(batch)
        return row


@transaction.atomic
def give_up(batch: ImportBatch, *, by: Actor) -> None:
    """Forget a batch that was not imported: its rows go; the file stays in the folder of files."""
    require_handling(by, batch)
    with acting(by, why="import given up"):
        _lock(batch).delete()


def _lock(batch: ImportBatch) -> ImportBatch:
    found = ImportBatch.objects.select_for_update().filter(pk=batch.pk).first()
    if found is None or found.state not in STANDING:
        now = found.get_state_display() if found else "given up"
        raise RecordError.of("state", f"“{batch.file_name}” is {now}; it can no longer be changed.")
    return found


def saved(batch: ImportBatch) -> ImportBatch:
    batch.version = F("version") + 1
    batch.save()
    batch.refresh_from_db()
    return batch
