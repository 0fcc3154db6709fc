from pathlib import Path

import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from letters.domain.deadlines import count
from tracker.backups.errors import BackupError, in_words
from tracker.backups.folders import ended_by_signals
from tracker.backups.place import here
from tracker.backups.restore import restore


class Command(BaseCommand):
    help = "Put a backup back into an empty database, all of it or nothing, and begin a new epoch of the feed."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="Remove everything that is in the database first.")
        parser.add_argument(
            "--identity", metavar="FILE", type=Path, help="The key of age, where it is encrypted by it."
        )
        parser.add_argument(
            "--passphrase-file", metavar="FILE", type=Path, help="Whose first line it was encrypted by."
        )

    def handle(self, *args, file, replace, identity, passphrase_file, **options):
        place = here()
        connection.close()
        try:
            with ended_by_signals():
                done = restore(
                    file.expanduser().absolute(), place, replace=replace, identity=identity, passphrase=passphrase_file
                )
        except (BackupError, OSError, psycopg.Error) as error:
            raise CommandError(f"Not restored. {in_words(error)}") from error
        self.stdout.write(
            f"Restored as of {done['made_at']}: {count(sum(done['rows'].values()), 'row')} and {count(len(done['parts']) - 1, 'file')}. "
            "A new epoch of the feed has begun, and nobody is signed in. Start the site: it brings the tables up to date.\n"
            "What was ended or closed since then is alive again: keys (/keys/), accounts (/people/), passwords and second "
            "factors that were changed, restrictions of letters, and what was taken back from the public. Look at each "
            "before others do."
        )
