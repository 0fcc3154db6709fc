"""The dashboard, first version: the headline sentence, then by age, agency and kind, each number a link to its list."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from letters.domain import worklists
from letters.domain.clocks import office_today
from letters.domain.deadlines import count
from letters.enums import Basis
from letters.models import Tasking
from letters.models.tasking_queries import LED_BY_US
from letters.web.listing import queue_url
from letters.web.sentences import headline_parts

SOON_DAYS = 30
# A yardstick is not a deadline, a promise is not the letter's date: each has its own column, where it has an item.
COLUMNS = {
    Basis.LETTER: "Past the letter’s date",
    Basis.PROMISE: "Past their promise",
    Basis.STATUTE: "Past a legal date",
    Basis.YARDSTICK: "Past our usual wait",
}


def dashboard(request: HttpRequest) -> HttpResponse:
    """What is outstanding, for somebody who looks rather than reads."""
    today = office_today()
    everything = Tasking.objects.visible_to(request.user).counted()
    counts = worklists.headline(everything, today, within=LED_BY_US)
    items = everything.filter(LED_BY_US)  # as the queue, unless its address says otherwise
    shown = [basis for basis in COLUMNS if counts.late[basis] or basis in (Basis.LETTER, Basis.YARDSTICK)]
    due_soon = items.due_within(today, SOON_DAYS).count()
    until = today + dt.timedelta(days=SOON_DAYS)
    context = {
        "headline": headline_parts(counts),
        "counts": counts,
        "columns": [COLUMNS[basis] for basis in shown],
        "by_age": _table(worklists.by_age(items, today), "age", shown),
        "by_agency": _table(worklists.by_agency(items, today), "agency", shown),
        "by_kind": _table(worklists.by_kind(items, today), "kind", shown),
        "due_soon": due_soon,
        "due_soon_words": count(due_soon, "item"),
        "due_soon_url": queue_url(running="true", due_after=today.isoformat(), due_before=until.isoformat()),
    }
    return render(request, "letters/dashboard.html", context)


def _table(rows: list[worklists.Row], parameter: str, shown: list[Basis]) -> list[dict]:
    most = max((row.open for row in rows), default=0) or 1
    return [
        {
            "label": row.label,
            "open": row.open,
            "open_url": queue_url(**{parameter: row.key}),
            "late": [
                {"count": row.late[basis], "url": queue_url(**{parameter: row.key, "late": basis.value})}
                for basis in shown
            ],
            "longest": count(row.longest, "day") if row.longest else "",
            "percent": round(100 * row.open / most),
        }
        for row in rows
    ]
