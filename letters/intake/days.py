"""Days as people write them. Pure: it reads no clock."""

import datetime as dt
import re

from letters.enums import TermFrom, TermUnit

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
SHAPES = (
    "%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%B %d, %Y", "%b %d, %Y", "%B %d %Y", "%b %d %Y", "%m-%d-%Y", "%d %B %Y", "%d %b %Y",
    "%d-%b-%y", "%d-%b-%Y", "%d-%B-%Y",
)  # fmt: skip
WEEKDAY = re.compile(
    r"^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)[.,\s]+(?=\S)", re.I
)
UNSPACED = re.compile(r",(?=\d)")
ORDINAL = re.compile(r"(?<=\d)(st|nd|rd|th)\b", re.I)
IN_WORDS = re.compile(rf"\b({'|'.join(MONTHS)})\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(\d{{4}}))?\b")


def read_day(words: str) -> dt.date | None:
    """The day that is written, or None. Raises ValueError, with the ways to write one, for words that are none."""
    tidy = ORDINAL.sub("", UNSPACED.sub(", ", WEEKDAY.sub("", " ".join(words.split())))).rstrip(".")
    if not tidy:
        return None
    for shape in SHAPES:
        try:
            return dt.datetime.strptime(tidy, shape).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise ValueError(f"“{words.strip()[:40]}” is not a date. Write it as 4/25/2023, April 25, 2023 or 2023-04-25.")


TERM = re.compile(
    r"^(?:with)?in\s+(?P<days>\d{1,4})\s+(?P<unit>business |working |calendar )?days?"
    r"(?:\s+(?:of|from|after)\s+(?:(?P<receipt>(?:its |the |your )?receipt(?: of this letter)?)|(?:the )?date of (?:this|the) letter"
    r"|(?:its|the letter[’']s) date|(?:this|the) letter))?\.?$",
    re.I,
)


def read_term(words: str) -> tuple[int, str, str] | None:
    """ "within 10 business days of receipt" as (10, unit, since); from the letter's date where nothing else is said."""
    found = TERM.match(" ".join(words.split()))
    if found is None:
        return None
    unit = TermUnit.BUSINESS if (found["unit"] or "").strip().lower() in ("business", "working") else TermUnit.CALENDAR
    return int(found["days"]), unit.value, (TermFrom.RECEIPT if found["receipt"] else TermFrom.LETTER_DATE).value


def find_day(text: str, *, after: dt.date | None = None) -> dt.date | None:
    """The first day that a text names. "July 22" alone is the next one `after` a day, and nothing without one."""
    for month, day, year in IN_WORDS.findall(text):
        try:
            if year:
                return dt.date(int(year), MONTHS.index(month) + 1, int(day))
            if after:
                found = dt.date(after.year, MONTHS.index(month) + 1, int(day))
                return found if found >= after else found.replace(year=after.year + 1)
        except ValueError:
            continue
    return None
