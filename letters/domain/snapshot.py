"""The record as it was at one moment, with the feed's cursor of that same moment."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

from django.db import connection, transaction

from letters.domain.feed import current_epoch, encode
from letters.models import FeedEntry

Row = TypeVar("Row")
# A reader who stops reading must not keep the database from cleaning up behind it.
IDLE_SECONDS = 60


@contextmanager
def one_moment(stream: str) -> Iterator[str]:
    """Whatever is read inside, is read as of one moment; gives the cursor of `stream` that continues from there.

    One snapshot of the database (REPEATABLE READ) sees a change if and only if it sees the change's feed entry: both
    are committed together. And entries become visible in the order of their positions. So what the snapshot holds is
    everything up to the last position it sees, and nothing after. Opened inside another transaction, it is as much
    one moment as that one is.
    """
    current_epoch()  # the first reader begins it, which a transaction that only reads could not
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
        positions = FeedEntry.objects.filter(stream=stream).order_by("-position").values_list("position", flat=True)
        yield encode(stream, current_epoch().pk, positions.first() or 0)


def in_parts(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """The rows, `size` at a time."""
    rows = iter(rows)
    while part := list(islice(rows, size)):
        yield part
