import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

# A reopening that was taken back asks nothing again: the guard of statuses lets what was read before it count on.
# With each trigger that it makes, pgtrigger writes its own function anew, which 0008 made quiet; back and forth.
QUIET = """
CREATE OR REPLACE FUNCTION "public"._pgtrigger_should_ignore(trigger_name NAME) RETURNS BOOLEAN AS $$
    SELECT COALESCE(trigger_name = ANY (NULLIF(CURRENT_SETTING('pgtrigger.ignore', TRUE), '')::TEXT[]), FALSE)
$$ LANGUAGE sql
"""


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0008_triggers_ask_quietly"),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '10s'", QUIET),
        pgtrigger.migrations.RemoveTrigger(
            model_name="tasking",
            name="status_needs_event",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tasking",
            trigger=pgtrigger.compiler.Trigger(
                name="status_needs_event",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status") OR OLD."status_event_id" IS DISTINCT FROM (NEW."status_event_id"))',
                    declare="DECLARE moved letters_event%ROWTYPE; reopened timestamptz;",
                    func="\n    SELECT * INTO moved FROM letters_event WHERE id = NEW.status_event_id;\n    IF NOT FOUND OR moved.tasking_id IS DISTINCT FROM NEW.id\n       OR moved.from_status <> OLD.status OR moved.to_status <> NEW.status\n       OR moved.sequence <= COALESCE((SELECT sequence FROM letters_event WHERE id = OLD.status_event_id), 0) THEN\n        RAISE EXCEPTION 'tasking %: no event of its own moves it from % to %', NEW.id, OLD.status, NEW.status\n            USING ERRCODE = 'check_violation', HINT = 'use letters.domain.workflow.transition()';\n    END IF;\n    -- asked again: what proved it before proves it no longer, unless somebody looked at it since; not where\n    -- that was taken back (`events.asked_again`)\n    SELECT COALESCE(max(recorded_at), '-infinity') INTO reopened FROM letters_event again\n    WHERE tasking_id = NEW.id AND kind = 'status_changed'\n      AND from_status IN ('answered', 'implemented', 'declined', 'not_implemented', 'overtaken', 'withdrawn', 'transferred', 'entered_in_error')\n      AND payload ->> 'undoes' IS NULL\n      AND NOT EXISTS (SELECT 1 FROM letters_event WHERE tasking_id = NEW.id AND payload ->> 'undoes' = again.id::text);\n    IF NEW.status = 'implemented'\n       AND NOT EXISTS (\n           SELECT 1 FROM letters_evidence\n           WHERE tasking_id = NEW.id AND in_error_at IS NULL AND checked_at > reopened\n       ) THEN\n        RAISE EXCEPTION 'tasking %: done without evidence', NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    IF NEW.status IN ('answered', 'declined')\n       AND NOT EXISTS (\n           SELECT 1 FROM letters_answer JOIN letters_response ON letters_response.id = response_id\n           WHERE tasking_id = NEW.id AND in_error_at IS NULL AND assessed_at > reopened AND kind IN ('substantive', 'declination', 'official_action', 'no_position')\n       ) THEN\n        RAISE EXCEPTION 'tasking %: % without a reply', NEW.id, NEW.status USING ERRCODE = 'check_violation';\n    END IF;\n    IF (NEW.status IN ('not_implemented', 'overtaken', 'withdrawn', 'transferred', 'entered_in_error')\n        OR OLD.status IN ('answered', 'implemented', 'declined', 'not_implemented', 'overtaken', 'withdrawn', 'transferred', 'entered_in_error'))\n       AND btrim(moved.reason) = '' THEN\n        RAISE EXCEPTION 'tasking %: % without a reason', NEW.id, NEW.status USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;\n",
                    hash="d312b15046560264928c9d0b1aa289180e52cf51",
                    operation="UPDATE",
                    pgid="pgtrigger_status_needs_event_2edfc",
                    table="letters_tasking",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(QUIET, "SET LOCAL lock_timeout = '10s'"),
    ]
