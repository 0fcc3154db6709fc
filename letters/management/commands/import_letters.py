"""`manage.py import_letters FILE`: a spreadsheet into the record, as the page /import/ does it."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from letters.domain import files
from letters.enums import SystemProcess
from letters.errors import RecordError
from letters.intake.sheet import batches
from letters.intake.sheet.applying import apply
from letters.intake.sheet.checking import check, date_order
from letters.intake.sheet.columns import BY_CODE
from letters.intake.sheet.days import Order
from letters.models import ImportBatch, ImportRow, User
from letters.reminders.hush import hush

SHOWN = 40  # sentences; the page has all


class Command(BaseCommand):
    help = "Brings the letters of a CSV or XLSX file into the record, all or none; those that are here already stay as they are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="do everything, and take it back")
        parser.add_argument(
            "--as",
            dest="username",
            default="",
            help="whose name the letters are logged in; without it the command line's",
        )
        parser.add_argument("--sheet", default="", help="the sheet of a workbook that has several")
        parser.add_argument(
            "--day-first",
            action=argparse.BooleanOptionalAction,
            default=None,
            help="read 4/5/2023 as May 4; unsaid as it was of the last sheet with these headers, else American",
        )
        parser.add_argument(
            "--leave-out-problems",
            action="store_true",
            help="import the other letters without those that have a problem",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        by = self._by(options["username"])
        try:
            if path.stat().st_size > files.MAX_FILE:
                raise files.too_large(path.name)
            batch = batches.receive(by=by, data=path.read_bytes(), name=path.name, sheet=options["sheet"])
            imported = False
            try:
                imported = self._run(batch, by, options)
            finally:
                # also where somebody pressed Ctrl-C, or the database went away for a moment
                if not imported:
                    self._forget(batch, by)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except RecordError as error:
            raise CommandError(str(error)) from error

    def _forget(self, batch: ImportBatch, by: User | SystemProcess) -> None:
        if not connection.is_usable():
            connection.close()  # and is opened anew
        try:
            batches.give_up(batch, by=by)
        except RecordError as error:  # it came in a moment before, or its file cannot be deleted
            self.stderr.write(str(error))
        except (DatabaseError, OSError):
            self.stderr.write(
                f"“{batch.file_name}” was not imported, and could not be forgotten: a manager does that on /import/."
            )

    def _run(self, batch: ImportBatch, by: User | SystemProcess, options: dict[str, Any]) -> bool:
        """Whether the batch was imported."""
        batch = batches.read(batch, by=by, sheet=options["sheet"] or None)
        for remark in batch.remarks:
            self.stdout.write(remark)
        self.stdout.write(f"Headers in row {batch.header_row}:")
        for header, code in zip(batch.headers, batch.columns, strict=True):
            if header or code:
                self.stdout.write(f"  {header or '(no header)'} -> {BY_CODE[code].label if code else 'left out'}")
        batch = batches.match(
            batch, by=by, columns=batch.columns, day_first=self._day_first(batch, options["day_first"])
        )
        batch = check(batch, by=by, tell=self._tell)
        self._say_findings(batch)
        done = apply(
            batch, by=by, leave_out_problems=options["leave_out_problems"], dry=options["dry_run"], hush=hush, tell=self._tell
        )  # fmt: skip
        self.stdout.write(f"{'Would be imported: ' if options['dry_run'] else 'Imported: '}{done.words()}.")
        return not options["dry_run"]

    def _day_first(self, batch: ImportBatch, said: bool | None) -> bool | None:
        """How dates like 4/5/2023 are read. Where nobody says it now, and the sheet does not, that is said."""
        if said is not None or date_order(batch) not in (Order.UNKNOWN, Order.MIXED):
            return said
        self.stdout.write(
            "Dates like 4/5/2023 are read as May 4, as those of the last sheet with these headers. --no-day-first reads them as April 5."
            if batch.day_first
            else "Dates like 4/5/2023 are read as American: April 5. --day-first reads them as May 4."
        )
        return batch.day_first

    def _say_findings(self, batch: ImportBatch) -> None:
        rows = ImportRow.objects.filter(batch=batch).exclude(findings=[]).order_by("number")
        lines = [
            f"row {row.number}: {finding['words']}"
            for row in rows.iterator(500)
            for finding in row.findings
            if finding["blocks"]
        ]
        remarks = [
            f"row {row.number}: {f['words']}" for row in rows.iterator(500) for f in row.findings if not f["blocks"]
        ]
        for heading, sentences in (("Problems", lines), ("Worth a look", remarks)):
            if sentences:
                self.stdout.write(f"{heading} ({len(sentences):,}):")
                for sentence in sentences[:SHOWN]:
                    self.stdout.write(f"  {sentence}")
                if len(sentences) > SHOWN:
                    self.stdout.write(f"  and {len(sentences) - SHOWN:,} more")

    def _tell(self, done: int, total: int) -> None:
        if self.stdout.isatty() and total > 1000:
            self.stdout.write(f"\r{done:,} of {total:,} letters", ending="")

    def _by(self, username: str) -> User | SystemProcess:
        if not username:
            return SystemProcess.COMMAND
        try:
            return User.objects.get(username__iexact=username)
        except User.DoesNotExist as error:
            raise CommandError(f"--as: nobody here has the user name “{username}”.") from error
