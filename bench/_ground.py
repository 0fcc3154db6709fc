"""What each measurement stands on. Importing it starts throw-away servers and makes an empty record in them.

Milliseconds are the unit throughout. Two things are compared by running them in turn and taking the median of
each, so that whatever else the machine does falls on both.
"""

import argparse
import atexit
import gc
import io
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from wsgiref.util import setup_testing_defaults

import django
import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection


def _size() -> int:
    parser = argparse.ArgumentParser(description="Measures; prints medians in milliseconds and their ratio.")
    parser.add_argument("--size", type=int, default=100_000, help="stored taskings (default 100,000)")
    return parser.parse_args().size


def _start() -> None:
    data = Path(tempfile.mkdtemp(prefix="letters-bench-"))
    data.chmod(0o711)  # root's PostgreSQL has to get in
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    for name in ("DATABASE_URL", "BROKER_URL", "ALLOWED_HOSTS", "TIME_ZONE"):
        os.environ.pop(name, None)
    os.environ |= {"TRACKER_DATA": str(data), "LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "tracker.settings"}
    from tracker.services import hold_embedded_servers  # only now: it reads the environment

    (data / "static").mkdir()
    HOLDS.extend(hold_embedded_servers(unsafe_fast=True))  # register their own end, which comes before the folder's
    django.setup()
    # pages are measured without a collectstatic before
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    # the web server pools its connections; here one stays open instead
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    _make_record()


def make_durable() -> None:
    """Start PostgreSQL again as production runs it: a commit has to reach the disk."""
    from tracker.services import hold_embedded_servers

    connection.close()
    for hold in HOLDS:
        hold.release()
    HOLDS[:] = hold_embedded_servers()


def _make_record() -> None:
    """Tables and reference data."""
    call_command("migrate", verbosity=0)
    from letters.intake.reference import load_reference  # the apps are there only now

    load_reference()
    with psycopg.connect(dsn(user="postgres"), autocommit=True) as owner:
        owner.execute("GRANT SET ON PARAMETER session_replication_role TO PUBLIC")


def dsn(**changed: str) -> str:
    """The present database, for psycopg alone."""
    now = connection.settings_dict
    known = {"host": now["HOST"], "port": now["PORT"], "user": now["USER"], "dbname": now["NAME"]}
    return psycopg.conninfo.make_conninfo(**known | changed)


def copy_database(name: str) -> None:
    """A second database with what the present one holds now."""
    connection.close()
    with psycopg.connect(dsn(dbname="postgres"), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{connection.settings_dict["NAME"]}"')


@contextmanager
def database(name: str) -> Iterator[None]:
    """Use another database inside the block; the connection is open when it begins."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    connection.ensure_connection()
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


@contextmanager
def without_triggers() -> Iterator[None]:
    """Bulk changes without triggers and foreign keys; CHECK and UNIQUE hold as always."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = origin")


def sql(statement: str, *values) -> list[tuple]:
    """Run one statement; the rows it gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def get(app: Callable, path: str, **headers: str) -> bytes:
    """The body of one GET, asked of a WSGI application as a web server would. Anything but 200 is an error."""
    route, _, query = path.partition("?")
    environ = {"PATH_INFO": route, "QUERY_STRING": query, "HTTP_HOST": "localhost", "wsgi.input": io.BytesIO()}
    environ["REMOTE_ADDR"] = "127.0.0.1"  # where one is signed in is noted at the first request
    setup_testing_defaults(environ := environ | headers)
    statuses = []
    response = app(environ, lambda status, _: statuses.append(status))
    body = b"".join(response)
    if hasattr(response, "close"):
        response.close()
    if not statuses[0].startswith("200"):
        raise SystemExit(f"{path}: {statuses[0]}: {body[:500]!r}")
    return body


def timed(work: Callable[[], object]) -> float:
    """Milliseconds one call takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def medians(*works: Callable[[], object], rounds: int = 30, before: Callable[[], object] | None = None) -> list[float]:
    """The median of each, in milliseconds, all run in turn `rounds` times; a first round is not counted."""
    taken: list[list[float]] = [[] for _ in works]
    for number in range(rounds + 1):
        for work, times in zip(works, taken, strict=True):
            if before:
                before()
            gc.collect(0)
            took = timed(work)
            if number:
                times.append(took)
    return [statistics.median(times) for times in taken]


def title(words: str) -> None:
    """Says what the table below measures."""
    print(f"{words}\n{'':62}{'A':>10}{'B':>10}{'A / B':>9}  target", flush=True)


def line(what: str, a: float, b: float, *, target: float | None = None, least: bool = False, unit: str = "ms") -> None:
    """One line: what A and B are, both figures, their ratio, and what the ratio should be at most (or at `least`)."""
    ratio = a / b
    wanted = "" if target is None else f"{'at least' if least else 'at most'} {target:g}"
    missed = target is not None and (ratio < target if least else ratio > target)
    verdict = "  OVER TARGET" if missed and not least else "  UNDER TARGET" if missed else ""
    shown = [f"{value:,.0f}" if value >= 1000 else f"{value:,.2f}" for value in (a, b)]
    print(
        f"{what + (f' ({unit})' if unit != 'ms' else ''):62}{shown[0]:>10}{shown[1]:>10}{ratio:>9.2f}  {wanted}{verdict}",
        flush=True,
    )


HOLDS: list = []
SIZE = _size()
_start()
