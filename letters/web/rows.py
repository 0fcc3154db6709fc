"""Open items as the components draw them: queue rows, matrix cells."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from urllib.parse import quote

from django.urls import reverse

from letters.domain.words import chased_words, cut, initial, short_date, signers_of, status_words, wait
from letters.enums import TaskingRole
from letters.models import Letter, Tasking

NO_ITEM = str(uuid.UUID(int=0))
UNREAD = "reply received, not yet read"


def queue_rows(taskings: list[Tasking], today: dt.date, *, under: str = "") -> list[dict]:
    """Rows of components/queue_rows.html. Needs what `Listing.rows` annotates; one query for all of them.

    `under`: what their heading says already, "agency" among others; a row names its agency where no heading does.
    """
    signers = signers_of({t.ask.letter_id for t in taskings})
    return [_queue_row(t, today, signers.get(t.ask.letter_id, ""), under) for t in taskings]


def _queue_row(tasking: Tasking, today: dt.date, signers: str, under: str) -> dict:
    ask, consulted = tasking.ask, tasking.role == TaskingRole.CONSULTED
    return {
        "id": tasking.pk,
        "version": tasking.version,
        "url": item_url(tasking.pk),
        "title": ask.summary if under == "agency" else str(tasking),
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
        "again": _again(getattr(tasking, "repeated_days", ())),
        "chased": chased_words(getattr(tasking, "chased", 0), getattr(tasking, "last_chased", None)),
        "snoozed": f"remind on {short_date(tasking.snoozed_until)}"
        if tasking.snoozed_until and tasking.snoozed_until > today
        else "",
    }


def _again(days: Sequence[dt.date]) -> str:
    """ "asked again on Sep 5, 2023"; of several letters that repeat it "asked again twice, last Sep 5, 2023"."""
    if not days:
        return ""
    if len(days) == 1:
        return f"asked again on {short_date(days[0])}"
    often = "twice" if len(days) == 2 else f"{len(days)} times"
    return f"asked again {often}, last {short_date(days[-1])}"


def agency_words(letter: Letter) -> str:
    """To whom it went, each agency once; needs its addressees prefetched."""
    return initial(", ".join(dict.fromkeys(str(addressee.agency) for addressee in letter.addressees.all())))


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
        "agencies": [initial(str(a)) for a in agencies],
        "rows": [
            {
                "ask": ask,
                "quote": cut(ask.quote, 160),
                "targets": ", ".join(target.name for target in ask.targets.all()),
                "cells": [
                    {"agency": initial(str(agency)), "cell": cells.get((ask.pk, agency.pk))} for agency in agencies
                ],
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
