"""The migrations lead to the record and back, on a database of their own."""

import hashlib
import os
import subprocess
import sys

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from tracker.env import ENV
from tracker.supervisor import preparation

NAME = "test_back_and_forth"


@pytest.fixture
def scratch(transactional_db):
    """A line to a copy of the tests' own database, which the migrations made when the run began."""
    params, own = connection.get_connection_params(), connection.settings_dict["NAME"]
    params = {name: value for name, value in params.items() if name in ("host", "port", "user", "password")}
    connection.close()  # a database is copied while nobody is in it
    with psycopg.connect(**params, dbname="postgres", autocommit=True) as beside:
        beside.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        beside.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
            [own],
        )
        beside.execute(f"CREATE DATABASE {NAME} TEMPLATE {own}")
        with psycopg.connect(**params, dbname=NAME, autocommit=True) as line:
            yield line
        beside.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def migrate(*arguments: str) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.concurrency.outside", "TEST_DATABASE": NAME}
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity", "0", *arguments],
        cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def there(database) -> dict[str, list[str]]:
    """What of ours is in a database, by kind."""
    kinds = {
        "tables": "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'letters\\_%'",
        "sequences": "SELECT relname FROM pg_class WHERE relkind = 'S' AND relname IN "
        "('letters_event_sequence', 'letters_feed_office', 'letters_feed_released')",
        "triggers": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
        "functions": "SELECT proname FROM pg_proc WHERE proname LIKE 'pgtrigger\\_%'",
        "constraints": "SELECT conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid "
        "WHERE t.relname LIKE 'letters\\_%'",
        "indexes": "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename LIKE 'letters\\_%'",
    }
    found = {}
    with database.cursor() as cursor:
        for kind, sql in kinds.items():
            cursor.execute(sql)
            found[kind] = sorted(name for (name,) in cursor.fetchall())
    return found


# From now on migrations are only added: an office's record was made by these very files. Whoever edits one of them
# leaves every data folder behind that has it already (`tracker.supervisor.preparation.tables_fit` refuses those).
COMMITTED = {
    "0001_ground.py": "319801b3557a50ac92ebbac45a05d79ce79207a559678284d7f3410520653a53",
    "0002_record.py": "9ebb6d1b51d95858d43f59c4378f564c2dd38f577dec3ca1671ba768b04023e0",
    "0003_others_letters_followed.py": "1c644664bc0658b7bbd0d6d4fa992805358af07e549fc4de18bd699242520a80",
    "0004_last_looks.py": "2cda4bb51fc4351068d988c932df42a5d47fb88c54cc4545da8bc7828e4e13f8",
    "0005_event_by_recorded.py": "91e3d16ed4db9576c08cd9605a020376d07d5808c8e613136b63ec7633b60ba3",
    "0006_reports.py": "efcc476472b34e318003a2433dec90ee0099fdc26ae408d7f601c348aa770fe7",
    "0007_imports.py": "58ceeb05b99bb48f4381b828848a041d21d2d194907dc0a39c4a66168e23af68",
    "0008_triggers_ask_quietly.py": "ebafc716b630bf6cdfe6f56b452d08f6655227fc9337f843119fc5d6bd981418",
    "0009_taken_back_asks_nothing.py": "2aee79f47a319a12a80fdd8fb95d98438faf39b4c6b122c7d431a6b4101c3811",
    "0010_what_is_open_is_known_to_the_planner.py": "2b857413ff47bed0adbda8f0cfb4a3c54a3d819f8d8ea3b0026858e4aac92bf4",
    "0011_a_laws_days_count_from_receipt.py": "de3458344518dd64e8485f1e3e0c558455de63a28d40c2ac732513666e6d298c",
    "0012_files_taken_back.py": "a583049212d7acadb136156c4a2684ee9a2d280879acc123393867019e1b0dd0",
    "0013_files_taken_back_checked.py": "022b456b70ce438365ce73dcc02de77e10f3db9497e1c0859cfbba3f46684f03",
    "0014_the_day_of_sending_is_corrected.py": "4d61829da28d93d6239dd4874d3fcd42ec464134ec472cd07394db98e7a82dde",
    "0015_lists_of_everything.py": "99f46528e1a05dce94180fce541c382f7cdf72c507df055d3cd130a433599073",
    "0016_ends_stay_proved.py": "0ec7b192d919c9e325cedfff29cbefa890ce88687747cd4ce6f9babfe53d31cc",
    "0017_the_oldest_open_items.py": "dab58ea9a7d79908a2dd61d9b2bb3aa3f9f1f13ea4a16c883bcda88d8057467f",
}


def test_committed_migrations_stay_as_they_are():
    folder = settings.BASE_DIR / "letters" / "migrations"
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("0*.py"))}
    assert {name: found[name] for name in COMMITTED} == COMMITTED, "add a migration; do not change one"
    assert sorted(found) == sorted(COMMITTED), "note the digest of the new one here"


def test_tables_of_another_version_are_refused_with_what_is_missing(db, run_sql):
    preparation.tables_fit()
    run_sql("ALTER TABLE letters_notice DROP COLUMN as_manager")
    run_sql("ALTER TABLE letters_agency DROP COLUMN acknowledgement_days CASCADE")
    run_sql("DROP TABLE letters_calendarsubscriptionhistory CASCADE")
    with pytest.raises(preparation.Refused) as refused:
        preparation.tables_fit()
    where = "The database of DATABASE_URL" if ENV.DATABASE_URL else f"The data folder {ENV.TRACKER_DATA}"
    way_out = (
        "Set DATABASE_URL to another database, or drop and create this one"
        if ENV.DATABASE_URL
        else "Set TRACKER_DATA to another folder, or delete this one"
    )
    assert str(refused.value) == (
        f"{where} does not fit this version: it lacks letters_agency.acknowledgement_days, letters_notice.as_manager, "
        "the table letters_calendarsubscriptionhistory. It was made by a version before the first release, which cannot be "
        f"brought up to date. {way_out}: everything recorded in it is gone then."
    )


@pytest.mark.slow
def test_to_the_record_and_back(scratch):
    made = there(scratch)
    tables = {model._meta.db_table for model in apps.get_app_config("letters").get_models()}
    assert tables <= set(made["tables"])
    assert all(made.values())
    migrate("letters", "zero")  # and what references our users with it
    assert there(scratch) == {kind: [] for kind in made}
