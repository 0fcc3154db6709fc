"""Events of the public stream: what kind, when, and the public payload frozen with it. No author, no reason, no reference."""

from collections.abc import Sequence

from django.db.models import Max

from letters.api.links import Links
from letters.enums import EventKind, Stream
from letters.models import FeedEntry


def shown(entries: Sequence[FeedEntry], links: Links) -> list[dict]:
    """Entries as the public sees them, without those of a letter that was taken back later.

    A letter no longer public must not be read from the feed's past: only that it was withdrawn is told.
    """
    withdrawn = _withdrawn_at([entry.event.letter_id for entry in entries])
    return [
        {
            "id": entry.event_id,
            "url": links.to("events", entry.event_id),
            "page_url": None,
            "kind": entry.event.kind,
            "occurred_at": entry.event.occurred_at,
            "recorded_at": entry.event.recorded_at,
            "payload": entry.event.public_payload,
        }
        for entry in entries
        if entry.position >= withdrawn.get(entry.event.letter_id, 0) or entry.event.kind == EventKind.LETTER_WITHDRAWN
    ]


def find(key: object) -> FeedEntry | None:
    """One entry of the stream; `shown` decides whether it still may be read."""
    return FeedEntry.objects.filter(stream=Stream.RELEASED, event=key).select_related("event__letter").first()


def _withdrawn_at(letters: list) -> dict:
    """Where in the stream each of these letters was last taken back."""
    taken_back = FeedEntry.objects.filter(
        stream=Stream.RELEASED, event__letter__in=set(letters), event__kind=EventKind.LETTER_WITHDRAWN
    )
    return dict(taken_back.order_by().values_list("event__letter").annotate(at=Max("position")))
