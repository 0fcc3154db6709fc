"""What was said of an item, as its events keep it: the days that were named for it, and the time that was given. For one
item as for many, whose events and replies were read at once."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils import timezone

from letters.domain.history import that_stand
from letters.enums import EventKind, Status
from letters.models import Event

# Asked again, or only looked into now: the day they promised is no date any more, and none again later.
GIVES_UP_THE_PROMISE = (Status.AWAITING, Status.ACKNOWLEDGED, Status.CONSIDERING)
NAME_A_DAY = (EventKind.STATUS_CHANGED, EventKind.ANSWER_ASSESSED, EventKind.DUE_DATE_MOVED)


@dataclass(frozen=True)
class Promise:
    """A day that was named for what is promised: by a reply, or by a person's own word (`response` None)."""

    heard_on: dt.date  # when the reply came, or when somebody said so
    day: dt.date
    response: str | None
    in_error: bool


def days_named(events: Iterable[Event], replied: Mapping[str, tuple[dt.date, bool]]) -> list[Promise]:
    """Each day that was named since the item last waited or a promise was given up, the one last heard first, whenever it was
    logged; of a reply that was read anew, the last.

    `events`: those of `NAME_A_DAY`, the last first; `replied`: by key, when each reply about the item came, and whether it
    was entered in error.
    """
    found: list[Promise] = []
    read = set()
    for event in that_stand(event for event in events if event.kind in NAME_A_DAY):
        if event.to_status in GIVES_UP_THE_PROMISE:
            break
        response, day = event.payload.get("response"), event.payload.get("promised_on")
        if event.kind == EventKind.ANSWER_ASSESSED and response not in read:
            read.add(response)
        elif response is not None:
            continue  # a reply's word is what was read of it
        if day:
            heard_on, in_error = replied.get(response, (timezone.localdate(event.occurred_at), False))
            found.append(Promise(heard_on, dt.date.fromisoformat(day), response, in_error))
    # those of one day as they were logged
    return sorted(found, key=lambda one: one.heard_on, reverse=True)


def extensions(events: Iterable[Event], in_error: Collection[str] = ()) -> list[Event]:
    """Of events, the last first, those that gave the time an item has: not taken back, and resting on none of these replies."""
    found: list[Event] = []
    for event in events:
        if event.kind != EventKind.EXTENDED:
            continue
        if not event.payload.get("taken_back"):
            found.append(event)
        elif event.payload.get("response") is None:
            break  # a person took back all that came before
    return [event for event in found if event.payload.get("response") not in in_error]
