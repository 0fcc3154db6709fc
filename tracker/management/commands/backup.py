import datetime as dt
from contextlib import suppress
from pathlib import Path

import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import Error
from django.utils import timezone

from letters.domain.deadlines import count
from letters.models import Heartbeat
from tracker.backups.backup import write
from tracker.backups.errors import BackupError, in_words
from tracker.backups.folders import ended_by_signals
from tracker.backups.place import here
from tracker.backups.sealing import Seal
from tracker.env import ENV


class Command(BaseCommand):
    help = "Write the database and the kept files into one file, with check sums, while the site runs."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, nargs="?", help="Where to; it must not be there yet.")
        to = parser.add_mutually_exclusive_group()
        to.add_argument("--age", metavar="RECIPIENT", default="", help="Encrypt to this recipient of age.")
        to.add_argument("--gpg", metavar="KEY", default="", help="Encrypt to this key of gpg.")
        to.add_argument(
            "--passphrase-file", metavar="FILE", type=Path, help="Encrypt by the first line of this file (gpg)."
        )

        nights = parser.add_mutually_exclusive_group()
        nights.add_argument(
            "--nightly", action="store_true", help="One of every night: /health/ and doctor say when they stop coming."
        )
        nights.add_argument(
            "--no-more-nights",
            action="store_true",
            help="Make none, and let /health/ and doctor miss none any more, until the next one with --nightly.",
        )

    def handle(self, *args, file, age, gpg, passphrase_file, nightly, no_more_nights, **options):
        if no_more_nights:
            if file:
                raise CommandError("--no-more-nights makes no backup. Leave the file out.")
            self.stdout.write(_miss_none_any_more())
            return
        if not file:
            raise CommandError("No backup was made. Say in which file.")
        began = timezone.now()
        try:
            with ended_by_signals():
                made = write(file.expanduser().absolute(), here(), Seal(age, gpg, passphrase_file))
        except BaseException as error:  # one that was stopped (SystemExit), too
            if nightly:
                _note_that_it_was_tried(began)
            if isinstance(error, (BackupError, OSError, psycopg.Error)):
                raise CommandError(f"No backup was made. {in_words(error)}") from error
            raise
        if nightly:
            # Only now, so that a night that fails leaves the one before: `silence` says of it that it is old.
            facts = {"started_at": began, "finished_at": timezone.now(), "detail": {}}
            Heartbeat.objects.update_or_create(name="backup", defaults=facts)
        rows, parts = sum(made["rows"].values()), len(made["parts"]) - 1
        sealed = (
            "encrypted" if age or gpg or passphrase_file else "not encrypted: keep it where only administrators read"
        )
        self.stdout.write(
            f"{file}: {count(rows, 'row')} and {count(parts, 'file')}, as of {made['made_at']}; {sealed}."
        )


def _miss_none_any_more() -> str:
    """A person's word: no start of the site takes silence for it, for a dead timer is as silent as one that was ended."""
    if ENV.BACKUP_DIR:
        raise CommandError(
            "BACKUP_DIR says that there are to be nightly backups. Take it out of the environment first."
        )
    known, _ = Heartbeat.objects.filter(name="backup").delete()
    if not known:
        return "No nightly backup was expected."
    return (
        "No nightly backup is missed any more. The next one made or tried with --nightly is followed by others again."
    )


def _note_that_it_was_tried(began: dt.datetime) -> None:
    """Where no night ever succeeded: else nothing would say that there is to be one."""
    with suppress(Error):
        never = Heartbeat.objects.filter(name="backup", finished_at=None)
        if not never.filter(detail__only_expected=True).update(started_at=began, detail={}):
            Heartbeat.objects.get_or_create(name="backup", defaults={"started_at": began})
