from django.core.management.base import BaseCommand, CommandError

from letters.intake.seed import load_seed_letter
from letters.models import AskKind


class Command(BaseCommand):
    help = "Log the demo letter of April 25, 2023, through the verbs. Loading again changes nothing."

    def handle(self, *args, **options):
        if not AskKind.objects.exists():
            raise CommandError("There is no reference data yet. Run `manage.py load_reference` first.")
        self.stdout.write(str(load_seed_letter()))
