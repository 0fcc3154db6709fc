"""Background work: tasks take ids, load and delegate. The database knows what is due; a task is a doorbell."""

from celery import shared_task

from letters.reminders.sweep import sweep


@shared_task
def sweep_reminders() -> str:
    """One round of the reminder sweep."""
    return sweep().words()
