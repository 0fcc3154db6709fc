"""Many triggers in one operation: pgtrigger's own renders half the models anew for each, which took most of a migration."""

from django.db.migrations.operations.base import Operation
from pgtrigger import compiler
from pgtrigger.migrations import TriggerOperationMixin, _add_trigger, _remove_trigger


def _remove(schema_editor, model, trigger):
    _remove_trigger(schema_editor, model, trigger)
    schema_editor.execute(f"DROP FUNCTION {trigger.sql.pgid}()")  # pgtrigger leaves it behind


class AddTriggers(TriggerOperationMixin, Operation):
    """`AddTrigger` for each of `triggers`, a list of model name and compiled trigger."""

    def __init__(self, triggers: list[tuple[str, compiler.Trigger]]):
        self.triggers = triggers

    def state_forwards(self, app_label, state):
        for model_name, trigger in self.triggers:
            options = state.models[app_label, model_name].options
            options["triggers"] = [*options.get("triggers", []), trigger]

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        self._each(_add_trigger, app_label, schema_editor, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        self._each(_remove, app_label, schema_editor, to_state)

    def _each(self, do, app_label, schema_editor, state):
        for model_name, trigger in self.triggers:
            model = state.apps.get_model(app_label, model_name)
            if self.allow_migrate_model_trigger(schema_editor, model):
                do(schema_editor, model, trigger)

    def describe(self):
        return f"Create {len(self.triggers)} triggers"
