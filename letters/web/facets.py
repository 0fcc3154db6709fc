"""How many items each choice of a filter would give within the other filters: two queries, however many choices.

The first counts every combination of what the filters tell apart that occurs; the choices are added up from it.
Members who signed are many to an item, and are counted by the second.
"""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Case, CharField, Count, F, Value, When

from letters.enums import Basis, Match, Status
from letters.filters import ALL, ANY_LATE, CO_SIGNED, LED, NOBODY, OURS
from letters.models.tasking_queries import LED_BY_US, RUNNING
from letters.web.listing import Listing, states_of

# What tells items apart: the filter's name, and the columns of its value and its words.
COMBINED = {
    "ours": ("ours_code", "ours_code"),
    "agency": ("agency__slug", "agency__short_name"),
    "acting": ("acting_agency__slug", "acting_agency__short_name"),
    "kind": ("ask__kind__code", "ask__kind__name"),
    "status": ("status", "status"),
    "owner": ("owner__username", "owner__username"),
    "late": ("late_basis", "late_basis"),
}
NAMES = (*COMBINED, "signatory")


@dataclass
class Facet:
    """The choices of one filter that occur, each with its words and its number; `any` counts without the filter."""

    words: dict[str, str] = field(default_factory=dict)
    counts: Counter = field(default_factory=Counter)
    any: int = 0


def facets(listing: Listing) -> tuple[dict[str, Facet], int]:
    """By the filter's name; and how many items the list itself has."""
    found = {name: Facet() for name in NAMES}
    if not listing.is_valid:
        return found, 0
    chosen = _chosen(listing)
    total = 0
    for values, words, owner, number in _combinations(listing):
        misses = [name for name, value in values.items() if chosen[name] is not None and value not in chosen[name]]
        if len(misses) > 1:
            continue
        if not misses:
            total += number
        for name in misses or values:
            value = values[name]
            found[name].any += number
            if value:
                found[name].words.setdefault(value, owner if name == "owner" else str(words[name]))
                found[name].counts[value] += number
    _finish(found)
    found["signatory"].any = total
    found["signatory"] = _signers(listing, found["signatory"])
    return found, total


def _chosen(listing: Listing) -> dict[str, frozenset | None]:
    """What each filter lets pass, None for all."""
    cleaned = listing.filterset.form.cleaned_data
    chosen: dict[str, frozenset | None] = dict.fromkeys(COMBINED)
    for name, attribute in (("agency", "slug"), ("acting", "slug"), ("kind", "code")):
        if cleaned.get(name):
            chosen[name] = frozenset([getattr(cleaned[name], attribute)])
    if cleaned.get("ours") in (LED, CO_SIGNED):
        chosen["ours"] = frozenset([cleaned["ours"]])
    if cleaned.get("status"):
        chosen["status"] = frozenset(cleaned["status"])
    if cleaned.get("owner"):
        chosen["owner"] = frozenset([cleaned["owner"]])
    if cleaned.get("late"):
        chosen["late"] = frozenset(Basis.values if cleaned["late"] == ANY_LATE else [cleaned["late"]])
    return chosen


def _combinations(listing: Listing):
    """Each combination that occurs: its values, their words, the owner's name, how many items."""
    base = listing.filterset.without(*COMBINED, "state")
    base = base.filter(status__in=states_of(listing.filterset.form.cleaned_data))
    columns = list(dict.fromkeys(column for pair in COMBINED.values() for column in pair))
    rows = (
        base.order_by()
        .annotate(
            ours_code=Case(When(LED_BY_US, then=Value(LED)), default=Value(CO_SIGNED), output_field=CharField()),
            late_basis=Case(
                When(RUNNING, due_on__lt=listing.today, then=F("due_basis")),
                default=Value(""),
                output_field=CharField(),
            ),
        )
        .values(*columns, "owner__first_name", "owner__last_name")
        .annotate(number=Count("pk"))
    )
    for row in rows:
        values = {name: row[value] or "" for name, (value, _) in COMBINED.items()}
        words = {name: row[label] or "" for name, (_, label) in COMBINED.items()}
        name = f"{row['owner__first_name'] or ''} {row['owner__last_name'] or ''}".strip()
        owner = name or row["owner__username"] or "nobody"
        values["owner"] = values["owner"] or NOBODY
        yield values, words, owner, row["number"]


def _finish(found: dict[str, Facet]) -> None:
    """The words of codes, and the choices that stand for several."""
    for status in found["status"].words:
        found["status"].words[status] = str(Status(status).label)
    late, ours = found["late"], found["ours"]
    late.words = {ANY_LATE: "by any measure", **{basis: str(Basis(basis).label) for basis in late.words}}
    late.counts[ANY_LATE] = sum(late.counts.values())
    ours.counts[ALL] = ours.any
    ours.words = dict(OURS)


def _signers(listing: Listing, facet: Facet) -> Facet:
    signed = (
        listing.filterset.without("signatory")
        .order_by()
        .filter(ask__letter__signatures__match=Match.CONFIRMED)
        .values_list(
            "ask__letter__signatures__legislator__bioguide",
            "ask__letter__signatures__legislator__official_full",
            "ask__letter__signatures__legislator__sort_name",
        )
        .annotate(number=Count("pk", distinct=True))
        .order_by("ask__letter__signatures__legislator__sort_name")
    )
    for bioguide, name, _, number in signed:
        facet.words[bioguide] = name
        facet.counts[bioguide] = number
    return facet
