"""Who a server runs as. PostgreSQL refuses root, so root's servers run as an ordinary account."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Account:
    """A user of this machine, and whether we must switch to it."""

    name: str
    uid: int
    gid: int
    switch: bool

    def popen_arguments(self) -> dict[str, Any]:
        """What makes `subprocess` start a program as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}

    def own(self, folder: Path, mode: int = 0o700) -> None:
        """Makes `folder` if need be and hands it to this account. Its parents are left as they are."""
        folder.mkdir(exist_ok=True)
        if self.switch:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(mode)

    def can_reach(self, path: Path) -> bool:
        """Whether this account can enter the folder `path`, or run the program there."""
        if not self.switch:
            return os.access(path, os.X_OK)
        # Asked by a process of that account, so that ACLs count too.
        question = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)]
        return subprocess.run(question, cwd="/", check=False, **self.popen_arguments()).returncode == 0


def current() -> Account:
    """The account of this process."""
    return Account(str(os.geteuid()), os.geteuid(), os.getegid(), switch=False)


def for_postgres(existing: Path) -> Account:
    """The current account; when that is root, the owner of the `existing` folder, or `postgres`, or `nobody`."""
    if os.geteuid() != 0:
        return current()
    if existing.is_dir() and (owner := existing.stat()).st_uid != 0:
        return Account(f"number {owner.st_uid}", owner.st_uid, owner.st_gid, switch=True)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid, switch=True)
    raise RuntimeError(
        "PostgreSQL refuses to run as root, and this machine has neither an account 'postgres' nor 'nobody'. "
        "Run as an ordinary user, or set DATABASE_URL."
    )


PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def stop_with_parent(signal_number: int = signal.SIGTERM) -> None:
    """The kernel sends this process `signal_number` when its parent is gone, however it went.

    Linux only; elsewhere leftovers are found and ended at the next start.
    """
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)


def die_with_parent(signal_number: int = signal.SIGTERM) -> Callable[[], None]:
    """A `preexec_fn` that does this for a child of the calling process."""
    parent = os.getpid()

    def preexec() -> None:
        stop_with_parent(signal_number)
        if _libc is not None and os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return preexec
