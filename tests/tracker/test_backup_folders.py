"""A backup or a restore that ends before its time: nothing stays decrypted, and a database that is away is said in words."""

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest
import yaml

from tests.tracker.processes import ROOT, free_port, manage, started, wait_for
from tracker.backups.folders import BACKUP, RESTORE, remove_left

WORKING = """
import signal, sys, time
from pathlib import Path
from tracker.backups.folders import ended_by_signals, working_folder
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests by nohup ignores it
with ended_by_signals(), working_folder(Path(sys.argv[1]), sys.argv[2]) as folder:
    (folder / "database.dump").write_text("TEST decrypted")
    time.sleep(600)
"""
PREFIXES = pytest.mark.parametrize("prefix", [BACKUP, RESTORE])


def working(data: Path, prefix: str) -> subprocess.Popen:
    """A backup or a restore in the middle of its work, begun long ago."""
    process = started([sys.executable, "-c", WORKING, str(data), prefix], cwd=ROOT, stderr=subprocess.DEVNULL)
    hold_back(data, prefix)
    return process


def hold_back(data: Path, prefix: str) -> None:
    (kept,) = wait_for(lambda: list(data.glob(f"{prefix}*/database.dump")), 60, "it has decrypted")
    os.utime(kept.parent, (time.time() - 3600,) * 2)


@PREFIXES
def test_what_one_that_was_killed_leaves_is_gone_at_the_next_start(tmp_path, prefix):
    process = working(tmp_path, prefix)
    assert (remove_left(tmp_path), len(list(tmp_path.iterdir()))) == (0, 1)  # it goes on
    process.kill()
    process.wait()
    assert (remove_left(tmp_path), list(tmp_path.iterdir())) == (1, [])


@PREFIXES
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_one_that_is_stopped_removes_it_itself(tmp_path, prefix, number):
    """Systemd and containers send SIGTERM, a line to the machine that breaks off SIGHUP."""
    process = working(tmp_path, prefix)
    process.send_signal(number)
    assert (process.wait(60), list(tmp_path.iterdir())) == (1, [])


def test_a_container_that_is_stopped_ends_its_backup_first(tmp_path):
    """The very command of compose.yaml, with a backup that takes long: `stop` tells sh alone."""
    (line,) = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]["backup"]["command"][2:]
    (tmp_path / "deploy").mkdir()
    shutil.copy(ROOT / "deploy/backup", tmp_path / "deploy")
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    data, kept = tmp_path / "data", tmp_path / "kept"
    kept.mkdir()
    half, young = kept / ".letters-1.backup.TEST", kept / ".letters-2.backup.TEST"
    for file in (half, young):
        file.touch()
    os.utime(half, (time.time() - 86_400,) * 2)
    python.write_text(f"#!/bin/sh\ncd {ROOT} && exec {sys.executable} -c '{WORKING}' {data} {BACKUP}\n")
    python.chmod(0o700)
    process = started(["sh", "-c", line.replace("$$", "$")], cwd=tmp_path, env={**os.environ, "BACKUP_DIR": str(kept)})
    hold_back(data, BACKUP)
    assert list(kept.iterdir()) == [young]  # what one of another day left is no backup
    process.send_signal(signal.SIGTERM)
    assert (process.wait(60), list(data.iterdir())) == (0, [])


def test_others_folders_stay(tmp_path):
    (tmp_path / f"{RESTORE}now").mkdir()  # made this moment, and not held yet
    (tmp_path / f"{RESTORE}link").symlink_to(ROOT)
    for name in ("backup-before-the-upgrade", "backups", "restore-2026", ".backup"):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (time.time() - 3600,) * 2)
    assert (remove_left(tmp_path), len(list(tmp_path.iterdir()))) == (0, 6)


@pytest.mark.parametrize(("command", "begins"), [("backup", "No backup was made."), ("restore", "Not restored.")])
def test_a_database_that_is_away_is_said_in_words(tmp_path, command, begins):
    file = tmp_path / "TEST.backup"
    if command == "restore":
        said = json.dumps({"format": 1, "parts": []}).encode()
        with tarfile.open(file, "w") as tar:
            for name, data in (("manifest.json", said), ("manifest.sha256", hashlib.sha256(said).hexdigest().encode())):
                member = tarfile.TarInfo(name)
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
    away = f"postgres://TEST:secret@127.0.0.1:{free_port()}/TEST"
    done = manage(
        command, str(file), DATABASE_URL=away, BROKER_URL="redis://127.0.0.1:1/0", TRACKER_DATA=str(tmp_path / "data")
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"CommandError: {begins} The database does not answer: "), done.stderr
    assert done.stderr.endswith("Start PostgreSQL, or see DATABASE_URL.\n")
    assert "secret" not in done.stderr
