"""Does a deep page cost what the first one costs? The queue's pages, by keyset; the API's as a consumer asks for them, whole
requests.

A: the page after nine tenths of the list. B: the first page; in the last lines the same deep page by the usual
condition `d > D OR (d = D AND id > ID)`, which has to be slower by much for ours to be worth it.
"""

from collections.abc import Callable
from urllib.parse import urlencode

from django.core.wsgi import get_wsgi_application
from django.db.models import Q, QuerySet
from django.http import QueryDict

from bench import _ground as ground
from bench._load import load
from letters.api.parameters import Asked
from letters.api.resources import SOURCES
from letters.domain import keyset
from letters.domain.keys import create_key
from letters.enums import Role, Scope, SystemProcess
from letters.listing import GROUPS, SORTS, Listing
from letters.models import User

SIZE = 100
TARGET = 1.2
API = SOURCES["taskings"][Scope.OFFICE]


def deep_cursor(rows: QuerySet, order: keyset.Order) -> str:
    """The cursor of the page after nine tenths of the list."""
    ordered = rows.order_by(*order.by())
    return keyset.cursor_of(order, ordered[ordered.count() * 9 // 10])


def compare(what: str, rows: QuerySet, order: keyset.Order) -> None:
    """The deep page against the first."""
    cursor = deep_cursor(rows, order)
    deep, first = ground.medians(
        lambda: keyset.page(rows, order, size=SIZE, cursor=cursor),
        lambda: keyset.page(rows, order, size=SIZE),
        rounds=9,
    )
    ground.line(what, deep, first, target=TARGET)


def compare_api(get: Callable[[str], bytes], what: str, **asked: str) -> None:
    """The API's deep page against its first."""
    given = Asked(list(asked.items()))
    cursor = deep_cursor(API.filtered(given), API.order(given))
    first, deep = (
        f"/api/v1/taskings/?{urlencode(asked | {'limit': str(SIZE)} | more)}" for more in ({}, {"cursor": cursor})
    )
    ground.line(what, *ground.medians(lambda: get(deep), lambda: get(first), rounds=15), target=TARGET)


def compare_usual(what: str, rows: QuerySet, order: keyset.Order) -> None:
    """The deep page by the usual condition against ours."""
    cursor = deep_cursor(rows, order)
    _, value, _, key = keyset.decode(cursor, order)
    usual = rows.filter(Q(due_on__gt=value) | Q(due_on=value, id__gt=key) | Q(due_on__isnull=True))
    usual_page, ours = ground.medians(
        lambda: list(usual.order_by(*order.by())[: SIZE + 1]),
        lambda: keyset.page(rows, order, size=SIZE, cursor=cursor),
        rounds=9,
    )
    ground.line(what, usual_page, ours)


def main() -> None:
    load(ground.SIZE)
    ground.title(
        f"A page of {SIZE}, {ground.SIZE:,} items stored. A: after nine tenths of the list. B: the first page."
    )
    key, site = create_key("TEST bench", scope=Scope.OFFICE, by=SystemProcess.COMMAND), get_wsgi_application()

    def get(path: str) -> bytes:
        return ground.get(site, path, HTTP_AUTHORIZATION=f"Bearer {key}")

    for name in API.orders:
        compare_api(get, f"API, every item, by {name}", order=name)
    compare_api(get, "API, open items, by due_on", state="open")
    compare_api(get, "API, one agency's items, by due_on", agency="commerce")
    manager = User(role=Role.MANAGER)

    def queue(**params: str) -> Listing:
        return Listing(QueryDict("&".join(f"{name}={value}" for name, value in params.items())), user=manager)

    for group in ("none", *GROUPS):
        compare(f"queue, open items, grouped by {group}", queue(group=group).rows, queue(group=group).order)
    for sort in SORTS:
        listing = queue(group="none", sort=sort)
        compare(f"queue, open items, sorted by {sort}", listing.rows, listing.order)
    print("\nA: the usual condition. B: ours. The same deep page.")
    compare_usual("API, every item, by due_on", API.filtered(Asked()), API.orders["due_on"])


if __name__ == "__main__":
    main()
