"""What do reply records cost, which count every item ever asked, closed ones too?

A: all. B: a tenth. They may cost ten times as much, not more, and as many queries.
"""

from functools import partial

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import _ground as ground
from bench._load import load
from bench.queue import cookie_of
from letters.domain.clocks import office_today
from letters.enums import Role
from letters.models import Tasking, User
from letters.reports.reply_records import records

ROUNDS = 3
SMALL, LARGE = "small", "large"
PAGES = ("/reports/replies/", "/agencies/commerce/record/")


def make(name: str, size: int) -> str:
    """A database of this size; the cookie of a manager."""
    ground.copy_database(name)
    with ground.database(name):
        load(size)
        return cookie_of(User.objects.create_user("TEST-manager", role=Role.MANAGER))


def main() -> None:
    sizes = {LARGE: ground.SIZE, SMALL: ground.SIZE // 10}
    cookies = {name: make(name, size) for name, size in sizes.items()}
    site = get_wsgi_application()

    def get(path: str, name: str) -> bytes:
        return ground.get(site, path, HTTP_COOKIE=cookies[name])

    reads = {path: partial(get, path) for path in PAGES}
    reads["the three reads"] = lambda name: records(Tasking.objects.counted(), office_today())
    ground.title(f"Reply records. A: {sizes[LARGE]:,} stored. B: {sizes[SMALL]:,} stored.")
    taken: dict = {what: {name: [] for name in sizes} for what in reads}
    for what, read in reads.items():
        queries = {}
        for name in sizes:
            with ground.database(name), CaptureQueriesContext(connection) as captured:
                read(name)
            queries[name] = len(captured)
        ground.line(f"{what}: queries", queries[LARGE], queries[SMALL], target=1, unit="number")
    for _ in range(ROUNDS):
        for what, read in reads.items():
            for name in sizes:
                with ground.database(name):
                    taken[what][name] += ground.medians(partial(read, name), rounds=1)
    for what, by_name in taken.items():
        ground.line(what, *(ground.statistics.median(by_name[name]) for name in sizes), target=10)


if __name__ == "__main__":
    main()
