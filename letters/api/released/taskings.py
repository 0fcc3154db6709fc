"""Taskings for the public: the last public status, and dates only where the letter sets them."""

from collections.abc import Sequence

import django_filters as filters
from django.db.models import Case, CharField, QuerySet, Value, When
from django.db.models.functions import Coalesce

from letters.api.links import Links
from letters.api.office import taskings as office
from letters.api.released import letters, targets
from letters.api.sources import Row, Source
from letters.domain.keyset import Order
from letters.enums import CLOSED_STATUSES, OPEN_STATUSES, Basis, Match, Status, TaskingRole
from letters.models import Ask, AskKind, Legislator, Letter, Tasking

# Nothing internal is even fetched.
COLUMNS = (
    *("pk", "public_status", "role", "public_due_on", "public_due_basis"),
    *("ask_id", "ask__number", "ask__summary", "ask__quote", "ask__instrument", "ask__requested_list"),
    *("ask__kind__code", "ask__kind__name"),
    *("agency_id", "agency__slug", "agency__name", "agency__short_name"),
    *("acting_agency_id", "acting_agency__slug", "acting_agency__name", "acting_agency__short_name"),
    *("ask__letter_id", "ask__letter__subject", "ask__letter__sent_on"),
)
ABOUT = {
    name: office.ABOUT[name]
    for name in (
        "state",
        "agency",
        "acting",
        "kind",
        "status",
        "signatory",
        "due_after",
        "due_before",
        "role",
    )
} | {
    "q": "Words of the ask or the letter, or a name among its companies, persons, programs or signers.",
    "status": "Any of these statuses, as last made public; may be given more than once.",
    "target": "The slug of a company, person or program. GET /api/v1/targets/ lists them.",
    "kind": "The code of a kind of ask that a public letter has, such as sanction or briefing; each row carries its own.",
}
OFFICE_ONLY = {
    "owner": "who owns an item is the office’s own.",
    "unread": "which replies the office has read is its own.",
    "untouched": "when the office last worked on an item is its own.",
    "late": "lateness rests on replies that are not public; compare “due_on” with today.",
    "due_basis": "a public date is always one that the letter sets; “due_on” is null where it sets none.",
    "deadline": "a later letter or a law that sets one may not be public; “due_on” is null where a public letter sets no date.",
    "age": "lateness rests on replies that are not public; compare “due_on” with today.",
    "due": "whether a clock runs rests on replies that are not public; compare “due_on” with the day.",
    "promised": "what they promised rests on replies that are not public.",
    "to_review": "where they take no position rests on replies that are not public.",
    "ours": "our part in a letter is the office’s own.",
    "lead": "who led a letter is not told apart from who signed it; use “signatory”.",
    "co_signer": "who led a letter is not told apart from who signed it; use “signatory”.",
    "topic": "topics are how the office files its letters.",
    "ask": "asks are known by their letter’s number in the office; filter what you get.",
    "asked_after": "the day an item was first asked goes back to letters that may not be public.",
    "asked_before": "the day an item was first asked goes back to letters that may not be public.",
    "waited": "the day an item was first asked goes back to letters that may not be public.",
    "since": "what the office recorded is its own; follow /api/v1/events/.",
    "change": "what the office recorded is its own; follow /api/v1/events/.",
    "answered": "what was answered in time rests on replies that are not public.",
    "acknowledged": "when their first word came rests on replies that are not public.",
    "replied": "what their replies say rests on replies that are not public.",
    "more_time": "time that was given is the office’s own.",
    "late_original": "lateness rests on replies that are not public; compare “due_on” with today.",
    "running": "whether a clock runs rests on replies that are not public.",
    "letter": "references are the office’s own; public letters are known by their id.",
    "snoozed": "the office’s reminders are its own.",
    "snoozed_until": "the office’s reminders are its own.",
    "stance": "a stance comes from replies that are not public.",
}


def visible_kinds() -> QuerySet:
    """Kinds of ask that public letters have: what else the office asks for, and how it calls that, is its own."""
    asked = Ask.objects.filter(letter__in=Letter.objects.released().values("pk"))
    return AskKind.objects.filter(pk__in=asked.values("kind"))


class PublicTaskingFilter(filters.FilterSet):
    """Filters that look at nothing a row does not show."""

    q = filters.CharFilter(method="filter_words", max_length=200)
    state = filters.ChoiceFilter(
        method="filter_state", choices=[("open", "open"), ("closed", "closed"), ("all", "open and closed")]
    )
    agency = filters.ModelChoiceFilter(queryset=lambda request: letters.visible_agencies(), to_field_name="slug")
    acting = filters.ModelChoiceFilter(
        field_name="acting_agency", queryset=lambda request: letters.visible_agencies(), to_field_name="slug"
    )
    kind = filters.ModelChoiceFilter(
        field_name="ask__kind", queryset=lambda request: visible_kinds(), to_field_name="code"
    )
    status = filters.MultipleChoiceFilter(
        field_name="public_status", choices=[choice for choice in Status.choices if choice[0] != Status.DRAFT]
    )
    signatory = filters.ModelChoiceFilter(
        queryset=Legislator.objects.all(), to_field_name="bioguide", method="filter_signatory"
    )
    target = filters.ModelChoiceFilter(
        field_name="ask__targets", queryset=lambda request: targets.visible(), to_field_name="slug"
    )
    due_after = filters.DateFilter(field_name="public_due_on", lookup_expr="gte")
    due_before = filters.DateFilter(field_name="public_due_on", lookup_expr="lte")
    role = filters.ChoiceFilter(choices=TaskingRole.choices)

    class Meta:
        model = Tasking
        fields: list[str] = []

    def filter_words(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(ask__letter__in=letters.matching(value).values("pk"))

    def filter_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        statuses = {"open": OPEN_STATUSES, "closed": CLOSED_STATUSES}.get(value)
        return rows.filter(public_status__in=statuses) if statuses else rows

    def filter_signatory(self, rows: QuerySet, name: str, value: Legislator) -> QuerySet:
        return rows.filter(ask__letter__in=value.signatures.filter(match=Match.CONFIRMED).values("letter"))


def visible() -> QuerySet:
    """Items of public letters, with the date in the letter (as `payloads.public_due_on`) and never our clock's."""
    in_letter = Coalesce("ask__requested_by", "ask__letter__deadline_on")
    items = Tasking.objects.released().annotate(public_due_on=Case(When(role=TaskingRole.LEAD, then=in_letter)))
    return items.annotate(
        public_due_basis=Case(When(public_due_on__isnull=False, then=Value(Basis.LETTER)), output_field=CharField())
    )


def build(rows: Sequence[Row], links: Links) -> list[dict]:
    """Rows as the public sees them."""
    named = office.targets_of({row.ask_id for row in rows})
    return [
        {
            "id": row.pk,
            "url": links.to("taskings", row.pk),
            "page_url": None,
            "status": row.public_status,
            "role": row.role,
            "due_on": row.public_due_on,
            "due_basis": row.public_due_basis,
            "ask": {
                "id": row.ask_id,
                "number": row.ask__number,
                "summary": row.ask__summary,
                "quote": row.ask__quote,
                "instrument": row.ask__instrument,
                "requested_list": row.ask__requested_list,
            },
            "kind": {"code": row.ask__kind__code, "name": row.ask__kind__name},
            "agency": office.agency(row.agency_id, row.agency__slug, row.agency__name, row.agency__short_name),
            "acting_agency": office.agency(
                row.acting_agency_id, row.acting_agency__slug, row.acting_agency__name, row.acting_agency__short_name
            ),
            "targets": named.get(str(row.ask_id), []),
            "letter": {
                "id": row.ask__letter_id,
                "subject": row.ask__letter__subject,
                "sent_on": row.ask__letter__sent_on,
            },
        }
        for row in rows
    ]


# By the public date: sorting by the real one would tell it.
SOURCE = Source(
    visible=visible,
    columns=COLUMNS,
    build=build,
    orders={
        "due_on": Order("public_due_on", nullable=True),
        "-due_on": Order("public_due_on", descending=True, nullable=True),
    },
    filters=PublicTaskingFilter,
    about=ABOUT,
    office_only=OFFICE_ONLY,
    hot_orders=("due_on", "-due_on"),
)
