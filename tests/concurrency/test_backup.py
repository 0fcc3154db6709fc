"""A restored record is the original, row for row and byte for byte; and what could do harm is refused before it does."""

import datetime as dt
import json
import os
import signal
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection
from django.utils import timezone
from psycopg import sql

from letters.domain import files
from letters.domain.feed import current_epoch
from letters.domain.waiting_files import FOLDER
from letters.intake.sheet import batches
from letters.models import FeedEpoch, Heartbeat, ImportBatch
from letters.report_maker import make_reports
from tests.tracker.processes import wait_for
from tracker.backups import backup, programs
from tracker.backups.backup import TABLES, write
from tracker.backups.errors import BackupError
from tracker.backups.place import VARIABLES, Place
from tracker.backups.restore import checked, restore, without_transaction_timeout
from tracker.backups.sealing import Seal

NAME = "test_restored"
MAIL = b"From: test@example.invalid\nTo: test@example.invalid\nDate: Tue, 2 May 2023 12:00:00 -0400\nSubject: TEST\n\nTEST\n"


def place_of(database: str, folder: Path) -> Place:
    parameters = {**connection.get_connection_params(), "dbname": database}
    parameters = {name: str(value) for name, value in parameters.items() if name in VARIABLES and value}
    return Place(parameters, {"files": folder / "files", "documents": folder / "documents"}, folder / "secret-key")


@pytest.fixture
def origin(seed, staff, settings, tmp_path) -> Place:
    """The seed letter with a file, a report, a template of the office and a key."""
    here = place_of(connection.settings_dict["NAME"], tmp_path / "origin")
    settings.MEDIA_ROOT = here.folders["files"]
    files.attach(by=staff, letter=seed, name="TEST.eml", file=MAIL)
    make_reports()
    current_epoch()
    for path, words in ((here.folders["documents"] / "follow_up.typ", "TEST"), (here.secret, "TEST secret")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words)
    (here.folders["files"] / FOLDER / "TEST").mkdir(parents=True)
    (here.folders["files"] / FOLDER / "TEST" / "half-sent").write_text("TEST nobody's yet")
    return here


@pytest.fixture
def empty(transactional_db, tmp_path) -> Iterator[Place]:
    """An empty database beside the tests' own, and an empty folder."""
    drop()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {NAME}")
    yield place_of(NAME, tmp_path / "restored")
    drop()


def drop() -> None:
    """PostgreSQL 15 refuses an owner while autovacuum is in the database; it does not stay long."""

    def dropped() -> bool:
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        except ProgrammingError:
            return False
        return True

    wait_for(dropped, 60, "the database is dropped")


def rows_of(place: Place) -> dict[str, str]:
    """A digest of every row of every table, and where each sequence stands."""
    found = {}
    with psycopg.connect(**place.database) as line:
        for schema, table in line.execute(TABLES).fetchall():
            named = sql.Identifier(schema, table)
            told = line.execute(sql.SQL("SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, ';' ORDER BY t::text)), '') FROM {} t").format(named))  # fmt: skip
            found[f"{schema}.{table}"] = told.fetchone()[0]
        for name, last in line.execute("SELECT sequencename, last_value FROM pg_sequences").fetchall():
            found[f"sequence {name}"] = str(last)
    return found


def objects_of(place: Place) -> list:
    with psycopg.connect(**place.database) as line:
        return line.execute(
            "SELECT 'trigger', tgname::text FROM pg_trigger WHERE NOT tgisinternal UNION ALL "
            "SELECT 'constraint', conname::text FROM pg_constraint WHERE connamespace = 'public'::regnamespace UNION ALL "
            "SELECT 'index', indexname::text FROM pg_indexes WHERE schemaname = 'public' UNION ALL "
            "SELECT 'extension', extname::text FROM pg_extension ORDER BY 1, 2"
        ).fetchall()


def bytes_of(place: Place) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in place.kept()}


def backup_of(place: Place, tmp_path: Path, seal: Seal | None = None) -> Path:
    file = tmp_path / "letters.backup"
    write(file, place, seal)
    return file


def test_restored_equals_the_original_row_for_row_and_byte_for_byte(origin, empty, tmp_path):
    Session.objects.create(session_key="TEST", session_data="TEST", expire_date=timezone.now())
    file = backup_of(origin, tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    empty.secret.parent.mkdir()
    if os.geteuid() == 0:  # root restores what another account will read
        os.chown(empty.secret.parent, 65534, 65534)
    restore(file, empty)
    before, after = rows_of(origin), rows_of(empty)
    epochs = "public.letters_feedepoch"
    assert before.pop(epochs) != after.pop(epochs)
    # a session that was ended since must not open the site again
    assert (before.pop("public.django_session").split()[0], after.pop("public.django_session").split()[0]) == ("1", "0")
    assert before == after
    assert len(before) > 80
    assert objects_of(origin) == objects_of(empty)
    assert bytes_of(origin) == bytes_of(empty)
    assert sorted(name.partition("/")[0] for name in bytes_of(empty)) == ["documents", "files", "secret-key"]
    assert empty.secret.stat().st_mode & 0o777 == 0o600
    assert {path.owner() for path in empty.secret.parent.rglob("*")} == {empty.secret.parent.owner()}


def test_a_setting_that_older_servers_do_not_know_is_taken_out_of_the_head_alone(tmp_path):
    script, line = tmp_path / "dump.sql", "SET transaction_timeout = 0;\n"
    script.write_text(f"SET lock_timeout = 0;\n{line}COPY public.t (words) FROM stdin;\n{line}")
    without_transaction_timeout(script)
    assert script.read_text() == (
        "SET lock_timeout = 0;\n--T transaction_timeout = 0;\nCOPY public.t (words) FROM stdin;\n" + line
    )


def test_a_template_replaced_meanwhile_is_kept_as_it_was(origin, tmp_path, monkeypatch):
    template, real = origin.folders["documents"] / "follow_up.typ", backup.digest

    def read_and_replaced(path: Path) -> str:
        said = real(path)
        if path.name == template.name:
            template.write_text("TEST of another length")
        return said

    monkeypatch.setattr(backup, "digest", read_and_replaced)
    file = backup_of(origin, tmp_path)
    checked(file, file)
    with tarfile.open(file) as tar:
        assert tar.extractfile("documents/follow_up.typ").read() == b"TEST"


def test_a_spreadsheet_that_is_forgotten_meanwhile_stops_no_backup(origin, staff, tmp_path, monkeypatch):
    batch, real = batches.receive(by=staff, data=b"Date,Subject\n4/25/2023,TEST\n", name="TEST.csv"), backup.digest

    def read_and_given_up(path: Path) -> str:
        if ImportBatch.objects.filter(pk=batch.pk).exists():
            batches.give_up(batch, by=staff)
        return real(path)

    monkeypatch.setattr(backup, "digest", read_and_given_up)
    file = backup_of(origin, tmp_path)
    checked(file, file)
    assert not list((origin.folders["files"] / "imports").iterdir())


def test_a_new_epoch_begins_and_is_the_latest_whichever_pg_dump_wrote_it(origin, empty, tmp_path, monkeypatch):
    # as where no client programs were installed until the day they were needed: CI's second round has a server of 15
    with monkeypatch.context() as bare:
        bare.setattr(programs, "_folders", programs._wheel)
        file = backup_of(origin, tmp_path)
    restore(file, empty)
    with psycopg.connect(**empty.database) as line:
        epochs = [str(key) for (key,) in line.execute("SELECT id FROM letters_feedepoch ORDER BY started_at")]
    assert epochs[:-1] == [str(epoch.pk) for epoch in FeedEpoch.objects.order_by("started_at")]


def test_what_is_there_is_replaced_only_where_that_is_said(origin, empty, tmp_path):
    file = backup_of(origin, tmp_path)
    restore(file, empty)
    with psycopg.connect(**empty.database) as line:
        line.execute("CREATE TABLE test_of_another_version (id int); CREATE SCHEMA test_other")
        line.execute("INSERT INTO letters_feedepoch (id, started_at) VALUES (gen_random_uuid(), now())")
    here = rows_of(empty)
    with pytest.raises(BackupError) as refused:
        restore(file, empty)
    assert "The database is not empty: it has 1 letter and 1 account. Nothing was changed." in str(refused.value)
    assert rows_of(empty) == here
    restore(file, empty, replace=True)
    before, after = rows_of(origin), rows_of(empty)
    assert before.pop("public.letters_feedepoch") != after.pop("public.letters_feedepoch")
    assert before == after


def test_while_the_site_runs_it_is_refused(origin, empty, tmp_path):
    file = backup_of(origin, tmp_path)
    with (
        psycopg.connect(**empty.database),
        pytest.raises(BackupError, match=r"Somebody else uses the database \(1 connection\)"),
    ):
        restore(file, empty)


def changed(file: Path, to: Path, name: str, data: bytes | None) -> Path:
    """The same backup with one part changed; None: without it."""
    with tarfile.open(file) as source, tarfile.open(to, "w") as target:
        for member in source:
            content = source.extractfile(member).read()
            if member.name == name:
                if data is None:
                    continue
                content = data or content[:-1] + bytes([content[-1] ^ 1])
            path = to.with_suffix(".part")
            path.write_bytes(content)
            target.add(path, member.name)
    return to


def test_a_damaged_backup_is_refused_by_its_part_and_changes_nothing(origin, empty, tmp_path):
    file = backup_of(origin, tmp_path)
    attached = next(name for name in bytes_of(origin) if name.startswith("files/"))
    for name, data in (("database.dump", b""), (attached, b""), (attached, None), ("secret-key", b"TEST other")):
        with pytest.raises(BackupError, match=f"is damaged: {name} is not what was written"):
            restore(changed(file, tmp_path / "bad.tar", name, data), empty)
    with pytest.raises(BackupError, match="its manifest is not what was written"):
        restore(changed(file, tmp_path / "bad.tar", "manifest.json", b"{}"), empty)
    short = tmp_path / "short.tar"
    short.write_bytes(file.read_bytes()[:20_000])
    with pytest.raises(BackupError, match=r"is damaged|only a part of one"):
        restore(short, empty)
    assert (rows_of(empty), bytes_of(empty)) == ({}, {})


def test_a_load_that_fails_leaves_the_database_as_it_was(origin, empty, tmp_path, monkeypatch):
    file = backup_of(origin, tmp_path)
    restore(file, empty)
    here = rows_of(empty)
    real = json.loads

    def one_more(said: bytes) -> dict:
        manifest = real(said)
        manifest["rows"]["public.letters_letter"] += 1
        return manifest

    monkeypatch.setattr("tracker.backups.restore.json.loads", one_more)
    with pytest.raises(
        BackupError, match=r"The database is as it was: .*fewer or more rows than were kept in public\.letters_letter"
    ):
        restore(file, empty, replace=True)
    assert rows_of(empty) == here


def test_no_part_leads_out_of_its_folder(origin):
    for name in ("files/../../etc/passwd", "files//etc/passwd", "../secret-key", "etc/passwd", "files"):
        target = origin.target(name)
        assert target is None, (name, target)


def test_encrypted_it_is_read_by_its_passphrase_alone(origin, empty, tmp_path, monkeypatch):
    monkeypatch.setenv("GNUPGHOME", str(tmp_path))
    (tmp_path / "words").write_text("TEST passphrase\n")
    (tmp_path / "other").write_text("TEST guess\n")
    file = backup_of(origin, tmp_path, Seal(passphrase=tmp_path / "words"))
    assert b"manifest.json" not in file.read_bytes()
    with pytest.raises(BackupError, match="cannot be decrypted here"):
        restore(file, empty, passphrase=tmp_path / "other")
    restore(file, empty, passphrase=tmp_path / "words")
    assert bytes_of(origin) == bytes_of(empty)
    agent = subprocess.run(["gpgconf", "--list-dirs", "agent-socket"], check=True, capture_output=True, text=True)
    assert not Path(agent.stdout.strip()).exists()  # no process of gpg's stays behind


def test_encrypted_by_age_it_is_read_by_its_key_alone(origin, empty, tmp_path):
    recipients = []
    for name in ("key", "other"):
        subprocess.run(["age-keygen", "-o", tmp_path / name], check=True, capture_output=True)
        said = subprocess.run(["age-keygen", "-y", tmp_path / name], check=True, capture_output=True, text=True)
        recipients.append(said.stdout.strip())
    file = backup_of(origin, tmp_path, Seal(age=recipients[0]))
    assert file.read_bytes().startswith(b"age-encryption.org/")
    assert b"manifest.json" not in file.read_bytes()
    with pytest.raises(BackupError, match="Give the file of its key with --identity"):
        restore(file, empty)
    with pytest.raises(BackupError, match="cannot be decrypted here"):
        restore(file, empty, identity=tmp_path / "other")
    restore(file, empty, identity=tmp_path / "key")
    assert bytes_of(origin) == bytes_of(empty)


def test_a_recipient_that_age_does_not_know_leaves_no_backup(origin, tmp_path):
    with pytest.raises(BackupError, match=r"age failed: .*malformed recipient"):
        backup_of(origin, tmp_path, Seal(age="age1TEST"))
    assert list(tmp_path.glob("*letters.backup*")) == []


def test_without_the_program_it_says_so_and_writes_nothing(origin, tmp_path, monkeypatch):
    monkeypatch.setattr(programs.shutil, "which", lambda name: None)
    for seal, name in ((Seal(age="age1TEST"), "age"), (Seal(gpg="TEST"), "gpg")):
        with pytest.raises(BackupError, match=f"needs the program “{name}”, which is not installed"):
            backup_of(origin, tmp_path, seal)
    assert list(tmp_path.glob("*letters.backup*")) == []


def test_no_backup_is_overwritten_and_a_missing_folder_is_named(origin, tmp_path):
    file = backup_of(origin, tmp_path)
    with pytest.raises(BackupError, match="is there already"):
        write(file, origin)
    with pytest.raises(BackupError, match="There is no folder"):
        write(tmp_path / "nowhere" / "x", origin)


def test_a_database_that_is_not_the_site_is_no_backup(empty, tmp_path):
    with pytest.raises(BackupError, match=r"has no tables of this site\. Is DATABASE_URL set\?"):
        write(tmp_path / "TEST.backup", empty)
    assert not list(tmp_path.glob("*TEST*"))


def test_without_a_pg_dump_new_enough_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(programs, "_folders", list)
    with pytest.raises(BackupError, match="apt-get install postgresql-client-18"):
        programs.clients(18)


def test_a_backup_of_a_newer_postgres_is_not_tried(origin, empty, tmp_path, monkeypatch):
    file = backup_of(origin, tmp_path)
    real = json.loads
    monkeypatch.setattr("tracker.backups.restore.json.loads", lambda said: real(said) | {"postgres": 99})
    with pytest.raises(BackupError, match="The backup is of PostgreSQL 99"):
        restore(file, empty)


def test_a_first_night_that_is_stopped_is_noted(origin, tmp_path):
    """Else nothing says that there is to be one: systemd stops what takes too long."""
    before = signal.getsignal(signal.SIGTERM)

    def stop() -> None:
        wait_for(lambda: signal.getsignal(signal.SIGTERM) is not before, 30, "it can be stopped")
        os.kill(os.getpid(), signal.SIGTERM)

    stopping = threading.Thread(target=stop)
    stopping.start()
    with pytest.raises(SystemExit):
        call_command("backup", str(tmp_path / "a.backup"), "--nightly")
    stopping.join()
    assert Heartbeat.objects.get(name="backup").finished_at is None
    assert not (tmp_path / "a.backup").exists()


def test_the_command_says_what_it_wrote(origin, tmp_path, capsys):
    call_command("backup", str(tmp_path / "by-hand.backup"))
    assert not Heartbeat.objects.filter(name="backup").exists()  # nobody waits for the next one
    # as a first night would that may not write there
    with pytest.raises(CommandError, match=r"No backup was made\. There is no folder"):
        call_command("backup", str(tmp_path / "missing" / "a.backup"), "--nightly")
    tried = Heartbeat.objects.get(name="backup")
    assert tried.finished_at is None
    # and where `prepare` had said that there is to be one: that it failed is told at once
    Heartbeat.objects.update(detail={"only_expected": True}, started_at=tried.started_at - dt.timedelta(days=1))
    with pytest.raises(CommandError, match=r"No backup was made\. There is no folder"):
        call_command("backup", str(tmp_path / "missing" / "a.backup"), "--nightly")
    again = Heartbeat.objects.get(name="backup")
    assert (again.detail, again.started_at > tried.started_at) == ({}, True)
    call_command("backup", str(tmp_path / "a.backup"), "--nightly")
    made = Heartbeat.objects.get(name="backup")
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(tmp_path / "a.backup"), "--nightly")
    assert Heartbeat.objects.get(name="backup").finished_at == made.finished_at  # the one before
    said = capsys.readouterr().out
    assert "rows and" in said
    assert "not encrypted: keep it where only administrators read" in said
    assert Heartbeat.objects.get(name="backup").finished_at
    with pytest.raises(CommandError, match=r"No backup was made\. .*is there already"):
        call_command("backup", str(tmp_path / "a.backup"))
    with pytest.raises(CommandError, match=r"Not restored\. There is no file"):
        call_command("restore", str(tmp_path / "none"))
