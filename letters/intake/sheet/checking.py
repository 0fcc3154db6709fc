"""Looking at every letter of a batch: what it would become, what is in the way. Some hundred letters at a time."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any

from django.db import transaction
from django.db.models import Max

from letters.domain.access import Actor
from letters.domain.clocks import office_today
from letters.domain.copying import write_over
from letters.domain.history import acting
from letters.enums import ImportState
from letters.intake.sheet import columns as known
from letters.intake.sheet import grouping
from letters.intake.sheet.batches import AT_ONCE, SKIP, STANDING, Tell, nothing, require_handling, saved, values_of
from letters.intake.sheet.cells import Row
from letters.intake.sheet.days import Order, order_of
from letters.intake.sheet.findings import Finding
from letters.intake.sheet.looking_up import already_here, known_before, say_numbers
from letters.intake.sheet.own_words import Own, likeness_of, own_letters
from letters.intake.sheet.planning import Planned, key_of, plan_letter
from letters.intake.sheet.resolving import Directory
from letters.models import ImportBatch, ImportRow

LETTERS_AT_ONCE = 200
HERE = "already here: "
TWINS = (
    "Subject: the same day and subject as row {}, under another number: one letter or two? It comes in as a letter of its own. If "
    "they are one, give both rows the same number; if all numbers of the sheet count rows, leave their column out."
)


def check(batch: ImportBatch, *, by: Actor, tell: Tell = nothing) -> ImportBatch:
    """Look at every letter: what it would become, what is in the way. Writes into the rows of the batch alone."""
    require_handling(by, batch)
    with acting(by, why="import"):
        day_first = effective_day_first(batch, date_order(batch))
        _number(batch, day_first=bool(day_first))
        counts: Counter[str] = Counter(
            rows=batch.rows.count(), problems=0, remarks=0, new=0, here=0, blocked=0, items=0
        )
        for rows, planned in plan_all(batch, by=by, day_first=day_first, tell=tell):
            for one, (letter, here) in zip(rows, planned, strict=True):
                _note(one, letter, here)
                counts["here" if here else "blocked" if letter.is_blocked else "new"] += 1
                counts["problems"] += sum(finding.blocks for finding in letter.findings)
                counts["remarks"] += sum(not finding.blocks for finding in letter.findings)
                if not here and letter.sent:
                    counts["items"] += sum(len(ask.sent.items) for ask in letter.asks)
            flat = [row for one in rows for row in one]
            write_over(flat, ["findings", "result", "resolved", "blocked"])
        skipped = batch.rows.filter(mended__has_key=SKIP)
        counts["skipped"] = skipped.count()
        skipped.update(findings=[], resolved={}, blocked=False, result="left out")
        with transaction.atomic():
            now = ImportBatch.objects.select_for_update().filter(pk=batch.pk).first()
            # let go, mended or given up meanwhile: what was looked at is no longer what stands there
            if now is None or now.state not in STANDING or now.version != batch.version:
                return now or batch
            now.counts, now.state = dict(counts), ImportState.READY
            return saved(now)


Planning = tuple[list[list[ImportRow]], list[tuple[Planned, str]]]


def plan_all(batch: ImportBatch, *, by: Actor, day_first: bool | None, tell: Tell = nothing) -> Iterator[Planning]:
    """Some hundred letters at a time: the rows of each, what they mean, and the reference of one that is here already.

    All as whoever brought the file in may see it: they read what is found, whoever looks, and what is found is what comes in.
    """
    by = batch.owner or by
    directory = Directory(by)
    today = office_today()
    own, before = own_letters(batch, day_first=day_first), known_before()
    letters = batch.rows.aggregate(last=Max("letter_no"))["last"] or 0
    alike: Counter[int] = Counter()
    first_rows: dict[int, int] = {}  # of letters of one day and subject
    for start in range(1, letters + 1, LETTERS_AT_ONCE):
        found = batch.rows.filter(letter_no__range=(start, start + LETTERS_AT_ONCE - 1)).exclude(mended__has_key=SKIP)
        groups = [
            list(rows) for _, rows in groupby(found.order_by("letter_no", "number"), key=lambda row: row.letter_no)
        ]
        planned = []
        for rows in groups:
            words = [Row(row.number, values_of(batch, row)) for row in rows]
            letter = plan_letter(words, directory, day_first=day_first, today=today)
            if letter.day:
                likeness = likeness_of(letter.day, letter.subject)
                alike[likeness] += 1
                letter.nth = alike[likeness]
                letter.key = key_of(letter.day, letter.subject, letter.nth)
                _know_again(letter, likeness, [own[number] for number in letter.rows if number in own])
                first = first_rows.setdefault(likeness, letter.rows[0])
                if letter.nth > 1 and not grouping.REFERENCE.match(letter.number):
                    letter.findings.append(Finding(letter.rows[0], "subject", TWINS.format(first), blocks=False))
            planned.append(letter)
        here = already_here(planned, batch, before, by=by)
        say_numbers(planned, here, batch, by=by)
        yield groups, [(letter, here.get(place, "")) for place, letter in enumerate(planned)]
        tell(min(start + LETTERS_AT_ONCE - 1, letters), letters)


def _know_again(letter: Planned, likeness: int, own: list[Own]) -> None:
    """Where day and subject are the file's own, so is which of several alike it is; the same file has its own words again."""
    if own and own[0].likeness == likeness:
        letter.key = own[0].key
    letter.filed = [one.key for one in own] or [letter.key]


def date_order(batch: ImportBatch) -> Order:
    """What the dates of the sheet prove about day and month."""
    places = [place for place, code in enumerate(batch.columns) if code in known.DATES]
    return order_of(
        cells[place]
        for cells in batch.rows.values_list("cells", flat=True).iterator(AT_ONCE)
        for place in places
        if place < len(cells)
    )


def effective_day_first(batch: ImportBatch, order: Order) -> bool | None:
    """How ambiguous dates are read: as a person said, else as the other dates of the sheet prove; None: nobody knows."""
    if batch.day_first is not None:
        return batch.day_first
    return {Order.DAY_FIRST: True, Order.MONTH_FIRST: False}.get(order)


def _note(rows: list[ImportRow], letter: Planned, here: str) -> None:
    by_row: dict[int, list[dict[str, Any]]] = {row.number: [] for row in rows}
    for finding in letter.findings:
        by_row[finding.row].append(finding.as_json())
    for place, row in enumerate(rows):
        row.findings = by_row[row.number]
        row.blocked = letter.is_blocked and not here
        row.resolved = letter.resolved if place == 0 else {}
        if place:
            row.result = f"with row {rows[0].number}"
        elif here:
            row.result = f"{HERE}{here}"
        elif letter.is_blocked:
            row.result = "not ready"
        else:
            items = sum(len(ask.sent.items) for ask in letter.asks)
            row.result = f"new letter: {max(1, len(letter.asks))} {'ask' if len(letter.asks) < 2 else 'asks'}, {items} {'item' if items == 1 else 'items'}"


def _number(batch: ImportBatch, *, day_first: bool) -> None:
    """Give each row the number of its letter."""

    rows = batch.rows.exclude(mended__has_key=SKIP).order_by("number")

    def identities() -> Iterator[grouping.Identity]:
        for row in rows.iterator(AT_ONCE):
            yield grouping.identity(values_of(batch, row), day_first=day_first)

    numbers = grouping.letters_of(identities, has_numbers="number" in batch.columns)
    given = rows.iterator(AT_ONCE)
    while part := list(islice(given, AT_ONCE)):
        for row in part:
            row.letter_no = next(numbers)
        write_over(part, ["letter_no"])
