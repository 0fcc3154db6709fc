"""Events of the office stream."""

from collections.abc import Iterable, Sequence
from typing import Any

from letters.api.links import Links
from letters.domain import feed
from letters.domain.withheld import without_copies, without_hidden_reasons, without_repeats
from letters.enums import Access, EventKind, Stream
from letters.models import Event, Letter, Tasking

# What a payload may tell of another letter than its event's own: the id, whose it is, and what goes with it.
OTHERS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "repeats": (Tasking, ("repeats",)),
    "by_letter": (Letter, ("by_letter", "renewal")),
    "to_letter": (Letter, ("to_letter",)),
    # as which it was logged anew, or from which: where it is not seen the event is not told at all
    "other": (Letter, ("other",)),
}


def shown(events: Iterable[Event], links: Links) -> list[dict]:
    """Events as the office's keys see them; `letter` and `tasking` are ids. Of a letter no key may see, none is told.

    Nor that such a letter repeats an item of another, or was logged anew as it or from it: it would say on which day, and at
    what minute, it went out.
    """
    events = without_hidden_reasons(list(events), Tasking.objects.for_keys())
    seen = _seen(events)
    return [
        {
            "id": event.pk,
            "url": links.to("events", event.pk),
            "page_url": _page(event, links),
            "kind": event.kind,
            "occurred_at": event.occurred_at,
            "recorded_at": event.recorded_at,
            "letter": event.letter_id,
            "tasking": event.tasking_id,
            "from_status": event.from_status or None,
            "to_status": event.to_status or None,
            "due_on": event.due_on,
            # why somebody may not see a letter tells what is in it
            "reason": "" if event.kind == EventKind.LETTER_ACCESS_CHANGED else event.reason,
            "by": event.by_user.username if event.by_user else event.by_process,
            "payload": _payload(event.payload, seen),
        }
        for event in without_copies(without_repeats(events, by=seen), of=seen)
    ]


def _seen(events: Sequence[Event]) -> set[str]:
    """Which of the other letters and items that these events name a key may see now."""
    named: dict[Any, set[str]] = {}
    for event in events:
        for name in OTHERS.keys() & event.payload.keys():
            named.setdefault(OTHERS[name][0], set()).add(event.payload[name])
    return {
        str(key)
        for model, keys in named.items()
        for key in model.objects.for_keys().filter(pk__in=keys).values_list("pk", flat=True)
    }


def _payload(payload: dict[str, Any], seen: set[str]) -> dict[str, Any]:
    hidden = {
        part for name, (_, parts) in OTHERS.items() if name in payload and payload[name] not in seen for part in parts
    }
    return {name: value for name, value in payload.items() if name not in hidden}


def _page(event: Event, links: Links) -> str | None:
    if event.letter.access == Access.RESTRICTED:
        return None  # that it was restricted is told, and nothing else of it
    return links.item_page(event.tasking_id) if event.tasking_id else links.letter_page(event.letter.reference)


def find(key: object) -> Event | None:
    """One event of the stream, as `domain.feed.follow` would show it."""
    entries = feed.readable(Stream.OFFICE).filter(event=key)
    entry = entries.select_related("event__letter", "event__tasking", "event__by_user").first()
    return entry.event if entry else None
