"""What somebody types over the cells of a row, or leaves out, kept beside what the file says."""

import hashlib
import json

from django.db import transaction

from letters.domain.access import Actor
from letters.domain.history import acting
from letters.domain.rules import check_text
from letters.enums import ImportState
from letters.errors import Problem, RecordError, StaleVersion
from letters.intake.sheet.batches import SKIP, lock, own_words, require_handling, saved, values_of
from letters.intake.sheet.columns import BY_CODE
from letters.intake.sheet.csv_file import FORMULA
from letters.models import ImportBatch, ImportRow

MAX_CELL = 20_000  # characters
ROW_CHANGED = (
    "Row {row} was changed while you had it open, so nothing of yours was saved. Its cells stand below as they are now, and "
    "beside each that differs what you had there."
)


def shown(batch: ImportBatch, row: ImportRow) -> dict[str, str]:
    """The words of a row as a page draws them: a formula without its mark, which what comes back has not either."""
    return {code: words.removeprefix(FORMULA) for code, words in values_of(batch, row).items()}


def version_of(batch: ImportBatch, row: ImportRow) -> str:
    """Another one whenever the words of a row are others, or it is left out: two people may mend two rows at once."""
    return hashlib.sha256(json.dumps([shown(batch, row), SKIP in row.mended]).encode()).hexdigest()[:16]


@transaction.atomic
def mend(
    row: ImportRow, *, by: Actor, values: dict[str, str], leave_out: bool = False, expected_version: str | None = None
) -> ImportRow:
    """Keep what is typed over cells of a row. The batch has to be checked again after it.

    A cell that comes back as it was drawn is nobody's typing; one that says again what the file says is mended no more.
    """
    require_handling(by, row.batch)
    with acting(by, why="import"):
        batch = lock(row.batch)
        row = ImportRow.objects.select_for_update().get(pk=row.pk)
        if expected_version not in (None, version_of(batch, row)):
            raise StaleVersion(Problem("version", ROW_CHANGED.format(row=row.number), expected_version))
        now = shown(batch, row)
        # browsers end the lines of a text their own way
        typed = {code: words.replace("\r\n", "\n") for code, words in values.items()}
        typed = {code: words for code, words in typed.items() if words != now.get(code, "")}
        if problems := [problem for code, words in typed.items() for problem in _check_cell(code, words)]:
            raise RecordError(*problems)
        of_file = {code: words.removeprefix(FORMULA) for code, words in own_words(batch, row).items()}
        row.mended = {code: words for code, words in (row.mended | typed).items() if words != of_file.get(code, "")}
        if leave_out:
            row.mended[SKIP] = "yes"
        else:
            row.mended.pop(SKIP, None)
        row.save(update_fields=["mended"])
        batch.state = ImportState.CHECKING
        saved(batch)
        return row


def _check_cell(code: str, words: str) -> list[Problem]:
    if code not in BY_CODE:
        return [Problem(code, f"“{code}” is no column we know.", words)]
    label = BY_CODE[code].label
    if len(words) > MAX_CELL:
        return [Problem(code, f"{label} has {len(words):,} characters; at most {MAX_CELL:,} can be typed here.", words)]
    return check_text(code, label, words, MAX_CELL)
