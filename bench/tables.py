"""CSV of everything over HTTP beside PostgreSQL's own COPY of the same rows: how much of its rate is left, and how much memory it takes, of all
items and of a tenth of them."""

import io
import tracemalloc
from collections.abc import Callable
from wsgiref.util import setup_testing_defaults

import psycopg
from django.core.wsgi import get_wsgi_application

from bench import _ground as ground
from bench._load import load
from letters.api.office import taskings
from letters.domain.keys import create_key
from letters.enums import SystemProcess

PATH = "/feeds/everything.csv"
PARTS = 10
MOST = 1.5


def drained(app: Callable, key: str) -> int:
    """Bytes of the table, read piece by piece and kept nowhere."""
    environ = {"PATH_INFO": PATH, "HTTP_HOST": "localhost", "wsgi.input": io.BytesIO()}
    setup_testing_defaults(environ := environ | {"HTTP_AUTHORIZATION": f"Bearer {key}"})
    statuses: list[str] = []
    response = app(environ, lambda status, _: statuses.append(status))
    size = sum(map(len, response))
    response.close()
    assert statuses[0].startswith("200"), statuses
    return size


def copied(line: psycopg.Connection, sql: str) -> int:
    """Bytes of PostgreSQL's own."""
    with line.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT WITH (FORMAT csv)".encode()) as rows:
        return sum(map(len, rows))


def peak(app: Callable, key: str) -> int:
    """Bytes of Python's memory at its height while the table is written."""
    tracemalloc.start()
    drained(app, key)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def main() -> None:
    ground.copy_database("tenth")
    load(ground.SIZE)
    key = create_key("TEST", scope="office", by=SystemProcess.COMMAND)
    site = get_wsgi_application()
    columns = [name for name in taskings.COLUMNS if name not in ("days_past", "has_unread")]
    rows = taskings.Tasking.objects.for_keys().order_by().values_list(*columns)
    with psycopg.connect(ground.dsn(), autocommit=True, cursor_factory=psycopg.ClientCursor) as line:
        sql, values = rows.query.get_compiler("default").as_sql()
        plain = line.cursor().mogrify(sql, values)
        sizes: dict[str, int] = {}
        ours, theirs = ground.medians(
            lambda: sizes.update(ours=drained(site, key)), lambda: sizes.update(theirs=copied(line, plain)), rounds=5
        )
    ground.title(f"CSV of {ground.SIZE:,} items. A: over HTTP. B: COPY of the same columns, bare, to the same reader.")
    rates = [size / 1000 / took for size, took in ((sizes["ours"], ours), (sizes["theirs"], theirs))]
    ground.line("the table", *rates, target=0.33, least=True, unit="MB a second")
    large = peak(site, key)
    with ground.database("tenth"):
        load(ground.SIZE // PARTS)
        small = peak(site, create_key("TEST", scope="office", by=SystemProcess.COMMAND))
    what = f"peak of memory for {sizes['ours'] / 1024 / 1024:,.0f} MB; B: for a tenth"
    ground.line(what, large / 1024, small / 1024, target=MOST, unit="kB")


if __name__ == "__main__":
    main()
