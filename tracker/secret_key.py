"""The key that signs sessions: the configured one, or a random one that the data folder keeps."""

import fcntl
import os
import secrets
from pathlib import Path

from tracker.embedded.places import hand_over, prepare_data_folder


def kept_in(data: Path) -> str:
    """The key in `data/secret-key` (mode 0600), made once; any number of processes may ask first."""
    path = data / "secret-key"
    if key := _read(path):
        return key
    prepare_data_folder(data)
    lock = data / "locks" / "secret-key"
    with lock.open("a") as one_at_a_time:
        hand_over(lock, data)
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if key := _read(path):
            return key
        new = data / ".secret-key"
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        hand_over(new, data)
        new.replace(path)
        return _read(path)


def _read(path: Path) -> str:
    """Empty where there is none, and where a power cut left a file without its bytes: that one is no key, and made anew."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""
