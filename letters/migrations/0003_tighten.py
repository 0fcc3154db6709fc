"""What the first review tightened: proof is a reply that was read, history is append-only, rights name their author."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from letters.migrations._triggers import AddTriggers


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0002_record"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="answer",
            name="closed_keeps_its_reply",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="evidence",
            name="closed_keeps_its_evidence",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="tasking",
            name="status_needs_event",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="tasking",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="tasking",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="tasking",
            name="delete_delete",
        ),
        migrations.RemoveConstraint(
            model_name="event",
            name="event_kind_known",
        ),
        migrations.RemoveIndex(
            model_name="tasking",
            name="tasking_sweep",
        ),
        migrations.RemoveField(
            model_name="tasking",
            name="origin",
        ),
        migrations.RemoveField(
            model_name="taskinghistory",
            name="origin",
        ),
        migrations.AddField(
            model_name="tasking",
            name="passed_to",
            field=models.ForeignKey(
                blank=True,
                help_text="The item that carries it on, where the agency passed it to another.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="passed_from",
                to="letters.tasking",
            ),
        ),
        migrations.AddField(
            model_name="taskinghistory",
            name="passed_to",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="The item that carries it on, where the agency passed it to another.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="letters.tasking",
            ),
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
                    ("role_changed", "became responsible"),
                ],
                max_length=30,
            ),
        ),
        migrations.AddIndex(
            model_name="tasking",
            index=models.Index(
                condition=models.Q(
                    ("due_on__isnull", False),
                    ("role", "lead"),
                    ("status__in", ("awaiting", "acknowledged", "considering", "partly_addressed", "promised")),
                    models.Q(("answered_on__isnull", True), ("due_basis", "promise"), _connector="OR"),
                    models.Q(
                        ("past_due_recorded__isnull", True),
                        models.Q(("past_due_recorded", models.F("due_on")), _negated=True),
                        _connector="OR",
                    ),
                ),
                fields=["due_on"],
                name="tasking_sweep",
            ),
        ),
        AddTriggers(
            [
                (
                    "addresseehistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="923d07fbfdaaebf850a2d20c78e59712cfeafa8a",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_64f15",
                            table="letters_addresseehistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "agencyhistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="c8ea61ee764bc19a93b40282f01f97d7272bac71",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_b5211",
                            table="letters_agencyhistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "agencynamehistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="54713370237e8dcd482e2e640e89c102d60d632d",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_597d4",
                            table="letters_agencynamehistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "amendmenthistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="97a82f491dcca45595cf92fdc592f65ad188f270",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_603ff",
                            table="letters_amendmenthistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "answer",
                    pgtrigger.compiler.Trigger(
                        name="closed_keeps_its_reply",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    IF EXISTS (SELECT 1 FROM letters_tasking WHERE id = OLD.tasking_id AND status IN ('answered', 'declined')) AND NOT EXISTS\n       (SELECT 1 FROM letters_answer WHERE tasking_id = OLD.tasking_id AND id <> OLD.id) THEN\n        RAISE EXCEPTION 'tasking % is closed on this row', OLD.tasking_id USING ERRCODE = 'check_violation';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n",
                            hash="82818f59f0dfe6356dcbb246f32259e4594635b5",
                            operation='DELETE OR UPDATE OF "tasking_id"',
                            pgid="pgtrigger_closed_keeps_its_reply_3bd42",
                            table="letters_answer",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "answerhistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="f9e8095c203e5abfbfce3bd02c2413e2db2880c5",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_daf18",
                            table="letters_answerhistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "answerquestionhistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="f4be832e9536792cd4f15564ff5ee167871e7994",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_50a1e",
                            table="letters_answerquestionhistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "answertargethistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="57caad9552e4fb55364f0a674a77674f570c39dd",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_bbde6",
                            table="letters_answertargethistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "apikeyhistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="1734cb4ea30bf89d3b4579ee079a704280d7b528",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_e8bfb",
                            table="letters_apikeyhistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "askhistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="f3def55dea7e5df007b3fb6537bf4203bcc6ea4a",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_3eac9",
                            table="letters_askhistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "askkindhistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="8d32dcc0af5e958184f78c248e1ed7fad6bb1d1d",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_e3697",
                            table="letters_askkindhistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "asktargethistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="425e1c45bcdf748d777f69db45d6cc26fa698b21",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_6b0b3",
                            table="letters_asktargethistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "attachmenthistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="de530e31b63ea8041b1d0cd169f5e7d1d7a901cf",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_82f45",
                            table="letters_attachmenthistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "closurehistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="e62709e1b6753bfb4a261398828bc7cbbc19736f",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_fdf0a",
                            table="letters_closurehistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "contacthistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="6e93f9271c2ab008c1967420761a05fa9e3ebbda",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_00f45",
                            table="letters_contacthistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "contacttaskinghistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="52c0024d1df37a3f80620c8fde78d23201443c2d",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_9558c",
                            table="letters_contacttaskinghistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "duedatehistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="008dc07d4e0334491190e3aabe94d9594008c93a",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_c8b42",
                            table="letters_duedatehistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "evidence",
                    pgtrigger.compiler.Trigger(
                        name="closed_keeps_its_evidence",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    IF EXISTS (SELECT 1 FROM letters_tasking WHERE id = OLD.tasking_id AND status IN ('implemented')) AND NOT EXISTS\n       (SELECT 1 FROM letters_evidence WHERE tasking_id = OLD.tasking_id AND id <> OLD.id) THEN\n        RAISE EXCEPTION 'tasking % is closed on this row', OLD.tasking_id USING ERRCODE = 'check_violation';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n",
                            hash="8322b2d9ebb0fbe18dd31e347c8a76f3904eb280",
                            operation='DELETE OR UPDATE OF "tasking_id"',
                            pgid="pgtrigger_closed_keeps_its_evidence_33ba5",
                            table="letters_evidence",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "evidencehistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="2725de641b2e7b0a5bd88a1c6a5ddde6096860a9",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_b576c",
                            table="letters_evidencehistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "evidencetargethistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="341f4308653602c816785105a9b230122d93ef2c",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_ec201",
                            table="letters_evidencetargethistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "feedepoch",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';\n    ",
                            hash="9e11f066406a654cdd99a14fc14a1d64e7ec102f",
                            level="STATEMENT",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_4e57f",
                            table="letters_feedepoch",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "legislatorhistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="852faa8e34ee51a6f13f849931ad6b752e4d96e6",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_a1efd",
                            table="letters_legislatorhistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "letterhistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="3a83eaef063eb3189bf8f07786750e882e4a4876",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_2a4bc",
                            table="letters_letterhistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "letterlinkhistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="f7e3f7420cd1baa46c2f5823e42c11f083c1d829",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_d38d5",
                            table="letters_letterlinkhistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "letterstaffhistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="04c4e26ae18cd89f4d1f2e6d7b670bf847b3aad1",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_a8aa0",
                            table="letters_letterstaffhistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "lettertopichistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="d545b8fd3ed8717b5ecd2d02d24e4731d259312d",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_88bb1",
                            table="letters_lettertopichistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "notehistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="b8ee139fb69bbafd783843d74b78c4f76229fd9d",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_1ed7c",
                            table="letters_notehistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "officehistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="ebff4e901d9728c0920ecaa50c8a1530bd86d59c",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_a362d",
                            table="letters_officehistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "officialhistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="380e72b7888ac215de2baa563b76e929cd77e39b",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_a36ae",
                            table="letters_officialhistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "pausehistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="65edaeea6ecfa745d500bcaf4038a9fb2c9c7710",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_5c2f2",
                            table="letters_pausehistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "questionhistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="3715ad1f0a80836f433c29d8131062593829fe07",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_835e6",
                            table="letters_questionhistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "referencecounterhistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="41343c2890c4dc8639cea99370ee7f08f827d099",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_79b67",
                            table="letters_referencecounterhistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "reminderhistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="b6c72e855e0d926ea16cb6cb7338a56df91fe0f8",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_bab4b",
                            table="letters_reminderhistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "renewalhistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="b8dea014f2ec5ef8c9ccc58428fc451360304a4c",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_376c0",
                            table="letters_renewalhistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "responsehistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="6784c512c0e9f54a07920979914ccfe6ef33dcd5",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_67f1b",
                            table="letters_responsehistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "signaturehistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="213d119cdfa956e902f8465c476ec08700b8784f",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_a0d2c",
                            table="letters_signaturehistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "targetaliashistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="89a1a4fb4016f5ba5ceeced5460bd76d0320efc5",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_3ff02",
                            table="letters_targetaliashistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "targethistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="d5a83be69f4b0b738820d86e151a894304bebab9",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_d392a",
                            table="letters_targethistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "tasking",
                    pgtrigger.compiler.Trigger(
                        name="status_needs_event",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."status" IS DISTINCT FROM (NEW."status") OR OLD."status_event_id" IS DISTINCT FROM (NEW."status_event_id"))',
                            declare="DECLARE moved letters_event%ROWTYPE;",
                            func="\n    SELECT * INTO moved FROM letters_event WHERE id = NEW.status_event_id;\n    IF NOT FOUND OR moved.tasking_id IS DISTINCT FROM NEW.id\n       OR moved.from_status <> OLD.status OR moved.to_status <> NEW.status\n       OR moved.sequence <= COALESCE((SELECT sequence FROM letters_event WHERE id = OLD.status_event_id), 0) THEN\n        RAISE EXCEPTION 'tasking %: no event of its own moves it from % to %', NEW.id, OLD.status, NEW.status\n            USING ERRCODE = 'check_violation', HINT = 'use letters.domain.workflow.transition()';\n    END IF;\n    IF NEW.status = 'implemented'\n       AND NOT EXISTS (SELECT 1 FROM letters_evidence WHERE tasking_id = NEW.id) THEN\n        RAISE EXCEPTION 'tasking %: done without evidence', NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    IF NEW.status IN ('answered', 'declined')\n       AND NOT EXISTS (\n           SELECT 1 FROM letters_answer JOIN letters_response ON letters_response.id = response_id\n           WHERE tasking_id = NEW.id AND coverage IS NOT NULL AND kind IN ('substantive', 'declination', 'official_action', 'no_position')\n       ) THEN\n        RAISE EXCEPTION 'tasking %: % without a reply', NEW.id, NEW.status USING ERRCODE = 'check_violation';\n    END IF;\n    IF (NEW.status IN ('not_implemented', 'overtaken', 'withdrawn', 'transferred', 'entered_in_error')\n        OR OLD.status IN ('answered', 'implemented', 'declined', 'not_implemented', 'overtaken', 'withdrawn', 'transferred', 'entered_in_error'))\n       AND btrim(moved.reason) = '' THEN\n        RAISE EXCEPTION 'tasking %: % without a reason', NEW.id, NEW.status USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;\n",
                            hash="113ce4fc466d3b461e14faeb560412c006d58d11",
                            operation="UPDATE",
                            pgid="pgtrigger_status_needs_event_2edfc",
                            table="letters_tasking",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "tasking",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "letters_taskinghistory" ("acting_agency_id", "agency_id", "answered_on", "ask_id", "asked_on", "due_basis", "due_on", "id", "owner_id", "passed_to_id", "past_due_recorded", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "promised_on", "public_status", "role", "snoozed_until", "stance", "status", "status_event_id", "touched_at", "version") VALUES (NEW."acting_agency_id", NEW."agency_id", NEW."answered_on", NEW."ask_id", NEW."asked_on", NEW."due_basis", NEW."due_on", NEW."id", NEW."owner_id", NEW."passed_to_id", NEW."past_due_recorded", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."promised_on", NEW."public_status", NEW."role", NEW."snoozed_until", NEW."stance", NEW."status", NEW."status_event_id", NEW."touched_at", NEW."version"); RETURN NULL;',
                            hash="a0f61a704b33610b24051fd2112b00bedb49fc67",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_e7ccc",
                            table="letters_tasking",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "tasking",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                            func='INSERT INTO "letters_taskinghistory" ("acting_agency_id", "agency_id", "answered_on", "ask_id", "asked_on", "due_basis", "due_on", "id", "owner_id", "passed_to_id", "past_due_recorded", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "promised_on", "public_status", "role", "snoozed_until", "stance", "status", "status_event_id", "touched_at", "version") VALUES (NEW."acting_agency_id", NEW."agency_id", NEW."answered_on", NEW."ask_id", NEW."asked_on", NEW."due_basis", NEW."due_on", NEW."id", NEW."owner_id", NEW."passed_to_id", NEW."past_due_recorded", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."promised_on", NEW."public_status", NEW."role", NEW."snoozed_until", NEW."stance", NEW."status", NEW."status_event_id", NEW."touched_at", NEW."version"); RETURN NULL;',
                            hash="85b070e4e3a0dd0df05d6780f42e972539cb5869",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_07f84",
                            table="letters_tasking",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "tasking",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='INSERT INTO "letters_taskinghistory" ("acting_agency_id", "agency_id", "answered_on", "ask_id", "asked_on", "due_basis", "due_on", "id", "owner_id", "passed_to_id", "past_due_recorded", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "promised_on", "public_status", "role", "snoozed_until", "stance", "status", "status_event_id", "touched_at", "version") VALUES (OLD."acting_agency_id", OLD."agency_id", OLD."answered_on", OLD."ask_id", OLD."asked_on", OLD."due_basis", OLD."due_on", OLD."id", OLD."owner_id", OLD."passed_to_id", OLD."past_due_recorded", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."promised_on", OLD."public_status", OLD."role", OLD."snoozed_until", OLD."stance", OLD."status", OLD."status_event_id", OLD."touched_at", OLD."version"); RETURN NULL;',
                            hash="d5ce9933fa05490a0a946472e6ebafce21b07bd7",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_f87a1",
                            table="letters_tasking",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "taskinghistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="c00535251ed2097d7ed243ef9846f873f9ee4063",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_fe1f7",
                            table="letters_taskinghistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "termhistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="9c72a1893e1288d3f16ec6499e4c6813396ab009",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_e3f11",
                            table="letters_termhistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "topichistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="8899cb8a845151bb9ff41f230092adbf3c217ef4",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_73e7d",
                            table="letters_topichistory",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "user",
                    pgtrigger.compiler.Trigger(
                        name="rights_name_their_author",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."is_staff" IS DISTINCT FROM (NEW."is_staff") OR OLD."is_superuser" IS DISTINCT FROM (NEW."is_superuser") OR OLD."role" IS DISTINCT FROM (NEW."role"))',
                            declare="DECLARE who jsonb;",
                            func="\n        who := NULLIF(current_setting('pghistory.context_metadata', true), '')::jsonb;\n        IF COALESCE(who->>'user', who->>'process') IS NULL THEN\n            RAISE EXCEPTION 'a write to % names neither a user nor a system process', TG_TABLE_NAME\n                USING ERRCODE = 'check_violation', HINT = 'wrap it in letters.domain.history.acting()';\n        END IF;\n        RETURN NEW;\n    ",
                            hash="2a6f254f7569b34eeadfc1736630c006d0309ab4",
                            operation="UPDATE",
                            pgid="pgtrigger_rights_name_their_author_c238b",
                            table="letters_user",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "userhistory",
                    pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="a65be7cc2c5994ccacf9c7bd3f009a4ec974e146",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_610e9",
                            table="letters_userhistory",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        ),
        migrations.AddConstraint(
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
                            "role_changed",
                        ],
                    )
                ),
                name="event_kind_known",
            ),
        ),
    ]
