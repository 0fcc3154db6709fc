"""Following what happened: opaque cursors into one stream, and the entries after one.

A cursor carries its stream and the feed's epoch. Positions are given out at commit under a lock
(`models.events.PLACE_IN_FEED`), so whoever continues after the last position they saw misses nothing
and sees nothing twice.
"""

import base64
import binascii
import struct
import uuid
import zlib
from dataclasses import dataclass
from functools import cache

from django.db import connection, transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery

from letters.domain import prepared
from letters.enums import Access, EventKind, Stream
from letters.errors import CursorError, CursorExpired, Problem
from letters.models import Event, FeedEntry, FeedEpoch
from letters.models.events import FEED_LOCK

MAX_PAGE = 1000
_SHAPE = struct.Struct(">BB16sq")  # version, stream, epoch, position
_VERSION = 1
STAYS = "was_restricted"  # in the payload of a change of access that left a letter restricted
RESTRICTED = {"withdrawn": True}  # in the payload of each change of access that left it so
ANY = -1  # stands for a position where a statement is made; no entry has it
_STREAMS = (Stream.OFFICE, Stream.RELEASED)


@dataclass(frozen=True)
class FeedPage:
    """Entries in order; `cursor` continues after the last one, `has_more` says whether to do so now."""

    entries: list[FeedEntry]
    cursor: str
    has_more: bool


def current_epoch() -> FeedEpoch:
    """The feed's unbroken life we are in; the first is begun on first use."""
    return FeedEpoch.objects.order_by("-started_at").first() or _first_epoch()


@transaction.atomic
def _first_epoch() -> FeedEpoch:
    # two first readers at once begin one epoch, not two
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FEED_LOCK])
    return FeedEpoch.objects.order_by("-started_at").first() or FeedEpoch.objects.create()


def start_epoch() -> FeedEpoch:
    """Begin a new life of the feed, as after a restore: every cursor given so far is refused from now on."""
    return FeedEpoch.objects.create()


def follow(stream: str, *, after: str | None, size: int) -> FeedPage:
    """Up to `size` (1 to 1000) entries of a stream after a cursor, from the beginning without one.

    Entries of letters that are restricted now are absent: API keys never see them. That a letter was
    restricted is told once, by an entry without its words.
    Raises CursorError (malformed, or of another stream) and CursorExpired (of an earlier epoch).
    """
    size = max(1, min(size, MAX_PAGE))
    epoch = current_epoch()
    position = decode(after, stream, epoch.pk) if after else 0
    if after and not prepared.fetch(_next_one(stream), [position]):
        return FeedPage([], encode(stream, epoch.pk, position), False)
    entries = readable(stream).filter(position__gt=position).order_by("position")
    found = list(entries.select_related("event__letter", "event__tasking", "event__by_user")[: size + 1])
    shown = found[:size]
    last = shown[-1].position if shown else position
    return FeedPage(shown, encode(stream, epoch.pk, last), len(found) > size)


@cache
def _next_one(stream: str) -> prepared.Statement:
    """Whether there is anything after a position: what followers ask most, and mostly there is nothing."""
    after = FeedEntry.objects.filter(stream=stream, position__gt=ANY).order_by("position")
    return prepared.compiled(after.values_list("position")[:1], [ANY])


def look_back(stream: str, *, kind: str, before: str | None, size: int) -> FeedPage:
    """Up to `size` entries of one kind, newest first, before a cursor or from the end; `cursor` leads to older ones.

    The same entries that `follow` gives, and the same errors.
    """
    epoch = current_epoch()
    entries = readable(stream).filter(event__kind=kind)
    if before:
        entries = entries.filter(position__lt=decode(before, stream, epoch.pk, field="before"))
    parts = ("event__letter", "event__tasking__agency", "event__tasking__ask", "event__by_user")
    entries = entries.defer("event__tasking__ask__search")
    found = list(entries.select_related(*parts).order_by("-position")[: size + 1])
    shown = found[:size]
    return FeedPage(shown, encode(stream, epoch.pk, shown[-1].position if shown else 0), len(found) > size)


def readable(stream: str) -> QuerySet:
    """What a stream tells now. A letter that is restricted leaves the office's, which only that tells: who is named on
    it later is told nobody, nor that there is one which was restricted before anybody saw it."""
    entries = FeedEntry.objects.filter(stream=stream)
    # the longest text of the record, once for each event and shown by none
    entries = entries.defer("event__letter__text", "event__letter__search")
    if stream == Stream.OFFICE:
        # only that it left: what told of its items when it was open, or opened, tells what it asks
        left = Q(event__kind=EventKind.LETTER_ACCESS_CHANGED, event__payload__contains=RESTRICTED)
        # events stand as they were written, and until November 2026 none said that the letter stays
        left &= ~Q(event__payload__has_key=STAYS) & Q(_was_open())
        return entries.filter(Q(event__letter__access=Access.OFFICE) | left)
    return entries


def _was_open() -> Subquery:
    """Whether the letter of an entry's event was open to the office until then: what last said who may see it."""
    kinds = (EventKind.LETTER_SENT, EventKind.LETTER_ACCESS_CHANGED)
    said = Event.objects.filter(
        letter=OuterRef("event__letter"), sequence__lt=OuterRef("event__sequence"), kind__in=kinds
    )
    told = Exists(FeedEntry.objects.filter(stream=Stream.OFFICE, event=OuterRef("pk")))
    is_open = ExpressionWrapper(Q(told) & ~Q(payload__contains=RESTRICTED), output_field=BooleanField())
    return Subquery(said.order_by("-sequence").values(is_open=is_open)[:1], output_field=BooleanField())


def encode(stream: str, epoch: uuid.UUID, position: int) -> str:
    """An opaque cursor with a check sum, so that a mistyped one is refused and not followed."""
    body = _SHAPE.pack(_VERSION, _STREAMS.index(Stream(stream)), epoch.bytes, position)
    return base64.urlsafe_b64encode(body + struct.pack(">I", zlib.crc32(body))).decode().rstrip("=")


def check(cursor: str | None, stream: str, *, field: str) -> None:
    """Refuse what cannot be followed now, before anything is read: the errors of `follow`. None: nothing was given."""
    if cursor:
        decode(cursor, stream, current_epoch().pk, field=field)


def decode(cursor: str, stream: str, epoch: uuid.UUID, *, field: str = "after") -> int:
    """The position of a cursor of this stream and epoch; `field` is where it was given."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        body, check = raw[:-4], raw[-4:]
        version, its_stream, its_epoch, position = _SHAPE.unpack(body)
        if struct.pack(">I", zlib.crc32(body)) != check or version != _VERSION or position < 0:
            raise ValueError("check sum")
        its_stream = _STREAMS[its_stream]
    except (ValueError, IndexError, struct.error, binascii.Error) as error:
        raise CursorError(
            Problem(
                field,
                f"{field}: “{cursor[:80]}” is not a cursor of this feed. Use the “cursor” of an earlier answer, "
                "or leave it out to start at the beginning.",
                cursor[:80],
            )
        ) from error
    if its_stream != stream:
        raise CursorError(
            Problem(
                field,
                f"{field}: this cursor belongs to the {its_stream} stream, not to {stream}. Start without one.",
                cursor[:80],
            )
        )
    if its_epoch != epoch.bytes:
        raise CursorExpired(
            Problem(
                field,
                f"{field}: the record was restored since this cursor was given, so it leads nowhere. Take a snapshot, then follow from its cursor.",
                cursor[:80],
            )
        )
    return position
