"""What each addressee’s office told of the letter: when it came, when they said so, their own number, whom to call. One for each addressee."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from letters.domain.backlog import SentAddressee
from letters.domain.rules import check_not_future, check_order, check_text
from letters.intake.sheet.cells import Cells, Row
from letters.intake.sheet.columns import BY_CODE
from letters.intake.sheet.names import split_aligned
from letters.models import Agency

DAYS = {"delivered_on": "The day it was delivered", "acknowledged_on": "The day it was acknowledged"}
NUMBERS, CONTACTS = "control_numbers", "contacts_there"


@dataclass(frozen=True)
class Receipt:
    """As `letter_desk.update_addressee` notes it."""

    delivered_on: dt.date | None = None
    acknowledged_on: dt.date | None = None
    control_number: str = ""
    legislative_affairs_contact: str = ""

    def facts(self) -> dict[str, Any]:
        """Those that are known."""
        return {one.name: value for one in fields(self) if (value := getattr(self, one.name))}


def read_receipts(
    cells: Cells, rows: list[Row], count: int, *, sent_on: dt.date | None, today: dt.date
) -> list[Receipt]:
    """For each of so many addressees. A single day or number is taken for each of them, which is said."""
    days = {code: _days(cells, rows, code, count, sent_on, today) for code in DAYS}
    numbers, contacts = (_words(cells, rows, code, count, most) for code, most in ((NUMBERS, 60), (CONTACTS, 200)))
    return [Receipt(*one) for one in zip(days["delivered_on"], days["acknowledged_on"], numbers, contacts, strict=True)]


def received_on(addressees: Sequence[SentAddressee], receipts: Sequence[Receipt], agency: Agency) -> dt.date | None:
    """The day the letter came to an agency, or to the department it belongs to, as far as it is known."""
    days = [
        one.delivered_on or one.acknowledged_on
        for addressee, one in zip(addressees, receipts, strict=True)
        if addressee.agency.includes(agency)
    ]
    return min(filter(None, days), default=None)


def _days(
    cells: Cells, rows: list[Row], code: str, count: int, sent_on: dt.date | None, today: dt.date
) -> list[dt.date | None]:
    row, parts = _parts(cells, rows, code, count)
    days = [cells.day(Row(row.number, {code: part}), code) if part else None for part in parts]
    for day in dict.fromkeys(days):
        for problem in [
            *check_not_future(code, DAYS[code], day, today),
            *check_order(code, DAYS[code], day, "the day it was sent", sent_on),
        ]:
            cells.wrong(row.number, code, problem.message)
    return days


def _words(cells: Cells, rows: list[Row], code: str, count: int, most: int) -> list[str]:
    row, parts = _parts(cells, rows, code, count)
    for problem in (problem for one in parts for problem in check_text(code, BY_CODE[code].label, one, most)):
        cells.wrong(row.number, code, problem.message)
    return parts


def _parts(cells: Cells, rows: list[Row], code: str, count: int) -> tuple[Row, list[str]]:
    row, value = cells.first(rows, code)
    if count > 1 and len(parts := split_aligned(value)) == 1 and parts[0]:
        cells.remark(
            row.number, code, f"{BY_CODE[code].label}: “{parts[0][:40]}” is taken for each of the {count} addressees. Give one for each, “-” for none."
        )  # fmt: skip
        return row, parts * count
    return row, cells.aligned(rows, code, count, "addressees") if value else [""] * count
