"""What happened to a letter: its timeline, by kind of event or by agency, a page at a time."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Case, DateTimeField, F, QuerySet, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Concat
from django.http import HttpRequest
from django.utils import timezone

from letters.domain import keyset
from letters.domain.withheld import shown_to
from letters.domain.words import initial
from letters.enums import EventKind
from letters.models import Event, Letter, Tasking
from letters.web.happened import HIDDEN, OF_A_REPLY, may_be_one, timeline
from letters.web.paging import page_of, pager, with_params

PAGE = 60
BY_PLACE = keyset.Order("place", descending=True, ties=("before",))
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


def _placed(events: QuerySet[Event]) -> QuerySet[Event]:
    """For `BY_PLACE`, in the order of `in_order`: else a page ends between a reply and what it brought."""
    text = TextField()
    act, response = (
        Coalesce(KeyTextTransform(name, "payload"), Value(""), output_field=text) for name in ("act", "response")
    )
    events = events.annotate(told_by=Concat(act, Value(" "), response, output_field=text))
    replies = events.filter(kind__in=OF_A_REPLY).order_by().values("told_by")
    return events.annotate(
        place=Case(
            When(kind=EventKind.STATUS_CHANGED, told_by__in=replies, then=F("recorded_at")),
            When(payload__has_key="undoes", then=F("recorded_at")),
            default=F("occurred_at"),
            output_field=DateTimeField(),
        ),
        before=-F("sequence"),
    )


def _whole(page: keyset.Page[Event], events: QuerySet[Event]) -> keyset.Page[Event]:
    """A page with the rest of its last act: half of one, on each of two pages, would be told as all of it."""
    rows, cursor = list(page.rows), page.next_cursor
    while cursor:
        more = keyset.page(events, BY_PLACE, size=PAGE, cursor=cursor)
        for event in more.rows:
            # an import is one act: what it tells of other days are other lines
            if not (may_be_one(rows[-1], event) and _day_of(rows[-1]) == _day_of(event)):
                return keyset.Page(rows, keyset.cursor_of(BY_PLACE, rows[-1]))
            rows.append(event)
        cursor = more.next_cursor
    return keyset.Page(rows, cursor)


def _day_of(event: Event) -> dt.date:
    return timezone.localdate(keyset.value_of(event, BY_PLACE.field))


def _naming_files(events: list[Event], files: Sequence[dict]) -> list[Event]:
    """With the names of the files that came, to be shown and not saved; of one that the reader may not open, without."""
    names = {str(row["key"]): row["name"] for row in files}
    for event in events:
        if event.kind == EventKind.ATTACHMENT_ADDED and (name := names.get(event.payload["attachment"])):
            event.payload = {**event.payload, "file": name}
    return events


def timeline_of(request: HttpRequest, letter: Letter, taskings: list[Tasking], files: Sequence[dict]) -> dict:
    """The part of the page: chips, lines, and where the next ones are. `files`: its rows of `letter_parts.file_rows`."""
    agencies = {tasking.agency.slug: initial(str(tasking.agency)) for tasking in taskings}
    show = request.GET.get("show") if request.GET.get("show") in SHOWS else None
    agency = request.GET.get("agency") if request.GET.get("agency") in agencies else None
    # what is never shown fills no page: of a letter logged in fifty steps one page told of four items out of seven
    events = letter.events.exclude(kind__in=HIDDEN).select_related("by_user", "tasking__agency", "tasking__ask")
    if show:
        events = events.filter(kind__in=SHOWS[show][1])
    if agency:
        events = events.filter(tasking__agency__slug=agency)
    events = _placed(events)
    page, notice = page_of(request, events, BY_PLACE, size=PAGE)
    page = _whole(page, events)
    rows = in_order(page.rows)
    addresses = pager(request, page)

    def chip(label: str, is_on: bool, **params: str | None) -> dict:
        url = with_params(request.GET, cursor=None, **params) + "#happened"
        return {"label": label, "url": url, "count": None, "on": is_on}

    return {
        "lines": timeline(_naming_files(shown_to(request.user, rows), files)),
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
