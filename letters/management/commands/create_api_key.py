from django.core.management.base import BaseCommand, CommandError

from letters.domain.keys import create_key
from letters.enums import Scope, SystemProcess
from letters.errors import RecordError


class Command(BaseCommand):
    help = "Create an API key and print it, once and alone: only its digest is kept."

    def add_arguments(self, parser):
        parser.add_argument("name", help="Whose key it is, as the list of keys will show it.")
        parser.add_argument("--scope", choices=Scope.values, required=True)

    def handle(self, *args, name, scope, **options):
        try:
            self.stdout.write(create_key(name, scope=scope, by=SystemProcess.COMMAND))
        except RecordError as error:
            raise CommandError(str(error)) from error
