"""One set of filters for pages and API, so that a link on a dashboard and a request agree on what they mean."""

import django_filters as filters
from django.db.models import QuerySet

from letters.domain.clocks import office_today
from letters.domain.worklists import AGES, age_condition
from letters.enums import CLOSED_STATUSES, OPEN_STATUSES, Basis, Match, Status, TaskingRole
from letters.models import Agency, AskKind, Legislator, Tasking
from letters.models.tasking_queries import RUNNING

NOBODY = "nobody"
ANY_LATE = "any"


class TaskingFilter(filters.FilterSet):
    """Which items. `state` is open when not said; counts count responsible items unless `role` says otherwise."""

    q = filters.CharFilter(method="filter_words", label="Words", max_length=200)
    state = filters.ChoiceFilter(
        method="filter_state",
        label="State",
        choices=[("open", "open"), ("closed", "closed"), ("all", "open and closed")],
    )
    agency = filters.ModelChoiceFilter(queryset=Agency.objects.all(), to_field_name="slug", label="Agency")
    acting = filters.ModelChoiceFilter(
        field_name="acting_agency", queryset=Agency.objects.all(), to_field_name="slug", label="Acting bureau"
    )
    kind = filters.ModelChoiceFilter(
        field_name="ask__kind", queryset=AskKind.objects.all(), to_field_name="code", label="Kind of ask"
    )
    status = filters.MultipleChoiceFilter(choices=[c for c in Status.choices if c[0] != Status.DRAFT], label="Status")
    owner = filters.CharFilter(method="filter_owner", label="Owner", max_length=150)
    signatory = filters.ModelChoiceFilter(
        queryset=Legislator.objects.all(), to_field_name="bioguide", label="Signatory", method="filter_signatory"
    )
    # no choice from all targets: a refusal would tell which ones a letter names that the person may not see
    target = filters.CharFilter(field_name="ask__targets__slug", label="Company, person or program", max_length=120)
    letter = filters.CharFilter(field_name="ask__letter__reference", label="Letter", max_length=12)
    late = filters.ChoiceFilter(
        method="filter_late", label="Late", choices=[(ANY_LATE, "by any measure"), *Basis.choices]
    )
    age = filters.ChoiceFilter(
        method="filter_age", label="Past its date", choices=[(name, label) for name, label, *_ in AGES]
    )
    due_after = filters.DateFilter(field_name="due_on", lookup_expr="gte", label="Due on or after")
    due_before = filters.DateFilter(field_name="due_on", lookup_expr="lte", label="Due on or before")
    running = filters.BooleanFilter(method="filter_running", label="A reply is owed")
    role = filters.ChoiceFilter(choices=TaskingRole.choices, label="Role")
    unread = filters.BooleanFilter(method="filter_unread", label="Reply not yet read")
    untouched = filters.BooleanFilter(method="filter_untouched", label="Untouched for 90 days")

    class Meta:
        model = Tasking
        fields: list[str] = []

    def __init__(self, *args, today=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today or office_today()

    def filter_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.matching(value.strip()) if value.strip() else queryset

    def filter_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        statuses = {"open": OPEN_STATUSES, "closed": CLOSED_STATUSES}.get(value)
        return queryset.filter(status__in=statuses) if statuses else queryset

    def filter_owner(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(owner__isnull=True) if value == NOBODY else queryset.filter(owner__username=value)

    def filter_signatory(self, queryset: QuerySet, name: str, value: Legislator) -> QuerySet:
        # a proposed match is not a signature until a person has confirmed it
        signed = value.signatures.filter(match=Match.CONFIRMED).values("letter")
        return queryset.filter(ask__letter__in=signed)

    def filter_late(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        late = queryset.late(self.today)
        return late if value == ANY_LATE else late.filter(due_basis=value)

    def filter_age(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(age_condition(value, self.today))

    def filter_running(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.filter(RUNNING) if value else queryset.exclude(RUNNING)

    def filter_unread(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        return queryset.unread() if value else queryset.without_unread()

    def filter_untouched(self, queryset: QuerySet, name: str, value: bool) -> QuerySet:
        untouched = queryset.untouched(self.today)
        return untouched if value else queryset.exclude(pk__in=untouched.values("pk"))
