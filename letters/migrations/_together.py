"""Many tables in one operation: made one by one, each draws half the models anew, which took most of a migration."""

from django.db import migrations
from django.db.migrations.operations.base import Operation


class CreateTogether(Operation):
    """`CreateModel` for each of `models`, which may point at one another in circles: foreign keys come last of all."""

    def __init__(self, models: list[migrations.CreateModel]):
        self.models = models

    def state_forwards(self, app_label, state):
        # drawn when somebody next asks, once for all
        state.__dict__.pop("apps", None)
        for model in self.models:
            model.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for each in self.models:
            model = to_state.apps.get_model(app_label, each.name)
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.create_model(model)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        # rows go with their tables, so the keys between these must not wait for the commit
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for each in reversed(self.models):
            model = from_state.apps.get_model(app_label, each.name)
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.delete_model(model)

    def describe(self):
        return f"Create {len(self.models)} tables"
