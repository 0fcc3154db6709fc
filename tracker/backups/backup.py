"""Write a backup: a tar of a dump and the kept files, with a manifest that has the SHA-256 of each.

The dump and the counts in the manifest are of one moment. Files come after it: they are only added, never changed, so
each that a row of the dump names is there; templates, which are replaced, and spreadsheets, which are forgotten where they
were not imported, are copied first. The file appears under its name when it is whole.
"""

import datetime as dt
import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from letters.domain.sheet_files import FOLDER as IMPORTS
from tracker.backups import programs
from tracker.backups.errors import BackupError
from tracker.backups.folders import BACKUP, working_folder
from tracker.backups.place import Place
from tracker.backups.sealing import Seal, sealed

FORMAT = 1
MANIFEST, CHECK, DUMP = "manifest.json", "manifest.sha256", "database.dump"
CHUNK = 1024 * 1024
NO_TABLES = (
    "The database has no tables of this site. Is DATABASE_URL set? Where the units of deploy/ run the site, type "
    "deploy/manage backup FILE."
)
TABLES = (
    "SELECT schemaname, tablename FROM pg_tables "
    "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY schemaname, tablename"
)


def write(file: Path, place: Place, seal: Seal | None = None) -> dict[str, Any]:
    """Make the backup `file`, which must not be there yet; its manifest. Raises BackupError."""
    if file.exists():
        raise BackupError(f"{file} is there already. Choose another name: no backup is overwritten.")
    if not file.parent.is_dir():
        raise BackupError(f"There is no folder {file.parent} to write {file.name} to. Make it first.")
    with working_folder(place.secret.parent, BACKUP) as folder:
        dump = folder / DUMP
        try:
            manifest = _dumped(dump, place)
        except psycopg.errors.UndefinedTable as error:
            raise BackupError(NO_TABLES) from error
        parts = [(DUMP, dump), *_still(place, folder)]
        manifest["parts"] = [
            {"name": name, "size": path.stat().st_size, "sha256": digest(path)} for name, path in parts
        ]
        with _appearing(file) as raw, sealed(raw, seal or Seal()) as to, tarfile.open(fileobj=to, mode="w|") as tar:
            said = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
            _add(tar, MANIFEST, io.BytesIO(said), len(said))
            check = hashlib.sha256(said).hexdigest().encode()
            _add(tar, CHECK, io.BytesIO(check), len(check))
            for part, (name, path) in zip(manifest["parts"], parts, strict=True):
                with path.open("rb") as source:
                    _add(tar, name, source, part["size"])
    return manifest


def _still(place: Place, folder: Path) -> list[tuple[str, Path]]:
    """The files to keep; of those that are replaced where they lie or may go (templates, the key, spreadsheets) a copy."""
    still = []
    for name, path in place.kept():
        if name.startswith("files/") and not name.startswith(f"files/{IMPORTS}/"):
            still.append((name, path))
            continue
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # it was given up this moment
            shutil.copyfile(path, copy)
            still.append((name, copy))
    return still


def _dumped(dump: Path, place: Place) -> dict[str, Any]:
    """The dump, and what is said of it, of one moment."""
    with psycopg.connect(**place.database) as line:  # type: ignore[arg-type]
        line.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        version = line.info.server_version
        snapshot = line.execute("SELECT pg_export_snapshot()").fetchone()
        epochs = line.execute("SELECT id::text FROM letters_feedepoch ORDER BY started_at DESC LIMIT 1").fetchone()
        manifest = {
            "format": FORMAT,
            "made_at": dt.datetime.now(dt.UTC).isoformat(),
            "postgres": version // 10_000,
            "migrations": [
                list(row) for row in line.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
            ],
            "epoch": epochs[0] if epochs else None,
            "rows": row_counts(line),
        }
        assert snapshot
        command = [programs.clients(version // 10_000) / "pg_dump", "--format=custom", "--no-owner", "--no-privileges"]
        programs.run([*command, f"--snapshot={snapshot[0]}", f"--file={dump}"], place.variables)
    return manifest


def row_counts(line: psycopg.Connection) -> dict[str, int]:
    """How many rows each table has."""
    counts = {}
    for schema, table in line.execute(TABLES).fetchall():
        found = line.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))).fetchone()
        counts[f"{schema}.{table}"] = found[0] if found else 0
    return counts


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _add(tar: tarfile.TarFile, name: str, source: Any, size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, 0o600, int(dt.datetime.now(dt.UTC).timestamp())
    tar.addfile(member, source)


@contextmanager
def _appearing(file: Path) -> Iterator[Any]:
    """Written beside it, readable by its owner alone, and named when it is whole and on the disk."""
    handle, part = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as raw:
            yield raw
            raw.flush()
            os.fsync(raw.fileno())
        os.link(part, file)  # fails, rather than overwrite what came meanwhile
    finally:
        Path(part).unlink(missing_ok=True)
