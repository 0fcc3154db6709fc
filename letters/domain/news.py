"""What changed since an instant, and when somebody last looked."""

import datetime as dt

from django.db import connection
from django.db.models import Count, Exists, Q
from django.utils import timezone

from letters.enums import CLOSED_STATUSES, Basis, EventKind, Status
from letters.models import Event, Look, User
from letters.models.replies import REPLY_IN_ERROR
from letters.models.tasking_queries import TaskingQuerySet

# Requests within it are one visit: what changed since the last one stays on the page when it is loaded again.
VISIT = dt.timedelta(minutes=30)
# An event is stamped before it is committed: one that was recorded just before a look may have been seen only after it.
# Told twice is better than never; what is committed later than this after its stamp would still be missed.
MARGIN = dt.timedelta(minutes=2)
FIRST_DAYS = 7  # what somebody who has never looked is shown

MOVED = Q(kind=EventKind.STATUS_CHANGED)
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
    "asked": ("newly logged", MOVED & Q(from_status=Status.DRAFT)),
    "replied": ("with a reply recorded", Q(kind=EventKind.RESPONSE_RECORDED) & Q(~Exists(REPLY_IN_ERROR))),
    "promised": ("promised", MOVED & Q(to_status=Status.PROMISED) & Q(~Exists(REPLY_IN_ERROR))),
    "closed": ("closed", MOVED & Q(to_status__in=CLOSED_STATUSES)),
    "reopened": ("reopened", MOVED & Q(from_status__in=CLOSED_STATUSES)),
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


def since(instant: dt.datetime) -> Q:
    """Events that were recorded after it, whenever they happened."""
    return Q(recorded_at__gt=instant, tasking__isnull=False)  # as the index has it


def changed(taskings: TaskingQuerySet, instant: dt.datetime) -> dict[str, int]:
    """How many items anything happened to after the instant (`any`), and each of `CHANGES`. One query."""
    happened = Event.objects.order_by().filter(since(instant), tasking__in=taskings.order_by().values("pk"))
    kinds = {code: Count("tasking", distinct=True, filter=condition) for code, (_, condition) in CHANGES.items()}
    return happened.aggregate(any=Count("tasking", distinct=True), **kinds)


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
