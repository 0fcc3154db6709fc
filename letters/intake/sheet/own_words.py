"""Which letter is which by the words of the file alone, as it says them again when it comes in a second time: without what
somebody typed over cells, and with the rows that were left out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from letters.domain.rules import plain
from letters.intake.sheet import grouping
from letters.intake.sheet.batches import AT_ONCE, own_words
from letters.intake.sheet.cells import Cells, Row
from letters.intake.sheet.planning import day_of, key_of, subject_of
from letters.models import ImportBatch

TOLD = ("letter_date", "sent_on", "printed_date", "subject")


@dataclass(frozen=True)
class Own:
    """A letter of the file: what it is known by, and a hash of its day and subject."""

    key: str
    likeness: int


def likeness_of(letter_day: object, subject: str) -> int:
    """Letters of one day and subject have the same."""
    return hash((letter_day, plain(subject)))


def own_letters(batch: ImportBatch, *, day_first: bool | None) -> dict[int, Own]:
    """By the number of its first row, each letter that has a day. Nothing where no row was touched: then each is as it is planned."""
    if not batch.rows.exclude(mended={}).exists():
        return {}

    def rows() -> Iterator[Row]:
        for row in batch.rows.order_by("number").iterator(AT_ONCE):
            yield Row(row.number, own_words(batch, row))

    numbers = grouping.letters_of(
        lambda: (grouping.identity(row.values, day_first=bool(day_first)) for row in rows()),
        has_numbers="number" in batch.columns,
    )
    told: dict[int, Row] = {}  # by letter: its first row, with the first words that its rows have
    for row, letter in zip(rows(), numbers, strict=True):
        first = told.setdefault(letter, Row(row.number, {}))
        for code in TOLD:
            if words := row.get(code):
                first.values.setdefault(code, words)
    alike: Counter[int] = Counter()
    found = {}
    for row in told.values():
        day, subject = day_of(Cells(day_first=day_first), [row]), subject_of(row.get("subject"))
        if day:
            likeness = likeness_of(day, subject)
            alike[likeness] += 1
            found[row.number] = Own(key_of(day, subject, alike[likeness]), likeness)
    return found
