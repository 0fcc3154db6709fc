"""What changed since an instant, and when somebody last looked."""

import datetime as dt

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, Subquery, UUIDField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.db.models.lookups import IsNull
from django.utils import timezone

from letters.domain.withheld import told_to
from letters.enums import CLOSED_STATUSES, Basis, EventKind, Status
from letters.models import Answer, Event, Look, User
from letters.models.events import passed_on_to, taken_back
from letters.models.replies import REPLY_IN_ERROR
from letters.models.tasking_queries import TaskingQuerySet

# Requests within it are one visit: what changed since the last one stays on the page when it is loaded again.
VISIT = dt.timedelta(minutes=30)
# An event is stamped before it is committed: one that was recorded just before a look may have been seen only after it.
# Told twice is better than never; what is committed later than this after its stamp would still be missed.
MARGIN = dt.timedelta(minutes=2)
FIRST_DAYS = 7  # what somebody who has never looked is shown

# A move that was taken back, and the one that took it back, are no move; what was entered in error left every count, and
# ended in nothing.
MOVED = Q(kind=EventKind.STATUS_CHANGED, payload__undoes__isnull=True) & ~Q(from_status=Status.ENTERED_IN_ERROR)
STANDS = ~Q(taken_back())
# Of an event that a reply came: that it still says something of the item, neither an error nor found to be silent about it.
REPLY_STANDS = Answer.objects.filter(
    tasking=OuterRef("tasking"), response=Cast(KeyTextTransform("response", OuterRef("payload")), UUIDField()),
    response__in_error_at__isnull=True,
)  # fmt: skip
PUT_BACK = Q(payload__undoes__isnull=False) | Q(from_status=Status.ENTERED_IN_ERROR)
CLOSING = [status for status in CLOSED_STATUSES if status != Status.ENTERED_IN_ERROR]
WORKED = (
    EventKind.ASSIGNED,
    EventKind.SNOOZED,
    EventKind.NOTE_ADDED,
    EventKind.CONTACT_LOGGED,
    EventKind.RENEWED,
    EventKind.REVIEW_SET,
    EventKind.EVIDENCE_ADDED,
)
# What may have happened to an item: the code of the filter, what the screen says, which events. One item may be in several.
CHANGES: dict[str, tuple[str, Q]] = {
    "asked": ("newly logged", MOVED & Q(from_status=Status.DRAFT) & ~Q(passed_on_to())),
    # not by EXISTS: in the filter of an aggregate PostgreSQL may collect every reply that stands first
    "replied": (
        "with a reply recorded",
        Q(kind=EventKind.RESPONSE_RECORDED) & Q(IsNull(Subquery(REPLY_STANDS.order_by().values("pk")[:1]), False)),
    ),
    "promised": ("promised", MOVED & Q(to_status=Status.PROMISED) & Q(~Exists(REPLY_IN_ERROR)) & STANDS),
    "closed": ("closed", MOVED & Q(to_status__in=CLOSING) & STANDS),
    "reopened": ("reopened", MOVED & Q(from_status__in=CLOSING) & STANDS),
    "put_back": ("put back after a mistake", Q(kind=EventKind.STATUS_CHANGED) & PUT_BACK),
    **{
        f"late_{basis.value}": (words, Q(kind=EventKind.PAST_DUE, payload__due_basis=basis.value))
        for basis, words in (
            (Basis.LETTER, "passed a date the letter set"),
            (Basis.PROMISE, "passed a date they promised"),
            (Basis.STATUTE, "passed a date the law sets"),
            (Basis.YARDSTICK, "passed our usual wait"),
        )
    },
    "worked": ("worked on by us", Q(kind__in=WORKED)),
}


def unseen_since(before: dt.datetime) -> dt.datetime:
    """From when on what was recorded may not have been there to see when somebody looked at `before`."""
    return before - MARGIN


def happened(reader: User | None, *, since: dt.datetime | None = None, change: str = "") -> Q:
    """Events that this reader is told of, as `withheld.shown_to` has it (nobody: whoever holds a key): recorded after the
    moment, whenever they happened; of one of `CHANGES`."""
    condition = told_to(reader)
    if since is not None:
        condition &= Q(recorded_at__gt=since, tasking__isnull=False)  # as the index has it
    return condition & CHANGES[change][1] if change else condition


def changed(taskings: TaskingQuerySet, instant: dt.datetime, reader: User | None) -> dict[str, int]:
    """How many items anything happened to after the instant (`any`), and each of `CHANGES`. One query."""
    events = Event.objects.order_by().filter(happened(reader, since=instant))
    kinds = {code: Count("tasking", distinct=True, filter=condition) for code, (_, condition) in CHANGES.items()}
    among = events.filter(tasking__in=taskings.order_by().values("pk"))
    return among.aggregate(any=Count("tasking", distinct=True), **kinds)


LOOK = f"""
    INSERT INTO {Look._meta.db_table} AS look (user_id, looked_at) VALUES (%s, %s)
    ON CONFLICT (user_id) DO UPDATE SET
        before = CASE WHEN look.looked_at < EXCLUDED.looked_at - make_interval(secs => %s) THEN look.looked_at ELSE look.before END,
        looked_at = GREATEST(look.looked_at, EXCLUDED.looked_at)
    RETURNING before
"""  # noqa: S608 - our own name


def look(*, by: User, now: dt.datetime | None = None) -> dt.datetime | None:
    """Note that somebody looks; the last instant of their visit before this one, None where this is the first.

    One statement, which is atomic by itself: two pages opened at once agree.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOOK, [by.pk, now or timezone.now(), VISIT.total_seconds()])
        return cursor.fetchone()[0]
