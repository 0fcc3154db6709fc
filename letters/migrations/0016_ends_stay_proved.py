import pgtrigger.compiler
from django.db import migrations

import letters.migrations._triggers

# With each trigger that it makes, pgtrigger writes its own function anew, which 0008 made quiet; back and forth.
QUIET = """
CREATE OR REPLACE FUNCTION "public"._pgtrigger_should_ignore(trigger_name NAME) RETURNS BOOLEAN AS $$
    SELECT COALESCE(trigger_name = ANY (NULLIF(CURRENT_SETTING('pgtrigger.ignore', TRUE), '')::TEXT[]), FALSE)
$$ LANGUAGE sql
"""

# What an item ended on stays its proof until it is asked again: asked at commit, of rows that change from now on. What
# stands is not looked at.
STILL_PROVED = """
    FOR ended IN
        SELECT id, status FROM letters_tasking
        WHERE id IN ({items}) AND status IN ('implemented', 'answered', 'declined')
    LOOP
        SELECT COALESCE(max(recorded_at), '-infinity') INTO reopened FROM letters_event again
        WHERE tasking_id = ended.id AND kind = 'status_changed' AND from_status IN ('answered', 'declined', 'entered_in_error', 'implemented', 'not_implemented', 'overtaken', 'transferred', 'withdrawn')
          AND payload ->> 'undoes' IS NULL
          AND NOT EXISTS (SELECT 1 FROM letters_event WHERE tasking_id = ended.id AND payload ->> 'undoes' = again.id::text);
        IF ended.status = 'implemented' AND NOT EXISTS (
            SELECT 1 FROM letters_evidence proof LEFT JOIN letters_response reply ON reply.id = proof.response_id
            WHERE proof.tasking_id = ended.id AND proof.in_error_at IS NULL AND proof.checked_at > reopened
              AND reply.in_error_at IS NULL
        ) THEN
            RAISE EXCEPTION 'tasking %: what it was done on proves it no longer', ended.id
                USING ERRCODE = 'check_violation', HINT = 'reopen the item first';
        END IF;
        IF ended.status <> 'implemented' AND NOT EXISTS (
            SELECT 1 FROM letters_answer JOIN letters_response reply ON reply.id = response_id
            WHERE tasking_id = ended.id AND reply.in_error_at IS NULL AND assessed_at > reopened AND reply.kind IN ('declination', 'no_position', 'official_action', 'substantive')
        ) THEN
            RAISE EXCEPTION 'tasking %: the reply that it is % on proves it no longer', ended.id, ended.status
                USING ERRCODE = 'check_violation', HINT = 'reopen the item first';
        END IF;
    END LOOP;
    RETURN NULL;
"""
# By table: the items that ended on a row of it, as it was; after what; hash and name.
ENDS = {
    "response": (
        "SELECT tasking_id FROM letters_answer WHERE response_id = OLD.id UNION SELECT tasking_id FROM letters_evidence WHERE response_id = OLD.id",
        'DELETE OR UPDATE OF "kind", "in_error_at"',
        "7ccad84aefa24488d8251a576b2e61f41b6bebd5",
        "pgtrigger_end_stays_proved_d4fc8",
    ),
    "answer": (
        "OLD.tasking_id",
        'DELETE OR UPDATE OF "tasking_id", "response_id", "coverage", "assessed_at"',
        "11be8bda849fdd278266da2271342961576aa4eb",
        "pgtrigger_end_stays_proved_04eff",
    ),
    "evidence": (
        "OLD.tasking_id",
        'DELETE OR UPDATE OF "tasking_id", "response_id", "in_error_at", "checked_at"',
        "d3982bf3eb9da06a693fdc1ead1d9c70b6df0bce",
        "pgtrigger_end_stays_proved_d1b58",
    ),
}

NEVER_TRUNCATED = """
        IF COALESCE(current_setting('letters.allow_truncate', true), '') <> 'on' THEN
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    """
# Every table that has a history, and every history; letters and items have it already. Hash and end of the name.
KEPT = {
    "addressee": ("4a74db79f52cc1813f70d527525297c5d0a52398", "5b0f5"),
    "addresseehistory": ("2492123ca5f7c58332e91ec8413676bd086807c6", "e383f"),
    "agency": ("bb3027475b784d16cb792ced07cb629bb5d344f9", "3f0dd"),
    "agencyhistory": ("def71f83433c3001445042e2ed45d604b17d2885", "5609e"),
    "agencyname": ("553c01c1396c59a4877fd0d12fc062c6f24476f2", "1bd23"),
    "agencynamehistory": ("494e8dcdef28d37055f5fd3f116dd33c6d673d2a", "a9906"),
    "amendment": ("6b20bea23f0a0cf283b6910310addcb7da277fac", "19daf"),
    "amendmenthistory": ("8bd33bc82dd13ee5501eb372dd3aee2d7e8a1d2b", "72820"),
    "answer": ("55bdba0d6ac028982ebb005947358d7f356e2332", "bb72a"),
    "answerhistory": ("d38c5ae3d56c2057fd1f2b144ed5ab228266d18a", "ec98f"),
    "answerquestion": ("c989bb4ea30ff5b9a5fd0b6deb322c63ffcfbbff", "8dd33"),
    "answerquestionhistory": ("cd5876dd9e57a4506ed71b1b5ddd289640d22d95", "157f1"),
    "answertarget": ("a513c3deb1ba60b3dc57eb42ad21ba679d96048a", "171e9"),
    "answertargethistory": ("b5d815afc08b77c985b37f7e61e4e9ff84253a99", "636a2"),
    "apikey": ("ec0722f37e04440385bdc6576a860a4d3d39248a", "b9f4e"),
    "apikeyhistory": ("5deb656024a72f5b5127039e9ee3fac6ba4c170c", "60159"),
    "ask": ("21f6ec5ce8c6dfe05645a33ae036d2bf5b7a8da7", "10d0d"),
    "askhistory": ("7a5cf5f940ee93fbf6099e2a82db5291c35cfb97", "9e280"),
    "askkind": ("a80036bbe4f3c72f4f9150ab5da44e4224f7d98c", "a7afe"),
    "askkindhistory": ("c955a900213a87d1a4eb2cfca3f6f0cbf1a80e50", "9e5bb"),
    "asktarget": ("e9c0a8c56fc2bc27705015c47a03be032f75476c", "c767d"),
    "asktargethistory": ("c7890ce915dafa8b60c6262a181e269f1f1a9cd4", "5292a"),
    "attachment": ("edddcd161ff6c6e34de292ed818c49ad6b365493", "6f37c"),
    "attachmenthistory": ("1a061d65a8b4bf404eaa8e60ffe3b8c15eafc30f", "fb8e5"),
    "bulkchange": ("6de3d7a95e9a412974506d39fabb3f05faa786de", "a8840"),
    "bulkchangehistory": ("fd7b04b276aaa4042585976d9f8f67cf8701bea7", "92605"),
    "calendarsubscription": ("babd5b5d684c9b0c9ea135398772378325dd67c4", "eefd6"),
    "calendarsubscriptionhistory": ("1bbe54d39cedfd5f9f86bb7d7742ad396f722ee5", "f11a6"),
    "closure": ("9385b252c9605723a1417b27b96a40aa963d3b67", "c28d7"),
    "closurehistory": ("5b4b15bfe0ed001d7e8debc676a9593560c6ad13", "f8c20"),
    "contact": ("eb72a0f1344f3e379b4960da5cf99e9c506aabe5", "bbb6c"),
    "contacthistory": ("9f5fd697d0897ba38636c9f56538eb26e5d5e4a4", "e4bfe"),
    "contacttasking": ("648f32f83f5d5435f4ac56bcfeb94e5d3ebe7145", "b9af5"),
    "contacttaskinghistory": ("308ad46bc2b5af290087d94e6a3f1bca35270a65", "0cf50"),
    "duedate": ("d9c88a0b9a1aef829f59b7e4a92aaa75b784a644", "76450"),
    "duedatehistory": ("0a43d5532325d24c3b20338affa7673b6de1cd7d", "415ff"),
    "evidence": ("84b94c04c14c60cfc567e2ed0a9024b84a1bbc74", "3dbed"),
    "evidencehistory": ("faada0a00dc2afa28ea8a6fc3dd271c4dd99dc96", "88c18"),
    "evidencetarget": ("eb86562a5274e1a3791da3503aab784a4a1b998a", "16028"),
    "evidencetargethistory": ("57d68e7e3d98abc573f4106b0a9f7b1b6565da9e", "553bb"),
    "legislator": ("0d7fcdbdd08b4bab7c22e5e8f3721830754e8246", "dee0d"),
    "legislatorhistory": ("648a18f5e4609bf9b6162a4fec8cf78f51080839", "8818f"),
    "letterhistory": ("3e4255721a5fc17aad28898a0f0dcc9bd5bacf37", "02078"),
    "letterlink": ("dc650ced842ca4e03680bd11a4758b4d57e3908b", "6181f"),
    "letterlinkhistory": ("a650abcd79118b18b8c3455c4f3574de8f6af4fb", "63041"),
    "letterstaff": ("81d3513447c3d936b9cded78a1b44e56f4634feb", "b45c5"),
    "letterstaffhistory": ("9f48c97e473594d717ad41d482c9938251d8a042", "a7502"),
    "lettertopic": ("287ae655134d7640fbf38f9ba4938c58229737fe", "1f01e"),
    "lettertopichistory": ("32c8041fc585353d0ced5c9a0c30e19c25e4b7e4", "69010"),
    "mailpreference": ("8ebc2a15239cef83aaaaa35012144edb2782bbb0", "f1bbd"),
    "mailpreferencehistory": ("11b5590fe4fe2c15b5a632ce53afbfab094c4c66", "3cd5c"),
    "note": ("fcdcf72d6667f338810c9737e0f0bb453fa9f5a4", "6a220"),
    "notehistory": ("6a9191ae48848e67198382e37ef899ee8194d6a8", "7faff"),
    "office": ("c645016707ce0eebd26493f6a64903965d6b41d4", "2f164"),
    "officehistory": ("6fcee46b718481702a12374d49f7665e10b2e704", "ff4d4"),
    "official": ("9f347ca310abee724ecff47cff8d879b142b79aa", "c793e"),
    "officialhistory": ("13ecb3c252fd0c1b71769cf84b6ce5ebd909f9fa", "c560d"),
    "pause": ("268e1c48f5e906c346700698bdaa8feda81a62f3", "b2ec8"),
    "pausehistory": ("4d533929293bc0934ec8015d5f94ad8493dcfc99", "1d00f"),
    "question": ("05e340106c97b956b8a98d2c87510d7b5660a764", "fe7c0"),
    "questionhistory": ("c4801b19166168c5eeab297555f11e1ba1dec3be", "efa66"),
    "referencecounter": ("a1de97ab4ed4cfaa39a040ba90039fa40f01d6b2", "df3d3"),
    "referencecounterhistory": ("33a4e6f93b487d2ef67ef228dc7d5538ba2f9abf", "899b2"),
    "reminder": ("b0b6f2ec16442eef2fd7abe2823fe06adeb7e0ef", "5259b"),
    "reminderhistory": ("106bef049da3c4a894012e5eeedf5d932e988783", "aa2ce"),
    "reminderrule": ("a0c7418ba791d1766a6d0ffcc228124a5d0cbe05", "75f04"),
    "reminderrulehistory": ("6ae4ef7c72b26d318047790980c2d5e2d6b02192", "45083"),
    "renewal": ("10b9c709a232675328988ce5ec0eba4ab27e17c6", "07a38"),
    "renewalhistory": ("a068a6ccce52bff3eedad4a460ed9161631a5ad0", "e3b49"),
    "reportrecipient": ("3d9bff73550dcab9701e4dcfb0074139a1d3dcf8", "bfae4"),
    "reportrecipienthistory": ("66092efbd467248e6ddc0454f49ba328aa55420c", "18d58"),
    "reportschedule": ("ac140d1abccd5dd3261be95cbfb15ee359be2a6f", "cacf8"),
    "reportschedulehistory": ("5100fdc3de74a2253b0b6396b4352c385efa049f", "62695"),
    "response": ("e91dd5fefe70f88202763a12299eaf187cb707ae", "586fe"),
    "responsehistory": ("8988c9034fc727c17163d7f0603b2fffbe012e6d", "ea33a"),
    "savedview": ("cd2a50d7c99e06e25a64046b6c9d36791274854f", "cc2bb"),
    "savedviewhistory": ("61cb55a44e414a4dbf8d9631df063218ca54bdce", "d256e"),
    "signature": ("52c12f3204d37a5394295b921441dc7d4d9b8043", "96082"),
    "signaturehistory": ("28f5f2d9d3f27c4913b54c710812574fb565fe37", "50d3a"),
    "statutoryclock": ("e5c09d5ac8681c9dae075ec7fa7e7e4c538ad8ef", "2ad2d"),
    "statutoryclockhistory": ("82a58c0127464b7342385dc329600b652b86fc2f", "57c12"),
    "target": ("5972c02b27d6bae2fafdf2810943dd86021083e0", "13a4c"),
    "targetalias": ("8d49b3774b2fd01005bacfb544edfc6ae8be7cdc", "1ca18"),
    "targetaliashistory": ("44c6aedcad17759c09e669110b916ce143714cbf", "7a306"),
    "targethistory": ("84e668aa3f1c4e71836b0e5648059cae2373c342", "73573"),
    "taskinghistory": ("bc53127f9a69442df98ba528fe02f37968cab152", "3a277"),
    "term": ("5e166dc53b602c20c723e3c3de8a31bfcfbafd86", "72c6f"),
    "termhistory": ("b2af1acf91f14fd5adb67baf282f6aa64b289d06", "7883f"),
    "topic": ("74b220253f74dd17f3d1cf4515bb71d78e5e7d87", "c8501"),
    "topichistory": ("9422a913b842ee0c5c1baa339584f7cfba9dec3f", "2fd12"),
    "user": ("960423457a519fe87547074990c520c76d1cddc2", "9049c"),
    "userhistory": ("9464a1898d5bf8a7c44cf4d7d5b329ed37da27ce", "64a6a"),
}


def stays_proved(table: str) -> tuple[str, pgtrigger.compiler.Trigger]:
    items, operation, digest, name = ENDS[table]
    sql = pgtrigger.compiler.UpsertTriggerSql(
        constraint="CONSTRAINT", declare="DECLARE ended record; reopened timestamptz;", func=STILL_PROVED.replace("{items}", items),
        hash=digest, operation=operation, pgid=name, table=f"letters_{table}", timing="DEFERRABLE INITIALLY DEFERRED", when="AFTER",
    )  # fmt: skip
    return table, pgtrigger.compiler.Trigger(name="end_stays_proved", sql=sql)


def never_truncated(table: str) -> tuple[str, pgtrigger.compiler.Trigger]:
    digest, name = KEPT[table]
    sql = pgtrigger.compiler.UpsertTriggerSql(
        func=NEVER_TRUNCATED, hash=digest, level="STATEMENT", operation="TRUNCATE", pgid=f"pgtrigger_never_truncated_{name}",
        table=f"letters_{table}", when="BEFORE",
    )  # fmt: skip
    return table, pgtrigger.compiler.Trigger(name="never_truncated", sql=sql)


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0015_lists_of_everything"),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '10s'", QUIET),
        letters.migrations._triggers.AddTriggers(
            [*(stays_proved(table) for table in ENDS), *(never_truncated(table) for table in KEPT)]
        ),
        migrations.RunSQL(QUIET, "SET LOCAL lock_timeout = '10s'"),
    ]
