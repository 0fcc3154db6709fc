import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

# With each trigger that it makes, pgtrigger writes its own function anew, which 0008 made quiet; back and forth.
QUIET = """
CREATE OR REPLACE FUNCTION "public"._pgtrigger_should_ignore(trigger_name NAME) RETURNS BOOLEAN AS $$
    SELECT COALESCE(trigger_name = ANY (NULLIF(CURRENT_SETTING('pgtrigger.ignore', TRUE), '')::TEXT[]), FALSE)
$$ LANGUAGE sql
"""

# The database keeps the default of the reason: the version before, which still runs meanwhile, names no such column.
COLUMNS = "ALTER TABLE {table} ADD COLUMN in_error_at timestamptz, ADD COLUMN in_error_reason text DEFAULT '' NOT NULL"
WITHOUT = "ALTER TABLE {table} DROP COLUMN in_error_at, DROP COLUMN in_error_reason"


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0011_a_laws_days_count_from_receipt"),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '10s'", QUIET),
        pgtrigger.migrations.RemoveTrigger(
            model_name="attachment",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="attachment",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="attachment",
            name="delete_delete",
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(COLUMNS.format(table=table), WITHOUT.format(table=table))
                for table in ("letters_attachment", "letters_attachmenthistory")
            ],
            state_operations=[
                migrations.AddField(
                    model_name="attachment",
                    name="in_error_at",
                    field=models.DateTimeField(blank=True, null=True),
                ),
                migrations.AddField(
                    model_name="attachment",
                    name="in_error_reason",
                    field=models.TextField(blank=True, max_length=2000),
                ),
                migrations.AddField(
                    model_name="attachmenthistory",
                    name="in_error_at",
                    field=models.DateTimeField(blank=True, null=True),
                ),
                migrations.AddField(
                    model_name="attachmenthistory",
                    name="in_error_reason",
                    field=models.TextField(blank=True, max_length=2000),
                ),
            ],
        ),
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(
                choices=[
                    ("letter_drafted", "letter drafted"),
                    ("letter_edited", "draft edited"),
                    ("letter_discarded", "draft discarded"),
                    ("letter_sent", "letter sent"),
                    ("letter_amended", "letter corrected"),
                    ("letter_released", "letter made public"),
                    ("letter_withdrawn", "letter no longer public"),
                    ("letter_access_changed", "who may see the letter changed"),
                    ("letter_entered_in_error", "letter marked as entered in error"),
                    ("status_changed", "status changed"),
                    ("due_date_moved", "due date moved"),
                    ("extended", "more time agreed"),
                    ("past_due", "passed its date"),
                    ("past_due_cleared", "no longer past its date"),
                    ("acknowledgement_late", "acknowledgment late"),
                    ("response_recorded", "reply recorded"),
                    ("answer_assessed", "reply read"),
                    ("evidence_added", "evidence added"),
                    ("assigned", "owner changed"),
                    ("snoozed", "reminder date set"),
                    ("note_added", "note added"),
                    ("contact_logged", "contact logged"),
                    ("renewed", "asked again"),
                    ("review_set", "review date set"),
                    ("response_in_error", "reply marked as entered in error"),
                    ("evidence_in_error", "evidence marked as entered in error"),
                    ("evidence_checked", "evidence looked at again"),
                    ("contact_in_error", "contact marked as entered in error"),
                    ("attachment_added", "file added"),
                    ("attachment_in_error", "file taken back"),
                    ("response_released", "reply made public"),
                    ("response_withdrawn", "reply no longer public"),
                    ("answer_released", "what a reply says about this made public"),
                    ("answer_withdrawn", "what a reply says about this no longer public"),
                    ("evidence_released", "evidence made public"),
                    ("evidence_withdrawn", "evidence no longer public"),
                    ("addressee_updated", "delivery details changed"),
                    ("letter_linked", "linked to another letter"),
                    ("role_changed", "became responsible"),
                ],
                max_length=30,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attachment",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "letters_attachmenthistory" ("added_at", "added_by_id", "file", "id", "in_error_at", "in_error_reason", "letter_id", "media_type", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "response_id", "sha256", "size") VALUES (NEW."added_at", NEW."added_by_id", NEW."file", NEW."id", NEW."in_error_at", NEW."in_error_reason", NEW."letter_id", NEW."media_type", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."response_id", NEW."sha256", NEW."size"); RETURN NULL;',
                    hash="1d32a3a240e041020bf8ba3ae2b56118a063deec",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_73335",
                    table="letters_attachment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attachment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "letters_attachmenthistory" ("added_at", "added_by_id", "file", "id", "in_error_at", "in_error_reason", "letter_id", "media_type", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "response_id", "sha256", "size") VALUES (NEW."added_at", NEW."added_by_id", NEW."file", NEW."id", NEW."in_error_at", NEW."in_error_reason", NEW."letter_id", NEW."media_type", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."response_id", NEW."sha256", NEW."size"); RETURN NULL;',
                    hash="007fb01fcd0e1ac1bb34e223d43b8b332e7c497b",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ed3a1",
                    table="letters_attachment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attachment",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "letters_attachmenthistory" ("added_at", "added_by_id", "file", "id", "in_error_at", "in_error_reason", "letter_id", "media_type", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "response_id", "sha256", "size") VALUES (OLD."added_at", OLD."added_by_id", OLD."file", OLD."id", OLD."in_error_at", OLD."in_error_reason", OLD."letter_id", OLD."media_type", OLD."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."response_id", OLD."sha256", OLD."size"); RETURN NULL;',
                    hash="d19d771f254181a505fcf570e81be62c9f25b96b",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_3857c",
                    table="letters_attachment",
                    when="AFTER",
                ),
            ),
        ),
        AddConstraintNotValid(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("in_error_at__isnull", True), ("in_error_reason", "")),
                    models.Q(("in_error_at__isnull", False), models.Q(("in_error_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="attachment_in_error_has_reason",
            ),
        ),
        # one more kind of event, in the transaction that takes the old list away; the rows are looked at by 0013, which holds
        # up nobody. Once a file was taken back, the way back is refused here: the version before would show it again.
        migrations.RemoveConstraint(
            model_name="event",
            name="event_kind_known",
        ),
        AddConstraintNotValid(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "letter_drafted",
                            "letter_edited",
                            "letter_discarded",
                            "letter_sent",
                            "letter_amended",
                            "letter_released",
                            "letter_withdrawn",
                            "letter_access_changed",
                            "letter_entered_in_error",
                            "status_changed",
                            "due_date_moved",
                            "extended",
                            "past_due",
                            "past_due_cleared",
                            "acknowledgement_late",
                            "response_recorded",
                            "answer_assessed",
                            "evidence_added",
                            "assigned",
                            "snoozed",
                            "note_added",
                            "contact_logged",
                            "renewed",
                            "review_set",
                            "response_in_error",
                            "evidence_in_error",
                            "evidence_checked",
                            "contact_in_error",
                            "attachment_added",
                            "attachment_in_error",
                            "response_released",
                            "response_withdrawn",
                            "answer_released",
                            "answer_withdrawn",
                            "evidence_released",
                            "evidence_withdrawn",
                            "addressee_updated",
                            "letter_linked",
                            "role_changed",
                        ],
                    )
                ),
                name="event_kind_known",
            ),
        ),
        migrations.RunSQL(QUIET, "SET LOCAL lock_timeout = '10s'"),
    ]
