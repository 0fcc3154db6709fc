"""The tables of the dashboard: open items by agency, kind, lead signatory, owner, topic and target, one query each.

Every function gets taskings already limited to what the reader may see and to the filters in force. An item with two
topics stands in both lines, so the lines of such a table may add up to more than there are.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, F, FilteredRelation, Min, Q, Value, When

from letters.domain.worklists import AGES, WAITS, age_condition, by_basis, late_counts, wait_condition
from letters.enums import Basis, Match, Status
from letters.models.tasking_queries import NONE, RUNNING, UNMATCHED, UNTOUCHED_DAYS, TaskingQuerySet

MONTH_DAYS = 30
NOBODY = "nobody"


@dataclass(frozen=True)
class Row:
    """One line: its key, as the filter of its table takes it, its label, and numbers of open items."""

    key: str
    label: str
    open: int
    late: dict[str, int]  # by Basis, never mixed
    waited: dict[str, int]  # by name in WAITS
    first_asked: dt.date | None  # the earliest day on which one of them was asked
    unread: int
    untouched: int


@dataclass(frozen=True)
class Table:
    """What a table's lines are: the filter that each is a value of, the columns of its key and its label."""

    parameter: str
    key: str
    label: str
    none: tuple[str, str] = ("", "")  # key and label of the line of items that have none
    beside: tuple[str, ...] = ()  # further columns, of which the label is made
    many: bool = False  # an item may stand more than once in a line before it is counted once
    annotations: Callable[[], dict[str, Any]] = dict


def _leading() -> dict[str, Any]:
    """Each signer marked as leading: the member, or that a person has matched it to none. Made anew: Django changes it."""
    return {
        "lead_signer": FilteredRelation("ask__letter__signatures", condition=Q(ask__letter__signatures__is_lead=True)),
        "lead_key": _by_lead(F("lead_signer__legislator__bioguide"), UNMATCHED),
        "lead_label": _by_lead(F("lead_signer__legislator__official_full"), "not matched to a member"),
    }


def _by_lead(confirmed: F, otherwise: str) -> Case:
    return Case(
        When(lead_signer__match=Match.CONFIRMED, then=confirmed),
        When(lead_signer__isnull=False, then=Value(otherwise)),
        output_field=CharField(),
    )


TABLES: dict[str, Table] = {
    "agency": Table("agency", "agency__slug", "agency__short_name"),
    "kind": Table("kind", "ask__kind__code", "ask__kind__name"),
    "lead": Table(
        "lead",
        "lead_key",
        "lead_label",
        none=(NONE, "no signer marked as leading"),
        many=True,
        annotations=_leading,
    ),
    "topic": Table("topic", "ask__letter__topics__slug", "ask__letter__topics__name", none=(NONE, "no topic")),
    "target": Table("target", "ask__targets__slug", "ask__targets__name", none=(NONE, "none named")),
    "owner": Table(
        "owner",
        "owner__username",
        "owner__username",
        none=(NOBODY, "nobody"),
        beside=("owner__first_name", "owner__last_name"),
    ),
}


def table(taskings: TaskingQuerySet, today: dt.date, name: str) -> list[Row]:
    """The lines of one of `TABLES`, most open items first, and last those that name nothing."""
    kept = TABLES[name]
    opened = taskings.open().annotate(is_unread=taskings.unread_answer(), **kept.annotations())
    columns = list(dict.fromkeys([kept.key, kept.label, *kept.beside]))

    def number(condition: Q | None = None) -> Count:
        return Count("pk", filter=condition, distinct=kept.many)

    late = late_counts(today)
    rows = (
        opened.order_by()
        .values(*columns)
        .annotate(
            open=number(),
            first_asked=Min("asked_on"),
            unread=number(Q(is_unread=True)),
            untouched=number(Q(touched_at__date__lt=today - dt.timedelta(days=UNTOUCHED_DAYS))),
            **{name: number(one.filter) for name, one in late.items()},
            **{f"waited_{code}": number(wait_condition(code, today)) for code, *_ in WAITS},
        )
        .order_by("-open", kept.label)
    )
    return sorted((_row(kept, row) for row in rows), key=lambda row: row.key == NONE)


def _row(kept: Table, row: dict[str, Any]) -> Row:
    key, label = row[kept.key], row[kept.label]
    if key is None:
        key, label = kept.none
    elif kept.beside:
        label = " ".join(row[column] for column in kept.beside if row[column]) or label
    return Row(
        key,
        label,
        row["open"],
        by_basis(row),
        {code: row[f"waited_{code}"] for code, *_ in WAITS},
        row["first_asked"],
        row["unread"],
        row["untouched"],
    )


def by_age(taskings: TaskingQuerySet, today: dt.date) -> list[tuple[str, str, int, dict[str, int]]]:
    """By how long they are past their date: key, label, all of them, and those late by each basis.

    What has no running clock is in the first line.
    """
    counts = taskings.open().aggregate(
        **{name: Count("pk", filter=age_condition(name, today)) for name, *_ in AGES},
        **{
            f"{name}_{key}": count
            for name, *_ in AGES
            for key, count in late_counts(today, age_condition(name, today)).items()
        },
    )
    late = {name: {b.value: counts[f"{name}_late_{b.value}"] for b in Basis} for name, *_ in AGES}
    return [(name, label, counts[name], late[name]) for name, label, *_ in AGES]


@dataclass(frozen=True)
class Ahead:
    """What falls due, by basis; what was promised and is not done; what lies."""

    due: dict[str, int]  # within MONTH_DAYS, by Basis
    promised: int
    promise_past: int
    untouched: int
    unassigned: int
    to_review: int


def ahead(taskings: TaskingQuerySet, today: dt.date) -> Ahead:
    """One query."""
    soon = RUNNING & Q(due_on__range=(today, today + dt.timedelta(days=MONTH_DAYS)))
    counts = taskings.open().aggregate(
        **{f"due_{basis.value}": Count("pk", filter=soon & Q(due_basis=basis)) for basis in Basis},
        promised=Count("pk", filter=Q(status=Status.PROMISED)),
        promise_past=Count("pk", filter=Q(status=Status.PROMISED) & late_counts(today)["late_promise"].filter),
        untouched=Count("pk", filter=Q(touched_at__date__lt=today - dt.timedelta(days=UNTOUCHED_DAYS))),
        unassigned=Count("pk", filter=Q(owner__isnull=True)),
        to_review=Count("pk", filter=Q(review_on__lte=today)),
    )
    due = {basis.value: counts.pop(f"due_{basis.value}") for basis in Basis}
    return Ahead(due=due, **counts)
