"""What happened to a letter: its timeline, by kind of event or by agency, a page at a time."""

from collections.abc import Sequence

from django.http import HttpRequest

from letters.domain import keyset
from letters.domain.withheld import shown_to
from letters.domain.words import initial
from letters.enums import EventKind
from letters.models import Event, Letter, Tasking
from letters.web.happened import OF_A_REPLY, timeline
from letters.web.paging import page_of, pager, with_params

PAGE = 60
BY_DAY = keyset.Order("occurred_at", descending=True)
SHOWS: dict[str, tuple[str, tuple[EventKind, ...]]] = {
    "replies": (
        "Replies",
        (
            EventKind.RESPONSE_RECORDED, EventKind.ANSWER_ASSESSED, EventKind.EVIDENCE_ADDED, EventKind.EVIDENCE_CHECKED,
            EventKind.RESPONSE_IN_ERROR, EventKind.EVIDENCE_IN_ERROR,
        ),
    ),
    "status": ("Status", (EventKind.STATUS_CHANGED, EventKind.ROLE_CHANGED)),
    "dates": (
        "Dates",
        (
            EventKind.DUE_DATE_MOVED, EventKind.PAST_DUE, EventKind.PAST_DUE_CLEARED, EventKind.ACKNOWLEDGEMENT_LATE,
            EventKind.EXTENDED, EventKind.REVIEW_SET, EventKind.SNOOZED, EventKind.RENEWED,
        ),
    ),
    "notes": (
        "Notes and calls",
        (
            EventKind.NOTE_ADDED, EventKind.CONTACT_LOGGED, EventKind.CONTACT_IN_ERROR, EventKind.ASSIGNED,
            EventKind.ATTACHMENT_ADDED, EventKind.ATTACHMENT_IN_ERROR, EventKind.ADDRESSEE_UPDATED, EventKind.LETTER_LINKED,
        ),
    ),
}  # fmt: skip


def in_order(events: Sequence[Event]) -> list[Event]:
    """The newest first by when they happened; of one moment, in the order of writing, so that what belongs together is
    one line. A status that a reply brought happened when the reply came: it stands with the reply, whose line says so."""

    def told_by(event: Event) -> tuple:
        return event.payload.get("act"), event.payload.get("response")

    replies = {told_by(event) for event in events if event.kind in OF_A_REPLY}

    def place(event: Event) -> tuple:
        with_it = event.kind == EventKind.STATUS_CHANGED and told_by(event) in replies
        # what took a slip back stands after the slip, though an end has its own day again
        return event.recorded_at if with_it or "undoes" in event.payload else event.occurred_at, event.sequence

    return sorted(events, key=place, reverse=True)


def timeline_of(request: HttpRequest, letter: Letter, taskings: list[Tasking]) -> dict:
    """The part of the page: chips, lines, and where the next ones are."""
    agencies = {tasking.agency.slug: initial(str(tasking.agency)) for tasking in taskings}
    show = request.GET.get("show") if request.GET.get("show") in SHOWS else None
    agency = request.GET.get("agency") if request.GET.get("agency") in agencies else None
    events = letter.events.select_related("by_user", "tasking__agency", "tasking__ask")
    if show:
        events = events.filter(kind__in=SHOWS[show][1])
    if agency:
        events = events.filter(tasking__agency__slug=agency)
    page, notice = page_of(request, events, BY_DAY, size=PAGE)
    rows = in_order(page.rows)
    addresses = pager(request, page)

    def chip(label: str, is_on: bool, **params: str | None) -> dict:
        url = with_params(request.GET, cursor=None, **params) + "#happened"
        return {"label": label, "url": url, "count": None, "on": is_on}

    return {
        "lines": timeline(shown_to(request.user, rows)),
        "notice": notice,
        "kinds": [
            chip("All", show is None, show=None),
            *(chip(label, show == name, show=name) for name, (label, _) in SHOWS.items()),
        ],
        "agencies": [
            chip("All agencies", agency is None, agency=None),
            *(chip(label, agency == slug, agency=slug) for slug, label in sorted(agencies.items(), key=lambda a: a[1])),
        ]
        if len(agencies) > 1
        else [],
        "first_url": addresses["first_url"] and addresses["first_url"] + "#happened",
        "next_url": addresses["next_url"] and addresses["next_url"] + "#happened",
        "words": f"{'The newest' if page.next_cursor and not request.GET.get('cursor') else ''} {len(rows)} shown".strip(),
    }
