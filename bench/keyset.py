"""Does a deep page cost what the first one costs? The queue's pages and the API's, by keyset.

A: the page after nine tenths of the list. B: the first page; in the last lines the same deep page by the usual
condition `d > D OR (d = D AND id > ID)`, which has to be slower by much for ours to be worth it.
"""

from django.db.models import Q, QuerySet
from django.http import QueryDict

from bench import _ground as ground
from bench._load import load
from letters.api.office import taskings as api
from letters.api.parameters import Asked
from letters.domain import keyset
from letters.enums import Role
from letters.listing import GROUPS, SORTS, Listing
from letters.models import User

SIZE = 100
TARGET = 1.2


def deep_cursor(rows: QuerySet, order: keyset.Order) -> str:
    """The cursor of the page after nine tenths of the list."""
    ordered = rows.order_by(*order.by())
    at = ordered.count() * 9 // 10
    last = keyset.page(_From(ordered, at), order, size=1)
    assert last.next_cursor
    return last.next_cursor


class _From:
    """A list that begins at an offset, for `keyset.page` to cut its cursor from."""

    def __init__(self, rows: QuerySet, at: int):
        self.rows, self.at = rows, at

    def order_by(self, *_) -> "_From":
        return self

    def __getitem__(self, part: slice) -> QuerySet:
        return self.rows[self.at : self.at + part.stop]


def compare(what: str, rows: QuerySet, order: keyset.Order) -> None:
    """The deep page against the first."""
    cursor = deep_cursor(rows, order)
    deep, first = ground.medians(
        lambda: keyset.page(rows, order, size=SIZE, cursor=cursor),
        lambda: keyset.page(rows, order, size=SIZE),
        rounds=9,
    )
    ground.line(what, deep, first, target=TARGET)


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
    for name, order in api.SOURCE.orders.items():
        compare(f"API, every item, by {name}", api.SOURCE.filtered(Asked()), order)
    compare("API, open items, by due_on", api.SOURCE.filtered(Asked([("state", "open")])), api.SOURCE.orders["due_on"])
    compare(
        "API, one agency's items, by due_on",
        api.SOURCE.filtered(Asked([("agency", "treasury")])),
        api.SOURCE.orders["due_on"],
    )
    manager = User(role=Role.MANAGER)

    def queue(**params: str) -> Listing:
        return Listing(QueryDict("&".join(f"{name}={value}" for name, value in params.items())), user=manager)

    for group in ("none", *GROUPS):
        compare(f"queue, open items, grouped by {group}", queue(group=group).rows, queue(group=group).order)
    for sort in SORTS:
        listing = queue(group="none", sort=sort)
        compare(f"queue, open items, sorted by {sort}", listing.rows, listing.order)
    print("\nA: the usual condition. B: ours. The same deep page.")
    due_on = api.SOURCE.orders["due_on"]
    compare_usual("API, every item, by due_on", api.SOURCE.filtered(Asked()), due_on)


if __name__ == "__main__":
    main()
