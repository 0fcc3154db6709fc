"""The counts people read first: one set of expressions for queue, dashboard and API (invariant 10)."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Aggregate, BooleanField, Count, ExpressionWrapper, Min, Q

from letters.domain.deadlines import days_past
from letters.enums import Basis
from letters.models import User
from letters.models.tasking_queries import LED_BY_US, RUNNING, SOON_DAYS, UNTOUCHED_DAYS, TaskingQuerySet


@dataclass(frozen=True)
class Headline:
    """Everything the headline sentence says, in one query. Lateness is counted by basis, never mixed."""

    open: int
    asks: int
    agencies: int
    late: dict[str, int]  # by Basis
    longest: dict[str, int]  # calendar days past, by Basis
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
    untouched_before = today - dt.timedelta(days=UNTOUCHED_DAYS)
    numbers: dict[str, Aggregate] = {
        "open": _count(here),
        "asks": Count("ask", distinct=True, filter=here),
        "agencies": Count("agency", distinct=True, filter=here),
        "unread": _count(here & Q(is_unread=True)),
        "untouched": _count(here & Q(touched_at__date__lt=untouched_before)),
        "unassigned": _count(here & Q(owner__isnull=True)),
        "mine": _count(here & Q(owner=owner) if owner else Q(pk=None)),
        "due_soon": _count(here & RUNNING & Q(due_on__range=(today, today + dt.timedelta(days=SOON_DAYS)))),
        "to_review": _count(here & Q(review_on__lte=today)),
        "co_signed": _count(~LED_BY_US & among),
        **_late_counts(today, here),
        **{f"oldest_{basis.value}": Min("due_on", filter=here & _late(basis, today)) for basis in Basis},
    }
    return {f"{prefix}{name}": number for name, number in numbers.items()}


def _read(prefix: str, numbers: dict, today: dt.date) -> Headline:
    counts = {name.removeprefix(prefix): number for name, number in numbers.items() if name.startswith(prefix)}
    oldest = {basis.value: counts.pop(f"oldest_{basis.value}") for basis in Basis}
    late = {basis.value: counts.pop(f"late_{basis.value}") for basis in Basis}
    longest = {basis: days_past(due_on, today) if due_on else 0 for basis, due_on in oldest.items()}
    return Headline(**counts, late=late, longest=longest)


def _count(condition: Q) -> Count:
    return Count("pk", filter=condition)


@dataclass(frozen=True)
class Row:
    """One line of a dashboard table: its key and label, open items, and those late by each basis, never mixed."""

    key: str
    label: str
    open: int
    late: dict[str, int]  # by Basis
    longest: int  # calendar days past its date, of the item longest past it


def by_agency(taskings: TaskingQuerySet, today: dt.date) -> list[Row]:
    """Open items by the agency that owes the reply, most first."""
    return _grouped(taskings, today, "agency__slug", "agency__short_name")


def by_kind(taskings: TaskingQuerySet, today: dt.date) -> list[Row]:
    """Open items by kind of ask, most first."""
    return _grouped(taskings, today, "ask__kind__code", "ask__kind__name")


def _grouped(taskings: TaskingQuerySet, today: dt.date, key: str, label: str) -> list[Row]:
    oldest = Min("due_on", filter=RUNNING & Q(due_on__lt=today))
    rows = (
        taskings.open()
        .order_by()
        .values(key, label)
        .annotate(open=Count("pk"), oldest=oldest, **_late_counts(today))
        .order_by("-open", label)
    )
    return [
        Row(
            row[key],
            row[label],
            row["open"],
            _by_basis(row),
            days_past(row["oldest"], today) if row["oldest"] else 0,
        )
        for row in rows
    ]


def _late_counts(today: dt.date, only: Q | None = None) -> dict[str, Count]:
    return {f"late_{basis.value}": Count("pk", filter=_late(basis, today) & (only or Q())) for basis in Basis}


def _by_basis(counts: dict) -> dict[str, int]:
    return {basis.value: counts[f"late_{basis.value}"] for basis in Basis}


# How long past its date, in calendar days: name on screen, first and last day (None: no bound).
AGES: tuple[tuple[str, str, int | None, int | None], ...] = (
    ("in_time", "not past any date", None, 0),
    ("to_30", "1 to 30 days past", 1, 30),
    ("to_90", "31 to 90 days past", 31, 90),
    ("to_365", "91 to 365 days past", 91, 365),
    ("over_365", "over a year past", 366, None),
)


def by_age(taskings: TaskingQuerySet, today: dt.date) -> list[Row]:
    """Open items by how long they are past their date; those with no running clock are in the first line."""
    rows = []
    counts = taskings.open().aggregate(
        **{name: Count("pk", filter=age_condition(name, today)) for name, *_ in AGES},
        **{
            f"{name}_{key}": count
            for name, *_ in AGES
            for key, count in _late_counts(today, age_condition(name, today)).items()
        },
    )
    for name, label, *_ in AGES:
        late = {basis.value: counts[f"{name}_late_{basis.value}"] for basis in Basis}
        rows.append(Row(name, label, counts[name], late, 0))
    return rows


def age_condition(name: str, today: dt.date) -> Q:
    """The open items of one line of `AGES`, as the list behind its number filters them."""
    first, last = next((first, last) for code, _, first, last in AGES if code == name)
    if first is None:
        return ~(RUNNING & Q(due_on__lt=today))
    condition = RUNNING & Q(due_on__lte=today - dt.timedelta(days=first))
    return condition & Q(due_on__gte=today - dt.timedelta(days=last)) if last else condition


def _late(basis: Basis, today: dt.date) -> Q:
    return RUNNING & Q(due_on__lt=today, due_basis=basis)
