"""Using an embedded server: `hold()` it, and it runs until the last holder has let go or died."""

import atexit
import contextlib
import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tracker.embedded.guard import lock_path, rotated_log, status_path
from tracker.embedded.places import prepare_data_folder

START_SECONDS = 120
STOP_SECONDS = 40
PROJECT = Path(__file__).resolve().parent.parent.parent
# Guards that this process started. They may outlive it; kept so that they are reaped when they end before it does.
_guards: dict[tuple[Path, str], subprocess.Popen] = {}


class NotStarted(Exception):
    """An embedded server could not be started. The message says why and the way out."""


@contextlib.contextmanager
def _locked(path: Path, kind: int) -> Iterator[bool]:
    """Tries to lock `path` (LOCK_EX or LOCK_SH) without waiting; yields whether it could."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            yield True
        except BlockingIOError:
            yield False
    finally:
        os.close(descriptor)


class Hold:
    """A share in a running server. Let go of it by `release()`; the end of the process does so too."""

    def __init__(self, data: Path, server: str, descriptor: int) -> None:
        self.data, self.server = data, server
        self._descriptor: int | None = descriptor
        self._owner = os.getpid()

    def release(self, *, wait: bool = True) -> None:
        """Lets go and, if nobody else holds the server, waits until it has stopped.

        A forked child shares its parent's hold and never waits.
        """
        if self._descriptor is None:
            return
        os.close(self._descriptor)  # not LOCK_UN, which would let go for forked children too
        self._descriptor = None
        if not wait or os.getpid() != self._owner:
            return
        limit = time.monotonic() + STOP_SECONDS
        while time.monotonic() < limit and is_guarded(self.data, self.server) and not self._held_by_others():
            time.sleep(0.02)
        _reap(self.data, self.server)

    def _held_by_others(self) -> bool:
        path = lock_path(self.data, self.server, "hold")
        with _locked(path, fcntl.LOCK_EX) as nobody:
            if nobody:  # the guard is about to get it
                return False
        with _locked(path, fcntl.LOCK_SH) as shared:
            return shared  # not while the guard has it, which is stopping the server


def _reap(data: Path, server: str) -> None:
    """Takes note of the end of a guard that this process started."""
    guard = _guards.get((data, server))
    if guard is not None and not is_guarded(data, server):
        guard.wait()  # it has let go of its lock, so it is at its very end
        del _guards[data, server]


def is_guarded(data: Path, server: str) -> bool:
    """Whether a guard looks after the server; False after somebody killed it."""
    with _locked(lock_path(data, server, "guard"), fcntl.LOCK_EX) as alone:
        return not alone


def hold(data: Path, server: str, *, programs: Path | None = None, unsafe_fast: bool = False) -> Hold:
    """Starts the server `postgres` or `valkey` of the folder `data`, or joins the running one.

    Any number of processes may do so at once. Raises `NotStarted`.
    """
    try:
        prepare_data_folder(data)
        descriptor = os.open(lock_path(data, server, "hold"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise NotStarted(
            f"The data folder {data} cannot be used: {error}. Set TRACKER_DATA to a folder of your own."
        ) from error
    try:
        _lock_within(descriptor, fcntl.LOCK_SH, STOP_SECONDS, f"the {server} of {data} has not finished stopping")
        start = os.open(lock_path(data, server, "start"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock_within(
                start, fcntl.LOCK_EX, START_SECONDS, f"another process is still starting the {server} of {data}"
            )
            guard = None
            if not is_guarded(data, server):
                guard = _start_guard(data, server, programs, unsafe_fast)
            _wait_until_ready(data, server, guard)
        finally:
            os.close(start)
    except BaseException:
        os.close(descriptor)
        _reap(data, server)
        raise
    share = Hold(data, server, descriptor)
    atexit.register(share.release)
    return share


def _lock_within(descriptor: int, kind: int, seconds: float, trouble: str) -> None:
    limit = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > limit:
                raise NotStarted(
                    f"After {seconds:.0f} seconds {trouble}. Its log is in the folder `log` there."
                ) from None
            time.sleep(0.01)


def _start_guard(data: Path, server: str, programs: Path | None, unsafe_fast: bool) -> subprocess.Popen:
    _reap(data, server)
    status_path(data, server).unlink(missing_ok=True)
    order = {"server": server, "data": str(data), "programs": str(programs or ""), "unsafe_fast": unsafe_fast}
    with rotated_log(data, f"{server}-guard").open("ab") as log:
        guard = subprocess.Popen(
            [sys.executable, "-m", "tracker.embedded.guard", json.dumps(order)],
            cwd=PROJECT,
            # Not the caller's whole environment: its marks and settings are not the server's.
            env={
                name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _guards[data, server] = guard
    return guard


def _wait_until_ready(data: Path, server: str, guard: subprocess.Popen | None) -> None:
    """Until the guard says so, be it ours or one that somebody else started."""
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit:
        try:
            status = status_path(data, server).read_text()
        except FileNotFoundError:
            status = ""
        if status == "ready":
            return
        if status.startswith("failed: "):
            if guard is not None:
                guard.wait()  # it said so with its last breath
            raise NotStarted(f"The embedded {server} did not start: {status.removeprefix('failed: ')}")
        if guard is not None and guard.poll() is not None:
            break
        time.sleep(0.01)
    raise NotStarted(f"The embedded {server} did not start. Look at the files in {data / 'log'}.")
