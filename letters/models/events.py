"""What happened, append-only, and its place in the feeds."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from letters.enums import CLOSED_STATUSES, EventKind, Status, Stream
from letters.models.base import (
    AppendOnly,
    Identified,
    NamesItsAuthor,
    NeverTruncated,
    one_of,
)
from letters.models.correspondence import Letter

# Held while positions are given out, so that they become visible in order (invariant 6).
FEED_LOCK = 0x6C657474  # "lett"

CLOCK_KINDS = (
    EventKind.PAST_DUE,
    EventKind.PAST_DUE_CLEARED,
    EventKind.ACKNOWLEDGEMENT_LATE,
)

# Happened to a draft, which no feed knows.
DRAFTING = (EventKind.LETTER_DRAFTED, EventKind.LETTER_EDITED, EventKind.LETTER_DISCARDED)

# A bare sequence numbers rows when they are written and shows them when they are committed: a
# follower of `id > last` then misses the late ones. This trigger runs at commit, numbers under a
# lock that is released only after the rows are visible, and so position order is visibility order.
PLACE_IN_FEED = f"""
    SELECT state, access INTO STRICT letter_state, letter_access FROM letters_letter WHERE id = NEW.letter_id;
    PERFORM pg_advisory_xact_lock({FEED_LOCK});
    IF letter_state IN ('sent', 'entered_in_error')
       AND NEW.kind NOT IN ({", ".join(f"'{kind}'" for kind in DRAFTING)})
       AND (letter_access = 'office' OR NEW.kind = 'letter_access_changed') THEN
        INSERT INTO letters_feedentry (stream, position, event_id)
        VALUES ('office', nextval('letters_feed_office'), NEW.id);
    END IF;
    IF NEW.public_payload IS NOT NULL THEN
        INSERT INTO letters_feedentry (stream, position, event_id)
        VALUES ('released', nextval('letters_feed_released'), NEW.id);
    END IF;
    RETURN NULL;
"""  # noqa: S608 - our own vocabulary


class Event(Identified):
    """One thing that happened to a letter or one of its taskings, frozen as it was written."""

    # The order of writing: two events of one tasking are ordered by the lock on its row.
    sequence = models.BigIntegerField(
        unique=True,
        editable=False,
        db_default=Func(Value("letters_event_sequence"), function="nextval"),
    )
    kind = models.CharField(max_length=30, choices=EventKind)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="events", db_index=False)
    tasking = models.ForeignKey(
        "letters.Tasking", on_delete=models.PROTECT, null=True, blank=True, related_name="events", db_index=False
    )
    by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    by_process = models.CharField(max_length=30, blank=True)
    from_status = models.CharField(max_length=20, blank=True)
    to_status = models.CharField(max_length=20, blank=True)
    due_on = models.DateField(null=True, blank=True, help_text="The due date a clock event is about.")
    reason = models.TextField(blank=True, max_length=2000)
    payload = models.JSONField(default=dict)
    public_payload = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["sequence"]
        constraints = [
            one_of("kind", EventKind),
            models.CheckConstraint(
                condition=Q(by_user__isnull=False, by_process="") | (Q(by_user__isnull=True) & ~Q(by_process="")),
                name="event_by_user_or_process",
            ),
            models.CheckConstraint(
                condition=(Q(kind=EventKind.STATUS_CHANGED, tasking__isnull=False) & ~Q(to_status=""))
                | (~Q(kind=EventKind.STATUS_CHANGED) & Q(from_status="", to_status="")),
                name="event_statuses_only_on_change",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=CLOCK_KINDS, tasking__isnull=False, due_on__isnull=False)
                | (~Q(kind__in=CLOCK_KINDS) & Q(due_on__isnull=True)),
                name="event_due_on_for_clock_kinds",
            ),
            # once per tasking and due date, whatever runs twice
            models.UniqueConstraint(
                fields=["tasking", "kind", "due_on"],
                condition=Q(kind__in=(EventKind.PAST_DUE, EventKind.ACKNOWLEDGEMENT_LATE)),
                name="event_late_once_per_date",
            ),
        ]
        indexes = [
            # a letter's timeline, newest first
            models.Index("letter", F("sequence").desc(), name="event_of_letter"),
            # an open item's story, newest first
            models.Index(
                "tasking",
                F("sequence").desc(),
                name="event_of_tasking",
                condition=Q(tasking__isnull=False),
            ),
            # what changed since somebody last looked
            models.Index(fields=["recorded_at"], name="event_by_recorded", condition=Q(tasking__isnull=False)),
        ]
        triggers = [
            NamesItsAuthor(),
            AppendOnly(),
            NeverTruncated(),
            pgtrigger.Trigger(
                name="place_in_feed",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                declare=[("letter_state", "text"), ("letter_access", "text")],
                func=PLACE_IN_FEED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.occurred_at:%Y-%m-%d %H:%M}"


def asked_again() -> models.QuerySet[Event]:
    """When items were asked again that had ended: what was read and looked at before counts no more.

    A move that takes one back names it in its payload, `undoes`; it is as if neither had been.
    """
    return Event.objects.filter(
        ~taken_back(),
        kind=EventKind.STATUS_CHANGED, from_status__in=CLOSED_STATUSES, payload__undoes__isnull=True,
    )  # fmt: skip


def asked_again_since_read() -> Exists:
    """Of an answer: whether its item was asked again after it was read, so that it counts no more."""
    again = asked_again().filter(tasking=OuterRef("tasking"), recorded_at__gte=OuterRef("assessed_at"))
    return Exists(again.order_by())


def taken_back() -> Exists:
    """Of an event about an item: whether a later one names it as undone."""
    undoing = Event.objects.alias(undoes=KeyTextTransform("undoes", "payload")).order_by()
    return Exists(undoing.filter(tasking=OuterRef("tasking"), undoes=Cast(OuterRef("pk"), TextField())))


def passed_on_to() -> Exists:
    """Of the event with which an item began to wait: whether it did since another was passed on to its agency."""
    passing = Event.objects.alias(passed_to=KeyTextTransform("passed_to", "payload")).order_by()
    return Exists(
        passing.filter(
            letter=OuterRef("letter"), kind=EventKind.STATUS_CHANGED, to_status=Status.TRANSFERRED,
            sequence__lt=OuterRef("sequence"), passed_to=Cast(OuterRef("tasking"), TextField()),
        )
    )  # fmt: skip


class FeedEpoch(Identified):
    """One unbroken life of the feed. A restore starts a new one, and older cursors are refused."""

    started_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-started_at"]
        triggers = [AppendOnly()]

    def __str__(self) -> str:
        return str(self.id)


class FeedEntry(models.Model):
    """An event's place in a stream; written by `place_in_feed` alone."""

    stream = models.CharField(max_length=10, choices=Stream)
    position = models.BigIntegerField()
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="feed_entries", db_index=False)

    class Meta:
        verbose_name_plural = "feed entries"
        ordering = ["stream", "position"]
        constraints = [
            one_of("stream", Stream),
            # serves events/?after=CURSOR
            models.UniqueConstraint(fields=["stream", "position"], name="feed_position_once"),
            models.UniqueConstraint(fields=["event", "stream"], name="feed_event_once_per_stream"),
        ]
        triggers = [AppendOnly(), NeverTruncated()]

    def __str__(self) -> str:
        return f"{self.stream} {self.position}"
