from django.core.management.base import BaseCommand

from letters.intake.reference import load_reference


class Command(BaseCommand):
    help = (
        "Load agencies, kinds of ask, members of Congress and closures from fixtures/. Loading again changes nothing."
    )

    def handle(self, *args, **options):
        for name, written in load_reference().items():
            self.stdout.write(f"{name}: {written} rows written")
