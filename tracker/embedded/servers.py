"""What the guard needs to know of each server: how to prepare it, start it, and see that it is ready."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import psutil

from tracker.embedded import accounts, binaries, places

POSTGRES_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"
# What the site signs in as, and its database: an owner without further rights, as in production.
ROLE = DATABASE = "tracker"


class Server(ABC):
    """One server of one data folder. `prepare` may be slow once; everything else is quick."""

    name: str
    stop_signal: signal.Signals
    stop_seconds: float = 30
    account: accounts.Account

    @abstractmethod
    def prepare(self) -> None:
        """Makes folders and files, ends what an earlier guard left behind. Raises RuntimeError with a way out."""

    @abstractmethod
    def command(self) -> list[str]:
        """The program and its arguments."""

    @abstractmethod
    def is_ready(self, process: subprocess.Popen) -> bool:
        """Whether it answers."""

    def popen_arguments(self) -> dict[str, Any]:
        """Account and folder to start it in."""
        return self.account.popen_arguments()


class PostgreSQL(Server):
    """The embedded PostgreSQL. `unsafe_fast` gives up safety against power cuts, for tests."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": open transactions are rolled back, the checkpoint is written

    def __init__(self, data: Path, chosen: Path | None = None, *, unsafe_fast: bool = False) -> None:
        self.data, self.chosen, self.unsafe_fast = data, chosen, unsafe_fast
        self.account = accounts.for_postgres(data / self.name)

    def prepare(self) -> None:
        home = places.home(self.data, self.name, self.account)
        self.cluster = home / "data"
        sockets = places.socket_folder(self.data, self.name, POSTGRES_SOCKET)
        if sockets.parent == self.data / self.name:
            sockets = home / sockets.name
        places.make_private(sockets, self.account)
        self.sockets = sockets
        self.programs = binaries.reachable_postgres(self.account, home, self.chosen)
        installed = self._version()
        if not self.cluster.exists():
            self._make_cluster(installed)
        made_by = (self.cluster / "PG_VERSION").read_text().strip()
        if made_by != str(installed):
            raise RuntimeError(
                f"{self.cluster} was made by PostgreSQL {made_by}, but {self.programs} is {installed}. "
                f"Set POSTGRES_BIN to the bin folder of a PostgreSQL {made_by}, "
                f"or make a backup with it and restore that into a new TRACKER_DATA."
            )
        self._end_leftover()

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            # as many as WEB_THREADS may be, and the worker's, the commands' and the tests' beside them
            "max_connections": "300",
            "logging_collector": "off",
            "log_timezone": "UTC",
            "lc_messages": "C",
            # Neither a statement that failed nor the row it is about: their words are those of letters, notes, passwords.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
        }
        if self.unsafe_fast:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
            settings |= {"max_wal_size": "256MB"}  # several of them lie in memory at a time (tests/plugin.py)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.cluster), *options]

    def is_ready(self, process: subprocess.Popen) -> bool:
        # The eighth line of this file is the server's own word on it; pg_ctl waits for the same.
        lines = self._lock_file().splitlines()
        return len(lines) >= 8 and lines[0].strip() == str(process.pid) and lines[7].strip() == "ready"

    def popen_arguments(self) -> dict[str, Any]:
        return super().popen_arguments() | {"cwd": "/", "env": _plain_environment()}

    def _lock_file(self) -> str:
        try:
            return (self.cluster / "postmaster.pid").read_text()
        except FileNotFoundError:
            return ""

    def _version(self) -> int:
        answer = subprocess.run(
            [self.programs / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
            cwd="/",
            env=_plain_environment(),
        )
        found = re.search(r"\) (\d+)", answer.stdout)
        if not found or int(found[1]) < 15:
            raise RuntimeError(
                f"{self.programs} holds {answer.stdout.strip()!r}; this site needs PostgreSQL 15 or later."
            )
        return int(found[1])

    def _make_cluster(self, version: int) -> None:
        """initdb beside the final place, then a rename: a crash in between leaves no half-made cluster."""
        unfinished = self.cluster.with_name("data-unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        # 17 brought a C.UTF-8 of its own; before, the machine's has to do, or plain C. What is a letter to the text search
        # is asked of the machine's in each version: to plain C, a curly quote is one, and “Kingsoft is another word than Kingsoft.
        own = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        choices = [[*own, "--lc-ctype=C.UTF-8"], own] if version >= 17 else [["--locale=C.UTF-8"], ["--locale=C"]]
        sync = ["--no-sync"] if self.unsafe_fast else []
        for locale in choices:
            command = [
                self.programs / "initdb",
                "-D",
                unfinished,
                "-A",
                "trust",
                "-U",
                "postgres",
                "-E",
                "UTF8",
                *locale,
                *sync,
            ]
            done = self._run(command)
            if done.returncode == 0:
                break
        else:
            raise RuntimeError(f"initdb failed: {_last_line(done.stderr)}")
        statements = f"CREATE ROLE {ROLE} LOGIN CREATEDB;\nCREATE DATABASE {DATABASE} OWNER {ROLE};\n"
        done = self._run([self.programs / "postgres", "--single", "-D", unfinished, "postgres"], statements)
        if done.returncode or "ERROR" in done.stderr:
            raise RuntimeError(f"the database {DATABASE!r} could not be made: {_last_line(done.stderr)}")
        unfinished.rename(self.cluster)

    def _run(self, command: list, text: str = "") -> subprocess.CompletedProcess:
        return subprocess.run(
            command, input=text, capture_output=True, text=True, check=False, **self.popen_arguments()
        )

    def _end_leftover(self) -> None:
        """Ends the server of a guard that was killed, and removes its lock file if its number went to a stranger."""
        first_line = self._lock_file().splitlines()[:1]
        if not first_line:
            return
        try:
            process = psutil.Process(int(first_line[0]))
            ours = str(self.cluster) in process.cmdline()
        except (psutil.NoSuchProcess, psutil.AccessDenied, ValueError):
            process, ours = None, False
        if process and ours:
            _end(process, (signal.SIGINT, 15), (signal.SIGQUIT, 5), (signal.SIGKILL, 5))
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)


class Valkey(Server):
    """The embedded Valkey. Every write is appended to a file, so a stop or a kill loses no task."""

    name = "valkey"
    stop_signal = signal.SIGTERM

    def __init__(self, data: Path, chosen: Path | None = None, *, unsafe_fast: bool = False) -> None:
        self.data = data
        self.sync = "no" if unsafe_fast else "everysec"
        self.account = accounts.current()

    def prepare(self) -> None:
        self.home = places.home(self.data, self.name, self.account)
        sockets = places.socket_folder(self.data, self.name, VALKEY_SOCKET)
        places.make_private(sockets, self.account)
        self.socket = sockets / VALKEY_SOCKET
        self._end_leftover()
        self.socket.unlink(missing_ok=True)

    def command(self) -> list[str]:
        # The process shows its own title instead of these; the file `pid` tells who it is.
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.home),
            "pidfile": str(self.home / "pid"),
            "appendonly": "yes",
            "appendfsync": self.sync,
            "save": "",
            "daemonize": "no",
        }
        return [str(binaries.valkey()), *(part for name, value in options.items() for part in (f"--{name}", value))]

    def is_ready(self, process: subprocess.Popen) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(1)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")  # it says -LOADING while it reads its file
        except OSError:
            return False

    def _end_leftover(self) -> None:
        """The server of a guard that was killed still writes to our file: end it before another one does."""
        for process in psutil.process_iter(["name", "cwd"]):
            if process.info["cwd"] == str(self.home.resolve()) and process.info["name"].startswith(("valkey", "redis")):
                _end(process, (signal.SIGTERM, 15), (signal.SIGKILL, 5))


def _end(process: psutil.Process, *steps: tuple[signal.Signals, float]) -> None:
    """Sends each signal in turn and waits its seconds; done when the process has ended, by us or by itself."""
    for number, seconds in steps:
        try:
            process.send_signal(number)
            process.wait(seconds)
        except psutil.TimeoutExpired:
            continue
        except psutil.NoSuchProcess:
            pass
        return


def _plain_environment() -> dict[str, str]:
    """Without the caller's PG* variables and locale, which change what the server's programs do."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))} | {
        "LC_ALL": "C"
    }


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def wait_until_ready(server: Server, process: subprocess.Popen, seconds: float) -> bool:
    """True once `server` answers; False when it ended or `seconds` are over."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit and process.poll() is None:
        if server.is_ready(process):
            return True
        time.sleep(0.02)
    return False


SERVERS: dict[str, type[PostgreSQL | Valkey]] = {"postgres": PostgreSQL, "valkey": Valkey}
