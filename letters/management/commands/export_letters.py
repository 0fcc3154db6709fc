"""`manage.py export_letters FILE`: the record as a sheet that `import_letters` reads back."""

import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from letters.enums import SystemProcess
from letters.intake.sheet.exporting import as_csv, as_xlsx


class Command(BaseCommand):
    help = (
        "Writes all sent letters but restricted ones into a CSV or XLSX file, in the columns that import_letters reads."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="ends in .csv or .xlsx")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if path.suffix not in (".csv", ".xlsx"):
            raise CommandError(f"{path}: the name has to end in .csv or .xlsx, which says what is written.")
        try:
            if path.suffix == ".csv":
                with path.open("w", encoding="utf-8", newline="") as written:
                    written.writelines(as_csv(SystemProcess.COMMAND))
            else:
                with path.open("wb") as written_bytes, as_xlsx(SystemProcess.COMMAND) as book:
                    shutil.copyfileobj(book, written_bytes)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{path} is written.")
