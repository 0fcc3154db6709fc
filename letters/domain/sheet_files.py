"""The spreadsheets that people bring in, each for itself: so that one that was not imported can be forgotten, bytes and all.

What is kept with the record lies under the digest of its bytes, which others may have kept, too, and is never deleted.
"""

import contextlib
from pathlib import Path

from django.conf import settings

from letters.domain import files, waiting_files
from letters.errors import RecordError
from letters.models import ImportBatch

FOLDER = "imports"  # beside the kept files, whose folders are two hexadecimal digits


def place(batch: ImportBatch) -> str:
    """The name of its bytes in the folder of files."""
    return f"{FOLDER}/{batch.pk}"


def path(batch: ImportBatch) -> Path:
    """Where its bytes lie on this machine; those of a batch of an earlier version under their digest."""
    return Path(settings.MEDIA_ROOT) / str(batch.file)


def lay_down(batch: ImportBatch, data: bytes) -> Path:
    """Where it is looked into first: no backup has it, and it goes by itself, where nobody `keep`s it."""
    waits = _waits(batch)
    try:
        waits.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        files.write_whole(waits, data)
    except OSError as error:
        raise _not_kept(batch, error) from error
    return waits


def keep(batch: ImportBatch) -> None:
    """It is a spreadsheet, and stays."""
    kept = path(batch)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _waits(batch).replace(kept)
    except OSError as error:
        raise _not_kept(batch, error) from error


def forget(batch: ImportBatch) -> bool:
    """Delete its bytes. False where an earlier version kept them under their digest: a letter may have the same.

    Raises RecordError where they cannot be deleted.
    """
    try:
        _delete(_waits(batch))
        if str(batch.file) != place(batch):
            return False
        _delete(path(batch))
    except OSError as error:
        raise RecordError.of(
            "file",
            f"“{batch.file_name}” cannot be deleted on this server: {error.strerror or error}. Tell an administrator.",
            batch.file_name,
        ) from error
    return True


def _delete(file: Path) -> None:
    """Where a file stands in its folder's place, none of ours is there either."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        file.unlink()


def _waits(batch: ImportBatch) -> Path:
    return Path(settings.MEDIA_ROOT) / waiting_files.FOLDER / FOLDER / str(batch.pk)


def _not_kept(batch: ImportBatch, error: OSError) -> RecordError:
    return RecordError.of("file", files.not_kept(batch.file_name, error), batch.file_name)
