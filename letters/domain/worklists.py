"""The counts people read first: one set of expressions for queue, dashboard and API (invariant 10)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Aggregate, BooleanField, Count, ExpressionWrapper, Min, Q

from letters.domain.deadlines import days_past
from letters.enums import Basis
from letters.models import User
from letters.models.tasking_queries import LED_BY_US, RUNNING, SOON_DAYS, TaskingQuerySet, untouched


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

    @property
    def longest_wait(self) -> int:
        """Calendar days past its date of the item that is past it longest, by whatever basis."""
        return max(self.longest.values(), default=0)


def headline(
    taskings: TaskingQuerySet, today: dt.date, *, owner: User | None = None, within: Q | None = None
) -> Headline:
    """Count the open items among `taskings` (already limited to what the reader may see), those `within` a condition."""
    return _read("", _open(taskings).aggregate(**_numbers("", today, owner, within or Q(), Q())), today)


def headlines(
    taskings: TaskingQuerySet,
    today: dt.date,
    *,
    found: TaskingQuerySet,
    owner: User | None = None,
    within: Q | None = None,
) -> tuple[Headline, Headline]:
    """The same of all `taskings`, and of those that are in `found` too: one query for both."""
    within, is_found = within or Q(), Q(is_found=True)
    counts = (
        _open(taskings)
        .annotate(is_found=ExpressionWrapper(Q(pk__in=found.order_by().values("pk")), output_field=BooleanField()))
        .aggregate(**_numbers("all_", today, owner, within, Q()), **_numbers("found_", today, owner, within, is_found))
    )
    return _read("all_", counts, today), _read("found_", counts, today)


def _open(taskings: TaskingQuerySet) -> TaskingQuerySet:
    return taskings.open().annotate(is_unread=taskings.unread_answer())


def _numbers(prefix: str, today: dt.date, owner: User | None, within: Q, among: Q) -> dict[str, Aggregate]:
    """What `_read` reads. `among` narrows all of it, `within` all but what stands on letters we only co-signed."""
    here = within & among
    numbers: dict[str, Aggregate] = {
        "open": _count(here),
        "asks": Count("ask", distinct=True, filter=here),
        "agencies": Count("agency", distinct=True, filter=here),
        "unread": _count(here & Q(is_unread=True)),
        "untouched": _count(here & untouched(today)),
        "unassigned": _count(here & Q(owner__isnull=True)),
        "mine": _count(here & Q(owner=owner) if owner else Q(pk=None)),
        "due_soon": _count(here & RUNNING & Q(due_on__range=(today, today + dt.timedelta(days=SOON_DAYS)))),
        "to_review": _count(here & Q(review_on__lte=today)),
        "co_signed": _count(~LED_BY_US & among),
        **late_counts(today, here),
        **{f"oldest_{basis.value}": Min("due_on", filter=here & _late(basis, today)) for basis in Basis},
    }
    return {f"{prefix}{name}": number for name, number in numbers.items()}


def _read(prefix: str, numbers: dict, today: dt.date) -> Headline:
    counts = {name.removeprefix(prefix): number for name, number in numbers.items() if name.startswith(prefix)}
    oldest = {basis.value: counts.pop(f"oldest_{basis.value}") for basis in Basis}
    late = by_basis(counts)
    counts = {name: number for name, number in counts.items() if not name.startswith("late_")}
    longest = {basis: days_past(due_on, today) if due_on else 0 for basis, due_on in oldest.items()}
    return Headline(**counts, late=late, oldest=oldest, longest=longest)


def _count(condition: Q) -> Count:
    return Count("pk", filter=condition)


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
