from django.core.management.base import BaseCommand

from letters.domain.feed import start_epoch


class Command(BaseCommand):
    help = "After a restore: refuse every feed cursor given before, so that followers take a new snapshot."

    def handle(self, *args, **options):
        self.stdout.write(f"New feed epoch {start_epoch().pk}. Older cursors are answered with 410.")
