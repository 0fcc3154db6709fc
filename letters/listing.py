"""What an address of the queue means: which items, in which order, under which headings.

The page, its export, a saved view and a change of many items read the same address by this module.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, OuterRef, Value
from django.db.models.functions import Cast, Coalesce, Concat, LPad
from django.http import QueryDict
from django.urls import reverse

from letters.domain import keyset
from letters.domain.clocks import office_today
from letters.domain.standing import with_reopening
from letters.domain.words import initial, with_yardstick
from letters.enums import CLOSED_STATUSES, OPEN_STATUSES
from letters.filters import ALL, CO_SIGNED, LED, TaskingFilter
from letters.models import AskTarget, Tasking, User
from letters.models.tasking_queries import LED_BY_US, TaskingQuerySet

# What an address carries besides filters.
SORT, GROUP, CURSOR, BOX, VIEW = "sort", "group", "cursor", "filters", "view"
NOT_FILTERS = (SORT, GROUP, CURSOR, BOX, VIEW)
UNOWNED = "\uffff"  # after every user name

# Items of one date stand by letter and ask, as a person would put them.
TIES = ("ask__letter__reference", "ask__number")
DEFAULT_SORT = "due"
SORTS: dict[str, tuple[str, keyset.Order]] = {
    "due": ("Due date", keyset.Order("due_on", nullable=True, ties=TIES)),
    "waiting": ("Longest waiting", keyset.Order("asked_on", nullable=True, ties=TIES)),
    "letter": (
        "Letter, newest first",
        keyset.Order("ask__letter__reference", descending=True, ties=("ask__number",)),
    ),
    "agency": ("Agency", keyset.Order("agency__short_name", ties=TIES, few=True)),
    "owner": ("Owner", keyset.Order("owner__username", nullable=True, ties=TIES, few=True)),
    "touched": ("Longest untouched", keyset.Order("touched_at")),
}


@dataclass(frozen=True)
class Group:
    """What rows may stand under: the word of its chip, the column that orders the headings, the heading of a row."""

    label: str
    column: str
    heading: Callable[[Tasking], str]


DEFAULT_GROUP = "agency"
GROUPS: dict[str, Group] = {
    "agency": Group("Agency", "agency__short_name", lambda t: initial(str(t.agency))),
    "letter": Group("Letter", "ask__letter__reference", lambda t: str(t.ask.letter)),
    "owner": Group("Owner", "owner_key", lambda t: str(t.owner) if t.owner else "Unassigned"),
    "ask": Group("Ask", "ask_key", lambda t: f"{t.ask.letter.reference}, ask {t.ask.number}: {t.ask}"),
}
TARGETS = AskTarget.objects.filter(ask=OuterRef("ask_id")).order_by("position", "pk").values("target__name")
# All that the words of a row are made of; the text of a letter is long.
COLUMNS = (
    *(
        "role",
        "status",
        "due_on",
        "due_basis",
        "original_due_on",
        "asked_on",
        "answered_on",
        "promised_on",
        "review_on",
        "snoozed_until",
    ),
    *("touched_at", "version", "stance", "owner__username", "owner__first_name", "owner__last_name"),
    *(
        "agency__slug",
        "agency__short_name",
        "acting_agency__short_name",
        "status_event__occurred_at",
        "passed_to__agency__short_name",
    ),
    *("ask__number", "ask__summary", "ask__quote", "ask__kind__name", "ask__kind__done_word"),
    *("ask__letter__reference", "ask__letter__subject"),
)
FILE_COLUMNS = (*COLUMNS, "ask__letter__our_role", "ask__letter__sent_on")


class Listing:
    """One address, read for one person; or, for nobody, among what is open to everybody in the office."""

    def __init__(self, params: QueryDict, *, user: User | None, today: dt.date | None = None):
        self.user = user
        self.today = today or office_today()
        seen = Tasking.objects.visible_to(user) if user else Tasking.objects.for_keys()
        self.everything: TaskingQuerySet = seen.counted()
        self.params = without_empty(params)
        self.filterset = TaskingFilter(
            with_defaults(self.params), queryset=self.everything, today=self.today, user=user
        )
        self.is_valid = self.filterset.is_valid()
        group = self.params.get(GROUP, DEFAULT_GROUP)
        self.group = GROUPS.get(group)
        self.group_name = group if self.group else "none"
        sort = self.params.get(SORT, DEFAULT_SORT)
        self.sort_name = sort if sort in SORTS else DEFAULT_SORT

    @property
    def found(self) -> TaskingQuerySet:
        """The items; a wrong value selects nothing."""
        return self.filterset.qs if self.is_valid else self.everything.none()

    @property
    def filters(self) -> QueryDict:
        """What narrows the list, as an address carries it, but for whose letters."""
        params = self.params.copy()
        for name in (*NOT_FILTERS, "ours"):
            params.pop(name, None)
        return params

    @property
    def has_closed(self) -> bool:
        """Whether closed items are, or may be, in the list."""
        return self.is_valid and any(s in CLOSED_STATUSES for s in states_of(self.filterset.form.cleaned_data))

    @property
    def ours(self) -> str:
        """Whose letters: `LED` unless the address says otherwise."""
        value = self.params.get("ours", LED)
        return value if value in (CO_SIGNED, ALL) else LED

    @property
    def within(self):
        """The condition of `ours`, for counts; None for all."""
        return {LED: LED_BY_US, CO_SIGNED: ~LED_BY_US}.get(self.ours)

    @property
    def order(self) -> keyset.Order:
        """By what the person sorts, inside what the person groups."""
        chosen = SORTS[self.sort_name][1]
        return keyset.Order(
            chosen.field, chosen.descending, chosen.nullable, self.group.column if self.group else "", chosen.ties
        )

    @property
    def rows(self) -> TaskingQuerySet:
        """The items with all that their row says, in one query."""
        return self._worded(self.found)

    def _worded(self, found: TaskingQuerySet) -> TaskingQuerySet:
        found = self.keyed(found).with_chased().with_repeats(self.user).with_clock(self.today)
        found = with_yardstick(with_reopening(found))
        return (
            found.annotate(target_names=ArraySubquery(TARGETS))
            .select_related(
                "ask__kind", "ask__letter", "agency", "acting_agency", "owner", "status_event", "passed_to__agency"
            )
            .only(*COLUMNS)
        )

    def for_export(self) -> TaskingQuerySet:
        """The same with what only a file says."""
        return self.rows.only(*FILE_COLUMNS)

    def again(self, keys: Sequence[uuid.UUID]) -> TaskingQuerySet:
        """For a file, those of these items that may still be seen, whatever the filters say of them by now."""
        return self._worded(self.everything.filter(pk__in=keys)).only(*FILE_COLUMNS)

    def keyed(self, found: TaskingQuerySet) -> TaskingQuerySet:
        """With the column of the group, where it is made up."""
        if self.group_name == "owner":
            return found.annotate(owner_key=Coalesce("owner__username", Value(UNOWNED)))
        if self.group_name == "ask":
            number = LPad(Cast("ask__number", CharField()), 4, Value("0"))
            return found.annotate(
                ask_key=Concat("ask__letter__reference", Value("/"), number, output_field=CharField())
            )
        return found


def with_defaults(params: QueryDict) -> QueryDict:
    """What an address means where it says nothing: open items of letters that we led, co-led or follow."""
    params = params.copy()
    params.setdefault("state", "all" if params.get("status") else "open")
    params.setdefault("ours", LED)
    return params


def states_of(cleaned: dict) -> tuple[str, ...]:
    """The statuses among which the others are counted: closed ones only where the address asks for them."""
    state, chosen = cleaned.get("state"), cleaned.get("status") or []
    if chosen:
        is_open, is_closed = (any(s in some for s in chosen) for some in (OPEN_STATUSES, CLOSED_STATUSES))
    else:
        is_open, is_closed = state != "closed", state != "open"
    return (*(OPEN_STATUSES if is_open else ()), *(CLOSED_STATUSES if is_closed else ()))


def without_empty(params: QueryDict) -> QueryDict:
    """A form sends every field, filled or not; an empty one filters nothing."""
    kept = QueryDict(mutable=True)
    for name, values in params.lists():
        if filled := [value for value in values if value]:
            kept.setlist(name, filled)
    return kept


def queue_url(**params: str) -> str:
    """The address of the queue with these filters."""
    query = QueryDict(mutable=True)
    for name, value in params.items():
        query[name] = value
    return reverse("queue") + (f"?{query.urlencode()}" if query else "")
