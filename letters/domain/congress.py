"""Which Congress sits. Pure."""

import datetime as dt


def congress_on(day: dt.date | None) -> int | None:
    """The number of the Congress sitting on `day` (U.S. Const. amend. XX, s. 1: terms end January 3 at noon)."""
    if day is None:
        return None
    year = day.year if (day.month, day.day) >= (1, 3) else day.year - 1
    return (year - 1789) // 2 + 1


def begins_on(number: int) -> dt.date:
    """The first day of a Congress; it sits until the day before the next one's."""
    return dt.date(1789 + 2 * (number - 1), 1, 3)


def ordinal(number: int) -> str:
    """ "119th", "121st"."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
