"""A spreadsheet of letters into an empty record: rows a second and the peak of memory, at 20,000 rows and at a tenth of them.

Each row is a letter of one ask to one agency, signed by two; one row in ten brings a reply and its end. Reading, checking
and importing are timed apart. What counts is the ratio of the two sizes: cost that grows with the rows, and no more.
"""

import resource
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import transaction

from bench import _ground as ground
from letters.enums import SystemProcess
from letters.intake.sheet import batches
from letters.intake.sheet.applying import apply
from letters.intake.sheet.checking import check
from letters.models import ImportBatch
from letters.reminders.hush import hush

BY = SystemProcess.SETUP
MANY = min(ground.SIZE, 20_000)  # --size
FEW = MANY // 10
AGENCIES = ("Treasury", "Commerce", "State", "Department of Justice", "Energy", "FCC", "GAO")
HEADER = "Date,Subject,Signers,Agency,Request,Status,Response date,Reply summary,Comments\n"


def sheet(rows: int, *, replies: int = 10) -> bytes:
    """That many letters; every tenth with a reply and its end, or none with `replies` 0."""
    return (HEADER + "".join(_rows(rows, replies))).encode()


def _rows(rows: int, replies: int) -> Iterator[str]:
    for n in range(rows):
        answered = bool(replies) and n % replies == 0
        end = 'answered,12/29/2023,"TEST words, in a reply"' if answered else "open,,"
        yield (
            f'{1 + n % 12}/{1 + n % 28}/2023,TEST letter {n} about something,"Hagerty, Bill; Blackburn, Marsha",'
            f"{AGENCIES[n % len(AGENCIES)]},TEST ask number {n},{end},TEST note\n"
        )


class _Back(Exception):
    pass


def brought_in(data: bytes, *, measure_memory: bool = False) -> dict[str, float]:
    """Seconds of each step, or the peak of memory in MB; everything is taken back."""
    taken: dict[str, float] = {}

    def timed(name: str, work):
        if measure_memory:
            tracemalloc.reset_peak()
        began = time.perf_counter()
        result = work()
        taken[name] = tracemalloc.get_traced_memory()[1] / 1e6 if measure_memory else time.perf_counter() - began
        return result

    if measure_memory:
        tracemalloc.start()
    try:
        with transaction.atomic():
            batch = timed("read", lambda: batches.read(batches.receive(by=BY, data=data, name="TEST.csv"), by=BY))
            batch = batches.match(batch, by=BY, columns=batch.columns)
            batch = timed("check", lambda: check(batch, by=BY))
            timed("import", lambda: apply(ImportBatch.objects.get(pk=batch.pk), by=BY, hush=hush))
            raise _Back
    except _Back:
        pass
    finally:
        tracemalloc.stop()
    return taken


def main() -> None:
    """Times first, then memory: tracing it makes everything slower."""
    settings.MEDIA_ROOT = Path(tempfile.mkdtemp(prefix="letters-bench-"))
    ground.title(f"An import; A: milliseconds a row at {MANY:,} rows, B: at {FEW:,}")
    few, many = brought_in(sheet(FEW)), brought_in(sheet(MANY))
    for step in few:
        ground.line(
            f"{step}, one row in ten with a reply and its end",
            many[step] / MANY * 1000,
            few[step] / FEW * 1000,
            target=1.3,
        )
    print(
        f"{MANY:,} rows: {sum(many.values()):.0f} s in all ({', '.join(f'{step} {seconds:.0f} s' for step, seconds in many.items())})"
    )
    open_ones = brought_in(sheet(MANY, replies=0))
    print(
        f"{MANY:,} rows, all open: {sum(open_ones.values()):.0f} s in all ({', '.join(f'{step} {seconds:.0f} s' for step, seconds in open_ones.items())})"
    )
    ground.title(f"Its peak of memory; A: at {MANY:,} rows, B: at {FEW:,}")
    few, many = brought_in(sheet(FEW), measure_memory=True), brought_in(sheet(MANY), measure_memory=True)
    for step in few:
        ground.line(step, many[step], few[step], target=2, unit="MB")
    print(f"the whole process at its largest: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")


if __name__ == "__main__":
    main()
