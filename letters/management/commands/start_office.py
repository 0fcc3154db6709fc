from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from letters.domain.office import start_office
from letters.enums import SystemProcess
from letters.errors import RecordError
from tracker.accounts import one_time_path


class Command(BaseCommand):
    help = (
        "Make the office and its first administrator, and print the link by which they choose a password, once. "
        "Refused where there is an office."
    )

    def add_arguments(self, parser):
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--member", metavar="BIOGUIDE", default="", help="Whose office it is: a Bioguide ID.")
        whose.add_argument("--committee", metavar="NAME", default="", help="Or the name of a committee.")
        parser.add_argument("--admin", metavar="EMAIL", required=True, help="The first administrator's address.")
        parser.add_argument("--name", default="", help="The administrator's name, as colleagues know them.")

    def handle(self, *args, member, committee, admin, name, **options):
        if not (member.strip() or committee.strip()):
            raise CommandError("Say whose office it is: --member BIOGUIDE or --committee NAME. One was given empty.")
        try:
            validate_email(admin)
        except ValidationError as error:
            raise CommandError(f"--admin: “{admin}” is no e-mail address. Write it as name@example.gov.") from error
        try:
            _, user = start_office(
                by=SystemProcess.COMMAND, email=admin, name=name, bioguide=member, committee=committee
            )
        except RecordError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{settings.SITE_ADDRESS}{one_time_path(user)}")
