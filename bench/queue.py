"""The pages that people look at: the queue beside the API's list of the same items, the counts at two sizes.

A queue page of 100 items is templates and words as well as rows, so the ratio to the API says what these cost.
The counts: A with all items stored, B with a fifth of them, the same items open in both.
"""

import re
from functools import partial

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.wsgi import get_wsgi_application

from bench import _ground as ground
from bench._load import load
from letters.domain import tallies, worklists
from letters.domain.clocks import office_today
from letters.enums import Role
from letters.models import Tasking, User

TARGET, MOST = 1.3, 6
LARGE, SMALL = "large", "small"
LIST = "/api/v1/taskings/?state=open&role=lead&limit=100"


def cookie_of(user: User) -> str:
    """Signed in, as a browser would say it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def main() -> None:
    open_items = ground.SIZE // 5
    sizes = {LARGE: ground.SIZE, SMALL: open_items}
    cookies = {}
    for name, size in sizes.items():
        ground.copy_database(name)
        with ground.database(name):
            load(size, open_taskings=open_items)
            cookies[name] = cookie_of(User.objects.create_user("TEST-manager", role=Role.MANAGER))
    site = get_wsgi_application()

    def get(path: str, name: str) -> bytes:
        return ground.get(site, path, HTTP_COOKIE=cookies[name])

    ground.title(
        f"A: the queue page of 100 items. B: the API's list of 100. {ground.SIZE:,} stored, {open_items:,} open."
    )
    with ground.database(LARGE):
        shown = len(re.findall(rb'href="/items/', get("/?group=none", LARGE)))
        assert shown >= 100, shown
        for group in ("none", "agency"):
            taken = ground.medians(lambda g=group: get(f"/?group={g}", LARGE), lambda: get(LIST, LARGE), rounds=15)
            ground.line(f"the queue, grouped by {group}", *taken, target=MOST)
    today = office_today()
    items = Tasking.objects.counted()
    reads = {
        "headline": lambda name: worklists.headline(items, today),
        "by agency": lambda name: tallies.tables(items, today, ["agency"])["agency"],
        "by kind": lambda name: tallies.tables(items, today, ["kind"])["kind"],
        "by age": lambda name: tallies.by_age(items, today),
        "the queue, grouped by agency": lambda name: get("/", name),
    }
    taken = {what: {name: [] for name in sizes} for what in reads}
    for _ in range(5):
        for name in sizes:
            with ground.database(name):
                for what, read in reads.items():
                    taken[what][name] += ground.medians(partial(read, name), rounds=1)
    print(f"\nCounts of {open_items:,} open items. A: {sizes[LARGE]:,} stored. B: {sizes[SMALL]:,} stored.")
    for what, by_name in taken.items():
        ground.line(what, *(ground.statistics.median(by_name[name]) for name in sizes), target=TARGET)


if __name__ == "__main__":
    main()
