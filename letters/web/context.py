"""What every page shows: that it is a demo's, replies to be read, whether reminders run. Silence must never look like calm."""

import datetime as dt
import uuid
from functools import cache

from django.db import DatabaseError
from django.db.models import Count, Exists, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template import loader

from letters.domain import prepared
from letters.domain.access import ADMINISTER, may
from letters.domain.office import is_demo
from letters.models import Notice, Office, Response, User
from letters.reminders.signs import moments, signs_beside, signs_of
from letters.reminders.silence import are_stopped, faults

SWEEP = "sweep"
# Stand in for what differs from request to request in the statement that every page asks.
READER, WAITS, FAILS = uuid.UUID(int=1), dt.datetime(1, 1, 1, tzinfo=dt.UTC), dt.datetime(1, 1, 2, tzinfo=dt.UTC)


def sweep_strip(request: HttpRequest) -> dict:
    """`sweep_strip` for templates/components/strip.html; for who is not signed in only whether this is a demo, asked
    where a page says so."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"is_demo": is_known_demo}
    ((unread, told, demo, *columns),) = prepared.fetch(
        _statement(request.user.role), (request.user.pk, *moments().values())
    )
    signs = signs_of(*columns)
    found = faults(signs)
    last = signs.rounds.get(SWEEP)
    return {
        "replies_unread": unread,
        "notices_unread": told,
        "sweep_strip": {
            "last_sweep_at": last.finished_at if last else None,
            "next_sweep_at": signs.next_round(SWEEP),
            "is_red": are_stopped(found),
            "mails_waiting": signs.waiting,
            "oldest_unsent_at": signs.oldest_unsent,
            "faults": [one.check.sentence for one in found if one.check.stops_reminders or one.check.stops_some],
            # particulars and ways out are for those who can do something about it
            "details": [fault.line() for fault in found] if may(request.user, ADMINISTER) else [],
            "is_demo": demo,
        },
    }


def is_known_demo() -> bool:
    """Whether this is a demo; False where the database cannot say: a page that needs nothing of it still comes."""
    try:
        return is_demo()
    except DatabaseError:
        return False


def failed(request: HttpRequest) -> HttpResponse:
    """The page of a fault on our side. Without the frame and the context of the others, where it may happen again."""
    return HttpResponseServerError(loader.get_template("500.html").render({"is_demo": is_known_demo()}))


@cache
def _statement(role: str) -> prepared.Statement:
    """One query for all that every page shows, beside the reader's own row. Compiling it took a third of a small page."""
    reader = User(pk=READER, role=role)
    row = User.objects.filter(pk=READER).annotate(
        unread=_number(Response.objects.unread_by(reader)),
        told=_number(Notice.objects.inbox(reader).unread()),
        is_demo=Exists(Office.objects.filter(is_demo=True)),
        **signs_beside(waits_before=WAITS, fails_before=FAILS),
    )
    columns = row.values_list("unread", "told", "is_demo", "rounds", "mails")
    return prepared.compiled(columns, (READER, WAITS, FAILS))


def _number(rows: QuerySet) -> Coalesce:
    """How many rows, as a part of another query."""
    numbers = rows.order_by().annotate(all=Value(1)).values("all").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(numbers), 0)
