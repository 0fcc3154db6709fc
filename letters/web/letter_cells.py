"""The cells of a letter's matrix: beside status and clock, the agency's position, the owner and the last word."""

import datetime as dt

from letters.domain.deadlines import long_date
from letters.domain.words import status_words, wait
from letters.enums import Basis, Stance
from letters.models import Answer, ContactTasking, Tasking, User
from letters.web.repeated import originals, repeats, said
from letters.web.rows import matrix_cell


def cells(taskings: list[Tasking], today: dt.date, user: User) -> dict:
    """By the item's key. Two queries, however many items; one more where some repeat what was asked before."""
    last, again = _last_words(taskings), originals(taskings, user)
    return {
        tasking.pk: _repeat(tasking, again.get(tasking.pk)) if repeats(tasking) else _cell(tasking, today, last.get(tasking.pk))
        for tasking in taskings
    }  # fmt: skip


def _repeat(tasking: Tasking, original: Tasking | None) -> dict:
    told = said(tasking, original)
    note = f"that item: {status_words(original)}" if original else "it goes on there"
    return {"url": told["url"], "status": "transferred", "status_words": told["words"], "note": note}


def _cell(tasking: Tasking, today: dt.date, last: str | None) -> dict:
    clock = wait(tasking, today)
    cell = matrix_cell(tasking, today)
    if clock.basis and clock.basis != Basis.YARDSTICK:  # our usual wait explains itself beside the table
        cell["late"] = clock
    owner = f"owner {tasking.owner}" if tasking.owner else "nobody owns it" if tasking.is_open else ""
    stance = str(Stance(tasking.stance).label) if tasking.stance != Stance.UNKNOWN else ""
    return cell | {"stance": stance, "note": owner, "last": last or ""}


def _last_words(taskings: list[Tasking]) -> dict:
    """The later of the last reply and our last contact about each item."""
    answers = (
        Answer.objects.filter(tasking__in=taskings, response__in_error_at__isnull=True)
        .order_by("tasking_id", "-response__received_on", "-recorded_at")
        .distinct("tasking_id")
        .select_related("response")
    )
    contacts = (
        ContactTasking.objects.filter(tasking__in=taskings, contact__in_error_at__isnull=True)
        .order_by("tasking_id", "-contact__on", "-contact__recorded_at")
        .distinct("tasking_id")
        .select_related("contact")
    )
    found: dict = {}
    for one in contacts:
        contact = one.contact
        found[one.tasking_id] = (contact.on, f"our {contact.get_channel_display()}, {long_date(contact.on)}")
    for answer in answers:
        reply = answer.response
        if answer.tasking_id not in found or found[answer.tasking_id][0] <= reply.received_on:
            words = f"{answer.kind_words}, {long_date(reply.received_on)}"
            found[answer.tasking_id] = (reply.received_on, words)
    return {key: words for key, (_, words) in found.items()}
