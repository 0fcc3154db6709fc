"""Many rows of one table at once: new ones by COPY, as `bulk_create` writes them, and columns of those that are there by
one UPDATE, as `bulk_update` writes them; each at a fraction of the cost outside the database.

Triggers, constraints and defaults of the database hold as for any write. Signals and `save` are not called, as there.
"""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import attrgetter, itemgetter, methodcaller
from types import SimpleNamespace
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models import Field, Model

NULL = "\\N"
ESCAPED = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}  # the backslash first
Column = Sequence[Any]
_as_json = DjangoJSONEncoder().encode


def copy_in(rows: Iterable[Model]) -> None:
    """Write new rows, all of one model, in this order, inside the caller's transaction. The caller says who acts."""
    rows = list(rows)
    if not rows:
        return
    model = type(rows[0])
    fields = _written(model)
    for field in filter(_is_stamped, fields):
        for row in rows:
            field.pre_save(row, add=True)
    take = itemgetter(*(field.attname for field in fields))
    _copy(model, list(zip(*(take(vars(row)) for row in rows), strict=True)))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def copy_new(model: type[Model], rows: Iterable[dict[str, Any]]) -> None:
    """The same of rows that nobody needs as objects: each is what its model would be made of, all name the same fields."""
    rows = list(rows)
    if not rows:
        return
    fields = _written(model)
    if unknown := rows[0].keys() - {field.name for field in fields}:
        raise TypeError(f"{model.__name__} has no {', '.join(sorted(unknown))} that is written by COPY")
    _copy(model, [_values(field, rows) for field in fields])


def _values(field: Field, rows: Sequence[dict[str, Any]]) -> Column:
    """Of one field in each row; where it is not named, what an object would have been made with."""
    if field.name in rows[0]:
        values = [row[field.name] for row in rows]
        return [None if value is None else value.pk for value in values] if field.is_relation else values
    if _is_stamped(field):
        nothing: Any = SimpleNamespace()
        return [field.pre_save(nothing, add=True) for _ in rows]
    if callable(field.default):
        return [field.get_default() for _ in rows]
    return [field.get_default()] * len(rows)


def _copy(model: type[Model], columns: Sequence[Column]) -> None:
    fields = _written(model)
    table, names = _quoted(model._meta.db_table), ", ".join(_quoted(str(field.column)) for field in fields)
    words = [
        _cells(_documents(column) if isinstance(field, models.JSONField) else column)
        for field, column in zip(fields, columns, strict=True)
    ]
    with connection.cursor() as cursor:
        # the author travels with statements that Django executes, which COPY is not; it takes this lock in any case
        cursor.execute(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE")
        with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            copy.write("\n".join(map("\t".join, zip(*words, strict=True))) + "\n")


def write_over(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Write these fields of rows that are there, all of one model, inside the caller's transaction. The caller says who acts,
    and holds the rows: what others wrote meanwhile is written over."""
    if not rows:
        return
    model, key = type(rows[0]), type(rows[0])._meta.pk
    fields = [field for field in model._meta.local_concrete_fields if field.name in names]
    given = [(field, _quoted(str(field.column))) for field in (key, *fields)]
    shape = ", ".join(f"{column} {_kind(field)}" for field, column in given)
    values = ", ".join(f"{column} = new.{column}" for _, column in given[1:])
    by_key = given[0][1]
    take = attrgetter(*(field.attname for field, _ in given))
    columns = [str(field.column) for field, _ in given]
    new = json.dumps([dict(zip(columns, map(_in_json, take(row)), strict=True)) for row in rows], cls=DjangoJSONEncoder)
    with connection.cursor() as cursor:
        cursor.execute(
            # the keys once more: a table that this transaction filled has no statistics, and would be read whole
            f"UPDATE {_quoted(model._meta.db_table)} AS old SET {values} FROM json_to_recordset(%s::json) AS new ({shape}) "  # noqa: S608 - our own names
            f"WHERE old.{by_key} = new.{by_key} AND old.{by_key} = ANY(%s)",
            [new, [row.pk for row in rows]],
        )


def _in_json(value: Any) -> Any:
    """Moments whole: Django's encoder cuts them to milliseconds."""
    return value.isoformat() if isinstance(value, dt.date) else value


def _kind(field: Field) -> str:
    """The type of a column; of words without their length, to which a cast would cut them instead of refusing them."""
    return "text" if isinstance(field, models.CharField) else str(field.cast_db_type(connection))


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


@cache
def _written(model: type[Model]) -> tuple[Field, ...]:
    """The fields that are written: what the database gives by itself is left out."""
    return tuple(
        field
        for field in model._meta.local_concrete_fields
        if not (field.generated or field.has_db_default() or isinstance(field, models.AutoField))
    )


def _is_stamped(field: Field) -> bool:
    return bool(getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False))


def _documents(values: Column) -> Column:
    """JSON as words; one that several rows share once."""
    shared = {id(value): value for value in values}
    words = {key: None if value is None else _as_json(value) for key, value in shared.items()}
    return [words[id(value)] for value in values]


def _cells(values: Column) -> Sequence[str]:
    """A column as COPY reads it. Raises TypeError for what no table that is copied into holds."""
    kinds: list[Any] = list(map(type, values))
    if len(set(kinds)) > 1:
        return [_writer(kind)(value) for kind, value in zip(kinds, values, strict=True)]
    write = _writer(kinds[0])
    if write is _escaped:
        whole = "\0".join(values)
        if not any(mark in whole for mark in ESCAPED):
            return values
    return list(map(write, values))


@cache
def _writer(kind: type) -> Callable[[Any], str]:
    if issubclass(kind, type(None)):
        return lambda _: NULL
    if issubclass(kind, str):
        return _escaped
    if issubclass(kind, bool):
        return lambda value: "t" if value else "f"
    if issubclass(kind, uuid.UUID):
        return attrgetter("hex")
    if issubclass(kind, int):
        return str
    if issubclass(kind, dt.date):  # a moment is one, too
        return methodcaller("isoformat")
    raise TypeError(f"{kind.__name__} is not written by COPY yet")


def _escaped(words: str) -> str:
    for mark, escaped in ESCAPED.items():
        words = words.replace(mark, escaped)
    return words
