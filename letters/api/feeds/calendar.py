"""iCalendar (RFC 5545) of the days on which replies are due: one all-day entry for each open item whose clock runs."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import QuerySet
from icalendar import Calendar, Event

from letters.api.links import Links
from letters.domain.deadlines import long_date
from letters.domain.words import has_more_time
from letters.enums import Basis, Scope

PART = 500
COLUMNS = ("pk", "ask__summary", "ask__letter__subject", "ask__letter__sent_on", "agency__short_name")
OFFICE = (*COLUMNS, "due_on", "due_basis", "original_due_on", "ask__letter__reference", "touched_at")
PUBLIC = (*COLUMNS, "public_due_on", "ask__letter__released_at")
# A date explains itself: our usual wait is nobody's deadline.
WORDS = {
    Basis.LETTER: ("asked for by this day", "The letter asks for a reply by this day."),
    Basis.PROMISE: ("promised for this day", "The agency promised this for this day."),
    Basis.STATUTE: ("due by law", "The law gives this day."),
    Basis.YARDSTICK: (
        "our usual wait ends",
        "Our usual wait for this agency ends on this day. Nobody has set a deadline.",
    ),
}
MORE_TIME = ("the time they were given ends", "The time they were given ends on this day.")


def write(scope: str, items: QuerySet, links: Links) -> Iterator[bytes]:
    """`items` are those to show; each piece ends with a whole line."""
    head, tail = _frame()
    yield head
    public = scope == Scope.RELEASED
    for row in items.values_list(*(PUBLIC if public else OFFICE), named=True).iterator(chunk_size=PART):
        if public:
            said, changed, address = WORDS[Basis.LETTER], row.ask__letter__released_at, links.to("taskings", row.pk)
            yield _entry(row, row.public_due_on, Basis.LETTER, said, changed, address)
        else:
            said = MORE_TIME if has_more_time(row) else WORDS[Basis(row.due_basis)]
            yield _entry(row, row.due_on, row.due_basis, said, row.touched_at, links.item_page(row.pk))
    yield tail


def _frame() -> tuple[bytes, bytes]:
    calendar = Calendar()
    calendar.add("prodid", "-//Correspondence tracker//Dates//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", "Dates of what we asked for")
    calendar.add("refresh-interval", dt.timedelta(hours=1), parameters={"VALUE": "DURATION"})
    head, end, _ = calendar.to_ical().partition(b"END:VCALENDAR")
    return head, end + b"\r\n"


def _entry(row, day: dt.date, basis: str, said: tuple[str, str], changed: dt.datetime, address: str) -> bytes:
    short, words = said
    reference = getattr(row, "ask__letter__reference", "")
    entry = Event()
    entry.add("uid", f"{row.pk}@due.correspondence")
    entry.add("dtstamp", changed)
    entry.add("dtstart", day)
    entry.add("dtend", day + dt.timedelta(days=1))
    entry.add("summary", f"{row.agency__short_name}: {row.ask__summary} ({short})")
    letter = f"{reference}, {row.ask__letter__subject}" if reference else row.ask__letter__subject
    sent = row.ask__letter__sent_on
    entry.add("description", f"{words} Letter: {letter}, sent {long_date(sent)}.")
    entry.add("url", address)
    entry.add("categories", [str(basis)])
    entry.add("transp", "TRANSPARENT")
    return entry.to_ical()
