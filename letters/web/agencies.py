"""Agencies as a tree, and one agency: what is open there, on what clock, who answered, whom we called."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from letters.domain import directory
from letters.domain.access import EDIT, may
from letters.domain.clocks import office_today
from letters.domain.deadlines import count, long_date
from letters.listing import queue_url
from letters.models import Agency, Official
from letters.models.agencies import DEFAULT_YARDSTICK_DAYS
from letters.reports.posts import changed_hands
from letters.web.open_items import open_items

MAX_WORDS = 100
LATEST = 10  # replies, contacts and letters on the page of an agency


def agencies(request: HttpRequest) -> HttpResponse:
    """All agencies under their departments, or only those where something is open."""
    words = request.GET.get("q", "").strip()[:MAX_WORDS]
    everything = bool(words) or request.GET.get("show") == "all"
    lines = directory.agency_tree(request.user, words=words, busy=not everything)
    context = {
        "lines": [{"line": line, "url": reverse("agency", args=[line.agency.slug]), "open_url": queue_url(ours="all", agency=line.agency.slug), "acting_url": queue_url(ours="all", acting=line.agency.slug)} for line in lines],
        "total": len(lines),
        "words": words,
        "chips": [
            {"label": "With open items", "url": reverse("agencies"), "on": not everything},
            {"label": "All agencies", "url": f"{reverse('agencies')}?show=all", "on": everything and not words},
        ],
    }  # fmt: skip
    return render(request, "directory/agencies.html", context)


def agency(request: HttpRequest, slug: str) -> HttpResponse:
    """One agency, if the person may know of it."""
    user = request.user
    seen = Agency.objects.visible_to(user)
    shown = get_object_or_404(seen.select_related("parent").prefetch_related("names", "officials"), slug=slug)
    items = open_items(request, agency=shown.slug)
    replies = directory.replies_to(user).filter(agency=shown).with_unread_by(user).order_by("-received_on", "id")
    contacts = directory.contacts_of(user).filter(agency=shown).order_by("-on", "id")
    letters = directory.letters_to(shown, user).order_by("-sent_on", "id")
    chased, last = directory.chased(shown, user)
    acting = directory.open_items(user).filter(acting_agency=shown).count()
    context = {
        "agency": shown,
        "crumbs": [
            {"label": "Agencies", "url": reverse("agencies")},
            *([{"label": str(shown.parent), "url": reverse("agency", args=[shown.parent.slug])}] if shown.parent else []),
        ],
        "items": items,
        "wait_words": wait_words(shown),
        "bureaus": seen.filter(parent=shown).order_by("short_name"),
        "acting_bureaus": [
            {
                "name": row["acting_agency__short_name"],
                "url": reverse("agency", args=[row["acting_agency__slug"]]),
                "count": row["number"],
                "open_url": queue_url(ours="all", agency=shown.slug, acting=row["acting_agency__slug"]),
            }
            for row in directory.acting_bureaus(shown, user)
        ],
        "acting": acting,
        "acting_url": queue_url(ours="all", acting=shown.slug),
        "officials": over_time(list(shown.officials.all())),
        "undated": any(official.start is None and official.end is None for official in shown.officials.all()),
        "chased_words": f"chased {count(chased, 'time')}, last {long_date(last)}" if last else "",
        "contacts": contacts.select_related("by")[:LATEST],
        "contacts_total": chased,
        "replies": replies[:LATEST],
        "replies_total": replies.count(),
        "letters": letters[:LATEST],
        "letters_total": letters.count(),
        "latest": LATEST,
        "may_follow_up": may(user, EDIT) and items["total"] > 0,
        "changed_hands": changed_hands(shown, user, office_today()) if items["total"] else "",
    }  # fmt: skip
    return render(request, "directory/agency.html", context)


def over_time(officials: list[Official]) -> list[Official]:
    """Who holds a post now, then who held it last; those without any day at the end, by name."""

    def place(official: Official) -> tuple:
        known = official.start or official.end
        day = official.end or dt.date.max
        return (
            known is None,
            -day.toordinal() if known else 0,
            -(official.start or dt.date.min).toordinal(),
            official.name,
        )

    return sorted(officials, key=place)


def wait_words(agency: Agency) -> str:
    """Our usual wait, and how it is counted."""
    why = (
        "the goal State set itself for congressional mail: to answer, or at least to send an interim acknowledgment (GAO-14-424)"
        if agency.yardstick_days == DEFAULT_YARDSTICK_DAYS
        else "set for this agency by our office"
    )
    return (
        f"{count(agency.yardstick_days, 'business day')}, {why}. Counted from the day after sending; weekends, federal "
        "holidays and closures of federal offices do not count. It is our yardstick where a letter sets no date, not a deadline."
    )
