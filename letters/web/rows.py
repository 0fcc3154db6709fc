"""Open items as the components draw them: queue rows, matrix cells, timeline lines."""

import datetime as dt
import uuid
from dataclasses import replace
from functools import cache
from itertools import groupby
from urllib.parse import quote

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Count, Q, TextChoices, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from letters.domain.deadlines import count, long_date
from letters.enums import ContactChannel, Coverage, EventKind, ResponseKind, Said, Status, TaskingRole
from letters.models import Event, Letter, Signature, Tasking
from letters.web.words import cut, office_time, short_date, status_words, wait

NO_ITEM = str(uuid.UUID(int=0))
UNREAD = "reply received, not yet read"


def queue_rows(taskings: list[Tasking], today: dt.date) -> list[dict]:
    """Rows of components/queue_rows.html. Needs what `Listing.rows` annotates; one query for all of them."""
    signers = signers_of({t.ask.letter_id for t in taskings})
    return [_queue_row(t, today, signers.get(t.ask.letter_id, "")) for t in taskings]


def _queue_row(tasking: Tasking, today: dt.date, signers: str) -> dict:
    ask, consulted = tasking.ask, tasking.role == TaskingRole.CONSULTED
    return {
        "id": tasking.pk,
        "version": tasking.version,
        "url": item_url(tasking.pk),
        "title": ask.summary,
        "quote": cut(ask.quote),
        "letter_ref": ask.letter.reference,
        "letter_url": letter_url(ask.letter.reference),
        "letter_words": signers,
        "targets": ", ".join(tasking.target_names),
        "kind": ask.kind.name,
        "status": "consulted" if consulted else tasking.status,
        "status_words": "consulted" if consulted else status_words(tasking),
        "unread": UNREAD if tasking.has_unread and tasking.is_open else "",
        "late": wait(tasking, today),
        "owner": str(tasking.owner) if tasking.owner else "",
        "owner_id": tasking.owner_id,
        "is_open": tasking.is_open,
        "chased": chased_words(getattr(tasking, "chased", 0), getattr(tasking, "last_chased", None)),
        "snoozed": f"remind on {short_date(tasking.snoozed_until)}"
        if tasking.snoozed_until and tasking.snoozed_until > today
        else "",
    }


def chased_words(times: int, last: dt.date | None) -> str:
    """ "chased 4 times, last Nov 3, 2026"; nothing where nobody has called yet."""
    if not times or last is None:
        return ""
    often = {1: "once", 2: "twice"}.get(times, f"{times} times")
    return f"chased {often}, last {short_date(last)}"


def signers_of(letters: set) -> dict[uuid.UUID, str]:
    """ "led by Hagerty, 9 signers" for each letter, in one query."""
    leads = StringAgg(
        Coalesce("legislator__last", "printed_name"),
        ", ",
        filter=Q(is_lead=True),
        order_by="position",
        default=Value(""),
    )
    found = Signature.objects.filter(letter__in=letters).order_by().values_list("letter")
    return {
        letter: _signers(names, number) for letter, names, number in found.annotate(names=leads, number=Count("pk"))
    }


def signer_words(letter: Letter) -> str:
    """The same for one letter; needs its signatures prefetched."""
    signatures = list(letter.signatures.all())
    leads = [s.legislator.last if s.legislator else s.printed_name for s in signatures if s.is_lead]
    return _signers(", ".join(leads), len(signatures))


def _signers(leads: str, number: int) -> str:
    return (f"led by {leads}, " if leads else "") + count(number, "signer")


@cache
def _sample(name: str, sample: str) -> str:
    return reverse(name, args=[sample])


def item_url(key: uuid.UUID) -> str:
    """`reverse`, worked out once: a page has a hundred."""
    return _sample("item", NO_ITEM).replace(NO_ITEM, str(key))


def letter_url(reference: str) -> str:
    return _sample("letter", "0000-0000").replace("0000-0000", quote(reference))


def matrix(letter: Letter, taskings: list[Tasking], drawn: dict) -> dict:
    """Asks down, agencies across, in the order the letter addresses them. `drawn`: each item's cell, by its key."""
    order = {a.agency_id: place for place, a in enumerate(letter.addressees.all())}
    agencies = sorted({t.agency for t in taskings}, key=lambda a: (order.get(a.pk, order.get(a.parent_id, 99)), str(a)))
    cells: dict = {}
    for tasking in taskings:
        # the newest stands for the cell: a reopened or passed-on item is told on its own page
        cells[(tasking.ask_id, tasking.agency_id)] = drawn[tasking.pk]
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
            # what it is as a whole may only be known once it is read, but for an acknowledgment
            is_receipt = event.payload["kind"] == ResponseKind.ACKNOWLEDGEMENT
            what_came = ResponseKind.ACKNOWLEDGEMENT.label if is_receipt else "reply"
            words = f"{what_came} recorded, received {_day(event, 'received_on')}"
        case EventKind.ANSWER_ASSESSED:
            said = f": “{_label(Said, event, 'said')}”" if event.payload.get("said") else ""
            words = f"reply read{said}; it {_label(Coverage, event, 'coverage')}"
        case EventKind.REVIEW_SET:
            words = f"they take no position: look again on {_day(event, 'review_on')}"
        case EventKind.RENEWED:
            words = f"asked again on {_day(event, 'renewed_on')}"
        case EventKind.RESPONSE_IN_ERROR | EventKind.EVIDENCE_IN_ERROR | EventKind.CONTACT_IN_ERROR:
            words = f"{event.get_kind_display()}: {event.reason}"
        case EventKind.EVIDENCE_CHECKED:
            words = "evidence looked at again: it still proves it"
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
        "by": _by_words(event),
        "kind": _line_kind(event),
    }


def _by_words(event: Event) -> str:
    """Who did it, and with which key where a program did it in their name."""
    if not event.by_user:
        return ""
    key = event.payload.get("by_key")
    return f"{event.by_user}, with the key “{key}”" if key else str(event.by_user)


def _line_kind(event: Event) -> str:
    if event.kind == EventKind.PAST_DUE:
        return "late" if event.payload.get("due_basis") == "yardstick" else "red"
    if event.kind == EventKind.STATUS_CHANGED and event.to_status in (Status.IMPLEMENTED, Status.ANSWERED):
        return "done"
    if event.kind in (EventKind.LETTER_SENT, EventKind.CONTACT_LOGGED, EventKind.RENEWED):
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
