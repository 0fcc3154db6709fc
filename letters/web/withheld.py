"""What the timeline keeps back: the reason why a reply or contact was wrong, where it is also about a hidden letter."""

from letters.enums import EventKind
from letters.models import Contact, Event, Evidence, Response, User

IN_ERROR = (EventKind.RESPONSE_IN_ERROR, EventKind.EVIDENCE_IN_ERROR, EventKind.CONTACT_IN_ERROR)
UNDONE = (EventKind.STATUS_CHANGED, EventKind.EXTENDED)  # where a reply entered in error had moved something


def without_hidden_reasons(events: list[Event], user: User) -> list[Event]:
    """The same events, to be shown and not saved. One query of each kind that is among them; as a rule none."""
    taken_back = [event for event in events if event.kind in IN_ERROR or (event.kind in UNDONE and _about(event))]
    hidden = {kind: _hidden(kind, taken_back, user) for kind in {event.kind for event in taken_back}}
    for event in taken_back:
        if _about(event) in hidden[event.kind]:
            event.reason = ""
    return events


def _hidden(kind: str, events: list[Event], user: User) -> set[str]:
    """Which of the rows that these events are about speak of a letter, too, that the person may not see."""
    rows = [_about(event) for event in events if event.kind == kind]
    replies = Response.objects.with_hidden_from(user).filter(spans_hidden=True)
    match kind:
        case EventKind.RESPONSE_IN_ERROR | EventKind.STATUS_CHANGED | EventKind.EXTENDED:
            found = replies.filter(pk__in=rows)
        case EventKind.CONTACT_IN_ERROR:
            found = Contact.objects.with_hidden_from(user).filter(spans_hidden=True, pk__in=rows)
        case _:
            found = Evidence.objects.filter(pk__in=rows, response__in=replies.values("pk"))
    return {str(pk) for pk in found.values_list("pk", flat=True)}


def _about(event: Event) -> str:
    """The id of the reply, evidence or contact that was wrong; empty where the event is of none."""
    told = event.payload
    if event.kind == EventKind.STATUS_CHANGED:
        return told.get("taken_back", "")
    if event.kind == EventKind.EXTENDED:
        return told.get("response") or "" if told.get("taken_back") else ""
    return next(told[name] for name in ("response", "evidence", "contact") if name in told)
