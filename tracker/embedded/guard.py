"""The process that owns one embedded server: starts it, restarts it when it dies, stops it when nobody holds it.

    python -m tracker.embedded.guard '{"server": "postgres", "data": "/...", ...}'

Its status file says `starting`, `ready` or `failed: ` with the reason. It runs in a session of its own, so that neither Ctrl-C nor a kill of its starter's process group reaches it.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from tracker.embedded.accounts import die_with_parent
from tracker.embedded.servers import SERVERS, Server, wait_until_ready

START_SECONDS = 60
LOG_BYTES = 5_000_000
# After a kill -9 of PostgreSQL its children need a moment to let go of its memory; until then a start fails.
RETRY_SECONDS = 30


def rotated_log(data: Path, name: str) -> Path:
    """The log file `name`, begun anew (one old one kept) where it has grown past 5 MB: asked when a part starts, and then only."""
    path = data / "log" / f"{name}.log"
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path


class Guard:
    """Runs one server until its last holder has gone."""

    def __init__(self, server: Server, data: Path) -> None:
        self.server, self.data = server, data
        self.process: subprocess.Popen | None = None
        self.stopping = threading.Event()

    def say(self, status: str) -> None:
        """Tells those who want to use the server how it is."""
        path = status_path(self.data, self.server.name)
        new = path.with_suffix(".new")
        new.write_text(status)
        new.replace(path)

    def run(self) -> int:
        """Until stopped: 0. When the server cannot be started: 1."""
        threading.Thread(target=self.wait_for_last_holder, daemon=True).start()
        failing_since = None
        while not self.stopping.is_set():
            self.say("starting")
            try:
                self.server.prepare()
                answered = self.start()
            except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                self.say(f"failed: {error}")
                return 1
            if answered:
                failing_since = None
                self.say("ready")
                self.process.wait()
                continue
            now = time.monotonic()
            failing_since = failing_since or now
            if now - failing_since > RETRY_SECONDS:
                self.end()
                self.say(f"failed: it keeps ending. Its log: {self.data / 'log' / self.server.name}.log")
                return 1
            time.sleep(0.3)
        return 0

    def start(self) -> bool:
        """Whether a new server process answers."""
        with rotated_log(self.data, self.server.name).open("ab") as log:
            self.process = subprocess.Popen(
                self.server.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(self.server.stop_signal),
                **self.server.popen_arguments(),
            )
        if self.stopping.is_set():  # the last holder left in between
            self.end()
        return wait_until_ready(self.server, self.process, START_SECONDS)

    def wait_for_last_holder(self) -> None:
        """Blocks until no process holds the shared lock, however the last one ended; then stops the server."""
        descriptor = os.open(lock_path(self.data, self.server.name, "hold"), os.O_RDWR)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        self.stopping.set()
        self.end()

    def end(self) -> None:
        """Stops the server: politely, then not."""
        process = self.process
        if process is None or process.poll() is not None:
            return
        process.send_signal(self.server.stop_signal)
        try:
            process.wait(self.server.stop_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def lock_path(data: Path, server: str, kind: str) -> Path:
    """`hold` is shared by all who use the server, `guard` is the guard's own, `start` is held while one starts it."""
    return data / "locks" / f"{server}.{kind}"


def status_path(data: Path, server: str) -> Path:
    """Where the guard says how its server is."""
    return data / "locks" / f"{server}.status"


def main(argument: str) -> int:
    """The guard's life. It keeps the `guard` lock to its end: who can take it knows that no guard lives."""
    order = json.loads(argument)
    data = Path(order["data"])
    alive = os.open(lock_path(data, order["server"], "guard"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 1  # another one is at work
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    chosen = Path(order["programs"]) if order.get("programs") else None
    try:
        guard = Guard(SERVERS[order["server"]](data, chosen, unsafe_fast=order.get("unsafe_fast", False)), data)
    except RuntimeError as error:
        status_path(data, order["server"]).write_text(f"failed: {error}")
        return 1
    return guard.run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
