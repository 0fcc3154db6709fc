"""One set of filters for pages and API, so that a link on a dashboard and a request agree on what they mean."""

import datetime as dt
from collections.abc import Mapping
from functools import partial
from typing import Any

import django_filters as filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from letters.domain.clocks import office_today
from letters.domain.news import CHANGES, happened
from letters.domain.outcomes import REPLIED, TIMELY, acknowledged_condition, answered_condition, replied_condition
from letters.domain.tallies import MONTH_DAYS, NOBODY
from letters.domain.worklists import AGES, WAITS, age_condition, wait_condition
from letters.enums import CLOSED_STATUSES, OPEN_STATUSES, Basis, Match, Status, TaskingRole
from letters.errors import Problem
from letters.filter_fields import EACH_MOST, TOO_MANY, EachFilter, InstantFilter, NamedFilter, WholeFilter
from letters.filter_names import FULL_NAME, Kind, Named, look_up
from letters.models import Agency, AskKind, Legislator, Letter, Target, Tasking, Topic, User
from letters.models.tasking_queries import LED_BY_US, NONE, RUNNING, SOON_DAYS, UNMATCHED

ANY_LATE = "any"
LED, CO_SIGNED, ALL = "led", "co_signed", "all"
OURS = {LED: "led, co-led or followed by us", CO_SIGNED: "only co-signed by us", ALL: "all our letters"}
# What an item's date rests on; the last says that nobody set one.
DATED = [*[one for one in Basis.choices if one[0] != Basis.YARDSTICK], (Basis.YARDSTICK.value, "nobody (our usual wait counts)")]  # fmt: skip
# Whether anybody set one at all, whatever became of it: the promise or the time that counts now is another question.
DEADLINE = {"set": "one was set, by a letter or a law", "none": "the letter sets no deadline"}
# What is reopened waits as before, and a row says so; the choice that finds both may not say that no reply came.
STATUSES = {code: label for code, label in Status.choices if code != Status.DRAFT} | {
    Status.AWAITING.value: f"{Status.AWAITING.label}, or reopened"
}
DUE = {"week": ("within 7 days", SOON_DAYS), "month": ("within 30 days", MONTH_DAYS)}


# Filters whose choices are conditions, by the choice and the day it is.
CONDITIONS = {
    "waited": wait_condition,
    "age": age_condition,
    "answered": answered_condition,
    "acknowledged": acknowledged_condition,
    "replied": lambda name, today: replied_condition(name),
}


NAMED = "Choose one from the list, or leave it out."
# What is said of a value that cannot be used, and the way out. The API says the same with its own names.
WRONG: dict[type[filters.Filter], tuple[str, str]] = {
    NamedFilter: ("is not known", NAMED),
    filters.MultipleChoiceFilter: ("is not known", NAMED),
    filters.ChoiceFilter: ("is not known", NAMED),
    filters.DateFilter: ("is not a date", "Write it as YYYY-MM-DD, for example 2023-05-24."),
    filters.BooleanFilter: ("is neither true nor false", "Write true or false."),
    InstantFilter: ("is no moment", "Write it as 2026-11-27T14:05:00Z, or a day as 2026-11-27."),
    WholeFilter: ("is not a whole number", "Write the number of the ask, for example 4."),
}
SHOWN = 80  # characters of a wrong value


def too_many(name: str, count: int) -> str:
    """What is said of one filter that was given over and over."""
    return f"{name}: it was given {count} times; at most {EACH_MOST} are looked for at once. Leave some out."


def _known(values: str | list[str], *, codes: set[str]) -> None:
    if not set([values] if isinstance(values, str) else values) <= codes:
        raise ValidationError("No row has this code.")


def _known_changes(values: list[str]) -> None:
    if not set(values) <= set(CHANGES):
        raise ValidationError("No such change.")


def _or_others(queryset: QuerySet, found: QuerySet, value: bool) -> QuerySet:
    """Those that were found, or all but those."""
    return found if value else queryset.exclude(pk__in=found.order_by().values("pk"))


class TaskingFilter(filters.FilterSet):
    """Which items. `state` is open when not said; counts count responsible items unless `role` says otherwise."""

    q = filters.CharFilter(method="filter_words", label="Words", max_length=200)
    state = filters.ChoiceFilter(
        method="filter_state",
        label="State",
        choices=[("open", "open"), ("closed", "closed"), ("all", "open and closed")],
    )
    ours = filters.ChoiceFilter(method="filter_ours", label="Letters", choices=list(OURS.items()))
    # of all agencies a refusal would tell which companies a letter names that the person may not see
    agency = NamedFilter(queryset=Agency.objects.visible_to(None), to_field_name="slug", label="Agency")
    acting = NamedFilter(
        field_name="acting_agency",
        queryset=Agency.objects.visible_to(None),
        to_field_name="slug",
        label="Acting bureau",
    )
    kind = NamedFilter(
        field_name="ask__kind", queryset=AskKind.objects.all(), to_field_name="code", label="Kind of ask"
    )
    status = filters.MultipleChoiceFilter(choices=list(STATUSES.items()), label="Status")
    owner = filters.CharFilter(method="filter_owner", label="Owner", max_length=150)
    signatory = NamedFilter(
        queryset=Legislator.objects.all(), to_field_name="bioguide", label="Signatory", method="filter_signatory"
    )
    # no choice from all targets: a refusal would tell which ones a letter names that the person may not see
    target = EachFilter(narrows="about", label="Company, person or program", max_length=120)
    lead = EachFilter(narrows="led_by", label="Led by", max_length=20)
    co_signer = EachFilter(narrows="co_signed_by", label="Co-signed by", max_length=20)
    topic = EachFilter(narrows="of_topic", label="Topic", max_length=80)
    letter = filters.CharFilter(field_name="ask__letter__reference", label="Letter", max_length=12)
    ask = WholeFilter(field_name="ask__number", label="Number of the ask", min_value=1, max_value=9999)
    asked_after = filters.DateFilter(field_name="asked_on", lookup_expr="gte", label="First asked on or after")
    asked_before = filters.DateFilter(field_name="asked_on", lookup_expr="lte", label="First asked on or before")
    waited = filters.ChoiceFilter(
        method="filter_condition", label="First asked", choices=[(name, f"{label} ago") for name, label, *_ in WAITS]
    )
    since = InstantFilter(method="filter_since", label="Recorded since")
    change = EachFilter(method="filter_change", label="What changed", max_length=20, validators=[_known_changes])
    late = filters.ChoiceFilter(
        method="filter_late", label="Late", choices=[(ANY_LATE, "by any measure"), *Basis.choices]
    )
    due_basis = filters.ChoiceFilter(label="Who set the date", choices=DATED)
    deadline = filters.ChoiceFilter(method="filter_deadline", label="Deadline", choices=list(DEADLINE.items()))
    answered = filters.ChoiceFilter(
        method="filter_condition", label="Answered by its date", choices=list(TIMELY.items())
    )
    acknowledged = filters.ChoiceFilter(
        method="filter_condition", label="First word by its date", choices=list(TIMELY.items())
    )
    replied = filters.ChoiceFilter(method="filter_condition", label="What they replied", choices=list(REPLIED.items()))
    more_time = filters.BooleanFilter(
        field_name="original_due_on", lookup_expr="isnull", exclude=True, label="More time was given"
    )
    late_original = filters.BooleanFilter(method="filter_late_original", label="Late against the original date")
    age = filters.ChoiceFilter(
        method="filter_condition", label="Past its date", choices=[(name, label) for name, label, *_ in AGES]
    )
    due = filters.ChoiceFilter(
        method="filter_due", label="Due", choices=[(name, label) for name, (label, _) in DUE.items()]
    )
    due_after = filters.DateFilter(field_name="due_on", lookup_expr="gte", label="Due on or after")
    due_before = filters.DateFilter(field_name="due_on", lookup_expr="lte", label="Due on or before")
    running = filters.BooleanFilter(method="filter_running", label="A reply is owed")
    role = filters.ChoiceFilter(choices=TaskingRole.choices, label="Role")
    promised = filters.BooleanFilter(method="filter_promised", label="Promised and not done")
    unread = filters.BooleanFilter(method="filter_unread", label="Reply not yet read")
    untouched = filters.BooleanFilter(method="filter_untouched", label="Untouched for 90 days")
    to_review = filters.BooleanFilter(method="filter_to_review", label="To review")

    class Meta:
        model = Tasking
        fields: list[str] = []

    def __init__(self, *args, today=None, user=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.today, self.user = today or office_today(), user
        self.named: dict[str, dict[str, Named]] = {}
        if user is not None:
            for name in ("agency", "acting"):
                self.filters[name].queryset = Agency.objects.visible_to(user)

    @property
    def form(self):
        """With all that the address names looked up at once: how many filters there are makes no query more."""
        if not hasattr(self, "_form"):
            fields = super().form.fields
            kinds = self._kinds(fields)
            self.named = look_up(kinds, self.data)
            for name, found in self.named.items():
                if isinstance(self.filters[name], NamedFilter):
                    fields[name].known = {code: one.row(kinds[name]) for code, one in found.items()}
                elif name in ("owner", "lead", "co_signer"):
                    fields[name].validators.append(partial(_known, codes={*found, *kinds[name].apart}))
        return self._form

    def _kinds(self, fields: Mapping[str, Any]) -> dict[str, Kind]:
        """What filters name rows of. Of targets and topics only the words are needed, and by people alone."""
        members, none = Legislator.objects.all(), frozenset([NONE])
        kinds = {
            "kind": Kind(AskKind.objects.all(), "code", "name"),
            "owner": Kind(User.objects.all(), "username", FULL_NAME, frozenset([NOBODY])),
            "signatory": Kind(members, "bioguide", "official_full"),
            **dict.fromkeys(("lead", "co_signer"), Kind(members, "bioguide", "official_full", none | {UNMATCHED})),
            **{name: Kind(fields[name].queryset, "slug", "short_name") for name in ("agency", "acting")},
        }
        if self.user is not None:
            # of others the address is said as it was typed: a name would tell that a restricted letter names them
            kinds["target"] = Kind(Target.objects.visible_to(self.user), "slug", "name", none)
            seen = Letter.objects.visible_to(self.user).order_by().values("topics")
            kinds["topic"] = Kind(Topic.objects.filter(pk__in=seen), "slug", "name", none)
        return kinds

    def problems(self) -> list[Problem]:
        """What is wrong with the values given, in the words of the screen: field, value, way out."""
        return [Problem(name, self._wrong(name), self.data.get(name)) for name in self.errors]

    def _wrong(self, name: str) -> str:
        one, given = self.filters[name], self.data.get(name, "")
        if isinstance(one, filters.MultipleChoiceFilter) and hasattr(self.data, "getlist"):
            known = {code for code, _ in one.extra["choices"]}
            given = ", ".join(value for value in self.data.getlist(name) if value not in known)
        if isinstance(one, EachFilter) and hasattr(self.data, "getlist"):
            given = ", ".join(self.data.getlist(name))
        shown = given if len(given) <= SHOWN else given[:SHOWN] + "…"
        if any(error.code == TOO_MANY for error in self.errors.as_data()[name]):
            return too_many(str(one.label), len(self.data.getlist(name)))
        if name == "owner" and len(given) <= one.extra["max_length"]:
            return f"{one.label}: “{shown}” is not known. Use the user name of an account, or “{NOBODY}”."
        if name in ("lead", "co_signer"):
            return f"{one.label}: “{shown}” is not known. Use the Bioguide ID of a member, such as H000601."
        if name == "change":
            return f"{one.label}: “{shown}” is not known. Use one of: {', '.join(CHANGES)}."
        usual = ("cannot be searched for", f"Use 1 to {one.extra.get('max_length')} characters, none of them NUL.")
        said, way_out = WRONG.get(type(one), usual)
        return f"{one.label}: “{shown}” {said}. {way_out}"

    def without(self, *names: str) -> QuerySet:
        """The list that the other filters give: what a count beside a choice counts in. Needs `is_valid()`."""
        found = self.queryset.all()
        for name, value in self.form.cleaned_data.items():
            if name not in names:
                found = self.filters[name].filter(found, value)
        return found

    def filter_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.matching(value.strip()) if value.strip() else queryset

    def filter_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        statuses = {"open": OPEN_STATUSES, "closed": CLOSED_STATUSES}.get(value)
        return queryset.filter(status__in=statuses) if statuses else queryset

    def filter_ours(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if value == ALL:
            return queryset
        return queryset.filter(LED_BY_US if value == LED else ~LED_BY_US)

    def filter_owner(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(owner__isnull=True) if value == NOBODY else queryset.filter(owner__username=value)

    def filter_signatory(self, queryset: QuerySet, name: str, value: Legislator) -> QuerySet:
        # a proposed match is not a signature until a person has confirmed it
        signed = value.signatures.filter(match=Match.CONFIRMED).values("letter")
        return queryset.filter(ask__letter__in=signed)

    def filter_since(self, queryset: QuerySet, name: str, value: dt.datetime) -> QuerySet:
        # what changed is asked of the same events
        return queryset if self._changes() else queryset.happened_to(happened(self.user, since=value))

    def filter_change(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        instant = self.form.cleaned_data.get("since")
        for change in value:
            queryset = queryset.happened_to(happened(self.user, since=instant, change=change))
        return queryset

    def _changes(self) -> list[str]:
        return self.form.cleaned_data.get("change") or []

    def filter_late(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        late = queryset.late(self.today)
        return late if value == ANY_LATE else late.filter(due_basis=value)

    def filter_condition(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(CONDITIONS[name](value, self.today))

    def filter_late_original(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return _or_others(queryset, queryset.late_against_original(self.today), value)

    def filter_deadline(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.with_deadline() if value == "set" else queryset.without_deadline()

    def filter_due(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.due_within(self.today, DUE[value][1])

    def filter_running(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(RUNNING) if value else queryset.exclude(RUNNING)

    def filter_promised(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return _or_others(queryset, queryset.promised(), value)

    def filter_unread(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.unread() if value else queryset.without_unread()

    def filter_untouched(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return _or_others(queryset, queryset.untouched(self.today), value)

    def filter_to_review(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return _or_others(queryset, queryset.to_review(self.today), value)
