"""The key that signs sessions: the configured one, or a random one that the data folder keeps."""

import os
import secrets
from pathlib import Path

from tracker.embedded.places import hand_over, prepare_data_folder


def kept_in(data: Path) -> str:
    """The key in `data/secret-key` (mode 0600), made once; any number of processes may ask first."""
    path = data / "secret-key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        prepare_data_folder(data)
    new = data / f".secret-key-{os.getpid()}"
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
    hand_over(new, data)
    try:
        os.link(new, path)  # fails if another process was first, whose key then counts
    except FileExistsError:
        pass
    finally:
        new.unlink()
    return path.read_text().strip()
