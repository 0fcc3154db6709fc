"""What has to be true before the first request: servers answer, tables are there, so are data and files."""

import hashlib
import os
from io import StringIO
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, OperationalError, connection

from tracker import services
from tracker.embedded.hold import Hold, NotStarted, hold
from tracker.env import BASE_DIR, ENV, masked
from tracker.supervisor.console import Refused

OLDEST_POSTGRES = 15


def _call(command: str, *arguments: str, **options: Any) -> None:
    """Runs a management command in silence; what it printed is shown if it fails."""
    output = StringIO()
    try:
        call_command(command, *arguments, stdout=output, stderr=output, **options)
    except (CommandError, DatabaseError) as error:
        raise Refused(f"`manage.py {command}` failed: {error}\n{output.getvalue()}".rstrip()) from error


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
    except OperationalError as error:
        where = (
            f"DATABASE_URL is {masked('DATABASE_URL', ENV.DATABASE_URL)!r}"
            if ENV.DATABASE_URL
            else "The embedded PostgreSQL"
        )
        raise Refused(f"{where}: it does not answer. {error}Start it, or correct the URL.") from error
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
    except redis.RedisError as error:
        where = f"BROKER_URL is {masked('BROKER_URL', ENV.BROKER_URL)!r}" if ENV.BROKER_URL else "The embedded Valkey"
        raise Refused(f"{where}: it does not answer. {error}. Start it, or correct the URL.") from error
    return share


def migrate() -> None:
    _call("migrate", interactive=False, verbosity=0)


def reference_data() -> None:
    _call("load_reference")


def seed_letter() -> None:
    _call("load_seed_letter")


def demo_accounts() -> None:
    _call("create_demo_accounts", "--password-file", str(demo_password_file()))


def demo_password_file() -> Path:
    return ENV.TRACKER_DATA / "demo-password"


def static_files() -> None:
    """Collects them anew only when one of their sources has changed."""
    stamp = ENV.TRACKER_DATA / "static.stamp"
    now = _static_fingerprint()
    if stamp.exists() and stamp.read_text() == now and Path(settings.STATIC_ROOT).is_dir():
        return
    stamp.unlink(missing_ok=True)
    _call("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(now)


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
