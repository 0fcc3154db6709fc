"""Rewrites letters/migrations/0002_record.py, fresh from makemigrations, so that it runs in a tenth of the time.

    rm letters/migrations/0002_record.py
    .venv/bin/python manage.py makemigrations letters -n record
    .venv/bin/python -m scripts.pack_migration

Django makes each table, then adds its foreign keys, constraints, indexes and triggers one at a time, and draws
half the models anew for each of them. Here all tables come in one step and all triggers in another, after the other
apps' migrations, which would draw the record's models anew too. The result is the same state, which is checked
before it is written.
"""

import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")

import django
from django.db import migrations
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import MigrationWriter

ABOUT_USERS = ("account", "admin", "mfa", "usersessions")
APP, GROUND, RECORD = "letters", "0001_ground", "0002_record"
PATH = Path(__file__).resolve().parent.parent / "letters" / "migrations" / f"{RECORD}.py"


def main() -> None:
    django.setup()
    loader = MigrationLoader(None)
    before = loader.project_state([(APP, GROUND)])
    wanted = loader.project_state([(APP, RECORD)])
    new = {name: s for (app, name), s in wanted.models.items() if app == APP and (app, name) not in before.models}

    packed = migrations.Migration(RECORD, APP)
    packed.initial = True
    packed.dependencies = [(APP, GROUND), *_others(loader)]
    packed.operations = [_tables(new), _triggers(new, before.models, wanted.models)]
    made = packed.mutate_state(before)
    for (app, name), state in wanted.models.items():
        if app == APP and _facts(made.models[app, name]) != _facts(state):
            sys.exit(f"{name} would not be the same; nothing was written")
    PATH.write_text(MigrationWriter(packed).as_string())
    subprocess.run([sys.executable, "-m", "ruff", "check", "--quiet", "--fix-only", str(PATH)], check=True)
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(PATH)], check=True)


def _others(loader: MigrationLoader) -> list[tuple[str, str]]:
    """The last migrations of the other apps that know who signs in."""
    ours = {(APP, RECORD)}
    return sorted(leaf for leaf in loader.graph.leaf_nodes() if leaf not in ours and leaf[0] in ABOUT_USERS)


def _tables(new: dict[str, ModelState]):
    """All tables in one operation, in the order of their names; their triggers come later."""
    from letters.migrations._together import CreateTogether

    return CreateTogether(
        [
            migrations.CreateModel(
                state.name, list(state.fields.items()), bases=state.bases, managers=state.managers,
                options={key: value for key, value in state.options.items() if key != "triggers"},
            )
            for state in new.values()
        ]
    )  # fmt: skip


def _triggers(new: dict[str, ModelState], before: dict, wanted: dict):
    """Those of the new tables, and those that a table of the ground gets now."""
    from letters.migrations._triggers import AddTriggers

    late = [
        (name, trigger)
        for (app, name), state in before.items()
        if app == APP
        for trigger in wanted[app, name].options.get("triggers", [])
        if trigger not in state.options.get("triggers", [])
    ]
    return AddTriggers(
        late + [(name, trigger) for name, state in new.items() for trigger in state.options.get("triggers", [])]
    )


def _facts(state: ModelState):
    # deep: an array's field holds another
    deep = MigrationAutodetector(ProjectState(), ProjectState()).deep_deconstruct
    fields = {name: deep(field)[1:] for name, field in state.fields.items()}
    options = {
        key: sorted(map(repr, value)) if key in ("constraints", "indexes", "triggers") else value
        for key, value in state.options.items()
        if value
    }
    return fields, options


if __name__ == "__main__":
    main()
