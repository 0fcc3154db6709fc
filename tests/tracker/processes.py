"""Help for tests that start real processes: start one, wait for something, look for what is left."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from tracker.embedded.accounts import die_with_parent

ROOT = Path(__file__).resolve().parent.parent.parent


def environment(**changes: str) -> dict[str, str]:
    """This process's environment without the test run's own servers, and with `changes`."""
    own = {"DATABASE_URL", "BROKER_URL", "TRACKER_DATA", "DJANGO_SETTINGS_MODULE", "PORT"}
    return {name: value for name, value in os.environ.items() if name not in own} | changes


def started(command: list[str], *, ends_by: int = signal.SIGKILL, **how: Any) -> subprocess.Popen:
    """A process that does not outlive the test run, even one that is killed: the kernel sends it `ends_by` (Linux)."""
    return subprocess.Popen(command, preexec_fn=die_with_parent(ends_by), **how)


def manage(*arguments: str, **changes: str) -> subprocess.CompletedProcess:
    """`manage.py` with these arguments, in an environment of its own."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment(**changes), capture_output=True, text=True, timeout=300, check=False
    )


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return line.getsockname()[1]


def is_open(port: int) -> bool:
    with socket.socket() as line:
        line.settimeout(1)
        return line.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> object:
    """The first true answer of `condition`; fails with `what` when there is none in time."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if answer := condition():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


def processes_of(data: Path) -> list[psutil.Process]:
    """Every living process that has to do with this data folder: by command line, environment or folder."""
    found = []
    wanted = str(data)
    for process in psutil.process_iter():
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            about = [*process.cmdline(), process.cwd(), process.environ().get("TRACKER_DATA", "")]
        except (psutil.Error, OSError):
            continue
        if any(wanted in part for part in about):
            found.append(process)
    return found


def kill_all_of(data: Path) -> list[psutil.Process]:
    """Kills what `processes_of` finds. PostgreSQL's own helpers come and go, so one may have ended meanwhile."""
    found = processes_of(data)
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    return found
