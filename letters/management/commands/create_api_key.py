from django.core.management.base import BaseCommand, CommandError

from letters.domain.keys import create_key
from letters.enums import Scope, SystemProcess
from letters.errors import RecordError
from letters.models import User


class Command(BaseCommand):
    help = "Create an API key and print it, once and alone: only its digest is kept."

    def add_arguments(self, parser):
        parser.add_argument("name", help="Whose key it is, as the list of keys will show it.")
        parser.add_argument("--scope", choices=Scope.values, required=True)
        parser.add_argument("--user", help="In whose name, and with whose rights, a key of scope office:write writes.")

    def handle(self, *args, name, scope, user=None, **options):
        person = User.objects.filter(username=user).first() if user else None
        if user and person is None:
            raise CommandError(f"--user: nobody here is called “{user}”. Give the user name they sign in with.")
        try:
            self.stdout.write(create_key(name, scope=scope, by=SystemProcess.COMMAND, user=person))
        except RecordError as error:
            raise CommandError(str(error)) from error
