"""Files of a form that was refused for something else: kept for the person who chose them, and for nobody else.

Each lies in the folder of its person under the digest of its bytes, for a day at most. What a form says of them (a
digest, a name) is looked up in that folder alone: whoever else posts the same words finds nothing. The record knows
nothing of them; they are judged again when they are attached.
"""

import hashlib
import logging
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from letters.domain import files
from letters.errors import RecordError
from letters.models import User

FOR = 24 * 60 * 60  # seconds; a form that was left open over night is still sent with its files
MAX_WAITING = 4 * files.MAX_FILE  # bytes a person; beyond, the oldest go
FOLDER = "waiting"  # beside the kept files, whose folders are two hexadecimal digits
DIGEST = re.compile(r"[0-9a-f]{64}")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Waiting:
    """One such file, for the length of a request: its name is the person's, its bytes are read when they are asked for."""

    digest: str
    name: str
    size: int
    path: Path

    @property
    def ref(self) -> str:
        """What a form carries to find it again."""
        return f"{self.digest} {self.name}"

    def read(self, size: int = -1, /) -> bytes:
        """The bytes, up to `size`, as of an upload. Raises RecordError where they are gone."""
        try:
            with self.path.open("rb") as opened:
                return opened.read(size)
        except OSError as error:
            raise gone(self.name) from error


def gone(name: str) -> RecordError:
    """The refusal of a file that a form still names."""
    name = files.clean(name)
    return RecordError.of(
        "file",
        f"“{name}” is no longer kept here: it is a day old, was sent, or made room for a newer one. Choose it again.",
        name,
    )


def keep(*, by: User, data: bytes, name: str) -> Waiting:
    """Keep the bytes until the form comes again. Raises RecordError for what could never be attached, or has no room here."""
    name = files.safe_name(name, files.check(data, name))
    digest = hashlib.sha256(data).hexdigest()
    sweep()
    folder = _folder(by)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make_room(folder, len(data))
        files.write_whole(folder / digest, data)
    except OSError as error:
        raise RecordError.of("file", files.not_kept(name, error), name) from error
    return Waiting(digest, name, len(data), folder / digest)


def find(ref: str, *, by: User) -> Waiting | None:
    """The file of `by` that a form refers to; None for one that is gone, was never theirs, or is no reference at all."""
    digest, _, name = ref.partition(" ")
    if not DIGEST.fullmatch(digest):
        return None
    path = _folder(by) / digest
    try:
        return Waiting(digest, files.clean(name), path.stat().st_size, path)
    except OSError:
        return None


def drop(ref: str, *, by: User) -> None:
    """Forget it: it was attached, or taken out of the form."""
    if found := find(ref, by=by):
        found.path.unlink(missing_ok=True)


def sweep() -> None:
    """Forget what nobody came back for. What cannot be removed is logged: no form and no round of reminders fails for it."""
    before = time.time() - FOR
    with _logged():
        for path, changed, _ in _lying((Path(settings.MEDIA_ROOT) / FOLDER).glob("*/*")):
            if changed < before:
                _forget(path)


def _make_room(folder: Path, size: int) -> None:
    # what another request is just writing is not there yet
    waiting = _lying(path for path in folder.iterdir() if not path.name.startswith(files.PART))
    free = MAX_WAITING - size - sum(one_size for _, _, one_size in waiting)
    for path, _, one_size in sorted(waiting, key=lambda one: one[1]):
        if free >= 0:
            return
        free += one_size
        _forget(path)


def _forget(path: Path) -> None:
    with _logged():
        path.unlink(missing_ok=True)


@contextmanager
def _logged() -> Iterator[None]:
    try:
        yield
    except OSError:
        log.exception("A file that waits for its form could not be removed.")


def _lying(paths: Iterable[Path]) -> list[tuple[Path, float, int]]:
    """Each with the time of its last change and its size in bytes; without those that another request was faster to remove."""
    found = []
    for path in paths:
        with suppress(OSError):
            told = path.stat()
            found.append((path, told.st_mtime, told.st_size))
    return found


def _folder(by: User) -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER / str(by.pk)
