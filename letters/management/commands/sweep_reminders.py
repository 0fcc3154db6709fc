import datetime as dt

from django.core.management.base import BaseCommand, CommandError

from letters.reminders.sweep import sweep


class Command(BaseCommand):
    help = "Record which dates have passed and flag each once. Safe to run at any time and twice."

    def add_arguments(self, parser):
        parser.add_argument("--today", help="Sweep as of this day, YYYY-MM-DD (default: the office's today).")
        parser.add_argument("--dry-run", action="store_true", help="Print what would be done, and do nothing.")

    def handle(self, *args, today=None, dry_run=False, **options):
        try:
            day = dt.date.fromisoformat(today) if today else None
        except ValueError as error:
            raise CommandError(
                f"--today: “{today}” is not a date. Write it as YYYY-MM-DD, for example 2023-05-25."
            ) from error
        done = sweep(today=day, dry_run=dry_run)
        if dry_run:
            for tasking in done.past_due:
                self.stdout.write(f"would record: {tasking} passed {tasking.due_on} ({tasking.due_basis})")
            for tasking, rule in done.reminders:
                self.stdout.write(f"would remind: {tasking} by {rule}, due {tasking.due_on}")
        self.stdout.write(done.words())
