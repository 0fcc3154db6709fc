"""Many new rows of one table by COPY: as `bulk_create` writes them, at a fraction of its cost outside the database.

Triggers, constraints and defaults of the database hold as for any insert. Signals and `save` are not called, as there.
"""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterable
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
