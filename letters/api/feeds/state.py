"""Which state of the record a feed is of, told without making the feed: for ETag and Last-Modified."""

import logging
import time

from django.core.cache import cache
from django.db import connection

from letters.domain.clocks import office_today
from letters.domain.feed import current_epoch
from letters.enums import Stream
from letters.models import Agency, AskKind, FeedEntry, Target, User

log = logging.getLogger(__name__)
# Names that rows carry and no event tells of. What is new comes into a row with an event; only changes count here.
# Numbers of versions become visible out of order, so that the highest alone could stay the same: how many cannot.
NAMED = {Stream.OFFICE: (Agency, AskKind, Target, User), Stream.RELEASED: (Agency, AskKind, Target)}
KEPT = 90 * 24 * 3600  # seconds


def state_of(stream: str) -> tuple:
    """The same twice only if nothing a feed of this stream shows has changed in between, the day included.

    What rows show of letters, items and replies changes with an event, and its place in the stream is given at commit:
    the last position visible says it all.
    """
    versions = " UNION ALL ".join(
        f"SELECT count(*) FROM {model.history.rel.related_model._meta.db_table} WHERE pgh_label <> 'insert'"  # noqa: S608 - our own name
        for model in NAMED[Stream(stream)]
    )
    position = FeedEntry.objects.filter(stream=stream).order_by("-position").values_list("position", flat=True).first()
    with connection.cursor() as cursor:
        cursor.execute(versions)
        numbers = tuple(number for (number,) in cursor.fetchall())
    return (str(current_epoch().pk), position, *numbers, office_today().isoformat())


def first_seen(tag: str) -> int | None:
    """Since which second there is this state, as far as anybody asked; None in that second itself.

    Times in the record do not do: under several writers the one that is committed last need not be the latest. And a
    time given out in its own second could be that of the next state too.
    """
    now = int(time.time())
    try:
        cache.add(f"feed-{tag}", now, timeout=KEPT)
        seen = cache.get(f"feed-{tag}")
    except Exception:  # a courtesy like the throttle: without the cache there is the ETag
        log.exception("Feeds: the age of a state could not be kept")
        return None
    return seen if seen is not None and seen < now else None
