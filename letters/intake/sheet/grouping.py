"""Which rows of a sheet belong to one letter. Pure.

By the office's own number where the sheet has one, else by date and subject; a row that has none of them goes on with
the letter above it. Many offices begin their numbers anew each year: where rows of one number have another date and
another subject, they are another letter.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from letters.domain.rules import plain
from letters.intake.sheet.days import read_cell_day

REFERENCE = re.compile(r"^\d{4}-\d{3,}$")  # our own numbers are numbers of letters
Identity = tuple[str, str, str]  # number, day, subject


def identity(values: dict[str, str], *, day_first: bool) -> Identity:
    """What a row says of which letter it is about."""
    day = next((values[code] for code in ("letter_date", "sent_on", "printed_date") if values.get(code)), "")
    try:
        read = read_cell_day(day, day_first=day_first)
        day = read.isoformat() if read else ""
    except ValueError:
        day = plain(day)
    return values.get("number", "").strip(), day, plain(values.get("subject", ""))


def counts_rows(identities: Iterable[Identity]) -> bool:
    """Whether the numbers only count rows or asks, in any order and with gaps: letters span several rows, and no two rows
    of one letter share a number.
    """
    seen: set[Identity] = set()
    numbers: dict[tuple[str, str], str] = {}
    repeats, above = False, ""
    for number, day, subject in identities:
        if not number:
            continue  # it may go on with the letter above
        is_whole = bool(day and subject)
        is_shared = (number, day, subject) in seen if is_whole else number == above
        if REFERENCE.match(number) or not number.isdecimal() or is_shared:
            return False
        seen.add((number, day, subject))
        repeats = repeats or numbers.setdefault((day, subject), number) != number
        above = number
    return repeats


def letters_of(identities: Callable[[], Iterable[Identity]], *, has_numbers: bool) -> Iterator[int]:
    """`number_letters` of rows that are gone through twice: whether their numbers are numbers of letters shows at the end."""
    return number_letters(identities(), by_number=has_numbers and not counts_rows(identities()))


def number_letters(identities: Iterable[Identity], *, by_number: bool) -> Iterator[int]:
    """For each row which letter of the file it belongs to, from 1, in the order in which letters first appear."""
    numbers: dict[tuple[str, ...], int] = {}
    sharing: dict[str, list[tuple[str, str]]] = {}
    alike: dict[tuple[str, str], int] = {}  # which letter has this day and subject, the last one
    last, above = 0, ("", "")  # the letter of the row above, and what its rows say so far
    for number, day, subject in identities:
        if by_number and number:
            there = sharing.setdefault(plain(number), [])
            key: tuple[str, ...] = ("number", plain(number), str(_which(there, number, day, subject)))
            place = numbers.setdefault(key, len(numbers) + 1)
        elif by_number and last and day in ("", above[0]) and subject in ("", above[1]):
            place = last  # the number stands in the first row of its letter alone
        elif day or subject:
            # a row without its number, date or subject may leave out what stands above it
            place = alike.get((day, subject)) or numbers.setdefault((day, subject), len(numbers) + 1)
        else:
            place = last or numbers.setdefault(("first",), 1)
        above = (day or above[0], subject or above[1]) if place == last else (day, subject)
        last = place
        if day and subject:
            alike[day, subject] = place
        yield place


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
