"""What a report of open items says: its first page in words and numbers, and each item as a line."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

from letters.domain.deadlines import count, long_date
from letters.domain.tallies import Row
from letters.domain.words import BASIS_WORDS, initial, late_shown, short_date, status_words, wait
from letters.enums import TaskingRole
from letters.models import Tasking

UNREAD = "reply received, not yet read"
OFFICE_WIDE = (
    "For everybody of this office: items of letters restricted to named staff are in none of its numbers and lines."
)
OWN = "Made for {person}, as {person} sees the record. It is nobody else’s to see."


@dataclass(frozen=True)
class Numbers:
    """A table of counts: headings, then lines of words and whole numbers (None: no such day)."""

    headings: list[str]
    lines: Sequence[Sequence[str | int | dt.date | None]]


@dataclass(frozen=True)
class Cover:
    """The first page."""

    title: str
    as_of: str  # the moment, in words
    headline: str
    notes: list[str]
    agencies: Numbers
    total: int  # items that follow
    words: str  # the same in words: “37 open items”
    has_closed: bool = False  # closed items are, or may be, among them


@dataclass(frozen=True)
class Line:
    """One item as the PDF prints it."""

    group: str
    letter: str
    item: str
    about: str
    status: str
    waiting: str
    detail: str
    is_red: bool
    owner: str


@dataclass(frozen=True)
class Printed:
    """All that the PDF prints; `more` says what it leaves to the workbook."""

    cover: Cover
    lines: list[Line] = field(default_factory=list)
    more: str = ""

    def data(self) -> dict:
        """For the template: words and numbers only."""
        numbers = self.cover.agencies
        shown = [[_cell(value) for value in line] for line in numbers.lines]
        cover = replace(self.cover, agencies=Numbers(numbers.headings, shown))
        return asdict(replace(self, cover=cover))


def _cell(value: str | int | dt.date | None) -> str:
    if isinstance(value, dt.date):
        return short_date(value)
    return f"{value:,}" if isinstance(value, int) else value or ""


def by_agency(rows: Sequence[Row], late: dict[str, int]) -> Numbers:
    """The dashboard's own counts: open items, late by each basis and never added up, and the day first asked."""
    shown = late_shown(late)
    headings = ["Agency", "Open", *(BASIS_WORDS[basis] for basis in shown), "Reply not read", "First asked"]
    lines: list[list[str | int | dt.date | None]] = [
        [initial(row.label), row.open, *(row.late[basis.value] for basis in shown), row.unread, row.first_asked]
        for row in rows
    ]
    return Numbers(headings, lines)


def line(tasking: Tasking, today: dt.date, group: str) -> Line:
    """One item, below the heading `group`. Needs what `Listing.for_export` gives."""
    ask, waits, agency = tasking.ask, wait(tasking, today), initial(str(tasking.agency))
    status = "consulted" if tasking.role == TaskingRole.CONSULTED else status_words(tasking)
    unread = f"; {UNREAD}" if tasking.has_unread and tasking.is_open else ""  # type: ignore[attr-defined] # annotated
    return Line(
        group=group,
        letter=f"{ask.letter.reference}, ask {ask.number}",
        item=ask.summary if group == agency else f"{agency}: {ask.summary}",
        about=", ".join(tasking.target_names),  # type: ignore[attr-defined] # annotated
        status=f"{status}{unread}",
        waiting=waits.words,
        detail=waits.detail,
        is_red=waits.is_red,
        owner=str(tasking.owner) if tasking.owner else "nobody",
    )


def title_of_week(day: dt.date) -> str:
    """What the office's list of a week is called."""
    return f"Open items, week of {long_date(day)}"


def left_to_the_workbook(printed: int, total: int) -> str:
    """What stands below the last line where there are more."""
    if printed >= total:
        return ""
    return f"These are the first {printed:,} of {count(total, 'item')}. The workbook and the CSV have them all."
