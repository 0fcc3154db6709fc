"""`manage.py import_letters FILE`: a spreadsheet into the record, as the page /import/ does it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

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
            "--day-first", action="store_true", help="read 4/5/2023 as May 4; without it dates are American"
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
            imported = self._run(batch, by, options)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except RecordError as error:
            raise CommandError(str(error)) from error
        if not imported:
            batches.give_up(batch, by=by)

    def _run(self, batch: ImportBatch, by: User | SystemProcess, options: dict[str, Any]) -> bool:
        """Whether the batch was imported; one that was not is forgotten, also where it was refused."""
        try:
            batch = batches.read(batch, by=by, sheet=options["sheet"] or None)
            for remark in batch.remarks:
                self.stdout.write(remark)
            self.stdout.write(f"Headers in row {batch.header_row}:")
            for header, code in zip(batch.headers, batch.columns, strict=True):
                if header or code:
                    self.stdout.write(f"  {header or '(no header)'} -> {BY_CODE[code].label if code else 'left out'}")
            if date_order(batch) in (Order.UNKNOWN, Order.MIXED) and not options["day_first"]:
                self.stdout.write("Dates like 4/5/2023 are read as American: April 5. --day-first reads them as May 4.")
            batch = batches.match(batch, by=by, columns=batch.columns, day_first=True if options["day_first"] else None)
            batch = check(batch, by=by, tell=self._tell)
            self._say_findings(batch)
            done = apply(
                batch, by=by, leave_out_problems=options["leave_out_problems"], dry=options["dry_run"], hush=hush, tell=self._tell
            )  # fmt: skip
        except RecordError:
            batches.give_up(batch, by=by)
            raise
        self.stdout.write(f"{'Would be imported: ' if options['dry_run'] else 'Imported: '}{done.words()}.")
        return not options["dry_run"]

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
