from django.core.management.base import BaseCommand, CommandError

from letters.errors import RecordError
from letters.intake.seed import load_seed_letter
from letters.models import AskKind


class Command(BaseCommand):
    help = "Log the demo letter of April 25, 2023, through the verbs. Loading again changes nothing; a real office’s record refuses it."

    def handle(self, *args, **options):
        if not AskKind.objects.exists():
            raise CommandError("There is no reference data yet. Run `manage.py load_reference` first.")
        try:
            letter = load_seed_letter()
        except RecordError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(str(letter))
