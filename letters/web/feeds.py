"""The page that says which feeds there are, for feed readers, calendars and spreadsheets."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from letters.domain.access import ADMINISTER, may

# Name of the address, what it is called, what it has.
FEEDS: tuple[tuple[str, str, str], ...] = (
    ("status", "Changes of status (Atom)", "For a feed reader: each open item that moved, newest first."),
    ("dates", "Dates (iCalendar)", "For a calendar: the day of each open item whose clock runs, and what it rests on."),
    ("open", "Open items (CSV)", "For a spreadsheet: every open item, the soonest date first."),
    ("everything", "Everything (CSV)", "For a spreadsheet: open and closed items, however many."),
)


def feeds(request: HttpRequest) -> HttpResponse:
    """The feeds with their addresses."""
    listed = [
        {"name": name, "about": about, "url": request.build_absolute_uri(reverse(f"feeds:{code}"))}
        for code, name, about in FEEDS
    ]
    return render(request, "letters/feeds.html", {"feeds": listed, "keeps_keys": may(request.user, ADMINISTER)})
