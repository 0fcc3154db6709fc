from django.core.management.base import BaseCommand

from letters.report_maker import make_reports


class Command(BaseCommand):
    help = "Ask for the weekly list where its moment has come, and make every report that waits. Safe at any time and twice."

    def handle(self, *args, **options):
        self.stdout.write(make_reports().words())
