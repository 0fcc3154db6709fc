"""One round: record which dates have passed, fire what has come due, and write who is told.

The database is the truth and the broker a doorbell. A round that finds another at work leaves at once; a round that
dies rolls back one batch and loses nothing, for the next finds the same rows still to be looked at. An item that raises
is left out and logged, and holds up no other. What has to be looked at is an index: `Tasking.check_on`, set here to the
next day on which anything may come due by itself, and to the beginning of time by a trigger whenever anything happens
to the item.
"""

import datetime as dt
import logging
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from letters.domain import payloads
from letters.domain.clocks import office_today
from letters.domain.history import acting, record_event
from letters.enums import OPEN_STATUSES, EventKind, SystemProcess
from letters.models import Heartbeat, Notice, Reminder, Tasking
from letters.models.tasking_queries import TaskingQuerySet
from letters.reminders.facts import Schedule, load_schedule
from letters.reminders.faults import reached
from letters.reminders.ladder import Decision, Firing
from letters.reminders.telling import load_addressees

log = logging.getLogger(__name__)

BY = SystemProcess.SWEEP
SWEEP_LOCK = 0x73776565  # "swee"
BATCH = 200  # taskings a transaction: short locks, and a crash loses no more than this much work
HEARTBEAT = "sweep"
AT_WORK = "another sweep is at work; nothing to do"


@dataclass
class Round:
    """What one round did, in numbers: it may be about any number of items."""

    today: dt.date
    taken: bool = False  # another round was at work
    past_due: int = 0
    acknowledgements_late: int = 0
    reminders: int = 0
    notices: int = 0
    left_out: list[uuid.UUID] = field(default_factory=list)  # items that cannot be looked at: each stays due

    def words(self) -> str:
        """One line for the log."""
        if self.taken:
            return AT_WORK
        passed = f"{self.past_due} dates passed, {self.acknowledgements_late} acknowledgments late"
        left = f", {len(self.left_out)} items that could not be looked at" if self.left_out else ""
        return f"{self.today}: {passed}, {self.reminders} reminders, {self.notices} notices{left}"


def sweep(*, today: dt.date | None = None) -> Round:
    """Record every date that has passed and fire what is due on `today` (the office's day when not given)."""
    done = Round(today or office_today())
    with _alone() as alone:
        if not alone:
            done.taken = True
            return done
        started_at = timezone.now()
        with acting(BY):
            schedule = load_schedule()
            while _batch(schedule, done):
                reached("sweep.committed")
        if len(done.left_out) >= BATCH:  # no fault of some items: the round has failed, and the site says so
            raise RuntimeError(f"{len(done.left_out)} items could not be looked at; the log says why")
        reached("sweep.done")
        Heartbeat.objects.update_or_create(
            name=HEARTBEAT,
            defaults={
                "started_at": started_at,
                "finished_at": timezone.now(),
                "detail": {
                    "past_due": done.past_due, "acknowledgements_late": done.acknowledgements_late,
                    "reminders": done.reminders, "notices": done.notices,
                } | ({"left_out": len(done.left_out)} if done.left_out else {}),
            },
        )  # fmt: skip
    return done


def preview(taskings: TaskingQuerySet | None = None, *, today: dt.date) -> Iterator[tuple[Tasking, Decision | None]]:
    """What a round on `today` would do with each of these (every open item when not given), asked as a round asks.

    None: it cannot be looked at, and a round leaves it out, too. Writes nothing and holds no more than a batch in memory.
    """
    schedule = load_schedule()
    found = _selected(Tasking.objects.all() if taskings is None else taskings).filter(status__in=OPEN_STATUSES)
    keys = list(
        found.order_by(
            "ask__letter__sent_on", "ask__letter__reference", "ask__number", "agency__short_name", "pk"
        ).values_list("pk", flat=True)
    )
    for start in range(0, len(keys), BATCH):
        rows = found.in_bulk(keys[start : start + BATCH])
        batch = [rows[key] for key in keys[start : start + BATCH] if key in rows]
        yield from _decided(schedule, batch, today)


def _decided(schedule: Schedule, batch: list[Tasking], today: dt.date) -> list[tuple[Tasking, Decision | None]]:
    """As a round decides: one that raises ends nothing and holds up no other."""
    try:
        return list(schedule.decide(batch, today))
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # whatever it is, it is about one of these items alone
        if len(batch) > 1:
            return [pair for one in batch for pair in _decided(schedule, [one], today)]
        log.exception("Item %s cannot be looked at.", batch[0].pk)
        return [(batch[0], None)]


def _selected(taskings: TaskingQuerySet) -> TaskingQuerySet:
    return taskings.select_related("ask__letter", "agency")


def _batch(schedule: Schedule, done: Round) -> bool:
    """Look at the next items; False when none is left. Those somebody holds are left to the next round."""
    due = _selected(Tasking.objects.filter(check_on__lte=done.today).exclude(pk__in=done.left_out))
    due = due.order_by("check_on", "pk")
    if (looked_at := _tried(due, schedule, done)) is not None:
        return bool(looked_at)
    # one of them raises: each by itself, so that it holds up no other
    keys = list(due.values_list("pk", flat=True)[:BATCH])
    for key in keys:
        if _tried(due.filter(pk=key), schedule, done) is None:
            log.error("Item %s cannot be looked at, so nobody is reminded of it; the error is above.", key)
            done.left_out.append(key)
    return bool(keys)


def _tried(due: TaskingQuerySet, schedule: Schedule, done: Round) -> int | None:
    """How many were looked at; None, and nothing of it counts, where one of them raises. A server that is away raises here, too."""
    counted = replace(done)
    try:
        return _look_at(due, schedule, done)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # whatever it is, it is about one of these items alone
        log.exception("A batch of the sweep was rolled back.")
        vars(done).update(vars(counted))
        return None


@transaction.atomic
def _look_at(due: TaskingQuerySet, schedule: Schedule, done: Round) -> int:
    """A batch of them, all in one transaction; how many."""
    batch = list(due.select_for_update(of=("self",), skip_locked=True, no_key=True)[:BATCH])
    reached("sweep.locked")
    decided = list(schedule.decide(batch, done.today))
    _record_late(decided, done)
    reached("sweep.recorded")
    _fire([(tasking, decision.fires) for tasking, decision in decided if decision.fires], done)
    for tasking, decision in decided:
        tasking.check_on = decision.look_on
    Tasking.objects.bulk_update(batch, ["past_due_recorded", "ack_late_recorded", "check_on"])
    reached("sweep.fired")
    return len(batch)


def _record_late(decided: Sequence[tuple[Tasking, Decision]], done: Round) -> None:
    """The moment lateness begins, once for each date: snoozed and unread ones too, for the fact is the same."""
    # one kind after the other, so that what passed at one moment stands together in a story
    for tasking, decision in decided:
        if decision.past_due:
            tasking.past_due_recorded = decision.past_due
            if EventKind.PAST_DUE in decision.events:
                _began(tasking, EventKind.PAST_DUE, decision.past_due)
                done.past_due += 1
    for tasking, decision in decided:
        if decision.acknowledgement_late:
            tasking.ack_late_recorded = decision.acknowledgement_late
            if EventKind.ACKNOWLEDGEMENT_LATE in decision.events:
                _began(tasking, EventKind.ACKNOWLEDGEMENT_LATE, decision.acknowledgement_late)
                done.acknowledgements_late += 1


def _began(tasking: Tasking, kind: EventKind, day: dt.date) -> None:
    # midnight after the date: the moment it began, not the moment we looked
    began = timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))
    # for the office alone: where a reply came nothing passes, and that would tell the public of it
    record_event(
        kind, by=BY, letter=tasking.ask.letter, tasking=tasking, due_on=day, occurred_at=began,
        payload=payloads.tasking_state(tasking),
    )  # fmt: skip


def _fire(due: Sequence[tuple[Tasking, Sequence[Firing]]], done: Round) -> None:
    """Reminders with their notices: whoever is told has the line in the same transaction."""
    if not due:
        return
    addressees = load_addressees(due)
    reminders, notices = [], []
    for tasking, fires in due:
        for told in addressees.tell(tasking, fires):
            reminder = Reminder(
                tasking=tasking, rule=told.firing.rung.code, due_on=told.firing.counts_from, fired_on=done.today,
                quiet=told.quiet,
            )  # fmt: skip
            reminders.append(reminder)
            notices += [Notice(to_user_id=pk, reminder=reminder, as_manager=role) for pk, role in told.people.items()]
    # the unique key is what makes it once; what was read above only saves the work
    Reminder.objects.bulk_create(reminders, ignore_conflicts=True)
    made = set(Reminder.objects.filter(pk__in=[one.pk for one in reminders]).values_list("pk", flat=True))
    notices = [notice for notice in notices if notice.reminder_id in made]
    Notice.objects.bulk_create(notices)
    done.reminders += len(made)
    done.notices += len(notices)


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
