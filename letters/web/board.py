"""What the dashboard is made of: addresses that keep the filters in force, tables of numbers, and short lists.

A table is data first (`Figures`), so that a page, a file or a chart may draw it: each number knows the list behind it.
"""

import datetime as dt
from dataclasses import dataclass, field

from django.http import QueryDict
from django.urls import reverse

from letters.domain.deadlines import count, days_past
from letters.domain.tallies import Row
from letters.domain.words import BASIS_WORDS, initial, late_shown
from letters.domain.worklists import WAITS
from letters.listing import NOT_FILTERS

CHART_MOST = 20  # bars of one chart: more would be a wall
GATHERED = (
    "target",
    "lead",
    "co_signer",
    "topic",
    "change",
)  # a further value narrows; of the others it takes the place


class Places:
    """Addresses of lists and of the dashboard itself, each within the filters in force (`kept`)."""

    def __init__(self, params: QueryDict):
        self.kept = params.copy()
        for name in (*NOT_FILTERS, "state"):
            self.kept.pop(name, None)

    def items(self, **more: str) -> str:
        """The queue's list of open items within the filters, narrowed further."""
        return self._address("queue", self.of_open(self.narrowed(**more)))

    def changed(self, **more: str) -> str:
        """The same of open and closed ones."""
        query = self.narrowed(**more)
        query["state"] = "all"
        return self._address("queue", query)

    def board(self, **more: str) -> str:
        """The dashboard itself, narrowed further."""
        return self._address("dashboard", self.narrowed(**more))

    def table(self, name: str) -> str:
        """All lines of one of its tables."""
        return self._address("dashboard_table", self.kept, name)

    def page(self, name: str, *args: str) -> str:
        """Another page of numbers, within the same filters."""
        return self._address(name, self.kept, *args)

    def narrowed(self, **more: str) -> QueryDict:
        query = self.kept.copy()
        for name, value in more.items():
            if name in GATHERED:
                if value not in query.getlist(name):
                    query.appendlist(name, value)
            elif not (name == "due" and query.get("due") == "week"):  # a week is within the month
                query[name] = value
        return query

    @staticmethod
    def of_open(query: QueryDict) -> QueryDict:
        """The same of open items, whatever else it asks for."""
        if "status" in query:  # an address with a status means closed ones, too, unless it says so
            query["state"] = "open"
        return query

    @staticmethod
    def _address(name: str, query: QueryDict, *args: str) -> str:
        return reverse(name, args=args) + (f"?{query.urlencode()}" if query else "")


@dataclass(frozen=True)
class Column:
    """`key` names it for charts; `basis` says what lateness in it rests on."""

    key: str
    label: str
    basis: str = ""
    group: str = ""


@dataclass(frozen=True)
class Cell:
    """One number and the list behind it. `counts` is False for days, which count no items."""

    column: Column
    number: int
    url: str = ""
    words: str = ""
    counts: bool = True


@dataclass(frozen=True)
class Line:
    key: str
    label: str
    cells: list[Cell]
    url: str = ""  # the dashboard within this line
    percent: int = 0  # of the largest line: draws the bar
    brief_url: str = ""  # of an agency: the brief for a meeting with it


@dataclass(frozen=True)
class Chart:
    """How a table is drawn beside itself: the columns that are its series, and what it shows, in a sentence."""

    series: str  # keys of columns, with blanks between
    finding: str
    stacked: bool = False  # the series add up to something
    most: int = CHART_MOST  # lines that are drawn, the first


@dataclass(frozen=True)
class Figures:
    """A table of numbers: what it is called, its columns, its lines; `total` lines, of which these are the first."""

    name: str
    caption: str
    head: str
    columns: list[Column]
    lines: list[Line]
    total: int = 0
    all_url: str = ""
    note: str = ""
    groups: list[tuple[str, int]] = field(default_factory=list)
    chart: Chart | None = None


OPEN = Column("open", "Open")
OLDEST = Column("oldest", "Longest ago")
UNREAD = Column("unread", "Reply not read")
UNTOUCHED = Column("untouched", "Untouched for 90 days")
WAIT_COLUMNS = [Column(f"waited_{code}", label, group="First asked") for code, label, *_ in WAITS]
# Of each table: its heading, the word over its first column, and what it has besides open and late.
HEADINGS: dict[str, tuple[str, str, str]] = {
    "agency": ("Who owes a reply", "Agency", "Open items by agency and age"),
    "kind": ("What was asked", "Kind", "Open items by kind of ask"),
    "lead": ("Who led the letter", "Led by", "Open items by lead signatory"),
    "owner": ("Who works on it", "Owner", "Open items by owner"),
    "topic": ("What it is filed under", "Topic", "Open items by topic"),
    "target": ("Whom it is about", "Company, person or program", "Open items by company, person or program"),
}


def late_columns(late: dict[str, int]) -> list[Column]:
    """One for each basis that has an item anywhere on the page, and always the two that mean most."""
    return [Column(f"late_{basis.value}", BASIS_WORDS[basis], basis.value) for basis in late_shown(late)]


def figures(
    name: str, rows: list[Row], today: dt.date, places: Places, late: list[Column], *, most: int | None = None
) -> Figures:
    """One table of `tallies.TABLES`, its first `most` lines."""
    extra = {"agency": [*WAIT_COLUMNS, OLDEST], "owner": [UNREAD, UNTOUCHED]}.get(name, [OLDEST])
    columns = [OPEN, *late, *extra]
    top = max((row.open for row in rows), default=0) or 1
    lines = [
        Line(
            row.key,
            initial(row.label) if name == "agency" else row.label,
            [_cell(column, row, today, places, {name: row.key}) for column in columns],
            places.board(**{name: row.key}),
            round(100 * row.open / top),
            reverse("brief", args=[row.key]) if name == "agency" else "",
        )
        for row in rows[:most]
    ]
    _, head, caption = HEADINGS[name]
    groups = [("", len(columns) - len(WAIT_COLUMNS) - 1), ("First asked", len(WAIT_COLUMNS) + 1)]
    return Figures(
        name, caption, head, columns, lines, len(rows), places.table(name), groups=groups if name == "agency" else [],
        chart=_by_wait(lines, [row.label for row in rows]) if name == "agency" and lines else None,
    )  # fmt: skip


def _by_wait(lines: list[Line], names: list[str]) -> Chart:
    """Open items by agency, each bar by how long ago its items were asked: they add up to what is open. `names`: of the lines,
    as they stand within a sentence."""
    opened = lines[0].cells[0].number
    top = [line for line in lines if line.cells[0].number == opened]
    if len(top) > 1:
        which = " and ".join(names[:2]) if len(top) == 2 else f"{len(top)} agencies"
        finding = f"Most is open with {which}: {count(opened, 'item')} each."
    else:
        old = next(cell.number for cell in top[0].cells if cell.column == WAIT_COLUMNS[-1])
        part = "" if opened == 1 else " all of them" if old == opened else f" {old} of them"
        asked = f",{part} asked over a year ago" if old else ""
        finding = f"Most is open with {names[0]}: {count(opened, 'item')}{asked}."
    if len(lines) > CHART_MOST:
        finding += f" The chart shows the first {CHART_MOST} of {len(lines)} agencies, the table all."
    return Chart(" ".join(column.key for column in WAIT_COLUMNS), finding, stacked=True)


def _cell(column: Column, row: Row, today: dt.date, places: Places, this: dict[str, str]) -> Cell:
    if column.key == "oldest":
        if row.first_asked is None:
            return Cell(column, 0, counts=False)
        days = days_past(row.first_asked, today)
        url = places.items(**this, asked_before=row.first_asked.isoformat())
        return Cell(column, days, url, count(days, "day"), counts=False)
    code = column.key.removeprefix("waited_")
    number, more = {
        "open": (row.open, {}),
        "unread": (row.unread, {"unread": "true"}),
        "untouched": (row.untouched, {"untouched": "true"}),
    }.get(column.key) or (
        (row.late[column.basis], {"late": column.basis}) if column.basis else (row.waited[code], {"waited": code})
    )
    return Cell(column, number, places.items(**this, **more))


def age_figures(ages: list, places: Places, late: list[Column]) -> Figures:
    """How long past its date: one column for each basis, and no sum over them."""
    top = max((number for _, _, _, by_basis in ages for number in by_basis.values()), default=0) or 1
    lines = [
        Line(
            key,
            label,
            [
                Cell(column, by_basis[column.basis], places.items(age=key, late=column.basis), words=f"{by_basis[column.basis]:,}")
                for column in late
            ],
            percent=round(100 * max(by_basis.values()) / top),
        )
        for key, label, _, by_basis in ages
        if key != "in_time"
    ]  # fmt: skip
    caption = "Late items by calendar days past their date"
    return Figures("age", caption, "Past", late, lines, len(lines), chart=_by_age(lines, late))


def _by_age(lines: list[Line], late: list[Column]) -> Chart | None:
    """Side by side and never on top of each other: what the dates rest on is not added up."""
    most = max(cell.number for line in lines for cell in line.cells)
    if not most:
        return None
    top = [
        f"{line.label.removesuffix(' past')} {cell.column.label.lower()}"
        for line in lines for cell in line.cells if cell.number == most
    ]  # fmt: skip
    each = " each" if len(top) > 1 else ""
    where = f"in {len(top)} places" if len(top) > 2 else " and ".join(top)
    finding = f"The most, {count(most, 'item')}{each}: {where}."
    return Chart(" ".join(column.key for column in late), finding)
