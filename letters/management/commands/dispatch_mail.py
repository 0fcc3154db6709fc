from django.core.management.base import BaseCommand

from letters.reminders.dispatch import dispatch


class Command(BaseCommand):
    help = "Write the reminder mails whose moment has come, and send every mail that waits. Safe at any time and twice."

    def handle(self, *args, **options):
        self.stdout.write(dispatch().words())
