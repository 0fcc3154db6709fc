"""Reads that are asked again and again: compiled once by Django, planned once by PostgreSQL, fetched as they are.

Of a page of 100 items Django's compiler and PostgreSQL's planner took most of the time, both for the same answer each
time. A statement is kept by its text and prepared on each connection; the values that differ from request to request
are its parameters, all others stand in it, so that the planner knows them.

Keys and days come as text, as PostgreSQL writes them (ISO 8601), since they are only passed on.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from psycopg.types.string import TextLoader

AS_TEXT = ("uuid", "date")


@dataclass(frozen=True)
class Statement:
    """SQL with a place for each of `marks`, in order: which of the given values stands there."""

    sql: str
    places: tuple[int, ...] = ()


NOTHING = Statement("SELECT 1 WHERE false")


def compiled(rows: QuerySet, marks: Sequence[Any] = ()) -> Statement:
    """The statement that gives these rows. A value of the query that is one of `marks` becomes a parameter.

    Is, not equals: somebody may ask for the very day that a mark happens to be. Django's compiler passes on days,
    moments and UUIDs as they are. Of a number it makes psycopg's own, so a mark that is one has to be no value that
    anybody can ask for: it is known by equality.
    """
    try:
        sql, values = rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:  # what is asked for excludes itself, as Django sees without the database
        return NOTHING
    places, written = [], []
    with connection.cursor() as cursor:
        for value in values:
            place = next((n for n, mark in enumerate(marks) if _is_mark(value, mark)), None)
            if place is not None:
                places.append(place)
                written.append("%s")
            else:
                written.append(cursor.cursor.mogrify("%s", [value]).replace("%", "%%"))
    parts = sql.replace("%%", "\0").split("%s")  # no statement can hold NUL
    text = "".join(part + value for part, value in zip(parts, [*written, ""], strict=True)).replace("\0", "%%")
    # where no value is given, nothing halves the percent signs
    return Statement(text if places else text.replace("%%", "%"), tuple(places))


def _is_mark(value: Any, mark: Any) -> bool:
    return value is mark or (isinstance(mark, int) and isinstance(value, int) and value == mark)


def fetch(statement: Statement, given: Sequence[Any] = (), *, again: bool = True) -> list[tuple]:
    """Its rows, with these values for the marks. `again`: it is asked often, and worth a plan that is kept."""
    connection.ensure_connection()
    line: psycopg.Connection = connection.connection
    values = [given[place] for place in statement.places] or None
    began = time.monotonic()
    with connection.wrap_database_errors, psycopg.Cursor(line) as cursor:
        for name in AS_TEXT:
            cursor.adapters.register_loader(name, TextLoader)
        before, line.prepare_threshold = line.prepare_threshold, 0 if again else None
        try:
            found = cursor.execute(statement.sql.encode(), values, prepare=again).fetchall()
        finally:
            line.prepare_threshold = before
    if connection.queries_logged:
        connection.queries_log.append({"sql": statement.sql, "time": f"{time.monotonic() - began:.3f}"})
    return found
