"""Copies of tables in a schema of their own, and back: a fixture in milliseconds instead of half a second.

Copied back with the triggers off, since the rows were made under them. Their history is left out (it would be most
of the time): whoever tests the history of the seed letter loads it anew.
"""

from collections.abc import Callable

from django.db import connection, transaction


def keep(name: str, *, without: str = "") -> None:
    """Copy every table that has rows (but those kept as `without`) into the schema of this name."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA kept_{name}")
        others = set(_tables(cursor, without)) if without else set()
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
            "AND tablename LIKE 'letters\\_%' AND tablename NOT LIKE '%history'"
        )
        for (table,) in sorted(cursor.fetchall()):
            if table in others:
                continue
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")
            if cursor.fetchone() == (True,):
                columns = ", ".join(_columns(cursor, table))
                cursor.execute(f"CREATE TABLE kept_{name}.{table} AS SELECT {columns} FROM public.{table}")
    _kept.add(name)


def make(name: str, build: Callable[[], object]) -> None:
    """Build something upon the reference data and keep it, with the people in it, for the rest of the run."""
    if name in _kept:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM letters_askkind)")
        if cursor.fetchone() == (False,):  # a test with real transactions has emptied every table
            put_back("reference")
    with transaction.atomic():
        build()
    keep(name, without="reference")
    empty(name)


def is_kept(name: str) -> bool:
    return name in _kept


def put_back(name: str) -> None:
    """Copy the rows back into the tables, all or none."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_statements(cursor, name))


def empty(name: str) -> None:
    """Empty the tables that are kept under this name, as a flush does, and all history."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE '%history'")
        histories = [table for (table,) in cursor.fetchall()]
        cursor.execute(f"TRUNCATE {', '.join(_tables(cursor, name) + histories)} CASCADE")


_kept: set[str] = set()
_known: dict[str, str] = {}


def _statements(cursor, name: str) -> str:
    if name not in _known:
        tables = {table: ", ".join(_columns(cursor, table)) for table in _tables(cursor, name)}
        _known[name] = "; ".join(
            [
                "SET CONSTRAINTS ALL IMMEDIATE",
                *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables),
                "SET CONSTRAINTS ALL DEFERRED",
                *(
                    # somebody of that name may be there already, with the same key: see factories.user
                    f"INSERT INTO {t} ({columns}) SELECT {columns} FROM kept_{name}.{t}"
                    + (" ON CONFLICT (id) DO NOTHING" if t == "letters_user" else "")
                    for t, columns in tables.items()
                ),
                "SET CONSTRAINTS ALL IMMEDIATE",
                *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables),
                "SET CONSTRAINTS ALL DEFERRED",
            ]
        )
    return _known[name]


def _tables(cursor, name: str) -> list[str]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [f"kept_{name}"])
    return [table for (table,) in cursor.fetchall()]


def _columns(cursor, table: str) -> list[str]:
    """Those that are written; generated ones come by themselves."""
    cursor.execute(
        "SELECT quote_ident(column_name) FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [table],
    )
    return [column for (column,) in cursor.fetchall()]
