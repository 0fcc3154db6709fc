"""systemd itself starts the units of `deploy/`, confined as they are, after the lines that docs/operations.md has typed.

A machine of its own is needed, with systemd as its first process: made of namespaces over this one, by root alone.
"""

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import psutil
import pytest
from django.db import connection

from tests.tracker.processes import ROOT, started, wait_for
from tests.tracker.test_deploy import DEPLOY, START_SECONDS, example, office, status  # noqa: F401 - a fixture
from tracker.celery import app

SCRIPT = ROOT / "tests" / "tracker" / "first_process.sh"
PARTS = ("letters-prepare", "letters-web", "letters-worker", "letters-beat", "letters-backup.timer")


def typed() -> str:
    """The lines of “By systemd”, but for what brings packages and the program, and for the editor."""
    document = (ROOT / "docs" / "operations.md").read_text()
    (block,) = re.findall(r"^```sh\n(apt-get install .*?)^```", document.partition("## By systemd")[2], re.M | re.S)
    lines = [line for line in block.splitlines() if not line.startswith(("apt-get ", "git clone "))]
    assert "$EDITOR /etc/letters/env" in lines
    # what is enabled is started when systemd begins
    return (
        "\n".join(lines)
        .replace("enable --now", "enable")
        .replace("$EDITOR /etc/letters/env", "cat /run/typed/env > /etc/letters/env")
        + "\n"
    )


def stopped() -> list[str]:
    """What is stopped before a restore."""
    (line,) = re.findall(r"^systemctl stop (letters\.target .*)$", (ROOT / "docs" / "operations.md").read_text(), re.M)
    return line.split()


def refusal() -> str:
    """Why this machine makes no other one; empty where it does."""
    if os.geteuid() != 0:
        return "only root makes a machine of namespaces"
    probe = [
        "unshare",
        "--mount",
        "--uts",
        "--ipc",
        "--pid",
        "--cgroup",
        "--fork",
        "mount",
        "-t",
        "tmpfs",
        "tmpfs",
        "/mnt",
    ]
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    return done.stderr.strip()


@contextlib.contextmanager
def relayed(path: str) -> Iterator[int]:
    """A port of loopback behind which a server answers that listens at a socket alone, which the confined units do not see."""

    def carry(source: socket.socket, to: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while words := source.recv(65536):
                to.sendall(words)
        for one in (source, to):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def speak(line: socket.socket) -> None:
        with line, socket.socket(socket.AF_UNIX) as server:
            server.connect(path)
            back = threading.Thread(target=carry, args=(server, line), daemon=True)
            back.start()
            carry(line, server)
            back.join()

    def serve(listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=speak, args=(listening.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1]


@pytest.fixture
def machine(office, tmp_path) -> Iterator[tuple[dict[str, str], Path, int]]:  # noqa: F811
    """The environment of the office there, its log, and the process that systemd is."""
    if why := refusal():
        pytest.skip(f"systemd does not start the units for real: {why}. That they are sound says systemd-analyze.")
    name = urlsplit(office["DATABASE_URL"]).path[1:]
    there = connection.settings_dict
    with contextlib.ExitStack() as opened:
        database = opened.enter_context(relayed(f"{there['HOST']}/.s.PGSQL.{there['PORT'] or 5432}"))
        socket_of, _, number = app.conf.broker_url.partition("?")
        broker = opened.enter_context(relayed(urlsplit(socket_of).path))
        numbers = re.findall(r"virtual_host=(\d+)", number) or ["0"]
        own = office | {
            "DATABASE_URL": f"postgres://{quote(there['USER'] or '', safe='')}@127.0.0.1:{database}/{name}",
            "BROKER_URL": f"redis://127.0.0.1:{broker}/{numbers[0]}",
            "TRACKER_DATA": example()["TRACKER_DATA"],
        }
        (tmp_path / "lines").write_text(typed())
        (tmp_path / "lines.env").write_text("".join(f"{key}={value}\n" for key, value in own.items()))
        work = tmp_path / "machine"
        work.mkdir()
        with (tmp_path / "log").open("wb") as log:
            outer = started(
                [SCRIPT, work, ROOT, tmp_path / "lines", sys.base_prefix],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        try:
            try:
                pid = wait_for(lambda: first_process(outer), 120, "systemd is there")
            except AssertionError as error:  # what it is made of, this machine gives in part: nothing of ours was tried
                said = (tmp_path / "log").read_text().strip().splitlines() or [str(error)]
                pytest.skip(
                    f"systemd does not start the units for real here: {said[-1]}. systemd-analyze has read them."
                )
            yield own, tmp_path / "log", pid
        finally:
            outer.kill()
            outer.wait(30)
            if (tmp_path / "machine.group").exists():
                remove_group(Path((tmp_path / "machine.group").read_text().strip()))


def first_process(outer: subprocess.Popen) -> int:
    assert outer.poll() is None, "it ended before systemd began: see the log beside"
    inner = [child for child in psutil.Process(outer.pid).children() if child.name() == "systemd"]
    return inner[0].pid if inner else 0


def remove_group(group: Path) -> None:
    def is_empty() -> bool:
        for folder in sorted((one for one in group.rglob("*") if one.is_dir()), reverse=True):
            with contextlib.suppress(OSError):
                folder.rmdir()
        with contextlib.suppress(OSError):
            group.rmdir()
        return not group.exists()

    wait_for(is_empty, 120, f"{group} is left by everything")


def inside(pid: int, *command: str) -> str:
    done = subprocess.run(
        ["nsenter", "--target", str(pid), "--mount", "--uts", "--ipc", "--pid", "--cgroup", "--", *command],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.mark.slow
def test_systemd_starts_the_units_as_the_document_has_them_installed(machine):
    own, log, pid = machine

    def are(state: str) -> bool:
        return {inside(pid, "systemctl", "show", "-P", "ActiveState", name).strip() for name in PARTS} == {state}

    try:
        wait_for(
            lambda: status(own, "/health/") == 200,
            3 * START_SECONDS,
            "the site is well: worker, beat and a first sweep",
        )
    except AssertionError as error:
        raise AssertionError(
            f"{error}\n{log.read_text()}\n{inside(pid, 'journalctl', '--no-pager', '-n', '80')}"
        ) from error
    assert are("active"), inside(pid, "systemctl", "list-units", "--all", "--no-pager", "letters*")
    # what a night does, confined as it is, and in the words of the document
    assert inside(pid, "systemctl", "start", "letters-backup") == ""
    made = inside(pid, "find", "/var/backups/letters", "-name", "*.backup", "-printf", "%u %m %f\n")
    assert re.fullmatch(r"letters 600 letters-\S+Z\.backup\n", made), made
    assert "Does PostgreSQL answer?" in inside(pid, "/opt/letters/deploy/manage", "doctor", "--questions")
    # by its names, as the document has it before a restore: of the target alone the command does not wait for what it takes along
    assert inside(pid, "systemctl", "stop", *stopped()) == ""
    assert are("inactive"), inside(pid, "systemctl", "list-units", "--all", "--no-pager", "letters*")
    assert status(own, "/health/") == 0
