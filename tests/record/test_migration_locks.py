"""Migrations are safe while the version before still runs: squawk, which knows PostgreSQL's locks, reads their SQL.

The first two make the record out of nothing, where nobody waits.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

SQUAWK = Path(sys.executable).parent / "squawk"
FROM_NOTHING = ("0001_ground", "0002_record")
# What squawk also has an opinion on, and is no question of locks or of the version that still runs: kinds of columns,
# a time limit (a migration takes what it takes; what must not last is its wait for a lock), and running a piece twice.
NOT_ASKED = (
    "prefer-text-field,prefer-bigint-over-int,prefer-bigint-over-smallint,require-statement-timeout,prefer-robust-stmts"
)
# Committed before this was asked, or answered since, and why each may stay. From now on a migration that locks a table that is there begins
# with `migrations.RunSQL("SET LOCAL lock_timeout = '10s'", migrations.RunSQL.noop)`.
ANSWERED = {
    # letters, not items: thousands of rows at most, checked in milliseconds; the new rule allows all that the old one did
    "0003_others_letters_followed": {"require-lock-timeout", "ban-drop-constraint", "constraint-missing-not-valid"},
    # a table that is new in the same migration, and a key of it to the people, of whom there are dozens
    "0004_last_looks": {"require-lock-timeout"},
    # concurrently: it holds up nobody, however long it waits itself
    "0005_event_by_recorded": {"require-lock-timeout"},
    # tables that are new in the same migration
    "0006_reports": {"require-lock-timeout"},
    "0007_imports": {"require-lock-timeout"},
    # a rule that is made anew in the same transaction, with one more kind of event
    "0012_files_taken_back": {"ban-drop-constraint"},
    # as 0005
    "0015_lists_of_everything": {"require-lock-timeout"},
    "0017_the_oldest_open_items": {"require-lock-timeout"},
}
MIGRATIONS = sorted(path.stem for path in (settings.BASE_DIR / "letters" / "migrations").glob("0*.py"))


def findings(sql: str) -> set[str]:
    """The rules that this SQL breaks."""
    done = subprocess.run(
        [SQUAWK, "--pg-version=15", "--reporter=gcc", f"--exclude={NOT_ASKED}",
         "--stdin-filepath=migration.sql", *(["--assume-in-transaction"] if sql.startswith("BEGIN;") else [])],
        input=re.sub(r"^(BEGIN|COMMIT);$", "", sql, flags=re.MULTILINE), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    found = re.findall(r"^migration\.sql:\d+:\d+: (?:warning|error): (\S+)", done.stdout, flags=re.MULTILINE)
    assert (done.stderr, done.returncode) == ("", 1 if found else 0), done.stdout
    return set(found)


def written() -> Iterator[tuple[str, str]]:
    """Each migration and its SQL as `sqlmigrate` writes it, on one walk through all: that command by itself makes, for
    each migration, whatever was there before it anew."""
    loader = MigrationLoader(connection, replace_migrations=False)
    names = [name for name in MIGRATIONS if name not in FROM_NOTHING]
    state = loader.project_state(("letters", names[0]), at_end=False)
    for name in names:
        migration = loader.graph.nodes["letters", name]
        with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
            state = migration.apply(state, editor, collect_sql=True)
        lines = ["BEGIN;", *editor.collected_sql, "COMMIT;"] if migration.atomic else editor.collected_sql
        yield name, "\n".join(lines) + "\n"


def test_no_migration_holds_up_who_works_meanwhile(transactional_db):
    """Without a transaction around it, in which Django would refuse to write down an index made concurrently."""
    found = {name: findings(sql) for name, sql in written()}
    assert list(found) == [name for name in MIGRATIONS if name not in FROM_NOTHING]
    assert found == {name: ANSWERED.get(name, set()) for name in found}


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("CREATE INDEX i ON letters_event (kind);", "require-concurrent-index-creation"),
        ("ALTER TABLE letters_event DROP COLUMN kind;", "ban-drop-column"),
        ("ALTER TABLE letters_event RENAME COLUMN kind TO sort;", "renaming-column"),
        ("ALTER TABLE letters_event ADD COLUMN n bigint NOT NULL;", "adding-required-field"),
        ("ALTER TABLE letters_event ADD COLUMN n bigint;", "require-lock-timeout"),
    ],
)
def test_what_would_hold_up_others_is_found(sql, rule):
    assert rule in findings(f"BEGIN;\n{sql}\nCOMMIT;\n")


def test_a_column_that_may_be_empty_holds_up_nobody():
    sql = "SET LOCAL lock_timeout = '10s';\nALTER TABLE letters_event ADD COLUMN n bigint;"
    assert findings(f"BEGIN;\n{sql}\nCOMMIT;\n") == set()
