"""What versions until November 2026 told the public of signers, and nobody had confirmed: taken back when a later one is prepared."""

import uuid

from django.db import transaction
from django.db.models import Q, QuerySet

from letters.domain import releases
from letters.domain.access import Actor
from letters.domain.drafting import lock_letter
from letters.domain.history import acting
from letters.enums import Match
from letters.models import Event, Letter, Signature

REASON = "State and party of a signer were public, and who that is was only proposed: no person had confirmed it."
FACTS = ("printed_name", "state", "party")


def take_back(*, by: Actor) -> int:
    """Of how many public letters the stream was corrected: those of which it still tells state or party of a signer who was
    only proposed (invariant 9). Followers get the letter as it is, by a correction like any other, at a new position; the
    entries before it are shown no more, since what was no fact must not be read from the past either.

    Each letter in a transaction of its own: broken off it goes on where it was, and once it is done it finds nothing.
    """
    return sum(_take_back(letter, by=by) for letter in sorted(_unconfirmed(Letter.objects.released())))


@transaction.atomic
def _take_back(key: uuid.UUID, *, by: Actor) -> bool:
    with acting(by, why=REASON):
        letter = lock_letter(Letter(pk=key))
        releases.lock_asks(letter)
        names = _unconfirmed(Letter.objects.released().filter(pk=key)).get(key)  # as it is now
        if names:
            public = {"letter": str(key), "withdrawn": {"signatures": names}}
            releases.tell_corrected(letter, by=by, reason=REASON, public=public)
        return bool(names)


def _unconfirmed(letters: QuerySet[Letter]) -> dict[uuid.UUID, list[str]]:
    """Of these letters, the signers (as printed) of whom the public can still read a state or party that no person and no
    letter has ever said: in the last word of the stream, or in one before it that was corrected since and not taken back."""
    signed = Signature.history.rel.related_model.objects  # type: ignore[attr-defined]
    unsaid = Q(match=Match.PROPOSED) | Q(match=Match.UNMATCHED) & ~Q(match_source="")
    proposed = signed.filter(unsaid).exclude(state="", party="")
    keys = list(letters.filter(pk__in=proposed.values("letter")).values_list("pk", flat=True))
    said = set(signed.filter(letter__in=keys).exclude(unsaid).values_list("letter", *FACTS))
    found: dict[uuid.UUID, dict[str, None]] = {}
    told = Event.objects.filter(letter__in=keys, public_payload__isnull=False).order_by("letter", "sequence")
    for key, public in told.values_list("letter", "public_payload").iterator():
        payload = public or {}
        if "withdrawn" in payload:
            found.pop(key, None)  # what was told before it is read no more
        state = payload.get("corrected") or payload.get("released") or {}
        for one in state.get("signatures", ()):
            if (one["state"] or one["party"]) and (key, *map(one.get, FACTS)) not in said:
                found.setdefault(key, {})[one["printed_name"]] = None
    return {key: list(names) for key, names in found.items()}
