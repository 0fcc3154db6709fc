from django.core.management.base import BaseCommand

from letters.intake.reference import load_reference


class Command(BaseCommand):
    help = (
        "Load agencies, officials, kinds of ask, members of Congress, closures, laws and the reminder schedule from fixtures/. "
        "Loading again changes nothing, and what people changed or deleted in the administration stays as they left it."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--overwrite",
            action="store_true",
            help="make every row that the files name as the files say, also where people changed or deleted it; "
            "rows they added, and each agency's usual wait, stay",
        )

    def handle(self, *args, **options):
        for name, written in load_reference(overwrite=options["overwrite"]).items():
            self.stdout.write(f"{name}: {written} rows written")
