"""Pages that cost the same however deep: the next one begins after the last row, not at an offset.

The condition `d <= D AND (d < D OR id < ID)` lets the index find the place; the usual
`d < D OR (d = D AND id < ID)` made PostgreSQL walk there (0.7 ms against 25 ms on 300,000 rows).
"""

import base64
import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from letters.errors import CursorError, Problem

Row = TypeVar("Row")
MAX_PAGE = 200


@dataclass(frozen=True)
class Order:
    """One sortable order: perhaps a group, then a nullable or plain field, perhaps ties, then the key. Nulls come last either way."""

    field: str
    descending: bool = False
    nullable: bool = False
    group: str = ""  # a column without nulls that comes first, ascending
    ties: tuple[str, ...] = ()  # columns without nulls that order the rows of one value, ascending

    def by(self) -> list:
        """For `order_by`."""
        column = models.F(self.field)
        nulls_last = True if self.nullable else None
        ordered = column.desc(nulls_last=nulls_last) if self.descending else column.asc(nulls_last=nulls_last)
        return [*([self.group] if self.group else []), ordered, *self.ties, "id"]

    def after(self, group: Any, value: Any, ties: list, key: uuid.UUID) -> list[Q]:
        """What comes after the row with this group, value, ties and key: stretches in order, each one range of an index.

        One condition with OR for all of them made PostgreSQL read the list from its beginning.
        """
        rest = self._after_in_group(value, self._after_ties(ties, key))
        if not self.group:
            return rest
        return [*(Q(**{self.group: group}) & one for one in rest), Q(**{f"{self.group}__gt": group})]

    def _after_ties(self, ties: list, key: uuid.UUID) -> Q:
        after = Q(id__gt=key)
        for column, last in reversed(list(zip(self.ties, ties, strict=True))):
            after = Q(**{f"{column}__gt": last}) | (Q(**{column: last}) & after)
        return after

    def _after_in_group(self, value: Any, after: Q) -> list[Q]:
        if value is None:
            return [Q(**{f"{self.field}__isnull": True}) & after]
        beyond, upto = ("lt", "lte") if self.descending else ("gt", "gte")
        rest = Q(**{f"{self.field}__{upto}": value}) & (Q(**{f"{self.field}__{beyond}": value}) | after)
        return [rest, Q(**{f"{self.field}__isnull": True})] if self.nullable else [rest]


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and where the next ones begin; `next_cursor` is None on the last page."""

    rows: list[Row]
    next_cursor: str | None


def page(rows: models.QuerySet, order: Order, *, size: int, cursor: str | None = None) -> Page:
    """One page of `rows` in `order`. `size` is 1 to 200. Raises CursorError for a cursor we did not make."""
    size = max(1, min(size, MAX_PAGE))
    rows = rows.order_by(*order.by())
    stretches = [rows]
    if cursor:
        try:
            stretches = [rows.filter(part) for part in order.after(*decode(cursor, order))]
        except (ValidationError, ValueError) as error:  # well made, but its value is not of the column's type
            raise not_ours(cursor) from error
    found: list = []
    for stretch in stretches:  # the second is read only where the first ends inside the page
        found += stretch[: size + 1 - len(found)]
        if len(found) > size:
            break
    if len(found) <= size:
        return Page(found, None)
    last = found[size - 1]
    group = value_of(last, order.group) if order.group else None
    ties = [value_of(last, column) for column in order.ties]
    return Page(found[:size], encode(order, group, value_of(last, order.field), last.pk, ties))


def encode(order: Order, group: Any, value: Any, key: uuid.UUID, ties: Sequence = ()) -> str:
    """An opaque cursor: the order it belongs to, the last row's group, value, ties and key."""
    shown = value.isoformat() if isinstance(value, dt.date) else value
    words = json.dumps([order.group, order.field, order.descending, group, shown, *ties, str(key)])
    return base64.urlsafe_b64encode(words.encode()).decode().rstrip("=")


def decode(cursor: str, order: Order) -> tuple[Any, Any, list, uuid.UUID]:
    """Group, value, ties and key of a cursor made for this order; CursorError otherwise."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        made_by, made_field, descending, group, value, *ties, key = json.loads(raw)
        if [made_by, made_field, descending, len(ties)] != [
            order.group,
            order.field,
            order.descending,
            len(order.ties),
        ]:
            raise ValueError("another order")
        if not all(type(part) in (str, int) and "\0" not in str(part) for part in ties):
            raise ValueError("not a tie")
        if not all(part is None or (isinstance(part, str) and "\0" not in part) for part in (group, value)):
            raise ValueError("not a value")
        if order.group and group is None:
            raise ValueError("no group")
        for part in (group, value, *ties):
            str(part).encode()  # half a character is only noticed by the database
        return group, value, ties, uuid.UUID(key)
    # UnicodeEncodeError and binascii.Error are ValueErrors; a thousand lists in each other end in RecursionError
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise not_ours(cursor) from error


def not_ours(cursor: str) -> CursorError:
    """The refusal of a cursor that the list did not give out."""
    return CursorError(
        Problem(
            "cursor",
            f"cursor: “{cursor[:80]}” is not a cursor of this list in this order. "
            "Leave it out to start at the first page.",
            cursor[:80],
        )
    )


def value_of(row: Any, path: str) -> Any:
    """A column of a row, by its path."""
    if hasattr(row, path):  # an annotation
        return getattr(row, path)
    for name in path.split("__"):
        row = getattr(row, name) if row is not None else None
    return row
