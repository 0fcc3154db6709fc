"""One run at a time on one data folder, and a free port."""

import errno
import fcntl
import json
import os
import pwd
import socket
import sys
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
    """Raises `Refused` when another run uses the data folder, or root would make files there that its owner cannot use."""
    if os.geteuid() == 0 and data.is_dir() and data.stat().st_uid != 0:
        owner = _name(data.stat().st_uid)
        raise Refused(
            f"TRACKER_DATA is {str(data)!r}, which belongs to {owner}: what root keeps there, that account could not use any more. "
            f"Start the site as that account (runuser -u {owner} -- make run), or set TRACKER_DATA to another folder."
        )
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


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _read(path: Path) -> dict:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def take_port(port: int) -> socket.socket:
    """Raises `Refused` when something answers on the port, it may not be opened, or another site is on its way to it.

    To be kept open for the whole run: the web server opens the port so that a second one of the same account opens it, too,
    and the kernel would deal out the connections between two sites, each with a record of its own.
    """
    mark = socket.socket(socket.AF_UNIX)
    try:
        if sys.platform == "linux":  # a name that one process of the machine has at a time, and that goes with it
            mark.bind(f"\0letters-port-{port}")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except OSError as error:
        mark.close()
        free = port + 1 if port < 65535 else 8001
        way_out = f"Stop what uses it, or set PORT to a free one: PORT={free} make run"
        if error.errno == errno.EACCES and port < 1024:
            way_out = "Ports below 1024 are root’s alone. Set PORT to a higher one: PORT=8000 make run"
        raise Refused(f"PORT is {port}, which cannot be opened: {error.strerror}. {way_out}") from error
    return mark
