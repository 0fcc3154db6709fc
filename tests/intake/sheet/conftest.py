"""A sheet into the record, as the command and the page bring it in."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from letters.enums import SystemProcess
from letters.intake.sheet import batches, checking
from letters.intake.sheet.applying import Applied, apply
from letters.models import ImportBatch
from letters.reminders.hush import hush
from tests.made_sheets import workbook

BY = SystemProcess.SETUP


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def as_csv(rows: Sequence[Sequence[Any]]) -> bytes:
    lines = [",".join('"' + str(cell).replace('"', '""') + '"' for cell in row) for row in rows]
    return "\n".join(lines).encode()


def checked(data: bytes, *, by: Any = BY, name: str = "TEST.csv", sheet: str = "", **how: Any) -> ImportBatch:
    """A batch whose columns are as guessed, with every row looked at."""
    batch = batches.read(batches.receive(by=by, data=data, name=name, sheet=sheet), by=by)
    batch = batches.match(batch, by=by, columns=batch.columns, **how)
    return checking.check(batch, by=by)


def brought_in(data: bytes, *, by: Any = BY, leave_out_problems: bool = False, **how: Any) -> Applied:
    return apply(checked(data, by=by, **how), by=by, leave_out_problems=leave_out_problems, hush=hush)


def said(batch: ImportBatch, *, blocks: bool | None = None) -> list[tuple[int, str, str]]:
    """Each sentence with its row and field."""
    return [
        (row.number, finding["field"], finding["words"])
        for row in batch.rows.order_by("number")
        for finding in row.findings
        if blocks in (None, finding["blocks"])
    ]


def results(batch: ImportBatch) -> dict[int, str]:
    return {row.number: row.result for row in batch.rows.order_by("number")}


@pytest.fixture
def sheet() -> Callable[..., bytes]:
    """A CSV of a header and rows; `xlsx` makes a workbook of one sheet instead."""

    def made(header: str, *rows: Sequence[Any], xlsx: bool = False) -> bytes:
        table = [header.split("|"), *rows]
        return workbook({"TEST": [list(row) for row in table]}) if xlsx else as_csv(table)

    return made
