"""Pages of the lists that programs ask for all day: statements kept by what was asked, rows as PostgreSQL writes them."""

import datetime as dt
import uuid
from collections import namedtuple
from functools import cache, lru_cache
from typing import Any

from letters.api.parameters import Asked
from letters.api.sources import Row, Source
from letters.domain import keyset, prepared
from letters.domain.clocks import office_today

# Whatever the request, they mean the same: their statements are kept, and planned once. The others name rows, which
# come and go, or words without end: theirs are made for the request.
KEPT = ("choice", "date", "boolean", "integer", "number", "cursor")
DAY, KEY = dt.date(1, 1, 1), uuid.UUID(int=1)
MARKS = (DAY, KEY)


def page(source: Source, asked: Asked, size: int) -> keyset.Page[Row]:
    """As `keyset.page`: the rows, and where the next ones begin. Raises the same errors."""
    order, cursor = source.order(asked), asked.get("cursor")
    filters = tuple(pair for pair in asked.pairs if pair[0] not in ("cursor", "limit", "expand"))
    kept = is_general(source, asked)
    make = _kept if kept else _statement
    place, given = "first", ()
    if cursor:
        _, value, _, key = keyset.decode(cursor, order)
        place, given = (
            ("among undated", (None, str(key))) if value is None else ("among dated", (_day(cursor, value), str(key)))
        )
    found: list[tuple] = []
    for stretch in range(2 if place == "among dated" and order.nullable else 1):
        statement = make(source, filters, office_today(), size, place, stretch)
        found += prepared.fetch(statement, given, again=kept)[: size + 1 - len(found)]
        if len(found) > size:
            break
    rows = [*map(_row(source)._make, found[:size])]
    if len(found) <= size:
        return keyset.Page(rows, None)
    last = rows[-1]
    return keyset.Page(rows, keyset.encode(order, None, getattr(last, order.field), last.pk))


def _statement(
    source: Source, filters: tuple[tuple[str, str], ...], today: dt.date, size: int, place: str, stretch: int
) -> prepared.Statement:
    """One stretch of a list. `today` is in it, so tomorrow's is another."""
    asked = Asked(list(filters))
    order = source.order(asked)
    rows = source.filtered(asked).order_by(*order.by())
    if place != "first":
        value = DAY if place == "among dated" else None
        rows = rows.filter(order.after(None, value, [], KEY)[stretch])
    return prepared.compiled(rows[: size + 1], MARKS)


_kept = lru_cache(maxsize=500)(_statement)


@cache
def _row(source: Source) -> Any:
    return namedtuple("Row", source.columns)


def is_general(source: Source, asked: Asked) -> bool:
    """Whether no row is named, and no word: such a list may be as long as the record."""
    kinds = {parameter.name: parameter.kind for parameter in source.parameters}
    # who owns an item is looked up: an account comes and goes, as an agency does
    return {kinds[name] for name, _ in asked.pairs} <= set(KEPT)


def _day(cursor: str, value: str) -> str:
    try:
        return dt.date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise keyset.not_ours(cursor) from error
