"""Open items as the components draw them: queue rows, matrix cells, timeline lines."""

import datetime as dt
from dataclasses import replace
from itertools import groupby

from django.db.models import TextChoices
from django.urls import reverse
from django.utils import timezone

from letters.domain.deadlines import count, long_date
from letters.enums import ContactChannel, EventKind, ResponseKind, Status, TaskingRole
from letters.models import Event, Letter, Tasking
from letters.web.words import cut, office_time, status_words, wait

UNREAD = "reply received, not yet read"


def queue_row(tasking: Tasking, today: dt.date) -> dict:
    """Needs `for_rows`, `with_clock` and the letter's signatures prefetched."""
    letter = tasking.ask.letter
    return {
        "id": str(tasking.pk),
        "url": reverse("item", args=[tasking.pk]),
        "title": tasking.ask.summary,
        "quote": cut(tasking.ask.quote),
        "letter_ref": letter.reference,
        "letter_url": reverse("letter", args=[letter.reference]),
        "letter_words": signer_words(letter),
        "targets": ", ".join(target.name for target in tasking.ask.targets.all()),
        "kind": tasking.ask.kind.name,
        "status": "consulted" if tasking.role == TaskingRole.CONSULTED else tasking.status,
        "status_words": "consulted" if tasking.role == TaskingRole.CONSULTED else status_words(tasking),
        "unread": UNREAD if tasking.has_unread and tasking.is_open else "",
        "late": wait(tasking, today),
        "owner": str(tasking.owner) if tasking.owner else "",
    }


def signer_words(letter: Letter) -> str:
    """ "led by Hagerty, 9 signers"; needs the signatures prefetched."""
    signatures = list(letter.signatures.all())
    leads = [s.legislator.last if s.legislator else s.printed_name for s in signatures if s.is_lead]
    led = f"led by {', '.join(leads)}, " if leads else ""
    return led + count(len(signatures), "signer")


GROUPS = {
    "agency": ("Agency", "agency__short_name", lambda t: str(t.agency)),
    "letter": ("Letter", "ask__letter__reference", lambda t: str(t.ask.letter)),
    "ask": ("Ask", "ask_key", lambda t: f"{t.ask.letter.reference}, ask {t.ask.number}: {t.ask}"),
}


def grouped(taskings: list[Tasking], group: str, today: dt.date, *, is_part: bool = False) -> list[dict]:
    """The page's rows under their headings; one heading-less group where nothing groups them.

    Where the page is a part of the list, a heading counts what stands on the page and says so.
    """
    if group not in GROUPS:
        return [{"heading": "", "words": "", "rows": [queue_row(t, today) for t in taskings]}]
    heading = GROUPS[group][2]
    groups = []
    for words, members in groupby(taskings, key=heading):
        members = list(members)
        acting = sorted({str(t.acting_agency) for t in members if t.acting_agency}) if group == "agency" else []
        groups.append(
            {
                "heading": words,
                "count": f"{len(members)} on this page" if is_part else count(len(members), "item"),
                "words": f"acting bureau {', '.join(acting)}" if acting else "",
                "rows": [queue_row(t, today) for t in members],
            }
        )
    return groups


def matrix(letter: Letter, taskings: list[Tasking], today: dt.date) -> dict:
    """Asks down, agencies across, in the order the letter addresses them."""
    order = {a.agency_id: place for place, a in enumerate(letter.addressees.all())}
    agencies = sorted({t.agency for t in taskings}, key=lambda a: (order.get(a.pk, order.get(a.parent_id, 99)), str(a)))
    cells: dict = {}
    for tasking in taskings:
        # the newest stands for the cell: a reopened or passed-on item is told on its own page
        cells[(tasking.ask_id, tasking.agency_id)] = matrix_cell(tasking, today)
    asks = {t.ask_id: t.ask for t in taskings}
    return {
        "agencies": [str(a) for a in agencies],
        "rows": [
            {
                "ask": ask,
                "quote": cut(ask.quote, 160),
                "targets": ", ".join(target.name for target in ask.targets.all()),
                "cells": [{"agency": str(agency), "cell": cells.get((ask.pk, agency.pk))} for agency in agencies],
            }
            for ask in sorted(asks.values(), key=lambda ask: ask.number)
        ],
    }


def matrix_cell(tasking: Tasking, today: dt.date) -> dict:
    return {
        "url": reverse("item", args=[tasking.pk]),
        "status": tasking.status,
        "status_words": status_words(tasking),
        "consulted": tasking.role == TaskingRole.CONSULTED,
        "late": replace(wait(tasking, today), detail=""),  # the date explains itself beside the table
        "unread": UNREAD if tasking.has_unread and tasking.is_open else "",
        "note": f"owner {tasking.owner}" if tasking.owner else "",
    }


HIDDEN = (EventKind.LETTER_EDITED,)


def timeline(events: list[Event], *, one_item: bool = False) -> list[dict]:
    """Newest first. On a letter's page equal events of one moment are one line ("7 items passed our usual wait")."""
    lines = []
    for key, members in groupby(events, key=_fold_key):
        members = list(members)
        if key[0] in HIDDEN:
            continue
        lines.append(_folded_line(members) if len(members) > 1 and not one_item else _line(members[0], one_item))
    return lines


def _fold_key(event: Event) -> tuple:
    if event.kind == EventKind.PAST_DUE:
        return (event.kind, event.occurred_at, event.payload.get("due_basis"))
    if event.kind == EventKind.STATUS_CHANGED and event.from_status == Status.DRAFT:
        return (event.kind, event.occurred_at, "began")
    if event.kind in HIDDEN:
        return (event.kind,)
    return (event.kind, event.pk)


def _folded_line(members: list[Event]) -> dict:
    first = members[0]
    leads = [e for e in members if e.tasking and e.tasking.role == TaskingRole.LEAD]
    n = count(len(leads or members), "item")
    words = f"{n} passed {_date_name(first)}" if first.kind == EventKind.PAST_DUE else f"{n} began to wait"
    return _base(first, words)


def _line(event: Event, one_item: bool) -> dict:
    what = "" if one_item or not event.tasking else f"{event.tasking}: "
    detail = ""
    url = reverse("item", args=[event.tasking_id]) if event.tasking_id and not one_item else ""
    match event.kind:
        case EventKind.STATUS_CHANGED if event.from_status == Status.DRAFT:
            words = "began to wait"
        case EventKind.STATUS_CHANGED:
            words = f"“{Status(event.from_status).label}” became “{Status(event.to_status).label}”"
            detail = event.reason
        case EventKind.PAST_DUE:
            words = f"passed {_date_name(event)}, {long_date(event.due_on)}"
        case EventKind.DUE_DATE_MOVED:
            words = f"due date moved from {_day(event, 'from')} to {_day(event, 'to')}"
        case EventKind.RESPONSE_RECORDED:
            words = f"{_label(ResponseKind, event, 'kind')} recorded, received {_day(event, 'received_on')}"
        case EventKind.EVIDENCE_ADDED:
            words = "evidence added"
            detail = event.payload.get("citation") or event.payload.get("url") or "a reply we hold"
        case EventKind.ASSIGNED:
            words = f"owner: {event.payload.get('to') or 'nobody'}"
        case EventKind.SNOOZED:
            until = event.payload.get("until")
            words = f"remind me on {_day(event, 'until')}" if until else "reminders as usual again"
        case EventKind.CONTACT_LOGGED:
            words = f"our {_label(ContactChannel, event, 'channel')} on {_day(event, 'on')}"
        case EventKind.LETTER_SENT:
            words = f"Letter sent to {count(len(event.payload.get('agencies', [])), 'addressee')}"
        case _:
            words = str(event.get_kind_display())
            detail = event.reason
    words = what + words
    return _base(event, words[:1].upper() + words[1:]) | {"detail": detail, "url": url}


def _base(event: Event, words: str) -> dict:
    # a letter's own day is a day; what we did has a time
    day_only = event.kind == EventKind.LETTER_SENT or event.from_status == Status.DRAFT
    return {
        "when": long_date(timezone.localdate(event.occurred_at)) if day_only else office_time(event.occurred_at),
        "iso": event.occurred_at.isoformat(),
        "words": words,
        "by": str(event.by_user) if event.by_user else "",
        "kind": _line_kind(event),
    }


def _line_kind(event: Event) -> str:
    if event.kind == EventKind.PAST_DUE:
        return "late" if event.payload.get("due_basis") == "yardstick" else "red"
    if event.kind == EventKind.STATUS_CHANGED and event.to_status in (Status.IMPLEMENTED, Status.ANSWERED):
        return "done"
    if event.kind in (EventKind.LETTER_SENT, EventKind.CONTACT_LOGGED):
        return "ours"
    return ""


def _date_name(event: Event) -> str:
    return {
        "letter": "the date the letter set",
        "promise": "the date promised",
        "statute": "the date the law sets",
    }.get(event.payload.get("due_basis", ""), "our usual wait")


def _label(choices: type[TextChoices], event: Event, name: str) -> str:
    """The screen's word for a code in an event's payload; codes never reach the page."""
    return str(choices(event.payload[name]).label)


def _day(event: Event, name: str) -> str:
    value = event.payload.get(name)
    return long_date(dt.date.fromisoformat(value)) if value else "no date"
