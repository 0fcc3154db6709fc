"""One run at a time on one data folder, and a free port."""

import errno
import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.embedded.places import prepare_data_folder
from tracker.supervisor.console import Refused

# An earlier run may be on its way out: wait for it this long, or briefly if it does not say so.
STOPPING_SECONDS, GRACE_SECONDS = 45, 1.5


class RunLock:
    """Held for the whole run. Its file tells others who runs and where."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self.descriptor, self.path = descriptor, path

    def tell(self, state: str, port: int) -> None:
        """`state` is starting, running or stopping."""
        text = json.dumps({"pid": os.getpid(), "port": port, "state": state}).encode()
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, text, 0)


@contextmanager
def only_run(data: Path) -> Iterator[RunLock]:
    """Raises `Refused` when another run uses the data folder."""
    try:
        prepare_data_folder(data)
        path = data / "locks" / "run"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Refused(
            f"TRACKER_DATA is {str(data)!r}, which cannot be used: {error}. Set it to a folder of your own."
        ) from error
    try:
        started = time.monotonic()
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                other = _read(path)
                limit = STOPPING_SECONDS if other.get("state") == "stopping" else GRACE_SECONDS
                if time.monotonic() - started > limit:
                    raise Refused(
                        f"The site already runs on the data folder {data}: process {other.get('pid', 'unknown')}, "
                        f"http://127.0.0.1:{other.get('port', '?')}/. Stop that one, or set TRACKER_DATA and PORT to other values."
                    ) from None
                time.sleep(0.05)
        yield RunLock(descriptor, path)
    finally:
        os.close(descriptor)


def _read(path: Path) -> dict:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def refuse_taken_port(port: int) -> None:
    """Raises `Refused` when something answers on the port, or it may not be opened."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            free = port + 1 if port < 65535 else 8001
            way_out = f"Stop what uses it, or set PORT to a free one: PORT={free} make run"
            if error.errno == errno.EACCES and port < 1024:
                way_out = "Ports below 1024 are root’s alone. Set PORT to a higher one: PORT=8000 make run"
            raise Refused(f"PORT is {port}, which cannot be opened: {error.strerror}. {way_out}") from error
