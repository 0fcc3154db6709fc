"""The migrations lead to the record and back, on a database of their own."""

import os
import subprocess
import sys

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

NAME = "test_back_and_forth"


@pytest.fixture
def scratch(transactional_db):
    """A line to an empty database beside the tests' own."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {NAME}")
    there = {**connection.get_connection_params(), "dbname": NAME}
    there = {name: value for name, value in there.items() if name in ("dbname", "host", "port", "user", "password")}
    with psycopg.connect(**there, autocommit=True) as line:
        yield line
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def migrate(*arguments: str) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.concurrency.outside", "TEST_DATABASE": NAME}
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity", "0", *arguments],
        cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def there(database) -> dict[str, list[str]]:
    """What of ours is in a database, by kind."""
    kinds = {
        "tables": "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'letters\\_%'",
        "sequences": "SELECT relname FROM pg_class WHERE relkind = 'S' AND relname IN "
        "('letters_event_sequence', 'letters_feed_office', 'letters_feed_released')",
        "triggers": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
        "functions": "SELECT proname FROM pg_proc WHERE proname LIKE 'pgtrigger\\_%'",
        "constraints": "SELECT conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid "
        "WHERE t.relname LIKE 'letters\\_%'",
        "indexes": "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename LIKE 'letters\\_%'",
    }
    found = {}
    with database.cursor() as cursor:
        for kind, sql in kinds.items():
            cursor.execute(sql)
            found[kind] = sorted(name for (name,) in cursor.fetchall())
    return found


@pytest.mark.slow
def test_to_the_record_and_back(scratch):
    migrate()
    made = there(scratch)
    tables = {model._meta.db_table for model in apps.get_app_config("letters").get_models()}
    assert tables <= set(made["tables"])
    assert made == there(connection)
    migrate("letters", "zero")  # and what references our users with it
    assert there(scratch) == {kind: [] for kind in made}
