"""How many items each choice of a filter would give within the other filters: two queries, however many choices.

The first counts every combination of what the filters tell apart that occurs; the choices are added up from it.
The second counts members who signed, who are many to an item, and items by status, for what states and "any" would give.
"""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Case, CharField, Count, Q, Value, When

from letters.domain.words import initial
from letters.enums import CLOSED_STATUSES, OPEN_STATUSES, Basis, Match
from letters.filters import ALL, ANY_LATE, CO_SIGNED, DATED, DEADLINE, DUE, LED, NOBODY, OURS, STATUSES
from letters.listing import Listing, states_of
from letters.models.tasking_queries import LED_BY_US, RUNNING, late_basis

# What tells items apart: the filter's name, and the columns of its value and its words.
COMBINED = {
    "ours": ("ours_code", "ours_code"),
    "agency": ("agency__slug", "agency__short_name"),
    "acting": ("acting_agency__slug", "acting_agency__short_name"),
    "kind": ("ask__kind__code", "ask__kind__name"),
    "status": ("status", "status"),
    "owner": ("owner__username", "owner__username"),
    "late": ("late_basis", "late_basis"),
    "due": ("due_in", "due_in"),
    "due_basis": ("due_basis", "due_basis"),
    "deadline": ("deadline_code", "deadline_code"),
}
NAMES = (*COMBINED, "signatory", "state")
STATES = {"open": OPEN_STATUSES, "closed": CLOSED_STATUSES, "all": (*OPEN_STATUSES, *CLOSED_STATUSES)}


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
    _signers_and_states(listing, found)
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
    for name in ("due_basis", "deadline"):
        if cleaned.get(name):
            chosen[name] = frozenset([cleaned[name]])
    if cleaned.get("due"):
        chosen["due"] = frozenset(["week"] if cleaned["due"] == "week" else DUE)
    return chosen


def _combinations(listing: Listing):
    """Each combination that occurs: its values, their words, the owner's name, how many items."""
    base = listing.filterset.without(*COMBINED, "state")
    base = base.filter(status__in=states_of(listing.filterset.form.cleaned_data))
    today = listing.today
    columns = list(dict.fromkeys(column for pair in COMBINED.values() for column in pair))
    rows = (
        base.order_by()
        .annotate(
            ours_code=Case(When(LED_BY_US, then=Value(LED)), default=Value(CO_SIGNED), output_field=CharField()),
            late_basis=late_basis(today),
            deadline_code=Case(
                When(base.deadline_set(), then=Value("set")), default=Value("none"), output_field=CharField()
            ),
            due_in=Case(
                *(
                    When(RUNNING, due_on__range=(today, today + dt.timedelta(days=days)), then=Value(name))
                    for name, (_, days) in DUE.items()
                ),
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
    for name in ("agency", "acting"):
        found[name].words = {slug: initial(words) for slug, words in found[name].words.items()}
    for status in found["status"].words:
        found["status"].words[status] = STATUSES[status]
    late, ours, due = found["late"], found["ours"], found["due"]
    found["due_basis"].words = {code: words for code, words in DATED if code in found["due_basis"].words}
    found["deadline"].words = dict(DEADLINE)
    due.words = {name: words for name, (words, _) in DUE.items()}
    due.counts["month"] += due.counts["week"]
    # without a number: what the dates rest on is never added up
    late.words = {ANY_LATE: "by any measure", **{basis: str(Basis(basis).label) for basis in late.words}}
    ours.counts[ALL] = ours.any
    ours.words = dict(OURS)


def _signers_and_states(listing: Listing, found: dict[str, Facet]) -> None:
    """One query for both: members by name, and items by status without and with the chosen member."""
    cleaned = listing.filterset.form.cleaned_data
    member = cleaned.get("signatory")
    signature = "ask__letter__signatures__"
    names = [f"{signature}legislator__{name}" for name in ("bioguide", "official_full", "sort_name")]
    signed = (
        listing.filterset.without("signatory")
        .order_by()
        .filter(**{f"{signature}match": Match.CONFIRMED})
        .values(*names)
        .annotate(what=_word("member"), number=Count("pk", distinct=True), theirs=Value(0))
        .values_list("what", *names, "number", "theirs")
    )
    theirs = Q(ask__letter__in=member.signatures.filter(match=Match.CONFIRMED).values("letter")) if member else Q()
    by_status = (
        listing.filterset.without("signatory", "status", "state")
        .order_by()
        .values("status")
        .annotate(what=_word("status"), full=_word(""), sort=_word(""), number=Count("pk"), theirs=Count("pk", filter=theirs))
        .values_list("what", "status", "full", "sort", "number", "theirs")
    )  # fmt: skip
    rows = sorted(signed.union(by_status, all=True), key=lambda row: row[3])
    signatory = found["signatory"]
    for _, bioguide, name, _, number, _ in (row for row in rows if row[0] == "member"):
        signatory.words[bioguide] = name
        signatory.counts[bioguide] = number
    everybody = Counter({row[1]: row[4] for row in rows if row[0] == "status"})
    chosen = Counter({row[1]: row[5] for row in rows if row[0] == "status"})
    statuses = cleaned.get("status") or STATES["all"]
    signatory.any = sum(everybody[s] for s in states_of(cleaned) if s in statuses)
    state = found["state"]
    for name, members in STATES.items():
        state.counts[name] = sum(chosen[s] for s in members if s in statuses)
    # without a status chosen, an address that names no state means the open ones
    found["status"].any = sum(chosen[s] for s in STATES[listing.params.get("state") or "open"])


def _word(word: str) -> Value:
    return Value(word, output_field=CharField())
