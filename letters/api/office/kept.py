"""Reference data that only the office reads: who holds which post, kinds of ask, laws with a clock, days that do not count."""

from collections.abc import Sequence

import django_filters as filters
from django.db.models import QuerySet

from letters.api.links import Links
from letters.api.office.reference import visible_agencies
from letters.api.office.taskings import agency
from letters.api.sources import Row, Source
from letters.domain.keyset import Order
from letters.models import AskKind, Closure, Official, StatutoryClock

OFFICIAL_COLUMNS = (
    "pk",
    "agency_id",
    "agency__slug",
    "agency__name",
    "agency__short_name",
    "name",
    "title",
    "start",
    "end",
)
KIND_COLUMNS = (
    *("pk", "code", "name", "verb", "usual_agency__slug", "acting_agency__slug", "instrument", "requested_list"),
    *("needs_targets", "closes_as", "done_word", "help", "position"),
)
STATUTE_COLUMNS = ("pk", "code", "name", "citation", "trigger", "days", "source_url")
CLOSURE_COLUMNS = ("pk", "day", "name", "closed")
OFFICIAL_ABOUT = {"agency": "The slug of the agency. GET /api/v1/agencies/ lists them."}
KIND_ABOUT = {"code": "The one with this code, such as sanction."}
STATUTE_ABOUT = {"code": "The one with this code, such as global-magnitsky-1263d."}
CLOSURE_ABOUT = {"day_after": "On this day or later.", "day_before": "On this day or earlier."}


class OfficialFilter(filters.FilterSet):
    """Those of one agency."""

    agency = filters.ModelChoiceFilter(queryset=lambda request: visible_agencies(), to_field_name="slug")

    class Meta:
        model = Official
        fields: list[str] = []


class KindFilter(filters.FilterSet):
    """Look one up by its code."""

    code = filters.CharFilter(max_length=30)

    class Meta:
        model = AskKind
        fields: list[str] = []


class StatuteFilter(filters.FilterSet):
    """Look one up by its code."""

    code = filters.CharFilter(max_length=40)

    class Meta:
        model = StatutoryClock
        fields: list[str] = []


class ClosureFilter(filters.FilterSet):
    """Those of a span of days."""

    day_after = filters.DateFilter(field_name="day", lookup_expr="gte")
    day_before = filters.DateFilter(field_name="day", lookup_expr="lte")

    class Meta:
        model = Closure
        fields: list[str] = []


def visible_officials() -> QuerySet:
    """Posts at agencies a key may know of."""
    return Official.objects.filter(agency__in=visible_agencies().values("pk"))


def build_officials(rows: Sequence[Row], links: Links) -> list[dict]:
    """Who holds or held a post."""
    return [
        {
            "id": row.pk,
            "url": links.to("officials", row.pk),
            "page_url": None,
            "agency": agency(row.agency_id, row.agency__slug, row.agency__name, row.agency__short_name),
            "name": row.name,
            "title": row.title,
            "start": row.start,
            "end": row.end,
        }
        for row in rows
    ]


def build_kinds(rows: Sequence[Row], links: Links) -> list[dict]:
    """Kinds of ask with what each proposes."""
    return [
        {
            "id": row.pk,
            "url": links.to("kinds", row.pk),
            "page_url": None,
            "code": row.code,
            "name": row.name,
            "verb": row.verb,
            "usual_agency": row.usual_agency__slug,
            "acting_agency": row.acting_agency__slug,
            "instrument": row.instrument,
            "requested_list": row.requested_list,
            "needs_targets": row.needs_targets,
            "closes_as": row.closes_as,
            "done_word": row.done_word,
            "help": row.help,
            "position": row.position,
        }
        for row in rows
    ]


def build_statutes(rows: Sequence[Row], links: Links) -> list[dict]:
    """Laws with what starts their clock and how long it runs."""
    return [
        {
            "id": row.pk,
            "url": links.to("statutes", row.pk),
            "page_url": None,
            "code": row.code,
            "name": row.name,
            "citation": row.citation,
            "trigger": row.trigger,
            "days": row.days,
            "source_url": row.source_url,
        }
        for row in rows
    ]


def build_closures(rows: Sequence[Row], links: Links) -> list[dict]:
    """Days, with whether the offices are closed."""
    return [
        {"id": row.pk, "url": links.to("closures", row.pk), "page_url": None, "day": row.day, "name": row.name, "closed": row.closed}
        for row in rows
    ]  # fmt: skip


OFFICIALS = Source(
    visible=visible_officials,
    columns=OFFICIAL_COLUMNS,
    build=build_officials,
    orders={"name": Order("name")},
    filters=OfficialFilter,
    about=OFFICIAL_ABOUT,
)
KINDS = Source(
    visible=AskKind.objects.all,
    columns=KIND_COLUMNS,
    build=build_kinds,
    orders={"code": Order("code")},
    filters=KindFilter,
    about=KIND_ABOUT,
)
STATUTES = Source(
    visible=StatutoryClock.objects.all,
    columns=STATUTE_COLUMNS,
    build=build_statutes,
    orders={"name": Order("name")},
    filters=StatuteFilter,
    about=STATUTE_ABOUT,
)
CLOSURES = Source(
    visible=Closure.objects.all,
    columns=CLOSURE_COLUMNS,
    build=build_closures,
    orders={"day": Order("day")},
    filters=ClosureFilter,
    about=CLOSURE_ABOUT,
)
