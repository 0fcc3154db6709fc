"""Many rows of one table at once: new ones by COPY, as `bulk_create` writes them, and columns of those that are there by
one UPDATE, as `bulk_update` writes them; each at a fraction of the cost outside the database.

Triggers, constraints and defaults of the database hold as for any write. Signals and `save` are not called, as there.
"""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models import Field, Model

NULL = "\\N"
Getter = Callable[[Any], Any]


def copy_in(rows: Iterable[Model]) -> None:
    """Write new rows, all of one model, in this order, inside the caller's transaction. The caller says who acts."""
    rows = list(rows)
    if not rows:
        return
    table, columns, getters = _shape(type(rows[0]))
    lines = ["\t".join([_text(get(row)) for get in getters]) for row in rows]
    with connection.cursor() as cursor:
        # the author travels with statements that Django executes, which COPY is not; it takes this lock in any case
        cursor.execute(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE")
        with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            copy.write("\n".join(lines) + "\n")
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def write_over(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Write these fields of rows that are there, all of one model, inside the caller's transaction. The caller says who acts,
    and holds the rows: what others wrote meanwhile is written over."""
    if not rows:
        return
    model = type(rows[0])
    quote, key = connection.ops.quote_name, model._meta.pk
    fields = [field for field in model._meta.local_concrete_fields if field.name in names]
    written: list[Field] = [key, *fields]
    columns = ", ".join(quote(str(field.column)) for field in written)
    given = ", ".join(f"%s::{_kind(field)}[]" for field in written)
    values = ", ".join(f"{quote(str(field.column))} = new.{quote(str(field.column))}" for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(model._meta.db_table)} AS old SET {values} FROM unnest({given}) AS new ({columns}) "  # noqa: S608 - our own names
            f"WHERE old.{quote(str(key.column))} = new.{quote(str(key.column))}",
            [[getattr(row, field.attname) for row in rows] for field in written],
        )


def _kind(field: Field) -> str:
    """The type of a column; of words without their length, to which a cast would cut them instead of refusing them."""
    return "text" if isinstance(field, models.CharField) else str(field.cast_db_type(connection))


@cache
def _shape(model: type[Model]) -> tuple[str, str, list[Getter]]:
    """The table, its columns that are written, and how to get the value of each. What the database gives by itself is left out."""
    quote = connection.ops.quote_name
    fields = [
        field
        for field in model._meta.local_concrete_fields
        if not (field.generated or field.has_db_default() or isinstance(field, models.AutoField))
    ]
    columns = ", ".join(quote(str(field.column)) for field in fields)
    return quote(model._meta.db_table), columns, [_getter(field) for field in fields]


def _getter(field: Field) -> Getter:
    if getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False):
        return lambda row: field.pre_save(row, add=True)
    name = field.attname
    if isinstance(field, models.JSONField):
        return lambda row: None if (value := getattr(row, name)) is None else json.dumps(value, cls=DjangoJSONEncoder)
    return lambda row: getattr(row, name)


def _text(value: Any) -> str:
    """As COPY reads it. Raises TypeError for what no table that is copied into holds."""
    if value is None:
        return NULL
    if isinstance(value, str):
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, uuid.UUID | int):
        return str(value)
    if isinstance(value, dt.date):  # a moment is one, too
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not written by COPY yet")
