"""What a sound record looks like, said in sentences. Pure checks that the verbs call before they write."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

from django.db.models import Choices

from letters.domain.deadlines import long_date
from letters.errors import Problem, RecordError

UNREADABLE = "�"
MAX_REASON = 2000
FIRST_YEAR = 1789  # of Congress
MOST_YEARS_AHEAD = 100  # a day further on is a placeholder or a slip
WEB_ADDRESS = re.compile(r"https?://[^\s/]+\.[^\s]+$", re.I)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def check_text(field: str, label: str, value: str | None, limit: int) -> list[Problem]:
    """Text that can be stored and read back: valid characters, within `limit` characters."""
    if not value:
        return []
    if UNREADABLE in value:
        return [
            Problem(
                field,
                f"{label} has characters that were not UTF-8 text (shown as {UNREADABLE}, first at place "
                f"{value.index(UNREADABLE) + 1:,}). Copy it again from the original, or type those characters.",
                value,
            )
        ]
    if found := CONTROL.search(value):
        return [
            Problem(
                field,
                f"{label} has a control character (code {ord(found[0])}, at place {found.start() + 1:,}) "
                "that cannot be stored. Remove it, or paste the words as plain text.",
                value,
            )
        ]
    if len(value) > limit:
        return [
            Problem(
                field,
                f"{label} has {len(value):,} characters; at most {limit:,} fit. Shorten it, or attach it as a file.",
                value,
            )
        ]
    return []


def check_required(field: str, label: str, value: object, way_out: str) -> list[Problem]:
    """Something must be there."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return [Problem(field, f"{label} is missing. {way_out}", value)]
    return []


def check_reason(reason: str, way_out: str) -> list[Problem]:
    """Why, in words that can be kept."""
    return [
        *check_required("reason", "The reason", reason, way_out),
        *check_text("reason", "The reason", reason, MAX_REASON),
    ]


def check_not_future(field: str, label: str, day: dt.date | None, today: dt.date) -> list[Problem]:
    """A day that has happened. `today` is the office's.

    A browser makes 0023-04-25 of “4/25/23”, which was before any letter to an agency.
    """
    if day and day.year < FIRST_YEAR:
        return [
            Problem(
                field,
                f"{label} is {day:%B} {day.day}, {day.year:04}. Enter the year with all four digits, {FIRST_YEAR} or later.",
                day,
            )
        ]
    if day and day > today:
        return [
            Problem(
                field,
                f"{label} is {long_date(day)}, which is after today ({long_date(today)}). Enter a day up to today.",
                day,
            )
        ]
    return []


def check_url(field: str, label: str, value: str, limit: int = 500) -> list[Problem]:
    """An address that a page may link to."""
    if problems := check_text(field, label, value, limit):
        return problems
    if value and not WEB_ADDRESS.match(value.strip()):
        return [
            Problem(
                field,
                f"{label}: “{value[:80]}” is not a web address. Paste it from the browser; it begins with https://.",
                value,
            )
        ]
    return []


def check_known(field: str, label: str, value: str, choices: type[Choices]) -> list[Problem]:
    """A code of ours."""
    known = _codes(choices)
    return [] if value in known else [Problem(field, f"{label}: “{value}” is not one of {', '.join(known)}.", value)]


@cache  # Django makes the list anew each time, and an import asks for it of every letter
def _codes(choices: type[Choices]) -> tuple[str, ...]:
    return tuple(choices.values)


def check_order(
    field: str, label: str, day: dt.date | None, earlier_label: str, earlier: dt.date | None
) -> list[Problem]:
    """`day` is not before `earlier`."""
    if day and earlier and day < earlier:
        return [
            Problem(
                field,
                f"{label} ({long_date(day)}) is before {earlier_label} ({long_date(earlier)}). "
                f"Enter {long_date(earlier)} or a later day.",
                day,
            )
        ]
    return []


def check_ahead(
    field: str, label: str, day: dt.date | None, earlier_label: str, earlier: dt.date | None, today: dt.date
) -> list[Problem]:
    """A day that may lie ahead: not before `earlier`, and near enough to be meant. `today` is the office's.

    A placeholder such as 12/31/9999 is no day: the clocks count on from each, and the calendar ends there.
    """
    if day and day.year > today.year + MOST_YEARS_AHEAD:
        return [
            Problem(
                field,
                f"{label} is {long_date(day)}, more than {MOST_YEARS_AHEAD} years ahead. "
                f"Enter a day up to December 31, {today.year + MOST_YEARS_AHEAD}.",
                day,
            )
        ]
    return check_order(field, label, day, earlier_label, earlier)


def refuse_if(problems: Iterable[Problem]) -> None:
    """Raise one error with all the problems found, so that a form shows them together."""
    problems = list(problems)
    if problems:
        raise RecordError(*problems)


# a letter without its accent finds it with one: what is stored keeps its accents, what is compared has none
ACCENTED = str.maketrans(
    {"a": "[aàáâãäåā]", "c": "[cçćč]", "e": "[eèéêëēė]", "i": "[iìíîïī]", "n": "[nñń]", "o": "[oòóôõöøō]", "s": "[sśšş]",
     "u": "[uùúûüū]", "y": "[yýÿ]", "z": "[zźżž]"}
)  # fmt: skip


def names_in(line: str) -> list[str]:
    """The names that a line gives with commas between them."""
    return [name.strip() for name in line.split(",") if name.strip()]


def accents_apart(words: str) -> str:
    """A pattern of PostgreSQL's, for case-blind matching, that `plain` words fit whatever accents the stored name has."""
    return re.escape(words).translate(ACCENTED)


@lru_cache(maxsize=4096)  # a pasted block asks it of every member for every name
def plain(name: str) -> str:
    """A name for sorting and comparing: lower case, no accents, single spaces."""
    decomposed = unicodedata.normalize("NFKD", name)
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).casefold().split())
