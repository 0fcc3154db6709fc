import datetime as dt

from django.core.management.base import BaseCommand, CommandError

from letters.domain.clocks import office_today
from letters.domain.deadlines import long_date
from letters.enums import EventKind
from letters.reminders.sweep import preview, sweep


class Command(BaseCommand):
    help = (
        "Record which dates have passed and fire the reminders that have come due. Safe to run at any time and twice."
    )

    def add_arguments(self, parser):
        parser.add_argument("--today", help="Sweep as of this day, YYYY-MM-DD (default: the office's today).")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Print what would fire, and for every other open item why it would not; do nothing.",
        )
        parser.add_argument(
            "--allow-future", action="store_true", help="Fire ahead of time. Reminders that fire ahead are wrong ones."
        )

    def handle(self, *args, today=None, dry_run=False, allow_future=False, **options):
        try:
            day = dt.date.fromisoformat(today) if today else office_today()
        except ValueError as error:
            raise CommandError(
                f"--today: “{today}” is not a date. Write it as YYYY-MM-DD, for example 2023-05-25."
            ) from error
        if dry_run:
            return self.say(day)
        if day > office_today() and not allow_future:
            raise CommandError(
                f"--today: {day} is after today, {office_today()}, and a reminder that fires ahead is a wrong one. "
                "Add --dry-run to see what would fire, or --allow-future to fire it all the same."
            )
        self.stdout.write(sweep(today=day).words())

    def say(self, day: dt.date) -> None:
        """One line for each thing a sweep would write, and one for each open item of which it would write nothing."""
        passed = late = fires = 0
        for tasking, decision in preview(today=day):
            what = f"{tasking.ask.letter.reference} {tasking}"
            if decision is None:
                self.stdout.write(f"cannot be looked at: {what}: nothing would fire; the log says why")
                continue
            if EventKind.PAST_DUE in decision.events:
                passed += 1
                self.stdout.write(
                    f"would record: {what} passed {long_date(tasking.due_on)} ({tasking.get_due_basis_display()})"
                )
            if EventKind.ACKNOWLEDGEMENT_LATE in decision.events:
                late += 1
                self.stdout.write(f"would record: {what} not acknowledged by {long_date(tasking.ack_due_on)}")
            for firing in decision.fires:
                fires += 1
                which = f"({firing.rung.code}, from {long_date(firing.counts_from)})"
                quiet = "; nobody is told: its day had come when the date was set" if firing.told_before else ""
                self.stdout.write(f"would fire: {what}: {firing.rung.words} {which}{quiet}")
            if not decision.fires:
                self.stdout.write(f"nothing: {what}: {decision.why_not()}")
        self.stdout.write(
            f"{day}: {passed} dates passed, {late} acknowledgments late, {fires} reminders; nothing was written"
        )
