"""What every page shows: replies to be read, and whether reminders run. Silence must never look like calm."""

from django.db.models import Count, Exists, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from letters.domain.access import ADMINISTER, may
from letters.models import Heartbeat, Notice, Office, Response, User
from letters.reminders.signs import signs_of, with_signs
from letters.reminders.silence import are_stopped, faults

SWEEP = "sweep"


def sweep_strip(request: HttpRequest) -> dict:
    """`sweep_strip` for templates/components/strip.html; only for who is signed in."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {}
    demo = Office.objects.filter(is_demo=True)
    unread = _number(Response.objects.unread_by(request.user))
    told = _number(Notice.objects.inbox(request.user).unread())
    facts = {"is_demo": Exists(demo), "unread": unread, "told": told}
    # one query for all that every page shows
    heartbeat = with_signs(Heartbeat.objects.filter(name=SWEEP)).annotate(**facts).first()
    # before the first sweep the person's own row carries them
    bearer = heartbeat or with_signs(User.objects.filter(pk=request.user.pk)).annotate(**facts).get()
    signs = signs_of(bearer)
    found = faults(signs)
    return {
        "replies_unread": bearer.unread,
        "notices_unread": bearer.told,
        "sweep_strip": {
            "last_sweep_at": heartbeat.finished_at if heartbeat else None,
            "next_sweep_at": signs.next_round(SWEEP),
            "is_red": are_stopped(found),
            "faults": [fault.check.sentence for fault in found if fault.check.stops_reminders],
            # particulars and ways out are for those who can do something about it
            "details": [fault.line() for fault in found] if may(request.user, ADMINISTER) else [],
            "is_demo": bearer.is_demo,
        },
    }


def _number(rows: QuerySet) -> Coalesce:
    """How many rows, as a part of another query."""
    numbers = rows.order_by().annotate(all=Value(1)).values("all").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(numbers), 0)
