"""The queue: what is outstanding, with whom and for how long."""

from itertools import groupby

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from letters.domain import keyset
from letters.domain.access import EDIT, RELEASE, may
from letters.domain.deadlines import count
from letters.domain.saved_views import may_change, views_of
from letters.domain.worklists import Headline, headline, headlines
from letters.filters import ALL, LED, NOBODY
from letters.listing import BOX, CURSOR, GROUPS, NOT_FILTERS, SORTS, VIEW, Listing, queue_url
from letters.models import SavedView, Tasking
from letters.web.bulk_form import BulkForm
from letters.web.facets import facets
from letters.web.filter_form import FilterForm
from letters.web.paging import page_of, pager, with_params
from letters.web.rows import queue_rows
from letters.web.saved_views import stored
from letters.web.sentences import found_parts, headline_parts

PAGE = 100


def queue(request: HttpRequest) -> HttpResponse:
    """Open items of responsible agencies, on letters we led, co-led or follow, unless the address of the page says otherwise."""
    listing = Listing(request.GET, user=request.user)
    page, notice = page_of(request, listing.rows, listing.order, size=PAGE)
    box = BOX in listing.params or not listing.is_valid
    by_filter, total = facets(listing) if box else ({}, 0)
    form = FilterForm(listing, by_filter)
    active = form.active()
    narrowing = listing.filters if listing.is_valid else QueryDict()
    if narrowing:
        # the list's own sentence, and the counts of the lists that its chips lead to
        counts, here = headlines(
            listing.everything, listing.today, found=listing.filterset.without("ours"), owner=request.user, within=listing.within
        )  # fmt: skip
        if not box:
            total = listing.found.count() if listing.has_closed else here.open
        sentence = found_parts(here, total, listing.ours, narrowing, has_closed=listing.has_closed)
    else:
        counts = here = headline(listing.everything, listing.today, owner=request.user, within=listing.within)
        total = total if box else counts.open
        sentence = headline_parts(counts, listing.ours)
    around = pager(request, page)
    is_part = bool(around["first_url"] or around["next_url"])
    may_edit = may(request.user, EDIT)
    now = request.GET.copy()
    now.pop(CURSOR, None)
    context = {
        "form": form,
        "box": box,
        "box_url": with_params(now, **{BOX: None if box else "1"}),
        "active": active,
        "headline": sentence,
        "chips": (lists := chips(request, listing, counts)),
        # each of them is a whole list but for whose letters: the filters in force do not narrow it
        "chips_label": "Show without other filters" if active and not any(one["on"] for one in lists) else "Show",
        "ours_chips": ours_chips(now, listing, here),
        "group_chips": choice_chips(now, "group", listing.group_name, {k: g.label for k, g in GROUPS.items()}),
        "sort_chips": choice_chips(now, "sort", listing.sort_name, {k: label for k, (label, _) in SORTS.items()}),
        "sort_words": SORTS[listing.sort_name][0],
        "group_words": listing.group.label if listing.group else "nothing",
        "views": views_shown(request, now),
        "groups": grouped(listing, page, is_part=is_part),
        "total": total,
        "words": f"Showing {len(page.rows):,} of {count(total, 'item')}"
        if total > len(page.rows)
        else count(total, "item"),
        **around,
        "notice": notice,
        "clear_url": queue_url(**{k: v for k, v in now.items() if k in NOT_FILTERS and k not in (VIEW,)}),
        "keep": [
            *form.without_field(),
            *((k, v) for k, v in now.items() if k in NOT_FILTERS and k not in (BOX, VIEW)),
            (BOX, "1"),
        ],
        "query": now.urlencode(),
        "files": [
            (kind.upper(), f"{reverse('queue_file', args=[kind])}?{now.urlencode()}") for kind in ("csv", "xlsx")
        ],
        "select": may_edit,
        "bulk": BulkForm(user=request.user) if may_edit and page.rows else None,
        "reassign": reassign(request, listing),
        "nothing_because": nothing_because(active),
        "instead": instead(listing, active) if active and not total and listing.is_valid else [],
        "nothing_logged": not counts.open and not listing.everything.exists(),
    }
    return render(request, "letters/queue.html", context, status=200 if listing.is_valid else 400)


def grouped(listing: Listing, page: keyset.Page, *, is_part: bool = False) -> list[dict]:
    """The page's rows under their headings, each with the number of its items in the whole list; one heading-less group where nothing groups them."""
    rows = queue_rows(page.rows, listing.today, under=listing.group_name)
    if not listing.group:
        return [{"heading": "", "words": "", "rows": rows}] if rows else []
    column = listing.group.column
    pairs = zip(page.rows, rows, strict=True)
    groups = []
    for key, members in groupby(pairs, key=lambda pair: keyset.value_of(pair[0], column)):
        items, shown = zip(*members, strict=True)
        acting = sorted({str(t.acting_agency) for t in items if t.acting_agency})
        groups.append(
            {
                "key": key,
                "heading": listing.group.heading(items[0]),
                "url": reverse("agency", args=[items[0].agency.slug]) if listing.group_name == "agency" else "",
                "number": len(items),
                "words": f"acting bureau {', '.join(acting)}" if acting and listing.group_name == "agency" else "",
                "rows": shown,
            }
        )
    if is_part:
        _count_all(listing, groups)
    for group in groups:
        group["count"] = count(group["number"], "item")
    return groups


def _count_all(listing: Listing, groups: list[dict]) -> None:
    """A group may go on over the page's end."""
    column = listing.group.column
    members = listing.keyed(listing.found).filter(**{f"{column}__in": [group["key"] for group in groups]})
    numbers = dict(members.order_by().values_list(column).annotate(number=Count("pk")))
    for group in groups:
        group["number"] = numbers.get(group["key"], group["number"])


def chips(request: HttpRequest, listing: Listing, counts: Headline) -> list[dict]:
    """The lists people open most, with how many stand in each."""
    lists = [
        ("All open", {}, counts.open),
        ("Mine", {"owner": request.user.get_username()}, counts.mine),
        ("Unassigned", {"owner": NOBODY}, counts.unassigned),
        ("Replies unread", {"unread": "true"}, counts.unread),
        ("Due within 7 days", {"due": "week"}, counts.due_soon),
        ("Untouched for 90 days", {"untouched": "true"}, counts.untouched),
        ("To review", {"to_review": "true"}, counts.to_review),
        ("Closed", {"state": "closed"}, None),
    ]
    kept = {key: value for key, value in listing.params.items() if key in ("group", "sort", "ours")}
    now = {key: value for key, value in listing.params.items() if key not in NOT_FILTERS and key != "ours"}
    return [
        {"label": label, "url": queue_url(**params, **kept), "count": number, "on": now == params}
        for label, params, number in lists
    ]


def ours_chips(now: QueryDict, listing: Listing, here: Headline) -> list[dict]:
    """Whose letters, and how many open items each choice has; `here`: within the other filters, which the links keep."""
    led = here.open if listing.ours == LED else None
    if listing.ours == ALL:
        led = here.open - here.co_signed
    if listing.has_closed or not listing.is_valid:  # closed ones are not among those counted
        led = None
    both = None if led is None else led + here.co_signed
    return [
        {"label": "Led or followed", "url": with_params(now, ours=None), "count": led, "on": listing.ours == LED},
        {"label": "Also co-signed", "url": with_params(now, ours=ALL), "count": both, "on": listing.ours == ALL},
    ]


def choice_chips(now: QueryDict, name: str, chosen: str, labels: dict[str, str]) -> list[dict]:
    """The choices of an order or grouping as links."""
    if name == "group":
        labels = {**labels, "none": "No group"}
    return [
        {"label": label, "url": with_params(now, **{name: code}), "on": code == chosen}
        for code, label in labels.items()
    ]


def views_shown(request: HttpRequest, now: QueryDict) -> dict:
    """The person's views and the shared ones; which of them this is, or was before a filter was changed, and where to
    keep the present address."""
    here = request.GET.get(VIEW, "")
    known: list[SavedView] = list(views_of(request.user))
    begun = next((view for view in known if str(view.pk) == here), None)
    # the address keeps naming the view that a person began with; its name is the list’s own only while the list is
    is_changed = begun is not None and QueryDict(stored(now)) != QueryDict(begun.query)
    chips = [
        {
            "label": view.name if view.owner_id == request.user.pk else f"{view.name} ({view.owner})",
            "url": reverse("view", args=[view.pk]),
            "on": view == begun and not is_changed,
        }
        for view in known
    ]
    query = now.copy()
    query.pop(VIEW, None)
    query.pop(BOX, None)
    # with the view in it, the address names a list also where no filter is left: every open item
    edit = with_params(query, **{VIEW: here})
    return {
        "chips": chips,
        "label": "Views",
        "save_url": f"{reverse('view_new')}?{query.urlencode()}",
        "edit_url": f"{reverse('view_edit', args=[begun.pk])}{edit}"
        if begun and may_change(begun, by=request.user)
        else "",
        "begun": begun,
        "is_changed": is_changed,
        "title": f"Queue, changed from “{begun}”" if begun and is_changed else str(begun or "Queue"),
    }


def reassign(request: HttpRequest, listing: Listing) -> dict | None:
    """Where a manager hands on the items of the person whose list this is."""
    owner = listing.params.get("owner")
    if not owner or owner in (NOBODY, request.user.get_username()) or not may(request.user, RELEASE):
        return None
    return {"owner": owner, "url": reverse("staff_reassign", args=[owner])}


def nothing_because(active: list[dict]) -> str:
    """Why the list is empty, in the filters' own words."""
    named = [part["label"].lower() + ("" if part["value"] == "yes" else f" “{part['value']}”") for part in active]
    return f"No item fits: {', '.join(named)}."


def instead(listing: Listing, active: list[dict]) -> list[dict]:
    """Which filter to drop, and how many items there are without it."""
    offers = []
    for part in active[:6]:
        params = listing.params.copy()
        params.pop(part["name"])
        number = Listing(params, user=listing.user, today=listing.today).found.count()
        if number:
            offers.append({**part, "url": part["url"], "words": count(number, "item")})
    return offers


def row_of(tasking: Tasking, listing: Listing) -> dict:
    """One row drawn again after something was done about it."""
    return queue_rows(list(listing.rows.filter(pk=tasking.pk)), listing.today, under=listing.group_name)[0]
