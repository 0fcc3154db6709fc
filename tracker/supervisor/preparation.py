"""What has to be true before the first request: servers answer, tables are there, so are data and files."""

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import redis
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from letters.models import Heartbeat, Office
from letters.reminders.sweep import AT_WORK
from tracker import services
from tracker.backups.folders import remove_left
from tracker.embedded.hold import Hold, NotStarted, hold
from tracker.env import BASE_DIR, ENV, masked
from tracker.supervisor.console import Refused

OLDEST_POSTGRES = 15
SWEEP_SECONDS = 120
MIGRATION_SECONDS = 1800
MIGRATION_LOCK = 0x6C6D6967  # "lmig"
SHOWN = 3  # of what is missing


def _call(command: str, *arguments: str, **options: Any) -> str:
    """Runs a management command in silence; what it printed is shown if it fails, and else given back."""
    output = StringIO()
    try:
        call_command(command, *arguments, stdout=output, stderr=output, **options)
    except (CommandError, DatabaseError) as error:
        raise Refused(f"`manage.py {command}` failed: {error}\n{output.getvalue()}".rstrip()) from error
    return output.getvalue()


def system_checks() -> None:
    try:
        call_command("check", stdout=StringIO(), stderr=StringIO())
    except SystemCheckError as error:
        raise Refused(str(error)) from error


def start_embedded(server: str) -> Hold:
    """Starts or joins it. Raises `Refused`."""
    try:
        return hold(ENV.TRACKER_DATA, server, programs=ENV.POSTGRES_BIN)
    except NotStarted as error:
        raise Refused(str(error)) from error


def database() -> Hold | None:
    """Starts the embedded PostgreSQL, or sees that the configured one answers and is new enough."""
    share = None if ENV.DATABASE_URL else start_embedded("postgres")
    try:
        connection.ensure_connection()
    except DatabaseError as error:  # an option that PostgreSQL's clients do not know is none of its answers
        where = (
            f"DATABASE_URL is {masked('DATABASE_URL', ENV.DATABASE_URL)!r}"
            if ENV.DATABASE_URL
            else "The embedded PostgreSQL"
        )
        raise Refused(f"{where}: it does not answer. {_one_line(error)} Start it, or correct the URL.") from error
    version = connection.pg_version // 10000
    if version < OLDEST_POSTGRES:
        raise Refused(
            f"DATABASE_URL is {masked('DATABASE_URL', ENV.DATABASE_URL)!r}: that is PostgreSQL {version}. "
            f"Use PostgreSQL {OLDEST_POSTGRES} or later."
        )
    return share


def broker() -> Hold | None:
    """Starts the embedded Valkey, or sees that the configured one answers."""
    share = None if ENV.BROKER_URL else start_embedded("valkey")
    try:
        redis.Redis.from_url(services.cache_url(), socket_connect_timeout=5, socket_timeout=5).ping()
    except (redis.RedisError, TypeError, ValueError) as error:  # also options that it does not know
        where = f"BROKER_URL is {masked('BROKER_URL', ENV.BROKER_URL)!r}" if ENV.BROKER_URL else "The embedded Valkey"
        raise Refused(f"{where}: it does not answer. {_one_line(error)} Start it, or correct the URL.") from error
    return share


def migrate() -> None:
    with _one_at_a_time():
        try:
            _call("migrate", interactive=False, verbosity=0)
        except Refused:
            dropped = []
            with contextlib.suppress(DatabaseError):  # the database itself may be what failed
                dropped = drop_half_made_indexes()
            if not dropped:
                raise
            _call("migrate", interactive=False, verbosity=0)
    tables_fit()


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Of two starts on one database, one would take the indexes that the other has just made for a killed one's leftovers.

    Asked for again and again: a session that waits inside pg_advisory_lock holds up CREATE INDEX CONCURRENTLY for ever.
    """
    limit = time.monotonic() + MIGRATION_SECONDS
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [MIGRATION_LOCK])
            if cursor.fetchone() == (True,):
                break
            if time.monotonic() > limit:
                raise Refused(
                    f"Another start has been migrating this database for {MIGRATION_SECONDS // 60} minutes. "
                    "Wait until it is done, or end it; then try again."
                )
            time.sleep(0.2)
    try:
        yield
    finally:
        with contextlib.suppress(DatabaseError), connection.cursor() as cursor:  # a session that broke off has let go
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])


def drop_half_made_indexes(plan: list[tuple[Migration, bool]] | None = None) -> list[str]:
    """Indexes of migrations still to come (`plan`: of all) that are there: made concurrently, outside a transaction, they
    outlive a start that was killed, unfinished or not noted, and stand in the way of every later one. What was dropped."""
    if plan is None:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    made = [
        one.index.name for to_come, _ in plan for one in to_come.operations if isinstance(one, AddIndexConcurrently)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'i' AND pg_table_is_visible(oid) AND relname = ANY(%s)",
            [made],
        )
        found = [name for (name,) in cursor.fetchall()]
        for name in found:
            cursor.execute(f"DROP INDEX CONCURRENTLY {connection.ops.quote_name(name)}")
    return found


def tables_fit() -> None:
    """Refuses tables that lack what this version reads: before the first release migrations were rewritten."""
    needed = {
        (model._meta.db_table, column.column)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
        for column in model._meta.local_concrete_fields
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = ANY(current_schemas(false))"
        )
        found = set(cursor.fetchall())
    tables = {table for table, _ in found}
    missing = sorted({f"{t}.{column}" if t in tables else f"the table {t}" for t, column in needed - found})
    if missing:
        more = f" and {len(missing) - SHOWN:,} more" if len(missing) > SHOWN else ""
        where, way_out = (
            ("The database of DATABASE_URL", "Set DATABASE_URL to another database, or drop and create this one")
            if ENV.DATABASE_URL
            else (f"The data folder {ENV.TRACKER_DATA}", "Set TRACKER_DATA to another folder, or delete this one")
        )
        raise Refused(
            f"{where} does not fit this version: it lacks {', '.join(missing[:SHOWN])}{more}. It was made by a version "
            f"before the first release, which cannot be brought up to date. {way_out}: everything recorded in it is gone then."
        )


def no_office_yet() -> str:
    """What to do where nobody has said whose letters these are; empty when somebody has."""
    if Office.objects.exists():
        return ""
    return "There is no office yet, so nothing says whose letters these are: run “manage.py start_office --member BIOGUIDE --admin EMAIL” (or --committee NAME)."


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".") + "."


def reference_data() -> None:
    _call("load_reference")


def public_stream() -> None:
    """What an earlier version told the public and nobody had confirmed is taken back before this one serves."""
    _call("correct_public_stream")


def first_sweep() -> None:
    """So that the site is well from its first minute: beat rings only after a whole period. A round that finds another at
    work, begun by hand or by the version before, has done nothing, and is begun again."""
    limit = time.monotonic() + SWEEP_SECONDS
    while _call("sweep_reminders").strip() == AT_WORK:
        if time.monotonic() > limit:
            raise Refused(
                f"Another sweep was at work for {SWEEP_SECONDS} seconds, so no round of ours was finished. "
                "See worker.log, or end the `manage.py sweep_reminders` that somebody began; then try again."
            )
        time.sleep(0.2)


def expect_backups() -> None:
    """Where the environment says that there are to be nights, silence says that there was none: of a timer that nobody
    enabled nothing else would tell. Where it no longer says so, that first one is not missed. But where a night was ever
    made or tried the alarm stays: `deploy/backup` runs without the variable, too. A person ends it (`--no-more-nights`)."""
    if ENV.BACKUP_DIR:
        facts = {"started_at": timezone.now(), "detail": {"only_expected": True}}
        Heartbeat.objects.get_or_create(name="backup", defaults=facts)
    else:
        Heartbeat.objects.filter(name="backup", finished_at=None, detail__only_expected=True).delete()


def takes_examples() -> bool:
    """Whether the demo letter and its accounts belong here: not in the database of an office, wherever it lies.

    A record that was restored into the embedded server, or started there by `start_office`, is as real as another.
    """
    return not ENV.DATABASE_URL and not Office.objects.filter(is_demo=False).exists()


def seed_letter() -> None:
    _call("load_seed_letter")


def demo_accounts() -> None:
    _call("create_demo_accounts", "--password-file", str(demo_password_file()))


def demo_password_file() -> Path:
    return ENV.TRACKER_DATA / "demo-password"


def leftovers() -> None:
    """What a backup or a restore that was killed has left lies in the data folder decrypted."""
    remove_left(ENV.TRACKER_DATA)


def static_files() -> None:
    """Collects them anew only when one of their sources has changed."""
    stamp = ENV.TRACKER_DATA / "static.stamp"
    now = _static_fingerprint()
    if stamp.exists() and stamp.read_text() == now and Path(settings.STATIC_ROOT).is_dir():
        return
    stamp.unlink(missing_ok=True)
    before = _named_files()
    _call("collectstatic", interactive=False, verbosity=0)
    # The version before may serve its pages until the site starts anew: its files go with the next upgrade.
    wanted = before | _named_files()
    for path in Path(settings.STATIC_ROOT).rglob("*"):
        name = path.relative_to(settings.STATIC_ROOT).as_posix()
        if path.is_file() and name != MANIFEST and name.removesuffix(".gz").removesuffix(".br") not in wanted:
            path.unlink()
    stamp.write_text(now)


MANIFEST = "staticfiles.json"


def _named_files() -> set[str]:
    """What the manifest of the collected files names, as found and as served; nothing where none is there yet."""
    manifest = Path(settings.STATIC_ROOT, MANIFEST)
    if not manifest.is_file():
        return set()
    paths = json.loads(manifest.read_text())["paths"]
    return {*paths, *paths.values()}


def _static_fingerprint() -> str:
    """Packages' files change with the two locks only; our own are looked at one by one."""
    found = hashlib.sha256()
    for lock in ("requirements.lock", "package-lock.json"):
        found.update((BASE_DIR / lock).read_bytes())
    found.update(str(settings.STORAGES["staticfiles"]).encode())
    for folder, _, names in sorted(os.walk(BASE_DIR / "static")):
        for name in sorted(names):
            path = Path(folder, name)
            found.update(f"{path.relative_to(BASE_DIR)} {path.stat().st_mtime_ns} {path.stat().st_size}\n".encode())
    return found.hexdigest()
