"""All asks that something is open of, newest letter first: a page of the dashboard of its own."""

import uuid

from django.http import HttpRequest

from letters.domain import keyset
from letters.domain.deadlines import count
from letters.errors import CursorError
from letters.listing import CURSOR, Listing
from letters.models import Ask
from letters.models.tasking_queries import TaskingQuerySet
from letters.web.board import Places
from letters.web.paging import pager
from letters.web.rows import letter_url

ASKS = 50
BY_LETTER = keyset.Order("letter__reference", descending=True, ties=("number",))
Key = tuple[str, int, uuid.UUID]  # the letter's reference, the number of the ask, its key


def open_asks(request: HttpRequest, listing: Listing, places: Places) -> dict:
    """What the page shows: each ask with its open items."""
    opened = listing.found.open().order_by()
    keys = _keys(opened)
    start, notice = _start(keys, request.GET.get(CURSOR))
    shown = [key for *_, key in keys[start : start + ASKS]]
    asks = Ask.objects.select_related("kind", "letter").in_bulk(shown)
    put_to: dict = {}
    agencies = opened.filter(ask__in=shown).order_by("agency__short_name").values_list("ask", "agency__short_name")
    for key, agency in agencies:
        put_to.setdefault(key, []).append(agency)
    next_cursor = None
    if len(keys) > start + ASKS:
        reference, number, last = keys[start + ASKS - 1]
        next_cursor = keyset.encode(BY_LETTER, None, reference, last, [number])
    # one whose last item closed between the two looks is open no more
    page = keyset.Page([asks[key] for key in shown if key in put_to], next_cursor)
    total = len(keys) - (len(shown) - len(page.rows))
    return {
        "rows": [
            {
                "ask": ask,
                "agencies": ", ".join(put_to[ask.pk]),
                "number": len(put_to[ask.pk]),
                "url": places.items(letter=ask.letter.reference, ask=str(ask.number)),
                "letter_url": letter_url(ask.letter.reference),
            }
            for ask in page.rows
        ],
        "total": total,
        "shown": f"Showing {len(page.rows)} of {count(total, 'ask')}" if total > len(page.rows) else count(total, "ask"),
        "cursor_notice": notice,
        **pager(request, page),
    }  # fmt: skip


def _keys(opened: TaskingQuerySet) -> list[Key]:
    """Every one of them, in the order of the page: one walk of what is open for the page and its total.

    Two queries of the asks walked it twice, and where most asks are closed the second sorted whole letters besides.
    """
    found = opened.values_list("ask__letter__reference", "ask__number", "ask").distinct()
    in_letter = sorted(found, key=lambda key: key[1:])
    return sorted(in_letter, key=lambda key: key[0], reverse=True)


def _start(keys: list[Key], cursor: str | None) -> tuple[int, str]:
    """Where the page begins, and a notice: a cursor of another list gives the first page and says so."""
    if not cursor:
        return 0, ""
    try:
        _, reference, ties, key = keyset.decode(cursor, BY_LETTER)
        last = (int(ties[0]), key)
    except (CursorError, ValueError) as error:
        problem = error if isinstance(error, CursorError) else keyset.not_ours(cursor)
        return 0, f"{problem} Here is the first page."
    shown = str(reference)
    after = (place for place, key in enumerate(keys) if key[0] < shown or (key[0] == shown and key[1:] > last))
    return next(after, len(keys)), ""
