"""The tables as they are now serve the code of a version before, which still runs while hosts are upgraded one by one, and
after a rollback: what its models read is there, and what they do not know asks nothing of their writes.

squawk reads what each statement says (`test_migration_locks.py`); here the outcome is looked at, whatever made it. Django
itself writes what no version before can live with: it adds a column with a default, and takes the default away again.
"""

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

# The oldest version that may still run beside this one. Later it is raised to what the release before brought: then a
# column that it does not read any more can go.
OLDEST = "0002_record"
MIGRATIONS = sorted(path.stem for path in (settings.BASE_DIR / "letters" / "migrations").glob("0*.py"))
# What a migration asks anew of rows that a version before writes, too, and why that may be.
ANSWERED = {
    "0003_others_letters_followed": {"letter letter_our_role_known": "allows all that the one before it did"},
    "0009_taken_back_asks_nothing": {"tasking status_needs_event": "allows all that the one before it did"},
    "0012_files_taken_back": {
        "attachment attachment_in_error_has_reason": "of columns that it does not write",
        "event event_kind_known": "allows all that the one before it did",
    },
    "0014_the_day_of_sending_is_corrected": {"letter reference_is_kept": "allows all that the one before it did"},
    "0016_ends_stay_proved": dict.fromkeys(
        ("answer end_stays_proved", "evidence end_stays_proved", "response end_stays_proved"),
        "the verbs of each version before refuse the same, or reopen the item first",
    ),
}
# Refused to nobody's code: no version empties a table.
EMPTYING = "never_truncated"


def states() -> Iterator[tuple[str, object]]:
    """Each version of the models since the oldest."""
    loader = MigrationLoader(None)
    for name in MIGRATIONS[MIGRATIONS.index(OLDEST) :]:
        yield name, loader.project_state([("letters", name)])


def columns() -> dict[tuple[str, str], tuple[str, bool, bool]]:
    """Of each column: its type, whether it must be filled, and whether the database fills it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull, atthasdef OR attidentity <> '' "
            "FROM pg_attribute JOIN pg_class t ON t.oid = attrelid "
            "WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p') AND pg_table_is_visible(t.oid)"
        )
        return {(table, column): tuple(rest) for table, column, *rest in cursor.fetchall()}


def misfits(state) -> list[str]:
    """Where these models would stumble over the tables."""
    found, now = [], columns()
    for model in state.apps.get_app_config("letters").get_models(include_auto_created=True):
        table = model._meta.db_table
        known = {field.column: field for field in model._meta.local_concrete_fields}
        if not any(there == table for there, _ in now):
            found.append(f"{table}: gone")
            continue
        for name, field in known.items():
            if (table, name) not in now:
                found.append(f"{table}.{name}: gone")
                continue
            kind, is_required, _ = now[table, name]
            before = field.db_type(connection)  # of what the database computes itself, none
            if before and not holds(kind, before):
                found.append(f"{table}.{name}: was {before}, is {kind}")
            if is_required and field.null:
                found.append(f"{table}.{name}: was left empty, and may not be any more")
        found += [
            f"{table}.{name}: unknown to it, has to be filled, and has no default"
            for (there, name), (_, is_required, is_filled) in now.items()
            if there == table and name not in known and is_required and not is_filled
        ]
    return sorted(found)


def holds(now: str, before: str) -> bool:
    """Whether a column takes all that one of the type before took."""
    words = re.compile(r"(?:varchar|character varying)(?:\((\d+)\))?$")
    long, short = words.match(now), words.match(before)
    if short and now == "text":
        return True
    if long and short:
        return long[1] is None or (short[1] is not None and int(long[1]) >= int(short[1]))
    return now == before


def rules(state) -> dict[str, str]:
    """What the database asks of rows, by its table and name."""
    found = {}
    for (app, name), model in state.models.items():
        if app == "letters":
            found |= {f"{name} {one.name}": repr(one) for one in model.options.get("constraints", ())}
            found |= {f"{name} {one.name}": one.hash for one in model.options.get("triggers", ())}
    return found


def test_what_each_version_before_reads_and_writes_fits_the_tables_of_today(db):
    found = {name: misfits(state) for name, state in states()}
    assert {name: words for name, words in found.items() if words} == {}
    assert len(found) == len(MIGRATIONS) - 1


def test_what_is_asked_anew_of_rows_that_a_version_before_writes_is_answered(db):
    found, before = {}, None
    for name, state in states():
        if before:
            there, asked = rules(before), rules(state)
            new = {
                words
                for words, rule in asked.items()
                if there.get(words) != rule and ("letters", words.split()[0]) in before.models
            }
            # history is told by triggers that write what there is; they refuse nothing
            found[name] = {words for words in new if not words.endswith(("_insert", "_update", "_delete", EMPTYING))}
        before = state
    assert {name: rules for name, rules in found.items() if rules} == {name: set(why) for name, why in ANSWERED.items()}


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["ALTER TABLE letters_topic RENAME COLUMN slug TO sort"],
         ["letters_topic.slug: gone", "letters_topic.sort: unknown to it, has to be filled, and has no default"]),
        (["ALTER TABLE letters_topic DROP COLUMN slug"], ["letters_topic.slug: gone"]),
        (["ALTER TABLE letters_heartbeat RENAME TO letters_pulse"], ["letters_heartbeat: gone"]),
        # as Django writes a new field with a default
        (["ALTER TABLE letters_topic ADD COLUMN rank integer DEFAULT 0 NOT NULL", "ALTER TABLE letters_topic ALTER COLUMN rank DROP DEFAULT"],
         ["letters_topic.rank: unknown to it, has to be filled, and has no default"]),
        (["ALTER TABLE letters_topic ADD COLUMN rank integer DEFAULT 0 NOT NULL"], []),
        (["ALTER TABLE letters_topic ADD COLUMN rank integer"], []),
        (["ALTER TABLE letters_letter ALTER COLUMN sent_on SET NOT NULL"],
         ["letters_letter.sent_on: was left empty, and may not be any more"]),
        (["ALTER TABLE letters_topic ALTER COLUMN name TYPE varchar(10)"],
         ["letters_topic.name: was varchar(120), is character varying(10)"]),
        (["ALTER TABLE letters_topic ALTER COLUMN name TYPE varchar(1000)"], []),
    ],
)  # fmt: skip
def test_what_a_version_before_could_not_live_with_is_found(db, statements, said):
    *_, (_, latest) = states()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    assert misfits(latest) == said
