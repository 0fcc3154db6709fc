"""The queue: what is outstanding, with whom and for how long."""

from django.db.models import CharField, Prefetch, Value
from django.db.models.functions import Cast, Concat, LPad
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from letters.domain import keyset
from letters.domain.clocks import office_today
from letters.domain.deadlines import count
from letters.domain.worklists import Headline, headline
from letters.errors import CursorError
from letters.filters import NOBODY, TaskingFilter
from letters.models import Signature, Tasking
from letters.models.tasking_queries import TaskingQuerySet
from letters.web.filter_form import FilterForm
from letters.web.rows import GROUPS, grouped
from letters.web.sentences import headline_parts
from letters.web.words import with_yardstick

PAGE = 100
SIGNATURES = Prefetch("ask__letter__signatures", Signature.objects.select_related("legislator"))
DEFAULT_GROUP = "agency"


def queue(request: HttpRequest) -> HttpResponse:
    """Open items of responsible agencies, filtered by the address of the page."""
    today = office_today()
    everything = Tasking.objects.visible_to(request.user).counted()
    form = FilterForm(without_empty(request.GET), queryset=everything)
    found = select(request.GET, everything)
    group = request.GET.get("group", DEFAULT_GROUP)
    notice = ""
    try:
        page = keyset.page(rows(found, group, today), order(group), size=PAGE, cursor=request.GET.get("cursor"))
    except CursorError as error:
        notice = f"{error} Here is the first page."
        page = keyset.page(rows(found, group, today), order(group), size=PAGE)
    counts = headline(everything, today, owner=request.user)
    total = found.count()
    first_url = with_params(request.GET, cursor=None) if request.GET.get("cursor") else None
    next_url = with_params(request.GET, cursor=page.next_cursor) if page.next_cursor else None
    context = {
        "form": form,
        "active": form.active(),
        "headline": headline_parts(counts),
        "chips": chips(request, counts),
        "group_chips": [
            {"label": label, "url": with_params(request.GET, group=code, cursor=None), "on": code == group}
            for code, label in [*((code, words[0]) for code, words in GROUPS.items()), ("none", "No group")]
        ],
        "groups": grouped(page.rows, group, today, is_part=bool(first_url or next_url)),
        "total": total,
        "words": f"Showing {len(page.rows):,} of {count(total, 'item')}"
        if total > len(page.rows)
        else count(total, "item"),
        "first_url": first_url,
        "next_url": next_url,
        "notice": notice,
        "clear_url": with_params(QueryDict(), **({"group": group} if "group" in request.GET else {})),
        "keep": [("group", group)] if "group" in request.GET else [],
        "nothing_because": nothing_because(form.active()),
        "nothing_logged": not counts.open and not everything.exists(),
    }
    return render(request, "letters/queue.html", context, status=400 if form.errors else 200)


def select(params: QueryDict, everything: TaskingQuerySet) -> TaskingQuerySet:
    """The items an address means: open ones, unless it says otherwise; a wrong value selects nothing."""
    params = without_empty(params)
    params.setdefault("state", "all" if params.get("status") else "open")
    filterset = TaskingFilter(params, queryset=everything)
    return filterset.qs if filterset.is_valid() else everything.none()


def without_empty(params: QueryDict) -> QueryDict:
    """A form sends every field, filled or not; an empty one filters nothing."""
    kept = QueryDict(mutable=True)
    for name, values in params.lists():
        if filled := [value for value in values if value]:
            kept.setlist(name, filled)
    return kept


def rows(found: TaskingQuerySet, group: str, today) -> TaskingQuerySet:
    """Everything the rows show, in a constant number of queries."""
    found = with_yardstick(found.for_rows().with_clock(today)).prefetch_related(SIGNATURES)
    found = found.select_related(
        "ask__kind", "ask__letter", "agency", "acting_agency", "owner", "status_event", "passed_to__agency"
    )
    if group == "ask":
        number = LPad(Cast("ask__number", CharField()), 4, Value("0"))
        found = found.annotate(ask_key=Concat("ask__letter__reference", Value("/"), number, output_field=CharField()))
    return found


def order(group: str) -> keyset.Order:
    """By due date, inside the group the person asked for."""
    return keyset.Order("due_on", nullable=True, group=GROUPS[group][1] if group in GROUPS else "")


def chips(request: HttpRequest, counts: Headline) -> list[dict]:
    """The lists people open most, with how many stand in each."""
    lists = [
        ("All open", {}, counts.open),
        ("Mine", {"owner": request.user.get_username()}, counts.mine),
        ("Unassigned", {"owner": NOBODY}, counts.unassigned),
        ("Replies unread", {"unread": "true"}, counts.unread),
        ("Untouched for 90 days", {"untouched": "true"}, counts.untouched),
        ("Closed", {"state": "closed"}, None),
    ]
    group = {"group": request.GET["group"]} if "group" in request.GET else {}
    now = {key: value for key, value in request.GET.items() if key not in ("group", "cursor") and value}
    return [
        {"label": label, "url": queue_url(**params, **group), "count": number, "on": now == params}
        for label, params, number in lists
    ]


def nothing_because(active: list[dict]) -> str:
    """Why the list is empty, in the filters' own words."""
    return "No item has " + ", ".join(f"{part['label'].lower()} “{part['value']}”" for part in active) + "."


def queue_url(**params: str) -> str:
    """The address of the queue with these filters."""
    query = QueryDict(mutable=True)
    for name, value in params.items():
        query[name] = value
    return reverse("queue") + (f"?{query.urlencode()}" if query else "")


def with_params(params: QueryDict, **changes: str | None) -> str:
    """The present address with some parameters set, or removed where None."""
    params = params.copy()
    for name, value in changes.items():
        if value is None:
            params.pop(name, None)
        else:
            params[name] = value
    return f"?{params.urlencode()}" if params else reverse("queue")
