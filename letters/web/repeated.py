"""An item that a follow-up letter made of an ask which is open already: what it repeats, and how that stands."""

import uuid
from collections.abc import Iterable

from django.urls import reverse

from letters.domain.standing import with_reopening
from letters.enums import Status
from letters.models import Tasking, User


def originals(taskings: Iterable[Tasking], user: User) -> dict[uuid.UUID, Tasking]:
    """By the key of the repeat: the item that goes on in its stead, where `user` may see it. Needs `status_event`."""
    keys = {tasking.pk: repeats(tasking) for tasking in taskings if repeats(tasking)}
    if not keys:
        return {}
    seen = with_reopening(Tasking.objects.visible_to(user).filter(pk__in=keys.values()))
    found = {
        str(one.pk): one
        for one in seen.select_related("agency", "ask__letter", "ask__kind", "passed_to__agency", "status_event")
    }
    return {key: found[of] for key, of in keys.items() if of in found}


def repeats(tasking: Tasking) -> str:
    """The key of the item that goes on in the stead of this one; empty for an item of its own."""
    if tasking.status != Status.ENTERED_IN_ERROR or tasking.status_event is None:
        return ""
    return tasking.status_event.payload.get("repeats", "")


def said(tasking: Tasking, original: Tasking | None) -> dict:
    """What a label says of a repeat, and where it leads: to the item that goes on, if that may be seen."""
    if original is None:
        return {"words": "repeats an earlier letter", "url": reverse("item", args=[tasking.pk])}
    ask = original.ask
    return {
        "words": f"repeats ask {ask.number} of {ask.letter.reference}",
        "url": reverse("item", args=[original.pk]),
    }
