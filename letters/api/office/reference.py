"""Agencies and members of Congress: reference data, and our usual wait for each agency."""

from collections.abc import Callable, Sequence

import django_filters as filters
from django.db.models import Q, QuerySet

from letters.api.links import Links
from letters.api.sources import Row, Source
from letters.domain.keyset import Order
from letters.enums import AgencyKind
from letters.models import Addressee, Agency, Legislator, Letter, Tasking, Term

# A company or a governor is in the record because a letter went there, which a reader may not know of.
NEVER_GENERAL = (AgencyKind.COMPANY, AgencyKind.GOVERNOR)
AGENCY_OFFICE = ("yardstick_days", "acknowledgement_days", "address", "escalation_contacts")  # the office's own
AGENCY_COLUMNS = (
    "pk",
    "slug",
    "name",
    "short_name",
    "abbreviation",
    "kind",
    "parent__slug",
    "parent__kind",
    *AGENCY_OFFICE,
)
AGENCY_ABOUT = {"slug": "The one with this slug, such as treasury."}
MEMBER_COLUMNS = (
    *("pk", "bioguide", "official_full", "first", "middle", "last", "suffix", "nickname"),
    *("sort_name", "seen_from", "seen_until"),
)
MEMBER_ABOUT = {"bioguide": "The member with this Bioguide ID, such as H000601."}


class AgencyFilter(filters.FilterSet):
    """Look one up by its readable key."""

    slug = filters.CharFilter(max_length=80)

    class Meta:
        model = Agency
        fields: list[str] = []


class MemberFilter(filters.FilterSet):
    """Look one up by the key everybody uses."""

    bioguide = filters.CharFilter(max_length=7)

    class Meta:
        model = Legislator
        fields: list[str] = []


def parents_of(rows: Sequence[Row], known: Callable[[], QuerySet]) -> dict[str | None, str]:
    """The slugs of what these belong to, without those that the reader may not know of. A query only where there is
    one that not everybody knows of."""
    slugs = {row.parent__slug for row in rows if row.parent__slug}
    asked = {row.parent__slug for row in rows if row.parent__kind in NEVER_GENERAL}
    hidden = asked - set(known().filter(slug__in=asked).values_list("slug", flat=True)) if asked else set()
    return {slug: slug for slug in slugs - hidden}


def anybodys(rows: Sequence[Row], links: Links, known: Callable[[], QuerySet]) -> list[dict]:
    """What anybody may know of an agency; `known` are the agencies that the reader may know of."""
    parents = parents_of(rows, known)
    return [
        {
            "id": row.pk,
            "url": links.to("agencies", row.pk),
            "page_url": None,
            "slug": row.slug,
            "name": row.name,
            "short_name": row.short_name,
            "abbreviation": row.abbreviation,
            "kind": row.kind,
            "parent": parents.get(row.parent__slug),
        }
        for row in rows
    ]


def agencies(rows: Sequence[Row], links: Links) -> list[dict]:
    """With our usual wait, in business days: a yardstick of the office, which is nobody else's business."""
    shown = anybodys(rows, links, visible_agencies)
    for row, agency in zip(rows, shown, strict=True):
        agency["page_url"] = links.page("agencies", row.slug)
        agency.update({name: getattr(row, name) for name in AGENCY_OFFICE})
    return shown


def members(rows: Sequence[Row], links: Links) -> list[dict]:
    """With the page that the office has for each."""
    return [
        one | {"page_url": links.page("legislators", row.bioguide)}
        for row, one in zip(rows, public_members(rows, links), strict=True)
    ]


def public_members(rows: Sequence[Row], links: Links) -> list[dict]:
    """Members with their terms, from public rosters."""
    terms: dict = {}
    for key, chamber, state, district, party, start, end in (
        Term.objects.filter(legislator__in=[row.pk for row in rows])
        .order_by("start", "pk")
        .values_list("legislator", "chamber", "state", "district", "party", "start", "end")
    ):
        terms.setdefault(key, []).append(
            {"chamber": chamber, "state": state, "district": district, "party": party, "start": start, "end": end}
        )
    return [
        {
            "id": row.pk,
            "url": links.to("legislators", row.pk),
            "page_url": None,
            "bioguide": row.bioguide,
            "name": row.official_full,
            "first": row.first,
            "middle": row.middle,
            "last": row.last,
            "suffix": row.suffix,
            "nickname": row.nickname,
            "seen_from": row.seen_from,
            "seen_until": row.seen_until,
            "terms": terms.get(row.pk, []),
        }
        for row in rows
    ]


def agencies_of(letters: QuerySet, taskings: QuerySet) -> QuerySet:
    """Agencies of the United States, and whoever else these letters or items name."""
    addressed = Addressee.objects.filter(letter__in=letters.values("pk")).values("agency")
    acting = taskings.exclude(acting_agency=None)
    return Agency.objects.filter(
        ~Q(kind__in=NEVER_GENERAL)
        | Q(pk__in=addressed)
        | Q(pk__in=taskings.values("agency"))
        | Q(pk__in=acting.values("acting_agency"))
    )


def visible_agencies() -> QuerySet:
    """A company that only a restricted letter went to would betray that one."""
    return agencies_of(Letter.objects.for_keys(), Tasking.objects.for_keys())


AGENCIES = Source(
    visible=visible_agencies,
    columns=AGENCY_COLUMNS,
    build=agencies,
    orders={"short_name": Order("short_name")},
    filters=AgencyFilter,
    about=AGENCY_ABOUT,
)
MEMBERS = Source(
    visible=Legislator.objects.all,
    columns=MEMBER_COLUMNS,
    build=members,
    orders={"sort_name": Order("sort_name")},
    filters=MemberFilter,
    about=MEMBER_ABOUT,
)
