from django.db import migrations

# Each of our triggers first asks this function of pgtrigger whether it is switched off. As pgtrigger writes it, it reads
# a setting that nobody made, and catches the error: a subtransaction begun and broken off at every row. One that breaks
# off walks all that the transaction has deferred to its commit (AfterTriggerEndSubXact), so a long one took the square
# of its rows: an import of 3,000 letters 28 s of the database, where now it takes a tenth.
# One that asks with `missing_ok` raises nothing, and one statement of SQL is read into the caller's expression.
QUIET = """
CREATE OR REPLACE FUNCTION "public"._pgtrigger_should_ignore(trigger_name NAME) RETURNS BOOLEAN AS $$
    SELECT COALESCE(trigger_name = ANY (NULLIF(CURRENT_SETTING('pgtrigger.ignore', TRUE), '')::TEXT[]), FALSE)
$$ LANGUAGE sql
"""

# pgtrigger 4.17, compiler.py
AS_IT_CAME = """
CREATE OR REPLACE FUNCTION "public"._pgtrigger_should_ignore(trigger_name NAME) RETURNS BOOLEAN AS $$
    DECLARE
        _pgtrigger_ignore TEXT[];
        _result BOOLEAN;
    BEGIN
        BEGIN
            SELECT INTO _pgtrigger_ignore
                CURRENT_SETTING('pgtrigger.ignore');
            EXCEPTION WHEN OTHERS THEN
        END;
        IF _pgtrigger_ignore IS NOT NULL THEN
            SELECT trigger_name = ANY(_pgtrigger_ignore)
            INTO _result;
            RETURN _result;
        ELSE
            RETURN FALSE;
        END IF;
    END;
$$ LANGUAGE plpgsql
"""


class Migration(migrations.Migration):
    # pgtrigger writes its own again with each trigger that it makes: a migration that makes one says this once more
    # behind it. A test tells when that was forgotten.

    dependencies = [
        ("letters", "0007_imports"),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '10s'", migrations.RunSQL.noop),
        migrations.RunSQL(QUIET, AS_IT_CAME),
    ]
