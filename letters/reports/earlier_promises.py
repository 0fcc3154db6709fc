"""Days that an agency named and that count no more, as a brief tells them."""

import datetime as dt
import uuid
from collections import defaultdict

from django.db.models import DateField, Exists, OuterRef, Q, Subquery, UUIDField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from letters.enums import Basis, Clock, EventKind, Said
from letters.models import Answer, DueDate, Event, Tasking
from letters.models.events import taken_back


def earlier_promises(items: list[Tasking]) -> dict[uuid.UUID, list[tuple[dt.date, int]]]:
    """Dates that were promised before the one that counts, or of which none counts any more, as the clock's revisions keep
    them, each with the number of the event that named it; not what a reply was only thought to say, nor what was a slip and
    taken back."""
    promised = {item.pk: item.promised_on for item in items}
    found: dict[uuid.UUID, list[tuple[dt.date, int]]] = defaultdict(list)
    kept = DueDate.objects.filter(
        ~_misread(), ~_undone(), tasking__in=promised, clock=Clock.SUBSTANTIVE, basis=Basis.PROMISE
    )
    rows = kept.order_by("tasking", "revision").values_list("tasking", "value", "moved_by__sequence")
    for key, day, sequence in rows:
        if day and day != promised[key]:
            found[key].append((day, sequence or 0))
    return dict(found)


def _misread() -> Exists:
    """Whether a date was moved by reading a reply that was entered in error since, or read anew and promises nothing, or
    another day: what it was first read to say, they never said."""
    reply = Cast(KeyTextTransform("response", OuterRef("payload")), UUIDField())
    other = Q(response__in_error_at__isnull=False) | (
        Q(assessed_at__gt=OuterRef("recorded_at")) & ~Q(said=Said.PROMISED)
    )
    readings = Event.objects.annotate(
        reply=KeyTextTransform("response", "payload"), day=Cast(KeyTextTransform("promised_on", "payload"), DateField())
    ).filter(
        tasking=OuterRef("tasking"), kind=EventKind.ANSWER_ASSESSED, reply=KeyTextTransform("response", OuterRef("payload")),
        day__isnull=False,
    )  # fmt: skip
    day_now = Subquery(readings.order_by("-sequence").values("day")[:1])
    read = Event.objects.annotate(act=KeyTextTransform("act", "payload"), day_now=day_now).filter(
        Exists(Answer.objects.filter(other, tasking=OuterRef("tasking"), response=reply)) | ~Q(day_now=OuterRef("value")),
        tasking=OuterRef("tasking"), kind=EventKind.ANSWER_ASSESSED, act=KeyTextTransform("act", OuterRef("moved_by__payload")),
    )  # fmt: skip
    return Exists(read.order_by())


def _undone() -> Exists:
    """Whether a date was moved by a move between statuses that was taken back: it is as if it had never been."""
    moves = Event.objects.annotate(act=KeyTextTransform("act", "payload")).filter(
        taken_back(),
        tasking=OuterRef("tasking"), kind=EventKind.STATUS_CHANGED, act=KeyTextTransform("act", OuterRef("moved_by__payload")),
    )  # fmt: skip
    return Exists(moves.order_by())
