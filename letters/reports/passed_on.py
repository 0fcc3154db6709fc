"""An item that another agency passed on: who was asked first, and since when this one has it.

It carries the day on which it was first asked, for counts; on that day its agency was asked nothing.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Prefetch, Subquery
from django.utils import timezone

from letters.enums import EventKind, Status
from letters.models import Agency, Event, Tasking
from letters.models.tasking_queries import TaskingQuerySet


@dataclass(frozen=True)
class PassedOn:
    """Who was asked at first, and the day on which it came to who has it now."""

    asked: Agency
    since: dt.date


def with_passing(found: TaskingQuerySet) -> TaskingQuerySet:
    """Fetch what `passed_on` reads."""
    passed = _with_first(Tasking.objects.filter(status=Status.TRANSFERRED)).select_related("agency", "status_event")
    return _with_first(found).prefetch_related(Prefetch("ask__taskings", passed, to_attr="passed"))


def passed_on(tasking: Any) -> PassedOn | None:
    """None of an item that the letter put to its agency, whatever was passed on to it since, and of one that came back."""
    first = _before(tasking, tasking.ask.passed)
    if first is None:
        return None
    while before := _before(first, tasking.ask.passed):
        first = before
    if first.agency_id == tasking.agency_id:
        return None
    return PassedOn(first.agency, timezone.localdate(tasking.first_at))


def _before(tasking: Any, passed: list[Any]) -> Any:
    """The item that became this one. What was there before it, and was passed on to it later, did not: it was asked itself."""
    became = [
        one for one in passed if one.passed_to_id == tasking.pk and one.status_event.sequence < tasking.first_sequence
    ]
    return min(became, key=lambda one: one.status_event.sequence, default=None)


def _with_first(found: TaskingQuerySet) -> TaskingQuerySet:
    """When it began to wait, and where that stands in the order of what was written down."""
    moves = Event.objects.filter(tasking=OuterRef("pk"), kind=EventKind.STATUS_CHANGED).order_by("sequence")
    return found.annotate(
        first_at=Subquery(moves.values("occurred_at")[:1]), first_sequence=Subquery(moves.values("sequence")[:1])
    )
