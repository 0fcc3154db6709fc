"""The dashboard: the headline sentence, what changed, what comes, and tables whose every number leads to its items."""

import datetime as dt

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from letters.domain import news, tallies, worklists
from letters.domain.deadlines import count, days_past
from letters.domain.words import office_time, short_date
from letters.enums import Basis
from letters.filters import ALL, LED
from letters.listing import BOX, CURSOR, Listing
from letters.models import Tasking
from letters.models.tasking_queries import TaskingQuerySet
from letters.web.board import HEADINGS, Figures, Places, age_figures, figures, late_columns
from letters.web.facets import facets
from letters.web.filter_form import FilterForm
from letters.web.open_asks import open_asks
from letters.web.paging import with_params
from letters.web.rows import item_url
from letters.web.sentences import headline_parts, whose_letters

MOST = 8  # lines of a table that has a page of its own for all of them
LISTED = 3  # items named under a number
EVERY = 1000  # lines on a table's own page
DUE_WORDS = {
    Basis.LETTER: "by a date the letter set",
    Basis.PROMISE: "promised",
    Basis.STATUTE: "by a date the law sets",
    Basis.YARDSTICK: "when our usual wait ends",
}


def dashboard(request: HttpRequest) -> HttpResponse:
    """What is outstanding, for somebody who looks rather than reads."""
    listing, notice = _listing(request)
    places = Places(listing.params)
    form, active = _filters(request, listing)
    context = {
        "form": form,
        "box": form is not None,
        "box_url": with_params(request.GET, **{BOX: None if form else "1"}),
        "active": active,
        "clear_url": request.path,
        "keep": [*(pair for pair in (form.without_field() if form else ()) if pair[0] != "state"), (BOX, "1")],
        "notice": notice,
        "ours_chips": _ours_chips(request.GET, listing),
        "records_url": places.page("reply_records"),
    }
    if not listing.is_valid:
        return render(request, "letters/dashboard.html", context, status=400)
    before = news.look(by=request.user) if request.method == "GET" else None  # of a page that shows what is new
    today, found = listing.today, listing.found
    counts = worklists.headline(listing.filterset.without("ours"), today, within=listing.within)
    late = late_columns(counts.late)
    rows = tallies.tables(found, today)
    tables = [_with_title(figures(name, rows[name], today, places, late, most=_most(name))) for name in tallies.TABLES]
    ages = tallies.by_age(found, today)
    context |= {
        "within": _within(listing),
        "headline": headline_parts(counts, listing.ours, _kept(places), places=places),
        "counts": counts,
        "news": _news(listing, places, before),
        "ahead": _ahead(found, today, places),
        "agencies": tables[0],
        "tables": tables[1:],
        "ages": age_figures(ages, places, late),
        "in_time": {"number": ages[0][2], "url": places.items(age="in_time")},
    }  # fmt: skip
    return render(request, "letters/dashboard.html", context)


def table(request: HttpRequest, name: str) -> HttpResponse:
    """All lines of one table, or all asks that something is open of, within the same filters."""
    listing, notice = _listing(request)
    places = Places(listing.params)
    crumbs = [{"label": "Dashboard", "url": places.board()}]
    active = _filters(request, listing)[1]
    context = {
        "crumbs": crumbs,
        "notice": notice,
        "active": active,
        "clear_url": request.path,
        "within": _within(listing),
    }
    if name != "ask" and name not in tallies.TABLES:
        raise Http404("The dashboard has no such table.")
    if not listing.is_valid:
        form = FilterForm(listing, {})
        return render(
            request, "letters/dashboard_table.html", context | {"form": form, "title": "Dashboard"}, status=400
        )
    if name == "ask":
        return render(request, "letters/dashboard_asks.html", context | open_asks(request, listing, places))
    counts = worklists.headline(listing.found, listing.today)
    rows = tallies.tables(listing.found, listing.today, [name])[name]
    drawn = figures(name, rows, listing.today, places, late_columns(counts.late), most=EVERY)
    context |= {"title": HEADINGS[name][0], "figures": drawn, "too_many": len(rows) > EVERY, "every": EVERY}
    return render(request, "letters/dashboard_table.html", context)  # fmt: skip


def _listing(request: HttpRequest) -> tuple[Listing, str]:
    """The address, read as the queue reads it, of open items only; and what is said where it asks for others."""
    params = request.GET.copy()
    state = params.get("state")
    params["state"] = "open"
    notice = ""
    if state and state != "open":
        notice = "The dashboard counts open items: the filter “State” is left out here."
    return Listing(params, user=request.user), notice


def _filters(request: HttpRequest, listing: Listing) -> tuple[FilterForm | None, list[dict]]:
    """The box of filters where it is open, and what is in force."""
    box = BOX in listing.params or not listing.is_valid
    form = FilterForm(listing, facets(listing)[0] if box else {})
    active = [part for part in form.active() if part["name"] not in ("state", "ours")]
    for part in active:
        part["url"] = with_params(request.GET, **{part["name"]: None, CURSOR: None})
    if not box:
        return None, active
    form.fields.pop("state")
    return form, active


def _within(listing: Listing) -> str:
    """Of whose letters, where the headline does not say what it leaves out."""
    whose = whose_letters(listing.ours)
    return f"Of {whose}." if whose else ""


def _ours_chips(now: QueryDict, listing: Listing) -> list[dict]:
    return [
        {"label": "Led or followed", "url": with_params(now, ours=None), "count": None, "on": listing.ours == LED},
        {"label": "Also co-signed", "url": with_params(now, ours=ALL), "count": None, "on": listing.ours == ALL},
    ]


def _kept(places: Places) -> QueryDict:
    """The filters as the headline's links keep them: whose letters it says by itself."""
    kept = places.narrowed()
    kept.pop("ours", None)
    return places.of_open(kept)


def _most(name: str) -> int | None:
    return None if name == "agency" else MOST


def _with_title(drawn: Figures) -> dict:
    return {"title": HEADINGS[drawn.name][0], "figures": drawn}


def _news(listing: Listing, places: Places, before: dt.datetime | None) -> dict:
    """What happened since the person last looked; to whom looks for the first time, over the last days."""
    given = listing.filterset.form.cleaned_data.get("since")
    unseen = news.unseen_since(before) if before else timezone.now() - dt.timedelta(days=news.FIRST_DAYS)
    instant = given or unseen
    written = instant.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")  # the moment, also of a day that was typed
    numbers = news.changed(_changed_since(listing, instant), instant, listing.user)
    if given:
        title = f"Since {office_time(instant)}"
    else:
        title = (
            f"Since you looked on {office_time(before)}" if before else f"Recorded in the last {news.FIRST_DAYS} days"
        )
    return {
        "title": title,
        "first_minutes": news.VISIT.seconds // 60 if not given and before is None else 0,
        "since": written,
        "number": numbers["any"],
        "words": count(numbers["any"], "item"),
        "url": places.changed(since=written),
        "lines": [
            {"number": numbers[code], "words": words, "url": places.changed(since=written, change=code)}
            for code, (words, _) in news.CHANGES.items()
            if numbers[code]
        ],
    }


def _changed_since(listing: Listing, instant: dt.datetime) -> QuerySet:
    """The items to count in, open and closed. What changed, where the address says it, happened since then: the card's
    links name the instant, and their lists ask so of the same events."""
    found = listing.filterset.without("state", "change")
    for change in listing.filterset.form.cleaned_data.get("change") or []:
        found = found.happened_to(news.happened(listing.user, since=instant, change=change))
    return found


def _ahead(found: TaskingQuerySet, today: dt.date, places: Places) -> dict:
    """What falls due, what was promised, what lies: numbers, and the first items of each."""
    numbers = tallies.ahead(found, today)
    items = found.open().select_related("agency", "ask")
    soon = items.due_within(today, tallies.MONTH_DAYS).order_by("due_on", "ask__letter__reference", "ask__number")
    promised = items.promised().order_by("promised_on", "id")
    lying = items.untouched(today).order_by("touched_at", "id")
    total = sum(numbers.due.values())
    return {
        "due": {
            "number": total,
            "words": count(total, "item"),
            "url": places.items(due="month"),
            "parts": [
                {"number": numbers.due[basis], "words": words, "url": places.items(due="month", due_basis=basis.value)}
                for basis, words in DUE_WORDS.items()
                if numbers.due[basis]
            ],
            "lines": [_line(t, short_date(t.due_on), DUE_WORDS[Basis(t.due_basis)]) for t in soon[:LISTED]],
        },
        "promised": {
            "number": numbers.promised,
            "words": count(numbers.promised, "item"),
            "url": places.items(promised="true"),
            "past": numbers.promise_past,
            "past_url": places.items(promised="true", late=Basis.PROMISE.value),
            "lines": [_line(t, short_date(t.promised_on), _promise_words(t, today)) for t in promised[:LISTED]],
        },
        "lying": {
            "number": numbers.untouched,
            "words": count(numbers.untouched, "item"),
            "url": places.items(untouched="true"),
            "lines": [_line(t, short_date(timezone.localdate(t.touched_at)), "last touched") for t in lying[:LISTED]],
        },
        "unassigned": {"number": numbers.unassigned, "url": places.items(owner=tallies.NOBODY)},
        "to_review": {"number": numbers.to_review, "url": places.items(to_review="true")},
    }  # fmt: skip


def _promise_words(tasking: Tasking, today: dt.date) -> str:
    past = days_past(tasking.promised_on, today)
    return f"{count(past, 'day')} ago" if past else "not yet due"


def _line(tasking: Tasking, when: str, words: str) -> dict:
    return {"url": item_url(tasking.pk), "title": str(tasking), "when": when, "words": words}
