"""Background work: tasks take ids, load and delegate. The database knows what is due; a task is a doorbell."""

import uuid

from celery import Task, shared_task
from django.core.cache import cache

from letters.domain import waiting_files
from letters.domain.deadlines import count
from letters.enums import ImportState, SystemProcess
from letters.intake.sheet import running
from letters.models import ImportBatch, User
from letters.reminders.dispatch import dispatch
from letters.reminders.hush import hush
from letters.reminders.sweep import sweep
from letters.report_maker import make_reports as make_what_waits

# A long sheet, or its undo (one verb a letter), takes longer than other tasks may, and whole: cut off, it would begin
# anew and be cut off at the same place again.
# A number, and not none: with none, or 0, the limit of every other task counts.
SHEET_SECONDS = 12 * 60 * 60
COME_BACK = 30  # seconds; less than the broker waits for a worker that holds a task (`tracker.celery.REDELIVERY`)


@shared_task
def sweep_reminders() -> str:
    """One round of the reminder sweep; then of files that nobody came back for, which fails no round."""
    words = sweep().words()
    waiting_files.sweep()
    return words


@shared_task(process=SystemProcess.DISPATCH)
def dispatch_mail() -> str:
    """One round of the mail."""
    return dispatch().words()


@shared_task(process=SystemProcess.REPORTS)
def make_reports() -> str:
    """One round of the reports."""
    return make_what_waits().words()


@shared_task(bind=True, time_limit=SHEET_SECONDS, max_retries=None)
def read_import(self: Task, batch: str, user: str) -> None:
    """Read a long file into rows."""
    running.run_read(_batch(batch), by=_person(user))
    _come_back(self, batch, ImportState.READING)


@shared_task(bind=True, time_limit=SHEET_SECONDS, max_retries=None)
def check_import(self: Task, batch: str, user: str) -> None:
    """Look at every row of a long file."""
    running.run_check(_batch(batch), by=_person(user))
    _come_back(self, batch, ImportState.CHECKING)


@shared_task(bind=True, time_limit=SHEET_SECONDS, max_retries=None)
def apply_import(self: Task, batch: str, user: str, leave_out_problems: bool) -> str:
    """Bring the letters of a long file in, in the person's name."""
    done = running.run_apply(_batch(batch), by=_person(user), leave_out_problems=leave_out_problems, hush=hush)
    _come_back(self, batch, ImportState.IMPORTING)
    return done.words() if done else "at work already, or refused"


@shared_task(bind=True, time_limit=SHEET_SECONDS, max_retries=None)
def undo_import(self: Task, batch: str, user: str) -> str:
    """Mark the letters of a long file as entered in error, in the person's name."""
    number = running.run_undo(_batch(batch), by=_person(user))
    _come_back(self, batch, ImportState.UNDONE)
    return "at work already, done, or refused" if number is None else f"{count(number, 'letter')} undone"


def _come_back(task: Task, batch: str, step: ImportState) -> None:
    """Ask again in a while where this step is not done: another worker is at it.

    The broker gives a task out a second time while the first is at work for longer than `REDELIVERY`, and forgets it once the
    second, which finds nothing to do, is done: should the first die after that, nobody would go on. One of each step waits at a time.
    """
    if running.is_let_go(uuid.UUID(batch), step) and cache.add(f"import-waits-{step}-{batch}", True, COME_BACK - 5):
        raise task.retry(countdown=COME_BACK)


def _batch(pk: str) -> ImportBatch:
    return ImportBatch.objects.get(pk=uuid.UUID(pk))


def _person(pk: str) -> User:
    return User.objects.get(pk=uuid.UUID(pk))
