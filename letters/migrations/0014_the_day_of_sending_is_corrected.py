import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

# A wrong year in the day of sending is corrected by an amendment: the moment follows its day, and never moves alone.
# With each trigger that it makes, pgtrigger writes its own function anew, which 0008 made quiet; back and forth.
QUIET = """
CREATE OR REPLACE FUNCTION "public"._pgtrigger_should_ignore(trigger_name NAME) RETURNS BOOLEAN AS $$
    SELECT COALESCE(trigger_name = ANY (NULLIF(CURRENT_SETTING('pgtrigger.ignore', TRUE), '')::TEXT[]), FALSE)
$$ LANGUAGE sql
"""


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0013_files_taken_back_checked"),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '10s'", QUIET),
        pgtrigger.migrations.RemoveTrigger(
            model_name="letter",
            name="reference_is_kept",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="letter",
            trigger=pgtrigger.compiler.Trigger(
                name="reference_is_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."reference" IS NOT NULL AND (OLD."reference" IS DISTINCT FROM (NEW."reference") OR (OLD."sent_at" IS DISTINCT FROM (NEW."sent_at") AND OLD."sent_on" IS NOT DISTINCT FROM (NEW."sent_on"))))',
                    func='RAISE EXCEPTION \'pgtrigger: Cannot update of "reference", "sent_at" rows from % table\', TG_TABLE_NAME;',
                    hash="66d43b8a459026cd90aca5231ca13f191347529d",
                    operation='UPDATE OF "reference", "sent_at"',
                    pgid="pgtrigger_reference_is_kept_8d417",
                    table="letters_letter",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(QUIET, "SET LOCAL lock_timeout = '10s'"),
    ]
