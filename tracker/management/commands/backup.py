from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from letters.domain.deadlines import count
from letters.models import Heartbeat
from tracker.backups.backup import write
from tracker.backups.errors import BackupError
from tracker.backups.place import here
from tracker.backups.sealing import Seal


class Command(BaseCommand):
    help = "Write the database and the kept files into one file, with check sums, while the site runs."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="Where to; it must not be there yet.")
        to = parser.add_mutually_exclusive_group()
        to.add_argument("--age", metavar="RECIPIENT", default="", help="Encrypt to this recipient of age.")
        to.add_argument("--gpg", metavar="KEY", default="", help="Encrypt to this key of gpg.")
        to.add_argument(
            "--passphrase-file", metavar="FILE", type=Path, help="Encrypt by the first line of this file (gpg)."
        )

        parser.add_argument(
            "--nightly", action="store_true", help="One of every night: /health/ and doctor say when they stop coming."
        )

    def handle(self, *args, file, age, gpg, passphrase_file, nightly, **options):
        began = timezone.now()
        try:
            made = write(file.expanduser().absolute(), here(), Seal(age, gpg, passphrase_file))
        except (BackupError, OSError) as error:
            raise CommandError(f"No backup was made. {error}") from error
        if nightly:
            # Only now, so that a night that fails leaves the one before: `silence` says of it that it is old.
            facts = {"started_at": began, "finished_at": timezone.now()}
            Heartbeat.objects.update_or_create(name="backup", defaults=facts)
        rows, parts = sum(made["rows"].values()), len(made["parts"]) - 1
        sealed = (
            "encrypted" if age or gpg or passphrase_file else "not encrypted: keep it where only administrators read"
        )
        self.stdout.write(
            f"{file}: {count(rows, 'row')} and {count(parts, 'file')}, as of {made['made_at']}; {sealed}."
        )
