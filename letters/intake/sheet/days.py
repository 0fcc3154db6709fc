"""Days as spreadsheets hold them: 2023-04-25, 4/25/23, 25.04.2023, 25-Apr-23, “April 25, 2023”, 45041. Pure: it reads no clock."""

import datetime as dt
import re
from collections.abc import Iterable
from enum import Enum

from letters.intake.days import read_day
from letters.intake.sheet.names import PARTS, split_aligned

NUMBERS = re.compile(r"^\s*(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?:[ T]\d{1,2}:\d{2}.*)?\s*$")
ISO = re.compile(r"^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]\d{1,2}:\d{2}.*)?\s*$")
YEAR_FIRST = re.compile(r"^\s*(\d{4})[/.](\d{1,2})[/.](\d{1,2})\s*$")
SERIAL = re.compile(r"^\s*(\d{5})(?:\.\d+)?\s*$")
MONTH = re.compile(r"\b(jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)t?\.(?=\s|$)|\b(sep)t\b", re.I)
EPOCH = dt.date(1899, 12, 30)  # Excel's day 0, past the 29 February 1900 that never was
SERIALS = range(20_000, 80_000)  # 1954 to 2119: a smaller number is a number
WAYS = "Write it as 4/25/2023, April 25, 2023 or 2023-04-25."


class Order(Enum):
    """How the dates of a file put day and month, as far as the file itself proves it."""

    MONTH_FIRST = "month first"
    DAY_FIRST = "day first"
    UNKNOWN = "either"  # only dates like 4/5/2023
    NONE = "no such dates"
    MIXED = "both"  # 4/25/2023 and 25/4/2023 in one file


def order_of(values: Iterable[str]) -> Order:
    """What the dates of a file prove: 4/25 can only be month first, 25/4 only day first. A cell may hold several."""
    month = day = unsure = False
    for value in (part for cell in values for part in (split_aligned(cell) if PARTS.search(cell) else [cell])):
        found = NUMBERS.match(value)
        if found is None:
            continue
        first, second = int(found[1]), int(found[2])
        if first > 12:
            day = True
        elif second > 12:
            month = True
        elif first != second:
            unsure = True
    if month and day:
        return Order.MIXED
    if month or day:
        return Order.MONTH_FIRST if month else Order.DAY_FIRST
    return Order.UNKNOWN if unsure else Order.NONE


def read_cell_day(value: str, *, day_first: bool = False) -> dt.date | None:
    """The day of a cell; None for an empty one. Raises ValueError with the ways to write one.

    A day above 12 says itself which number is the month; `day_first` decides for the others.
    """
    value = value.strip()
    if not value:
        return None
    try:
        if found := ISO.match(value) or YEAR_FIRST.match(value):
            return dt.date(int(found[1]), int(found[2]), int(found[3]))
        if found := NUMBERS.match(value):
            first, second, year = int(found[1]), int(found[2]), int(found[3])
            year += 2000 if year < 70 else 1900 if year < 100 else 0
            if (day_first or first > 12) and second <= 12:
                first, second = second, first
            return dt.date(year, first, second)
        if (found := SERIAL.match(value)) and int(found[1]) in SERIALS:
            return EPOCH + dt.timedelta(days=int(found[1]))
        words = re.sub(r"\s+\d{1,2}:\d{2}.*$", "", value)
        return read_day(MONTH.sub(lambda month: month[1] or month[2], words))
    except ValueError as error:
        raise ValueError(f"“{value[:40]}” is not a date. {WAYS}") from error
