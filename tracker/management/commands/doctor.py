import sys

from django.core.management.base import BaseCommand

from letters.reminders.silence import CHECKS, faults
from tracker.health import signs


class Command(BaseCommand):
    help = "Ask every part whether it works. Ends with 0 when all is well, else with 1 and one line for each fault."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--questions", action="store_true", help="print what is asked, and do nothing else")

    def handle(self, *args, **options):
        if options["questions"]:
            for check in CHECKS:
                self.stdout.write(f"{check.name}: {check.question}")
            return
        seen = signs(fresh=True)
        found = faults(seen)
        for fault in found:
            self.stdout.write(fault.line())
        if found:
            sys.exit(1)
        last, following = seen.rounds["sweep"], seen.next_round("sweep")
        self.stdout.write(
            f"All is well. Last sweep {last.finished_at:%Y-%m-%d %H:%M:%S} UTC, next {following:%Y-%m-%d %H:%M:%S} UTC. "
            f"Mails waiting: {seen.waiting:,}"
            + (f", the oldest since {seen.oldest_unsent:%Y-%m-%d %H:%M:%S} UTC." if seen.oldest_unsent else ".")
        )
        if note := seen.mail_note():
            self.stdout.write(f"Note: {note}")
