"""The counts people read first: one set of expressions for queue, dashboard and API (invariant 10)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Case, Count, Q, Value, When

from letters.domain.deadlines import days_past
from letters.enums import Basis
from letters.models import User
from letters.models.tasking_queries import LED_BY_US, RUNNING, SOON_DAYS, TaskingQuerySet, late_basis, untouched


@dataclass(frozen=True)
class Headline:
    """Everything the headline sentence says, in one query. Lateness is counted by basis, never mixed."""

    open: int
    asks: int
    agencies: int
    late: dict[str, int]  # by Basis
    oldest: dict[str, dt.date | None]  # the date that the longest late one is past, by Basis
    longest: dict[str, int]  # calendar days past it, by Basis
    unread: int
    untouched: int
    unassigned: int
    mine: int  # of the person whose headline it is; 0 for nobody
    due_soon: int
    to_review: int
    co_signed: int  # on letters we only co-signed, whether or not the others count them


def headline(
    taskings: TaskingQuerySet, today: dt.date, *, owner: User | None = None, within: Q | None = None
) -> Headline:
    """Count the open items among `taskings` (already limited to what the reader may see), those `within` a condition."""
    (counts,) = _counted(_items(taskings, today, owner, within), ["TRUE"])
    return _read(counts, today)


def headlines(
    taskings: TaskingQuerySet,
    today: dt.date,
    *,
    found: TaskingQuerySet,
    owner: User | None = None,
    within: Q | None = None,
) -> tuple[Headline, Headline]:
    """The same of all `taskings`, and of those that are in `found` too: one query for both."""
    items = _items(taskings, today, owner, within, is_found=_flag(Q(pk__in=found.order_by().values("pk"))))
    everything, only_found = _counted(items, ["TRUE", "is_found"])
    return _read(everything, today), _read(only_found, today)


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _items(
    taskings: TaskingQuerySet, today: dt.date, owner: User | None, within: Q | None, **more: Case
) -> TaskingQuerySet:
    """What `NUMBERS` are counted from: one row an open item."""
    flags: dict[str, Q] = {
        "is_untouched": untouched(today),
        "is_unassigned": Q(owner__isnull=True),
        "is_due_soon": RUNNING & Q(due_on__range=(today, today + dt.timedelta(days=SOON_DAYS))),
        "is_to_review": Q(review_on__lte=today),
        "is_co_signed": ~LED_BY_US,
    }
    if owner:
        flags["is_mine"] = Q(owner=owner)
    if within:
        flags["is_within"] = within
    columns: dict[str, Any] = {
        "is_within": Value(True),
        "is_mine": Value(False),
        "is_unread": taskings.unread_answer(),
        "late_by": late_basis(today),
        **{name: _flag(condition) for name, condition in flags.items()},
        **more,
    }
    return taskings.open().order_by().annotate(**columns).values_list("ask_id", "agency_id", "due_on", *columns)


# What `_read` reads, of the rows that `_items` gives. Written in SQL: of thirty filtered counts, Django's compiler took
# half the time of the queue's page, for the same text each time.
NUMBERS = {
    "open": "count(*) FILTER (WHERE is_within AND {among})",
    "asks": "count(DISTINCT ask_id) FILTER (WHERE is_within AND {among})",
    "agencies": "count(DISTINCT agency_id) FILTER (WHERE is_within AND {among})",
    **{
        name: f"count(*) FILTER (WHERE is_within AND is_{name} AND {{among}})"
        for name in ("unread", "untouched", "unassigned", "mine", "due_soon", "to_review")
    },
    # on letters we only co-signed, whether or not the others are counted
    "co_signed": "count(*) FILTER (WHERE is_co_signed AND {among})",
    **{
        f"late_{basis.value}": f"count(*) FILTER (WHERE is_within AND late_by = '{basis.value}' AND {{among}})"
        for basis in Basis
    },
    **{
        f"oldest_{basis.value}": f"min(due_on) FILTER (WHERE is_within AND late_by = '{basis.value}' AND {{among}})"
        for basis in Basis
    },
}


def _counted(items: TaskingQuerySet, each: Sequence[str]) -> list[dict[str, Any]]:
    """The numbers among the items for which a column is true, for each of these columns, in one query."""
    try:
        sql, values = items.query.sql_with_params()
    except EmptyResultSet:
        return [{name: None if name.startswith("oldest_") else 0 for name in NUMBERS} for _ in each]
    numbers = ", ".join(number.format(among=among) for among in each for number in NUMBERS.values())
    with connection.cursor() as cursor:
        # OFFSET 0: PostgreSQL makes each column once. Without, it would plan and run `found` anew for each number, which
        # took 45 ms of planning instead of 2.
        cursor.execute(f"SELECT {numbers} FROM ({sql} OFFSET 0) AS items", values)  # noqa: S608 - the text is ours
        row = cursor.fetchone()
    parts = (row[place : place + len(NUMBERS)] for place in range(0, len(row), len(NUMBERS)))
    return [dict(zip(NUMBERS, part, strict=True)) for part in parts]


def _read(counts: dict[str, Any], today: dt.date) -> Headline:
    oldest = {basis.value: counts.pop(f"oldest_{basis.value}") for basis in Basis}
    late = by_basis(counts)
    counts = {name: number for name, number in counts.items() if not name.startswith("late_")}
    longest = {basis: days_past(due_on, today) if due_on else 0 for basis, due_on in oldest.items()}
    return Headline(**counts, late=late, oldest=oldest, longest=longest)


def late_counts(today: dt.date, only: Q | None = None) -> dict[str, Count]:
    """How many are past their date, by what the date rests on: `late_letter`, `late_promise` and so on."""
    return {f"late_{basis.value}": Count("pk", filter=_late(basis, today) & (only or Q())) for basis in Basis}


def by_basis(counts: Mapping[str, int]) -> dict[str, int]:
    """What `late_counts` counted, by `Basis`."""
    return {basis.value: counts[f"late_{basis.value}"] for basis in Basis}


# How long past its date, in calendar days: name on screen, first and last day (None: no bound).
AGES: tuple[tuple[str, str, int | None, int | None], ...] = (
    ("in_time", "not past any date", None, 0),
    ("to_30", "1 to 30 days past", 1, 30),
    ("to_90", "31 to 90 days past", 31, 90),
    ("to_365", "91 to 365 days past", 91, 365),
    ("over_365", "over a year past", 366, None),
)
# How long ago it was first asked, in calendar days, whatever date it has.
WAITS: tuple[tuple[str, str, int, int | None], ...] = (
    ("to_30", "up to 30 days", 0, 30),
    ("to_90", "31 to 90 days", 31, 90),
    ("to_365", "91 to 365 days", 91, 365),
    ("over_365", "over a year", 366, None),
)


def age_condition(name: str, today: dt.date) -> Q:
    """The open items of one line of `AGES`, as the list behind its number filters them."""
    first, last = next((first, last) for code, _, first, last in AGES if code == name)
    if first is None:
        return ~(RUNNING & Q(due_on__lt=today))
    return RUNNING & _days_ago("due_on", today, first, last)


def wait_condition(name: str, today: dt.date) -> Q:
    """The items of one column of `WAITS`."""
    first, last = next((first, last) for code, _, first, last in WAITS if code == name)
    return _days_ago("asked_on", today, first, last)


def _days_ago(column: str, today: dt.date, first: int, last: int | None) -> Q:
    condition = Q(**{f"{column}__lte": today - dt.timedelta(days=first)})
    return condition & Q(**{f"{column}__gte": today - dt.timedelta(days=last)}) if last else condition


def _late(basis: Basis, today: dt.date) -> Q:
    return RUNNING & Q(due_on__lt=today, due_basis=basis)
