"""Background work: tasks take ids, load and delegate. The database knows what is due; a task is a doorbell."""

from celery import shared_task

from letters.domain import waiting_files
from letters.enums import SystemProcess
from letters.reminders.dispatch import dispatch
from letters.reminders.sweep import sweep
from letters.report_maker import make_reports as make_what_waits


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
