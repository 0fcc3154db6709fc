"""Loaded with `-p tests.plugin`, before pytest-django reads the settings: throw-away servers for the tests.

With pytest-xdist each worker has servers of its own, so that no test meets another one's cache or queue. With
DATABASE_URL or BROKER_URL set, the tests use those servers instead (`.ci/run`, second round): there each worker has
a database, and a number in the broker, of its own.
"""

import atexit
import contextlib
import gc
import ipaddress
import os
import re
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
# What the site would read, were it set where the tests are started: read as text, for importing it reads the environment.
ENVIRONMENT = Path(__file__).resolve().parent.parent / "tracker" / "env.py"
VARIABLES = re.findall(r"^    ([A-Z_]+): ", ENVIRONMENT.read_text(), re.M)

# What a test run compiles it keeps, for the next run and for the dozens of processes that the tests start: compiling
# our code and the rewritten tests takes each worker longer than a hundred tests. `make clean` removes it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


PREFIX = "letters-test-"
MEMORY = Path("/dev/shm")  # where Linux keeps files in memory
ROOM = (2 + int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))) << 30  # bytes; a worker's servers take half of one
LONG = 6 * 3600  # seconds; no run takes so many


def _folder() -> Path:
    """A new folder for what the servers write, in memory where there is room: emptying the tables after a test with real
    transactions makes nine hundred files anew, which costs PostgreSQL three times as much on a disk."""
    in_memory = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    for left in MEMORY.glob(f"{PREFIX}*-*"):  # by a run that was killed; another machine's may share this memory
        gone = not Path("/proc", left.name.removeprefix(PREFIX).partition("-")[0]).exists()
        with contextlib.suppress(OSError):
            if gone and left.stat().st_mtime < time.time() - LONG:
                shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=MEMORY if in_memory else None))


def _start(*, servers: bool) -> None:
    """Sets the environment and starts the servers. They stop with this process, however it ends."""
    data = _folder()
    data.chmod(0o711)  # root's PostgreSQL has to get in
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    os.environ["TRACKER_DATA"] = str(data)
    for name in set(VARIABLES) - {"DATABASE_URL", "BROKER_URL", "TRACKER_DATA"}:
        os.environ.pop(name, None)
    if WORKER and "BROKER_URL" in os.environ:
        os.environ["BROKER_URL"] = _of_our_own(os.environ["BROKER_URL"], int(WORKER.removeprefix("gw")) + 1)
    from tracker.services import hold_embedded_servers  # only now: it reads the environment

    if servers:
        hold_embedded_servers(unsafe_fast=True)  # registers its own end, which comes before the folder's


def _of_our_own(broker: str, number: int) -> str:
    parts = urlsplit(broker)
    if parts.scheme == "redis+socket":
        # Written out: urlunsplit knows no such scheme and drops the two slashes of an empty host.
        return f"redis+socket://{parts.path}?virtual_host={number}"
    return parts._replace(path=f"/{number}").geturl()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """A wrapper, so that it comes before pytest-django's own. The head of several workers runs no test itself."""
    _start(servers=bool(WORKER) or not early_config.known_args_namespace.numprocesses)
    return (yield)


MOST_WORKERS = 12  # a broker that all share has 16 numbers, a PostgreSQL that all share 100 connections


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist's own answer
def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: one more than there are cores for us, since many tests wait (docs/adr/0016)."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores + 1, MOST_WORKERS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: begun last, they would leave every other worker idle."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """Every module and every test stays to the end: looking through all of them for garbage, each time a request has
    made some, took a tenth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _is_local(host: Any) -> bool:
    if host in (None, "", "localhost", "0.0.0.0", "::"):
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    return False


def pytest_configure(config: pytest.Config) -> None:
    """No test reaches beyond this machine."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
            raise RuntimeError(f"A test tried to reach {address[0]}: tests use no network beyond this machine.")
        return connect(self, address)

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if not _is_local(name) and name != socket.gethostname():
            raise RuntimeError(f"A test looked up {name}: tests use no network beyond this machine.")
        return look_up(host, *args, **kwargs)

    socket.socket.connect = guarded_connect  # type: ignore[method-assign]
    socket.getaddrinfo = guarded_look_up
