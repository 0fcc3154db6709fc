"""Does the dashboard cost what is open, or what is stored?

The same 20,000 open items among a tenth of the stored ones and among all of them. In both, 1,000 of the open ones
changed today, which is what the page says has changed since the person last looked. A: all. B: a tenth.
"""

import datetime as dt
from functools import partial

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import _ground as ground
from bench._load import load
from bench.queue import cookie_of
from letters.domain import news, tallies, worklists
from letters.domain.clocks import office_today
from letters.enums import Role
from letters.models import Look, Tasking, User

TARGET = 1.3
ROUNDS = 7
OPEN, CHANGED = 20_000, 1000
SMALL, LARGE = "small", "large"
PAGES = ("/dashboard/", "/dashboard/?ours=all&agency=commerce", "/dashboard/ask/", "/dashboard/target/")


def make(name: str, size: int, opened: int) -> str:
    """A database of this size; the cookie of a manager who last looked yesterday."""
    ground.copy_database(name)
    with ground.database(name):
        load(size, open_taskings=opened)
        with ground.without_triggers():
            ground.sql(
                f"""UPDATE letters_event SET recorded_at = now() WHERE tasking_id IN
                    (SELECT id FROM letters_tasking WHERE role = 'lead' AND status = 'awaiting' ORDER BY id LIMIT {CHANGED})"""
            )
            # where the item has a reply, that it came is what changed
            ground.sql(
                """UPDATE letters_event AS e SET kind = 'response_recorded', from_status = '', to_status = '',
                    payload = jsonb_build_object('response', a.response_id)
                    FROM letters_answer AS a WHERE a.tasking_id = e.tasking_id AND e.recorded_at > now() - interval '1 hour'"""
            )
        ground.sql("VACUUM ANALYZE letters_event")
        manager = User.objects.create_user("TEST-manager", role=Role.MANAGER)
        Look.objects.create(user=manager, looked_at=timezone.now() - dt.timedelta(days=1))
        return cookie_of(manager)


def main() -> None:
    sizes = {LARGE: ground.SIZE, SMALL: max(ground.SIZE // 10, 10_000)}
    opened = min(OPEN, sizes[SMALL] // 5)
    cookies = {name: make(name, size, opened) for name, size in sizes.items()}
    site = get_wsgi_application()

    def get(path: str, name: str) -> bytes:
        return ground.get(site, path, HTTP_COOKIE=cookies[name])

    queries = {}
    for name in sizes:
        with ground.database(name):
            for path in PAGES:
                get(path, name)
                with CaptureQueriesContext(connection) as captured:
                    body = get(path, name)
                queries[path, name] = len(captured)
                assert b"1,000" in body or path != PAGES[0] or f">{CHANGED}".encode() in body, "nothing changed"
    today, items = office_today(), Tasking.objects.counted()
    yesterday = timezone.now() - dt.timedelta(days=1)
    reads = {
        **{path: partial(get, path) for path in PAGES},
        "headline": lambda name: worklists.headline(items, today),
        "all tables": lambda name: tallies.tables(items, today),
        "by age": lambda name: tallies.by_age(items, today),
        "ahead": lambda name: tallies.ahead(items, today),
        "changed": lambda name: news.changed(items, yesterday, None),
    }  # fmt: skip
    taken: dict = {what: {name: [] for name in sizes} for what in reads}
    for _ in range(ROUNDS):
        for what, read in reads.items():
            for name in sizes:
                with ground.database(name):
                    taken[what][name] += ground.medians(partial(read, name), rounds=1)
    ground.title(f"The dashboard of {opened:,} open items. A: {sizes[LARGE]:,} stored. B: {sizes[SMALL]:,} stored.")
    for path in PAGES:
        ground.line(f"{path}: queries", queries[path, LARGE], queries[path, SMALL], target=1, unit="number")
    for what, by_name in taken.items():
        ground.line(what, *(ground.statistics.median(by_name[name]) for name in sizes), target=TARGET)


if __name__ == "__main__":
    main()
