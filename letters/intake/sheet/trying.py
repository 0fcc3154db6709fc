"""The sample sheet on its way in, all of it taken back: whether this office's server reads, resolves and logs letters."""

from django.db import transaction

from letters.domain import sheet_files
from letters.domain.access import Actor
from letters.intake.reference import FIXTURES
from letters.intake.sheet import batches
from letters.intake.sheet.applying import Applied, Hush, Undone, apply
from letters.intake.sheet.checking import check

SAMPLE = FIXTURES / "sheets" / "one-row-a-letter.csv"


def try_sample(*, by: Actor, hush: Hush) -> Applied:
    """What the import of the sample would do. Raises RecordError as the import would."""
    batch = None
    try:
        with transaction.atomic():
            batch = batches.receive(by=by, data=SAMPLE.read_bytes(), name=SAMPLE.name)
            batch = batches.read(batch, by=by)
            batch = batches.match(batch, by=by, columns=batch.columns)
            done = apply(check(batch, by=by), by=by, hush=hush)
            raise Undone
    except Undone:
        return done
    finally:
        if batch:
            sheet_files.forget(batch)
