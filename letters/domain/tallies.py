"""The tables of the dashboard: open items by agency, kind, lead signatory, topic, target and owner.

Every function gets taskings already limited to what the reader may see and to the filters in force. An item with two
topics stands in both lines, so the lines of such a table may add up to more than there are.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BooleanField, Case, CharField, Count, ExpressionWrapper, Model, Q, Value, When

from letters.domain.worklists import AGES, WAITS, age_condition, late_counts, wait_condition
from letters.enums import Basis, Match
from letters.models import AskTarget, LetterTopic, Signature
from letters.models.tasking_queries import (
    NONE,
    PROMISE_OWED,
    RUNNING,
    UNMATCHED,
    TaskingQuerySet,
    late_basis,
    untouched,
)

MONTH_DAYS = 30
NOBODY = "nobody"
# What a line is called that has no name of its own: of a table, where there is none; of leads, where nobody matched one.
NOTHING = {"lead": "no signer marked as leading", "topic": "no topic", "target": "none named"}
UNMATCHED_WORDS = "not matched to a member"


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


@dataclass
class _Tally:
    """A line as it is added up."""

    label: str
    open: int = 0
    late: Counter[str] = field(default_factory=Counter)
    waited: Counter[str] = field(default_factory=Counter)
    first_asked: dt.date | None = None
    unread: int = 0
    untouched: int = 0

    def add(self, late: str, waited: str, asked_on: dt.date | None, unread: bool, untouched: bool) -> None:
        self.open += 1
        self.late[late] += 1
        self.waited[waited] += 1
        self.unread += unread
        self.untouched += untouched
        if asked_on and (self.first_asked is None or asked_on < self.first_asked):
            self.first_asked = asked_on

    def row(self, key: str) -> Row:
        return Row(
            key,
            self.label,
            self.open,
            {basis.value: self.late[basis.value] for basis in Basis},
            {code: self.waited[code] for code, *_ in WAITS},
            self.first_asked,
            self.unread,
            self.untouched,
        )


# In the order of the page. Each is named as the filter that its lines are values of.
TABLES = ("agency", "kind", "lead", "topic", "target", "owner")
COLUMNS = (
    *("ask_id", "ask__letter_id", "agency__slug", "agency__short_name", "ask__kind__code", "ask__kind__name"),
    *("owner__username", "owner__first_name", "owner__last_name"),
    *("late_basis", "wait", "asked_on", "is_unread", "is_untouched"),
)


def tables(taskings: TaskingQuerySet, today: dt.date, names: Sequence[str] = TABLES) -> dict[str, list[Row]]:
    """The lines of each table, most open items first, and last those that name nothing.

    One query for the open items, and one for each of leads, topics and targets; added up here. Six grouped queries
    each joined the items to their letters anew: among a million, that was most of the page.
    """
    items = list(
        taskings.open()
        .order_by()
        .annotate(
            late_basis=late_basis(today),
            wait=Case(
                *(When(wait_condition(code, today), then=Value(code)) for code, *_ in WAITS),
                default=Value(""),
                output_field=CharField(),
            ),
            is_unread=taskings.unread_answer(),
            is_untouched=ExpressionWrapper(untouched(today), output_field=BooleanField()),
        )
        .values_list(*COLUMNS)
    )
    of_letters = {item[1] for item in items}
    named = {
        "lead": lambda: _leads(of_letters),
        "topic": lambda: _links(LetterTopic, "letter_id", of_letters, "topic"),
        "target": lambda: _links(AskTarget, "ask_id", {item[0] for item in items}, "target"),
    }
    links: dict[str, Any] = {name: named[name]() for name in names if name in named}
    added: dict[str, dict[str, _Tally]] = {name: {} for name in names}
    for ask, letter, slug, agency, code, kind, username, first, last, *numbers in items:
        for name, found in added.items():
            keys: Iterable[tuple[str, str]]
            match name:
                case "agency":
                    keys = [(slug, agency)]
                case "kind":
                    keys = [(code, kind)]
                case "owner":
                    keys = [(username, f"{first} {last}".strip() or username)] if username else [(NOBODY, NOBODY)]
                case "target":
                    keys = links[name].get(ask) or [(NONE, NOTHING[name])]
                case _:
                    keys = links[name].get(letter) or [(NONE, NOTHING[name])]
            for key, label in keys:
                if key not in found:
                    found[key] = _Tally(label)
                found[key].add(*numbers)
    return {
        name: sorted(
            (tally.row(key) for key, tally in found.items()), key=lambda row: (row.key == NONE, -row.open, row.label)
        )
        for name, found in added.items()
    }


def _leads(letters: set) -> dict[Any, set[tuple[str, str]]]:
    """Who led each letter; a lead whom no person has matched to a member is one line for all of them."""
    found: dict = defaultdict(set)
    rows = Signature.objects.filter(is_lead=True, letter__in=letters).order_by()
    for letter, match, bioguide, name in rows.values_list(
        "letter_id", "match", "legislator__bioguide", "legislator__official_full"
    ):
        confirmed = match == Match.CONFIRMED
        found[letter].add((bioguide, name) if confirmed else (UNMATCHED, UNMATCHED_WORDS))
    return found


def _links(model: type[Model], of: str, keys: set, what: str) -> dict[Any, list[tuple[str, str]]]:
    found: dict = defaultdict(list)
    rows = model._default_manager.filter(**{f"{of}__in": keys}).order_by()
    for key, slug, name in rows.values_list(of, f"{what}__slug", f"{what}__name"):
        found[key].append((slug, name))
    return found


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
        promised=Count("pk", filter=PROMISE_OWED),
        promise_past=Count("pk", filter=PROMISE_OWED & late_counts(today)["late_promise"].filter),
        untouched=Count("pk", filter=untouched(today)),
        unassigned=Count("pk", filter=Q(owner__isnull=True)),
        to_review=Count("pk", filter=Q(review_on__lte=today)),
    )
    due = {basis.value: counts.pop(f"due_{basis.value}") for basis in Basis}
    return Ahead(due=due, **counts)
