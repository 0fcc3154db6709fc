"""Events of the public stream: what kind, when, and the public payload frozen with it. No author, no reason, no reference."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Max, Q

from letters.api.links import Links
from letters.enums import EventKind, Status, Stream
from letters.models import Event, FeedEntry

# Each tells that something is public no longer, and carries what still is. A correction does where it says so.
TAKING_BACK = (
    EventKind.LETTER_WITHDRAWN,
    EventKind.RESPONSE_WITHDRAWN,
    EventKind.ANSWER_WITHDRAWN,
    EventKind.EVIDENCE_WITHDRAWN,
)
CORRECTION = EventKind.LETTER_AMENDED
TAKES_BACK = Q(event__kind__in=TAKING_BACK) | Q(event__kind=CORRECTION, event__public_payload__has_key="withdrawn")


def shown(entries: Sequence[FeedEntry], links: Links) -> list[dict]:
    """Entries as the public sees them, without those of a letter of which something was taken back later.

    What is no longer public must not be read from the feed's past: only that it was withdrawn is told, and the last
    such entry says all that still is public.
    """
    withdrawn = _withdrawn_at([entry.event.letter_id for entry in entries])
    return [
        {
            "id": entry.event_id,
            "url": links.to("events", entry.event_id),
            "page_url": None,
            "kind": entry.event.kind,
            "occurred_at": _occurred_at(entry.event),
            "recorded_at": entry.event.recorded_at,
            "payload": _payload(entry, withdrawn),
        }
        for entry in entries
        if entry.position >= withdrawn.get(entry.event.letter_id, 0) or _takes_back(entry.event)
    ]


def find(key: object) -> FeedEntry | None:
    """One entry of the stream; `shown` decides whether it still may be read."""
    return (
        FeedEntry.objects.filter(stream=Stream.RELEASED, event=key)
        .select_related("event__letter")
        .defer("event__letter__text", "event__letter__search")
        .first()
    )


def _occurred_at(event: Event) -> dt.datetime:
    """When it happened. Done is public with one public piece of evidence, and may have happened on the day a reply came,
    or evidence was seen, that is not public: of it only when we wrote it down is told."""
    return event.recorded_at if event.to_status == Status.IMPLEMENTED else event.occurred_at


def _payload(entry: FeedEntry, withdrawn: dict) -> dict:
    payload = entry.event.public_payload
    if entry.position >= withdrawn.get(entry.event.letter_id, 0):
        return payload
    return {name: value for name, value in payload.items() if name in ("letter", "withdrawn")}


def _takes_back(event: Event) -> bool:
    return event.kind in TAKING_BACK or (event.kind == CORRECTION and "withdrawn" in event.public_payload)


def _withdrawn_at(letters: list) -> dict:
    """Where in the stream each of these letters, or a part of it, was last taken back."""
    taken_back = FeedEntry.objects.filter(TAKES_BACK, stream=Stream.RELEASED, event__letter__in=set(letters))
    return dict(taken_back.order_by().values_list("event__letter").annotate(at=Max("position")))
