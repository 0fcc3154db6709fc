"""Which rows of a sheet belong to one letter. Pure.

By the office's own number where the sheet has one, else by date and subject; a row that has none of them goes on with
the letter above it. Many offices begin their numbers anew each year: where rows of one number have another date and
another subject, they are another letter.
"""

import re
from collections.abc import Iterable, Iterator

from letters.domain.rules import plain
from letters.intake.sheet.days import read_cell_day

REFERENCE = re.compile(r"^\d{4}-\d{3,}$")  # our own numbers are numbers of letters
Identity = tuple[str, str, str]  # number, day, subject


def identity(values: dict[str, str], *, day_first: bool) -> Identity:
    """What a row says of which letter it is about."""
    day = next((values[code] for code in ("letter_date", "sent_on") if values.get(code)), "")
    try:
        read = read_cell_day(day, day_first=day_first)
        day = read.isoformat() if read else ""
    except ValueError:
        day = plain(day)
    return values.get("number", "").strip(), day, plain(values.get("subject", ""))


def counts_rows(identities: Iterable[Identity]) -> bool:
    """Whether the numbers only count the rows of the sheet: 1, 2, 3... without a gap, while letters span several rows."""
    seen: set[tuple[str, str]] = set()
    repeats, expected = False, None
    for number, day, subject in identities:
        if REFERENCE.match(number) or not number.isdecimal() or (expected is not None and int(number) != expected):
            return False
        expected = int(number) + 1
        repeats = repeats or (day, subject) in seen
        seen.add((day, subject))
    return repeats


def number_letters(identities: Iterable[Identity], *, by_number: bool) -> Iterator[int]:
    """For each row which letter of the file it belongs to, from 1, in the order in which letters first appear."""
    numbers: dict[tuple[str, ...], int] = {}
    sharing: dict[str, list[tuple[str, str]]] = {}
    last = 0
    for number, day, subject in identities:
        if by_number and number:
            there = sharing.setdefault(plain(number), [])
            key: tuple[str, ...] = ("number", plain(number), str(_which(there, number, day, subject)))
        elif day or subject:
            # a row without its number, date or subject may leave out what stands above it
            key = (day, subject)
        else:
            last = last or numbers.setdefault(("first",), 1)
            yield last
            continue
        last = numbers.setdefault(key, len(numbers) + 1)
        yield last


def _which(there: list[tuple[str, str]], number: str, day: str, subject: str) -> int:
    """Which of the letters that share a number a row is of, from 0. `there`: the day and subject of each, so far."""
    if there and (REFERENCE.match(number) or not (day and subject and all(there[-1]))):
        there[-1] = (there[-1][0] or day, there[-1][1] or subject)
        return len(there) - 1
    for place, (its_day, its_subject) in enumerate(there):
        if day == its_day or subject == its_subject:
            return place
    there.append((day, subject))
    return len(there) - 1
