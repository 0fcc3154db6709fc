"""What an event carries: for the office, and separately what everybody may read. Frozen when written."""

import datetime as dt

from letters.enums import Basis, Status, TaskingRole
from letters.models import Letter, Tasking

# A status that anybody could have seen without our mail. The others rest on a reply or on evidence
# that is public only once it is released itself.
PUBLIC_ON_ITS_OWN = frozenset(
    {
        Status.AWAITING,
        Status.NOT_IMPLEMENTED,
        Status.OVERTAKEN,
        Status.WITHDRAWN,
        Status.TRANSFERRED,
        Status.ENTERED_IN_ERROR,
    }
)


def iso(day: dt.date | None) -> str | None:
    """A day as the API writes it."""
    return day.isoformat() if day else None


def tasking_state(tasking: Tasking) -> dict:
    """A tasking for the office: ids, codes, ISO dates."""
    return {
        "tasking": str(tasking.pk),
        "letter": str(tasking.ask.letter_id),
        "reference": tasking.ask.letter.reference,
        "ask": tasking.ask.summary,
        "agency": tasking.agency.slug,
        "role": tasking.role,
        "status": tasking.status,
        "due_on": iso(tasking.due_on),
        "due_basis": tasking.due_basis,
    }


def public_due_on(tasking: Tasking) -> dt.date | None:
    """The date in the public letter. Never our clock's: a promise, a pause or its end tells of a reply that is not public."""
    if tasking.role != TaskingRole.LEAD:
        return None  # who is consulted owes nothing
    return tasking.ask.requested_by or tasking.ask.letter.deadline_on


def public_tasking(tasking: Tasking) -> dict:
    """A tasking as the public may see it: the last public status, and the date that the letter sets."""
    due_on = public_due_on(tasking)
    return {
        "id": str(tasking.pk),
        "agency": tasking.agency.slug,
        "acting_agency": tasking.acting_agency.slug if tasking.acting_agency else None,
        "role": tasking.role,
        "status": tasking.public_status,
        "due_on": iso(due_on),
        "due_basis": Basis.LETTER if due_on else None,
    }


def public_letter(letter: Letter) -> dict:
    """The whole public state of a letter, its office reference not among it."""
    taskings = Tasking.objects.filter(ask__letter=letter).exclude(status__in=[Status.DRAFT, Status.ENTERED_IN_ERROR])
    by_ask: dict = {}
    for tasking in taskings.select_related("agency", "acting_agency", "ask__letter").order_by(
        "role", "agency__short_name", "pk"
    ):
        by_ask.setdefault(tasking.ask_id, []).append(public_tasking(tasking))
    return {
        "id": str(letter.pk),
        "subject": letter.subject,
        "letter_date": iso(letter.letter_date),
        "sent_on": iso(letter.sent_on),
        "congress": letter.congress,
        "text": letter.text,
        "published_url": letter.published_url,
        "deadline_on": iso(letter.deadline_on),
        "signatures": [
            {
                "printed_name": s.printed_name,
                "printed_title": s.printed_title,
                "state": s.state,
                "party": s.party,
                "is_lead": s.is_lead,
            }
            for s in letter.signatures.order_by("position")
        ],
        "addressees": [
            {"printed_name": a.printed_name, "printed_title": a.printed_title, "agency": a.agency.slug}
            for a in letter.addressees.select_related("agency").order_by("position")
        ],
        "asks": [
            {
                "id": str(ask.pk),
                "number": ask.number,
                "kind": ask.kind.code,
                "summary": ask.summary,
                "quote": ask.quote,
                "instrument": ask.instrument,
                "requested_list": ask.requested_list,
                "targets": [target.slug for target in ask.targets.all()],
                "taskings": by_ask.get(ask.pk, []),
            }
            for ask in letter.asks.select_related("kind").prefetch_related("targets").order_by("number")
        ],
    }
