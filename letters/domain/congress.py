"""Which Congress sits. Pure."""

import datetime as dt


def congress_on(day: dt.date | None) -> int | None:
    """The number of the Congress sitting on `day` (U.S. Const. amend. XX, s. 1: terms end January 3 at noon)."""
    if day is None:
        return None
    year = day.year if (day.month, day.day) >= (1, 3) else day.year - 1
    return (year - 1789) // 2 + 1
