"""Put a backup back: first every check sum, then the files, then the database in one transaction, all of it or nothing.

In that same transaction a new epoch of the feed begins: followers hold cursors from a future that did not happen. And
nobody is signed in any more: a session that was ended since the backup would otherwise open the site again.
"""

import hashlib
import json
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from letters.domain.deadlines import count
from letters.domain.files import write_whole
from tracker.backups import programs
from tracker.backups.backup import CHECK, CHUNK, DUMP, FORMAT, MANIFEST, TABLES
from tracker.backups.errors import BackupError
from tracker.backups.folders import RESTORE, working_folder
from tracker.backups.place import KEY_FILE, Place
from tracker.backups.sealing import opened
from tracker.embedded.places import hand_over

# Everything in the database but what PostgreSQL put there itself, and what an extension that is not ours brought.
CLEAR = """
DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'public')
        LOOP EXECUTE format('DROP SCHEMA %I CASCADE', one.nspname); END LOOP;
    FOR one IN SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' AND pg_has_role(extowner, 'MEMBER')
        LOOP EXECUTE format('DROP EXTENSION %I CASCADE', one.extname); END LOOP;
    FOR one IN SELECT relname, CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
            AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e') ORDER BY relkind = 'S'
        LOOP EXECUTE format('DROP %s IF EXISTS public.%I CASCADE', one.kind, one.relname); END LOOP;
    FOR one IN SELECT oid::regprocedure AS named FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')
        LOOP EXECUTE format('DROP ROUTINE IF EXISTS %s CASCADE', one.named); END LOOP;
    FOR one IN SELECT collname FROM pg_collation WHERE collnamespace = 'public'::regnamespace
        LOOP EXECUTE format('DROP COLLATION public.%I CASCADE', one.collname); END LOOP;
END $$;
"""
# Who was signed out since, or let go, is so again.
NO_SESSIONS = "DELETE FROM public.django_session;\n"
NEW_EPOCH = "INSERT INTO public.letters_feedepoch (id, started_at) VALUES (gen_random_uuid(), clock_timestamp());\n"

# The settings stand in the first lines of a script; behind them, the same words might be somebody's.
SINCE_TRANSACTION_TIMEOUT, HEAD = 17, 2048


def restore(
    file: Path, place: Place, *, replace: bool = False, identity: Path | None = None, passphrase: Path | None = None
) -> dict[str, Any]:
    """Make `place` what it was when `file` was written; the manifest. Raises BackupError, before anything is changed."""
    if not file.is_file():
        raise BackupError(f"There is no file {file}.")
    with working_folder(place.secret.parent, RESTORE) as folder:
        plain = opened(file, folder, identity=identity, passphrase=passphrase)
        manifest = checked(plain, file)
        version = _ready(manifest, place, replace)
        dump = folder / DUMP
        _unpack(plain, place, dump)
        _load(dump, manifest, place, version)
        _unpack(plain, place, None)
    return manifest


def checked(plain: Path, named: Path) -> dict[str, Any]:
    """The manifest of a backup each of whose parts has its check sum; BackupError names the part that has not."""
    try:
        with tarfile.open(plain, mode="r:") as tar:
            said = _bytes(tar, MANIFEST)
            if hashlib.sha256(said).hexdigest() != _bytes(tar, CHECK).decode():
                raise BackupError(f"{named} is damaged: its manifest is not what was written. Use another backup.")
            manifest = json.loads(said)
            if manifest["format"] != FORMAT:
                raise BackupError(f"{named} is of format {manifest['format']}; this version reads {FORMAT}.")
            there = {member.name: member for member in tar if member.isreg()}
            for part in manifest["parts"]:
                member = there.get(part["name"])
                source = tar.extractfile(member) if member else None
                if source is None or hashlib.file_digest(source, "sha256").hexdigest() != part["sha256"]:  # type: ignore[arg-type]
                    raise BackupError(
                        f"{named} is damaged: {part['name']} is not what was written. Use another backup."
                    )
    except (tarfile.TarError, KeyError, ValueError, EOFError) as error:
        raise BackupError(f"{named} is no backup of ours, or only a part of one. Use another.") from error
    return manifest


def _bytes(tar: tarfile.TarFile, name: str) -> bytes:
    source = tar.extractfile(name)
    return source.read() if source else b""


def _ready(manifest: dict[str, Any], place: Place, replace: bool) -> int:
    """Whether it may be put there, and can be; the server's major version."""
    with psycopg.connect(**place.database, autocommit=True) as line:  # type: ignore[arg-type]
        if line.execute(TABLES).fetchone() and not replace:
            raise BackupError(
                f"The database is not empty: it has {_what(line)}. Nothing was changed. Restore into an empty one, or "
                "say --replace: then everything in it is gone."
            )
        others = line.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        ).fetchone()
        if others and others[0]:
            raise BackupError(
                f"Somebody else uses the database ({count(others[0], 'connection')}): the site runs, or a command does. "
                "Stop it first."
            )
        version = line.info.server_version // 10_000
    if manifest["postgres"] > version:
        raise BackupError(
            f"The backup is of PostgreSQL {manifest['postgres']} and this database is {version}, which may not read it. "
            f"Restore into PostgreSQL {manifest['postgres']} or later."
        )
    programs.readers(version)
    return version


def _what(line: psycopg.Connection) -> str:
    said = []
    for table, words in (("letters_letter", "letter"), ("letters_user", "account")):
        found = line.execute("SELECT to_regclass(%s)", [f"public.{table}"]).fetchone()
        if found and found[0]:
            rows = line.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
            said.append(count(rows[0] if rows else 0, words))
    return " and ".join(said) or "tables of its own"


def _unpack(plain: Path, place: Place, dump: Path | None) -> None:
    """With `dump`: it, and what is only added, so that no row ever points at nothing. Without: what takes another's place."""
    with tarfile.open(plain, mode="r:") as tar:
        for member in tar:
            source = tar.extractfile(member)
            if source is None or member.name in (MANIFEST, CHECK):
                continue
            if member.name == DUMP:
                if dump:
                    with dump.open("wb") as to:
                        while chunk := source.read(CHUNK):
                            to.write(chunk)
                continue
            target = place.target(member.name)
            if target is None or bool(dump) != member.name.startswith("files/"):
                continue
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(target, source.read())
            if member.name == KEY_FILE:
                target.chmod(0o600)
            data = place.secret.parent
            for path in (target, *target.parents):
                if data in path.parents:
                    hand_over(path, data)


def _script(dump: Path, script: Path, version: int) -> Path:
    """The dump as statements that a server of this version takes; the folder of the programs that read it."""
    refused = []
    for folder in programs.readers(version):
        try:
            pg_restore = [folder / "pg_restore", "--no-owner", "--no-privileges"]
            wanted = dump.with_suffix(".list")
            programs.run([*pg_restore, "--list", f"--file={wanted}", dump], {})
            # An extension that the server's administrator put there stays; only its owner may comment on it.
            lines = wanted.read_text().splitlines(keepends=True)
            wanted.write_text("".join(line for line in lines if " COMMENT - EXTENSION " not in line))
            programs.run([*pg_restore, f"--use-list={wanted}", f"--file={script}", dump], {})
        except BackupError as error:
            refused.append(error)  # written by a newer pg_dump, it may be: the next newer pg_restore is asked
        else:
            if version < SINCE_TRANSACTION_TIMEOUT:
                without_transaction_timeout(script)
            return folder
    raise refused[-1]


def without_transaction_timeout(script: Path) -> None:
    """Make a comment of the one setting that a pg_restore of 17 or later always writes, and no server before 17 knows."""
    with script.open("r+b") as opened:
        at = opened.read(HEAD).find(b"\nSET transaction_timeout = ")
        if at >= 0:
            opened.seek(at + 1)
            opened.write(b"--")


def _load(dump: Path, manifest: dict[str, Any], place: Place, version: int) -> None:
    """One transaction: what is there goes, the dump comes, its rows are counted, a new epoch begins."""
    script = dump.with_suffix(".sql")
    clients = _script(dump, script, version)
    counts = "".join(_count_check(table, rows) for table, rows in manifest["rows"].items())
    before, after = dump.with_suffix(".before"), dump.with_suffix(".after")
    before.write_text(CLEAR)
    after.write_text(f"SET search_path = public;\nDO $$ BEGIN\n{counts}END $$;\n{NO_SESSIONS}{NEW_EPOCH}")
    command = [
        clients / "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null",
        *(f"--file={part}" for part in (before, script, after)),
    ]  # fmt: skip
    try:
        programs.run(command, place.variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    except BackupError as error:
        raise BackupError(f"The database is as it was: {error}") from error


def _count_check(table: str, rows: int) -> str:
    """Raises, inside the transaction, where the table has not as many rows as when the backup was made."""
    check = "IF (SELECT count(*) FROM {}) <> {} THEN RAISE EXCEPTION USING MESSAGE = {}; END IF;\n"
    told = f"fewer or more rows than were kept in {table}"
    return sql.SQL(check).format(sql.Identifier(*table.split(".", 1)), int(rows), told).as_string(None)
