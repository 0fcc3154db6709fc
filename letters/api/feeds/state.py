"""Which state of the record a feed is of, told without making the feed: for ETag and Last-Modified."""

import hashlib
import logging
import time
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Q

from letters.api.released import targets
from letters.api.released.taskings import visible_kinds
from letters.domain.clocks import office_today
from letters.domain.feed import current_epoch
from letters.enums import Match, Status, Stream
from letters.models import (
    Agency,
    AskKind,
    FeedEntry,
    Letter,
    Signature,
    StatutoryClock,
    Target,
    Tasking,
    Topic,
    User,
)

log = logging.getLogger(__name__)
# Names that rows carry and no event tells of. What is new comes into a row with an event; only changes count here.
# Numbers of versions become visible out of order, so that the highest alone could stay the same: how many cannot.
NAMED = {
    Stream.OFFICE: (Agency, AskKind, Target, User, Topic, StatutoryClock), Stream.RELEASED: (Agency, AskKind, Target),
}  # fmt: skip
KEPT = 90 * 24 * 3600  # seconds


def state_of(stream: str, signatory: str | None = None) -> tuple:
    """The same twice only if nothing a feed of this stream shows has changed in between, the day included. `signatory`: whose
    letters alone it shows.

    What rows show of letters, items and replies changes with an event, and its place in the stream is given at commit:
    the last position visible says it all. Nothing public changes with the day, nor with names that no public row has.
    """
    versions = " UNION ALL ".join(
        f"SELECT count(*) FROM {model.history.rel.related_model._meta.db_table} WHERE pgh_label <> 'insert'"  # noqa: S608 - our own name
        for model in NAMED[Stream(stream)]
    )
    position = FeedEntry.objects.filter(stream=stream).order_by("-position").values_list("position", flat=True).first()
    with connection.cursor() as cursor:
        cursor.execute(versions)
        numbers = tuple(number for (number,) in cursor.fetchall())
    epoch = str(current_epoch().pk)
    if stream == Stream.RELEASED:
        signed = _signed(signatory) if signatory else ()
        return (epoch, position, _public_names((epoch, position, *numbers)), *signed)
    return (epoch, position, *numbers, office_today().isoformat())


def _signed(bioguide: str) -> list[str]:
    """The public letters that this member signed, as a person confirmed: which member a name is, no public event tells."""
    found = Signature.objects.filter(legislator__bioguide=bioguide, match=Match.CONFIRMED)
    return sorted(
        str(key) for key in Letter.objects.released().filter(pk__in=found.values("letter")).values_list("pk", flat=True)
    )


def _public_names(at: tuple) -> str:
    """A digest of the names that public rows carry, kept as long as the record stays where it is, `at`.

    How often the office changed any name is counted in no time, and is its own; reading the names takes as long as there
    are public items, and is done once for each change.
    """
    key = f"feed-names-{hashlib.sha256(repr(at).encode()).hexdigest()[:32]}"
    if kept := _cached("get", key):
        return kept
    # also of items that left: the changes of status tell of them
    items = Tasking.objects.filter(ask__letter__in=Letter.objects.released().values("pk"))
    items = items.exclude(public_status=Status.DRAFT)
    agencies = Agency.objects.filter(Q(pk__in=items.values("agency")) | Q(pk__in=items.values("acting_agency")))
    names = [  # of companies no row has the name, but “q” looks for it
        sorted(agencies.values_list("slug", "short_name")),
        sorted(visible_kinds().values_list("code")),
        sorted(targets.visible().values_list("slug", "name")),
    ]
    digest = hashlib.sha256(repr(names).encode()).hexdigest()[:32]
    _cached("set", key, digest, timeout=KEPT)
    return digest


def _cached(verb: str, *what: Any, **how: Any) -> Any:
    try:
        return getattr(cache, verb)(*what, **how)
    except Exception:  # read anew each time, then
        log.exception("Feeds: the names of a state could not be kept")
        return None


def first_seen(address: str, tag: str) -> int | None:
    """Since which second this address has had this state without a break, as far as anybody asked; None in that second itself.

    Times in the record do not do: under several writers the one that is committed last need not be the latest. And a
    time given out in its own second could be that of the next state too. A state that comes back begins anew: whoever
    holds what was there in between has a later time than when it first began.
    """
    now, key = int(time.time()), f"feed-at-{address}"
    try:
        held = cache.get(key)
        if held is None or held[0] != tag:
            held = (tag, now)
            cache.set(key, held, timeout=KEPT)
    except Exception:  # a courtesy like the throttle: without the cache there is the ETag
        log.exception("Feeds: the age of a state could not be kept")
        return None
    return held[1] if held[1] < now else None
