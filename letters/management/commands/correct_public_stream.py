from django.core.management.base import BaseCommand

from letters.domain.unconfirmed import take_back
from letters.enums import SystemProcess


class Command(BaseCommand):
    help = (
        "Correct in the public change stream what an earlier version told there as a fact and was none: state and party of "
        "signers nobody had confirmed. Running it again changes nothing."
    )

    def handle(self, *args, **options):
        self.stdout.write(f"letters corrected for the public: {take_back(by=SystemProcess.SETUP)}")
