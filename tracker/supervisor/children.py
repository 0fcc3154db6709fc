"""A part of the site in a process of its own: started, watched, started again when it dies, stopped."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

from tracker.embedded.accounts import die_with_parent
from tracker.embedded.guard import rotated_log
from tracker.env import BASE_DIR, ENV
from tracker.supervisor.console import Refused, say, tail
from tracker.supervisor.leftovers import MARK, end_leftovers, mark

# A part that dies this often within so many seconds will die again: then everything stops.
RESTARTS, WITHIN_SECONDS = 5, 120


class Child:
    """One part. `stop_seconds` is how long it may take to finish what it is doing."""

    def __init__(self, role: str, command: list[str], data: Path, *, stop_seconds: float = 15) -> None:
        self.role, self.command, self.data, self.stop_seconds = role, command, data, stop_seconds
        self.process: subprocess.Popen | None = None
        self.deaths: list[float] = []
        self.start_at = 0.0
        self.read_to = 0

    @property
    def log(self) -> Path:
        return self.data / "log" / f"{self.role}.log"

    def start(self) -> None:
        """Starts it in a group of its own, so that Ctrl-C reaches only the supervisor, which stops parts in order."""
        with rotated_log(self.data, self.role).open("ab") as log:
            self.read_to = log.tell()
            self.process = subprocess.Popen(
                self.command,
                cwd=BASE_DIR,
                # a relative one was read from the folder of who started the site, and this process starts in another
                env=os.environ
                | {"TRACKER_DATA": str(self.data)}
                | ({"POSTGRES_BIN": str(ENV.POSTGRES_BIN)} if ENV.POSTGRES_BIN else {})
                | {MARK: mark(self.data, self.role), "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def how_it_ended(self) -> str:
        code = self.process.returncode
        return f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"

    def keep_running(self) -> None:
        """Starts it again if it has died, later each time. Raises `Refused` when it dies too often."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start()
            return
        if not self.has_ended():
            return
        self.deaths = [moment for moment in self.deaths if now - moment < WITHIN_SECONDS] + [now]
        if len(self.deaths) > RESTARTS:
            raise Refused(
                f"The {self.role} {self.how_it_ended()}, {len(self.deaths)} times in {WITHIN_SECONDS} seconds. "
                f"Everything was stopped. The end of {self.log}:\n{tail(self.log)}"
            )
        wait = 2 ** (len(self.deaths) - 1) - 1
        say(
            f"The {self.role} {self.how_it_ended()}; starting it again{f' in {wait} s' if wait else ''}. Its log: {self.log}"
        )
        end_leftovers(self.data, self.role)  # what it had started itself
        self.process, self.start_at = None, now + wait

    def show_errors(self) -> None:
        """Shows what it has written to its log as an error since the last time: the details stay there."""
        with self.log.open("rb") as log:
            if log.seek(0, os.SEEK_END) < self.read_to:
                self.read_to = 0  # emptied meanwhile, as by logrotate with `copytruncate`
            log.seek(self.read_to)
            for line in log:
                if not line.endswith(b"\n"):
                    break  # half written: next time
                self.read_to += len(line)
                if re.search(rb" (ERROR|CRITICAL) ", line):
                    say(f"{self.role}: {line.decode(errors='replace').strip()[:300]}")

    def ask_to_stop(self) -> None:
        """Finish what you are doing, then end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self) -> None:
        """Waits until it has ended, insists if it does not, and takes what it had started with it."""
        self.ask_to_stop()
        if self.process is not None:
            try:
                self.process.wait(self.stop_seconds)
            except subprocess.TimeoutExpired:
                say(f"The {self.role} did not stop within {self.stop_seconds:.0f} seconds and was killed.")
                self.process.kill()
                self.process.wait()
        end_leftovers(self.data, self.role, seconds=3)
