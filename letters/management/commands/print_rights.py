from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from letters.reports.rights import as_markdown

PLACE = "docs/rights.md"


class Command(BaseCommand):
    help = "Print docs/rights.md from the table of rights."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="Write nothing; fail when the file is out of date.")

    def handle(self, *args, check=False, **options):
        path = settings.BASE_DIR / PLACE
        if path.exists() and path.read_text() == as_markdown():
            self.stdout.write(f"{PLACE}: up to date")
        elif check:
            raise CommandError(f"{PLACE} is out of date. Run `manage.py print_rights` and commit it.")
        else:
            path.write_text(as_markdown())
            self.stdout.write(f"{PLACE}: written")
