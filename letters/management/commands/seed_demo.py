from django.core.management.base import BaseCommand, CommandError

from letters.errors import RecordError
from letters.intake.demo import load_demo
from letters.models import AskKind


class Command(BaseCommand):
    help = "Log the 24 real letters of the demo beside the seed letter. Loading again changes nothing; real letters refuse it."

    def handle(self, *args, **options):
        if not AskKind.objects.exists():
            raise CommandError("There is no reference data yet. Run `manage.py load_reference` first.")
        try:
            letters = load_demo()
        except RecordError as error:
            raise CommandError(" ".join(problem.message for problem in error.problems)) from error
        for letter in letters:
            self.stdout.write(str(letter))
