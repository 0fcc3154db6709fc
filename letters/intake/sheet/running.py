"""The long steps of an import, for a page and for the worker: one at a time a batch, with progress beside the transaction.

Progress is in the cache, so that it is seen while the transaction that imports is not; losing it costs nothing.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F
from redis.exceptions import RedisError

from letters.domain import sheet_files
from letters.domain.access import Actor
from letters.domain.history import acting
from letters.enums import ImportState
from letters.errors import RecordError
from letters.intake.sheet import batches
from letters.intake.sheet.applying import IMPORT_LOCK, Applied, Hush, apply
from letters.intake.sheet.checking import check
from letters.intake.sheet.undoing import UNDOING, undo, undoable
from letters.intake.sheet.xlsx_file import is_short
from letters.models import ImportBatch

KEPT = 3600  # seconds
LEFT_OUT = "leave_out"  # in `counts`: whether letters with problems are left out, from when it was let go
DRY = "dry"  # in `counts`: it is tried, and taken back
TRIED = "tried"  # in `counts`: what came of that, in words
LONG = 200_000  # bytes of a file that the worker reads, not the page
LONG_ROWS = 400
LONG_UNDO = 100  # letters


def progress(batch: ImportBatch) -> tuple[int, int] | None:
    """How many of how many (0: not known), as last told."""
    with suppress(RedisError):
        if told := cache.get(f"import-{batch.pk}"):
            return tuple(told)
    return None


def is_long(batch: ImportBatch) -> bool:
    """Whether its steps take so long that nobody should wait for the answer of a page."""
    if batch.size > LONG or batch.counts.get("rows", 0) > LONG_ROWS:
        return True
    return not is_short(sheet_files.path(batch))


def run_read(batch: ImportBatch, *, by: Actor) -> None:
    """Read the file into rows; what cannot be read is said on the batch. Once: a task that comes back finds columns matched."""
    with _alone(batch) as alone:
        if alone and _is_at(batch, ImportState.READING):
            sheet, header_row = batch.counts.get(batches.WANTED, (None, None))
            try:
                batches.read(batch, by=by, sheet=sheet, header_row=header_row, tell=_tell(batch))
            except RecordError as error:
                # what was read before another sheet or row was chosen is there still
                _fail(batch, error, by=by, state=ImportState.MATCHING if batch.headers else ImportState.FAILED)


def run_check(batch: ImportBatch, *, by: Actor) -> None:
    """Look at every row; once more where one was mended meanwhile, since whoever mended it found this one at work."""
    with _alone(batch) as alone:
        while alone and _is_at(batch, ImportState.CHECKING):
            check(batch, by=by, tell=_tell(batch))


def run_apply(batch: ImportBatch, *, by: Actor, leave_out_problems: bool, hush: Hush) -> Applied | None:
    """Import, or try, a batch that `begin` let go; what is refused puts it back to where it can be mended. None: it is at work already."""
    with _alone(batch) as alone:
        if not alone:
            return None
        batch.refresh_from_db()
        if batch.state != ImportState.IMPORTING:
            return None
        try:
            dry = bool(batch.counts.get(DRY))
            done = apply(batch, by=by, leave_out_problems=leave_out_problems, dry=dry, hush=hush, tell=_tell(batch))
            if dry:
                _tried(batch, done, by=by)
            return done
        except RecordError as error:
            _fail(batch, error, by=by, state=ImportState.READY)
            return None
        except BaseException:
            _fail(batch, None, by=by, state=ImportState.READY)
            raise


def is_long_to_undo(batch: ImportBatch) -> bool:
    """Whether undoing it takes longer than anybody should wait for the answer of a page."""
    return batch.counts.get("imported", 0) > LONG_UNDO


@transaction.atomic
def begin_undo(batch: ImportBatch, *, by: Actor, reason: str) -> ImportBatch:
    """Let an import be undone. What stands against it is said here, before anybody waits."""
    with acting(by, why=reason):
        batch, _ = undoable(batch, by=by, reason=reason)
        batch.counts[UNDOING] = reason
        batch.counts.pop("refused", None)
        batch.save(update_fields=["counts"])
        return batch


def run_undo(batch: ImportBatch, *, by: Actor) -> int | None:
    """Undo what `begin_undo` let go: all of it or nothing. None: it is at work already, done, or refused."""
    with _alone(batch) as alone:
        if not alone:
            return None
        batch.refresh_from_db()
        if batch.state != ImportState.IMPORTED or UNDOING not in batch.counts:
            return None
        try:
            return undo(batch, by=by, reason=batch.counts[UNDOING], tell=_tell(batch))
        except RecordError as error:
            _fail(batch, error, by=by, state=ImportState.IMPORTED)
            return None
        except BaseException:
            _fail(batch, None, by=by, state=ImportState.IMPORTED, what="Undoing")
            raise


@transaction.atomic
def begin(
    batch: ImportBatch,
    *,
    by: Actor,
    leave_out_problems: bool = False,
    dry: bool = False,
    expected_version: int | None = None,
) -> ImportBatch:
    """Let a checked batch go: from here on nobody mends it. What was chosen stands when the step is started again.

    `dry`: it is tried, and stands as before then.
    """
    batches.require_handling(by, batch)
    with acting(by, why="import"):
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if batch.state not in (ImportState.READY, ImportState.IMPORTING):
            raise RecordError.of("state", f"“{batch.file_name}” is {batch.get_state_display()}. Check its rows first.")
        if batch.state == ImportState.READY:
            batches.require_version(batch, expected_version)
            batch.counts |= {LEFT_OUT: leave_out_problems, DRY: dry}
        batch.state = ImportState.IMPORTING
        for said in ("refused", TRIED):
            batch.counts.pop(said, None)
        batch.save(update_fields=["state", "counts"])
        return batch


def is_let_go(pk: uuid.UUID, step: ImportState) -> bool:
    """Whether this step of a batch was begun and is not done; `UNDONE` stands for undoing it."""
    batch = ImportBatch.objects.filter(pk=pk).first()
    if batch is None:
        return False
    return UNDOING in batch.counts if step == ImportState.UNDONE else batch.state == step


def _is_at(batch: ImportBatch, state: ImportState) -> bool:
    """Whether it stands there now, whatever it was when it was given out; then as it is now."""
    if not ImportBatch.objects.filter(pk=batch.pk, state=state).exists():
        return False
    batch.refresh_from_db()
    return True


def _tell(batch: ImportBatch) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        # inside the transaction of the work itself, which a broker that is away for a second must not undo
        with suppress(RedisError):
            cache.set(f"import-{batch.pk}", (done, total), KEPT)

    return tell


def _fail(
    batch: ImportBatch, error: RecordError | None, *, by: Actor, state: ImportState, what: str = "The import"
) -> None:
    words = (
        str(error)
        if error
        else f"{what} stopped in the middle, and nothing of it was kept. Try again; the log says why."
    )
    with transaction.atomic(), acting(by, why="import"):
        found = ImportBatch.objects.select_for_update().filter(pk=batch.pk).first()
        if found:
            found.state, found.counts = state, {**found.counts, "refused": words}
            for begun in (UNDOING, DRY, batches.WANTED):
                found.counts.pop(begun, None)
            found.version = F("version") + 1
            found.save(update_fields=["state", "counts", "version"])


def _tried(batch: ImportBatch, done: Applied, *, by: Actor) -> None:
    with transaction.atomic(), acting(by, why="import"):
        found = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        found.state, found.counts = ImportState.READY, {**found.counts, DRY: False, TRIED: done.words()}
        batches.saved(found)


@contextmanager
def _alone(batch: ImportBatch) -> Iterator[bool]:
    """One run a batch: a task that the broker gives out twice finds the other at work."""
    key = batch.pk.int & 0x7FFFFFFF
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [IMPORT_LOCK, key])
        (got,) = cursor.fetchone()
    try:
        if got:
            with suppress(RedisError):
                cache.delete(f"import-{batch.pk}")
        yield got
    finally:
        if got:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [IMPORT_LOCK, key])
