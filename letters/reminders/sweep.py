"""One round: record which dates have passed, and flag each once.

The database is the truth and the broker a doorbell. A round that finds another at work leaves at once;
a round that dies rolls back one batch and loses nothing, for the next finds the same rows still due.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from letters.domain import payloads
from letters.domain.clocks import office_today
from letters.domain.history import acting, record_event
from letters.enums import EventKind, SystemProcess
from letters.models import Event, Heartbeat, Reminder, Tasking
from letters.models.tasking_queries import RUNNING, TaskingQuerySet
from letters.reminders.schedule import RULES, Rule

BY = SystemProcess.SWEEP
SWEEP_LOCK = 0x73776565  # "swee"
BATCH = 200  # taskings a transaction: short locks, and a crash loses no more than this much work
HEARTBEAT = "sweep"


@dataclass
class Round:
    """What one round did, or would do: `(tasking, rule name)` for reminders."""

    today: dt.date
    taken: bool = False  # another round was at work
    past_due: list[Tasking] = field(default_factory=list)
    reminders: list[tuple[Tasking, str]] = field(default_factory=list)

    def words(self) -> str:
        if self.taken:
            return "another sweep is at work; nothing to do"
        return f"{self.today}: {len(self.past_due)} dates passed, {len(self.reminders)} reminders"


def sweep(*, today: dt.date | None = None, dry_run: bool = False) -> Round:
    """Record every date that has passed and flag what is due on `today` (the office's day when not given)."""
    done = Round(today or office_today())
    if dry_run:
        done.past_due = list(_passed(done.today))
        done.reminders = [(tasking, rule.name) for rule in RULES for tasking in _due(rule, done.today)]
        return done
    with _alone() as alone:
        if not alone:
            done.taken = True
            return done
        started_at = timezone.now()
        with acting(BY):
            while batch := _record_passed(done.today):
                done.past_due += batch
            for rule in RULES:
                while batch := _remind(rule, done.today):
                    done.reminders += [(tasking, rule.name) for tasking in batch]
        Heartbeat.objects.update_or_create(
            name=HEARTBEAT,
            defaults={
                "started_at": started_at,
                "finished_at": timezone.now(),
                "detail": {"past_due": len(done.past_due), "reminders": len(done.reminders)},
            },
        )
    return done


def _passed(today: dt.date) -> TaskingQuerySet:
    """Clocks that ran out and are not yet recorded: snoozed and unread ones too, for the fact is the same."""
    return (
        Tasking.objects.late(today)
        .filter(Q(past_due_recorded__isnull=True) | ~Q(past_due_recorded=F("due_on")))
        .select_related("ask__letter", "agency")
        .order_by("due_on", "pk")
    )


@transaction.atomic
def _record_passed(today: dt.date) -> list[Tasking]:
    batch = list(_passed(today).select_for_update(of=("self",), skip_locked=True, no_key=True)[:BATCH])
    # a date may come back after it was moved away; its passing was recorded the first time
    known = set(Event.objects.filter(kind=EventKind.PAST_DUE, tasking__in=batch).values_list("tasking_id", "due_on"))
    for tasking in batch:
        tasking.past_due_recorded = tasking.due_on
        if (tasking.pk, tasking.due_on) in known:
            continue
        # midnight after the date: the moment it began, not the moment we looked
        began = timezone.make_aware(dt.datetime.combine(tasking.due_on + dt.timedelta(days=1), dt.time()))
        # for the office alone: where a reply came nothing passes, and that would tell the public of it
        record_event(
            EventKind.PAST_DUE, by=BY, letter=tasking.ask.letter, tasking=tasking, due_on=tasking.due_on, occurred_at=began,
            payload=payloads.tasking_state(tasking),
        )  # fmt: skip
    Tasking.objects.bulk_update(batch, ["past_due_recorded"])
    return batch


def _due(rule: Rule, today: dt.date) -> TaskingQuerySet:
    """Items the rule has come due for and has not fired for: never paused, answered, snoozed, unread or deferred ones."""
    fired = Reminder.objects.filter(tasking=OuterRef("pk"), rule=rule.name, due_on=OuterRef("due_on"))
    deferred = Tasking.contacts.through.objects.filter(tasking=OuterRef("pk"), contact__next_on__gt=today)
    return (
        Tasking.objects.filter(RUNNING, due_on__lte=rule.latest_due(today))
        .filter(Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=today))
        .without_unread()
        .exclude(Exists(fired))
        .exclude(Exists(deferred))
        .select_related("ask__letter", "agency")
        .order_by("due_on", "pk")
    )


@transaction.atomic
def _remind(rule: Rule, today: dt.date) -> list[Tasking]:
    batch = list(_due(rule, today).select_for_update(of=("self",), skip_locked=True, no_key=True)[:BATCH])
    # the unique key is what makes it once; the query above only saves the work
    Reminder.objects.bulk_create(
        [Reminder(tasking=t, rule=rule.name, due_on=t.due_on, fired_on=today) for t in batch], ignore_conflicts=True
    )
    return batch


@contextmanager
def _alone() -> Iterator[bool]:
    """Hold the sweep's advisory lock for the session; False when another round has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [SWEEP_LOCK])
        (got,) = cursor.fetchone()
    try:
        yield got
    finally:
        if got:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [SWEEP_LOCK])
