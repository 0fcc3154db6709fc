"""Folders in which a backup lies decrypted: gone with the work, and where that was killed, at the next start."""

import fcntl
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

BACKUP, RESTORE = ".making-backup-", ".restoring-"  # names that nobody gives a folder of their own
YOUNG = 60  # seconds in which its maker may not hold it yet
ENDING = (signal.SIGTERM, signal.SIGHUP)  # systemd and containers; a line to the machine that broke off


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """As by Ctrl-C: what is stopped removes what lies unencrypted, too, and a second signal does not keep it from that."""

    def end(*_) -> None:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        sys.exit("Stopped before it was done.")

    before = {number: signal.getsignal(number) for number in ENDING}
    for number, handler in before.items():
        if handler != signal.SIG_IGN:  # `nohup` asked for that
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def working_folder(data: Path, prefix: str) -> Iterator[Path]:
    """A folder below the data folder, held as long as it is used. Not in /tmp, which is a part of the memory on many
    machines, and nobody's to tidy up: it holds the dump, and of a restore all files once more and the dump twice."""
    data.mkdir(parents=True, exist_ok=True, mode=0o711)
    remove_left(data)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=data) as folder:
        line = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(line, fcntl.LOCK_EX)
            yield Path(folder)
        finally:
            os.close(line)


def remove_left(data: Path) -> int:
    """Remove what backups and restores that were killed have left here; how many. One that runs holds its own."""
    removed = 0
    for left in [*data.glob(f"{BACKUP}*"), *data.glob(f"{RESTORE}*")]:
        if left.is_symlink() or not left.is_dir() or time.time() - left.stat().st_mtime < YOUNG:
            continue
        with suppress(OSError):  # held by one that runs; or root's own, which keeps no start waiting
            line = os.open(left, os.O_RDONLY)
            try:
                fcntl.flock(line, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left)
                removed += 1
            finally:
                os.close(line)
    return removed
