"""What who reads events is not told: why a reply, evidence, a contact, a repeat or a file was wrong, where it is also about
a hidden letter."""

from collections.abc import Container
from typing import Any

from django.db.models import OuterRef, Q, Subquery, UUIDField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.db.models.lookups import IsNull

from letters.enums import EventKind
from letters.models import Answer, ContactTasking, Event, Evidence, Letter, Tasking, User
from letters.models.letter_queries import visible_letters
from letters.models.tasking_queries import TaskingQuerySet

REPLIES = (
    # the last two where a reply entered in error had moved something
    *(EventKind.RESPONSE_IN_ERROR, EventKind.RESPONSE_WITHDRAWN, EventKind.STATUS_CHANGED, EventKind.EXTENDED),
)
EVIDENCE = (EventKind.EVIDENCE_IN_ERROR, EventKind.EVIDENCE_WITHDRAWN)
CONTACTS = (EventKind.CONTACT_IN_ERROR,)
REPEATS = (EventKind.RENEWED,)
FILES = (EventKind.ATTACHMENT_IN_ERROR, EventKind.ATTACHMENT_ADDED)  # of a reply; the second where it was put back


def shown_to(user: User | None, events: list[Event]) -> list[Event]:
    """What a page tells this person of: no repeat by a letter that they may not see, no reason that speaks of one. Without a
    user: what everybody of the office may be told, and every key.

    A query for the letters that repeat, where any does, and for those that were logged anew, besides those of
    `without_hidden_reasons`.
    """
    events = _naming_letters(user, events)
    by = {event.payload["by_letter"] for event in events if event.kind in REPEATS}
    known = Letter.objects.visible_to(user).filter(pk__in=by).values_list("pk", flat=True) if by else ()
    told = without_repeats(events, by={str(key) for key in known})
    return without_hidden_reasons(told, Tasking.objects.visible_to(user))


def _naming_letters(user: User | None, events: list[Event]) -> list[Event]:
    """That a letter was logged anew, with the number of the other one; nothing of one that they may not see."""
    others = {event.payload["other"] for event in events if "anew" in event.payload}
    if not others:
        return events
    seen = Letter.objects.visible_to(user).filter(pk__in=others)
    numbers = {str(key): number for key, number in seen.values_list("pk", "reference")}
    for event in events:
        if event.payload.get("other") in numbers:
            event.payload = {**event.payload, "other_reference": numbers[event.payload["other"]]}
    return without_copies(events, of=numbers)


def without_copies(events: list[Event], *, of: Container[str]) -> list[Event]:
    """Those that tell of no letter logged anew but as, or from, one of these: the ids of all others that the reader may see."""
    return [event for event in events if "anew" not in event.payload or event.payload["other"] in of]


def without_repeats(events: list[Event], *, by: Container[str]) -> list[Event]:
    """Those that tell of no repeat but by these letters, the ids of all that the reader may see: a repeat says on which day,
    and at what minute, its letter went out. `told_to` is the same for the database."""
    return [event for event in events if event.kind not in REPEATS or event.payload["by_letter"] in by]


def told_to(reader: User | None) -> Q:
    """Not that a letter asked again which the reader may not see (nobody: whoever holds a key): it is in no number of theirs."""
    if not visible_letters(reader):
        return Q()
    by_letter = Cast(KeyTextTransform("by_letter", OuterRef("payload")), UUIDField())
    seen = Letter.objects.visible_to(reader).filter(pk=by_letter).order_by().values("pk")
    # the letter looked up, one for each repeat: for EXISTS, PostgreSQL might read all letters first
    return ~Q(kind__in=REPEATS) | Q(IsNull(Subquery(seen), False))


def without_hidden_reasons(events: list[Event], seen: TaskingQuerySet) -> list[Event]:
    """The same events, to be shown and not saved. `seen`: every item that the reader may see.

    One query each for the replies, evidence, contacts and repeats that are among them; as a rule none.
    """
    kinds = (*REPLIES, *FILES, *EVIDENCE, *CONTACTS, *REPEATS)
    about = {event: _about(event) for event in events if event.kind in kinds}
    hidden = _hidden({event: key for event, key in about.items() if key}, seen)
    for event, key in about.items():
        if key in hidden:
            event.reason = ""
            event.payload = {name: "" if name == "reason" else value for name, value in event.payload.items()}
    return events


def _hidden(about: dict[Event, str], seen: TaskingQuerySet) -> set[str]:
    """Which of the rows that these events are about speak of an item, too, that is not seen."""
    rows: list[set[Any]] = [
        {key for event, key in about.items() if event.kind in kinds}
        for kinds in ((*REPLIES, *FILES), EVIDENCE, CONTACTS, REPEATS)
    ]
    replies, evidence, contacts, letters = rows
    items = seen.order_by().values("pk")
    answers = Answer.objects.order_by().exclude(tasking__in=items)
    found: set[Any] = set()
    if replies:
        found |= set(answers.filter(response__in=replies).values_list("response", flat=True))
    if evidence:
        proofs = Evidence.objects.filter(pk__in=evidence, response__in=answers.values("response"))
        found |= set(proofs.values_list("pk", flat=True))
    if contacts:
        calls = ContactTasking.objects.filter(contact__in=contacts).exclude(tasking__in=items)
        found |= set(calls.values_list("contact", flat=True))
    if letters:
        known = seen.order_by().filter(ask__letter__in=letters).values_list("ask__letter", flat=True)
        found |= letters - {str(key) for key in known}
    return {str(pk) for pk in found}


def _about(event: Event) -> str:
    """The id of the reply, evidence or contact that was wrong, of the reply whose file was, or of the letter that repeats
    nothing; empty where the event is of none."""
    told = event.payload
    if event.kind in FILES:
        return told.get("response") or "" if event.reason else ""
    if event.kind == EventKind.STATUS_CHANGED:
        return told.get("taken_back", "")
    if event.kind == EventKind.RENEWED:
        return told.get("by_letter", "") if told.get("taken_back") else ""
    if event.kind == EventKind.EXTENDED:
        return told.get("response") or "" if told.get("taken_back") else ""
    return next(told[name] for name in ("response", "evidence", "contact", "reply") if name in told)
