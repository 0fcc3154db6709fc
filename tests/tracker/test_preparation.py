"""What is prepared before the first request, while the version before may go on serving."""

import contextlib
import datetime as dt
import errno
import functools
import http.server
import json
import os
import pwd
import socket
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.contrib.staticfiles.finders import get_finder
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.db.migrations import Migration
from django.utils import timezone

from letters.domain.history import acting
from letters.enums import SystemProcess
from letters.models import Heartbeat, Office
from tests.tracker.processes import free_port
from tracker import env, services
from tracker.embedded import places
from tracker.env import Environment
from tracker.management.commands import backup
from tracker.supervisor import lock, preparation, site
from tracker.supervisor.children import Child
from tracker.supervisor.console import Refused


def test_a_port_that_is_roots_is_not_said_to_be_in_use(monkeypatch):
    class Refuses(socket.socket):
        def bind(self, address):
            raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(lock.socket, "socket", Refuses)
    with pytest.raises(Refused, match=r"^PORT is 80, .*Ports below 1024 are root’s alone\. .* PORT=8000 make run$"):
        lock.take_port(80)


def test_a_port_that_another_site_is_on_its_way_to_is_taken():
    """Two starts at once on two folders: the port opens last, and both web servers would get it."""
    port = free_port()
    taken = rf"^PORT is {port}, which cannot be opened: Address already in use\."
    with lock.take_port(port), pytest.raises(Refused, match=taken):
        lock.take_port(port)
    lock.take_port(port).close()


def test_root_does_not_run_the_site_on_the_folder_of_another_account(tmp_path):
    """Its logs, static and kept files would be root's, and the next start of that account a PermissionError."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a folder of another account")
    os.chown(tmp_path, 65534, 65534)
    name = pwd.getpwuid(65534).pw_name
    with (
        pytest.raises(Refused, match=rf"belongs to {name}: .* \(runuser -u {name} -- make run\)"),
        lock.only_run(tmp_path),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_address_that_is_printed_is_the_one_that_people_open(monkeypatch):
    said = []
    for names in ("", "letters.example.gov,other.example.gov"):
        for module in (env, site):
            monkeypatch.setattr(module, "ENV", Environment(ALLOWED_HOSTS=names, PORT=8123))
        said.append(site._where())
    assert said == [
        "http://127.0.0.1:8123/", "https://letters.example.gov/ (what the proxy asks: http://127.0.0.1:8123)"
    ]  # fmt: skip


def test_sockets_leave_a_data_folder_whose_name_would_end_an_address(tmp_path):
    plain, named = Path("/srv/Anna Smith/letters"), Path("/srv/Smith, Anna/letters")
    assert places.socket_folder(plain, "postgres", "s") == plain / "postgres" / "run"
    assert places.socket_folder(named, "postgres", "s").parent == Path("/tmp")


def test_a_part_works_on_the_data_folder_of_who_started_it_wherever_it_starts_itself(tmp_path, monkeypatch, capsys):
    """A relative TRACKER_DATA was read from the folder in which somebody typed the command."""
    (tmp_path / "log").mkdir()
    monkeypatch.setenv("TRACKER_DATA", "letters-data")
    child = Child("web", ["/bin/sh", "-c", 'echo "$TRACKER_DATA"'], tmp_path)
    child.start()
    child.process.wait(10)
    assert child.log.read_text() == f"{tmp_path}\n"
    child.read_to = 5_000_000  # and then logrotate emptied it
    child.log.write_text("2026-11-30 ERROR letters: TEST\n")
    child.show_errors()
    assert capsys.readouterr().out == "web: 2026-11-30 ERROR letters: TEST\n"


def test_an_option_of_the_broker_that_redis_does_not_know_is_a_sentence(monkeypatch):
    monkeypatch.setattr(services, "ENV", SimpleNamespace(BROKER_URL="redis://127.0.0.1:9/0?TEST=1"))
    monkeypatch.setattr(preparation, "ENV", services.ENV)
    with pytest.raises(
        Refused, match=r"^BROKER_URL is 'redis://127\.0\.0\.1:9/0\?TEST=1': it does not answer\. .*'TEST'"
    ):
        preparation.broker()


def test_a_web_server_whose_pages_are_errors_is_not_said_to_be_up(tmp_path, monkeypatch):
    """503 is an answer of the site's own: a part is not well yet, and it says which. Another program's is none."""
    answers = []

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = answers.pop(0)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Answers) as server:
        monkeypatch.setattr(site, "ENV", SimpleNamespace(PORT=server.server_port, WEB_THREADS=1))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        starting = site.Site(tmp_path)
        starting.web = SimpleNamespace(has_ended=lambda: False, log=tmp_path / "web.log")
        for status, body, trouble in (
            (500, b"", r"answered with an error \(500\)"),
            (404, b"{}", r"did not get its port: another program answers \(404\)"),
            (200, b"<p>TEST</p>", r"did not get its port: another program answers \(200\)"),
        ):
            answers += [(status, body)]
            with pytest.raises(Refused, match=rf"^The web server {trouble} on PORT {server.server_port}"):
                starting._wait_for_web()
        answers += [(503, b"TEST busy"), (503, b'{"status": "failing"}')]
        starting._wait_for_web()
        server.shutdown()
    assert answers == []


def test_a_ctrl_c_that_python_forgets_stops_the_site_all_the_same(tmp_path, monkeypatch):
    """It came while a finalizer ran, from which no exception gets out."""
    monkeypatch.setattr(site, "ASKED", threading.Event())
    with contextlib.suppress(site.Stopped):
        site._stop(2, None)
    with pytest.raises(site.Stopped):
        site.Site(tmp_path).watch()


def test_an_index_that_a_killed_start_left_half_made_is_begun_anew(transactional_db, run_sql):
    """Made concurrently, it outlives its migration; the next start would find it in its way for ever."""
    run_sql("CREATE INDEX test_half_made ON letters_topic (name)")
    to_come = Migration("0099_test", "letters")
    to_come.operations = [
        AddIndexConcurrently("topic", models.Index(fields=[name], name=f"test_{which}"))
        for name, which in (("name", "half_made"), ("slug", "not_begun"))
    ]
    assert preparation.drop_half_made_indexes([(to_come, False)]) == ["test_half_made"]
    assert run_sql("SELECT 1 FROM pg_class WHERE relname = 'test_half_made'") == []
    assert preparation.drop_half_made_indexes() == []  # nothing is to come


def test_two_starts_on_one_database_migrate_one_after_the_other(transactional_db, monkeypatch):
    """The one that met "already exists" dropped the indexes that the other one had just made, which noted them as made."""
    monkeypatch.setattr(preparation, "MIGRATION_SECONDS", 0)
    other = connection.copy()
    with contextlib.closing(other), other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [preparation.MIGRATION_LOCK])
        with pytest.raises(Refused, match=r"^Another start has been migrating this database for 0 minutes\."):
            preparation.migrate()
        cursor.execute("SELECT pg_advisory_unlock(%s)", [preparation.MIGRATION_LOCK])
        with preparation._one_at_a_time():
            pass
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [preparation.MIGRATION_LOCK])
        assert cursor.fetchone() == (True,)  # it was let go of


def test_a_real_record_in_the_embedded_database_gets_no_examples(reference, monkeypatch):
    """A backup restored there, or an office started there: the demo's letter would stand in its record for good."""
    said = []
    for url, office in (("", None), ("", True), ("postgres://TEST", True), ("", False)):
        monkeypatch.setattr(preparation, "ENV", SimpleNamespace(DATABASE_URL=url))
        with acting(SystemProcess.COMMAND):
            if office is not None:
                Office.objects.update_or_create(
                    singleton=True, defaults={"name": "TEST", "kind": "committee", "is_demo": office}
                )
        said.append(preparation.takes_examples())
    assert said == [True, True, False, False]


MANIFEST_STORAGE = "whitenoise.storage.CompressedManifestStaticFilesStorage"


def test_an_upgrade_keeps_the_styles_of_the_version_that_goes_on_serving(settings, tmp_path, monkeypatch):
    """Those of the one before it go: nobody serves them any more."""
    source, collected = tmp_path / "source", tmp_path / "static"
    settings.STATIC_ROOT, settings.STATICFILES_DIRS = str(collected), [str(source)]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": MANIFEST_STORAGE}}
    monkeypatch.setattr(preparation, "ENV", SimpleNamespace(TRACKER_DATA=tmp_path))
    source.mkdir()

    def upgrade(words: str) -> str:
        get_finder.cache_clear()
        (source / "test.css").write_text(words)
        (tmp_path / "static.stamp").unlink(missing_ok=True)
        preparation.static_files()
        return json.loads(Path(collected, preparation.MANIFEST).read_text())["paths"]["test.css"]

    def there() -> set[str]:
        return {path.name for path in collected.glob("test.*.css*")}

    first, second = upgrade("a { color: red }" * 50), upgrade("a { color: blue }" * 50)
    assert there() == {first, f"{first}.gz", second, f"{second}.gz"}
    third = upgrade("a { color: lime }" * 50)
    get_finder.cache_clear()
    assert there() == {second, f"{second}.gz", third, f"{third}.gz"}


def test_backups_are_expected_as_long_as_the_environment_says_so(db, monkeypatch):
    """Taking the line out again, for an office that backs up in another way, ends the alarm; a night that was tried stays."""

    def known(folder: str) -> list[dict]:
        monkeypatch.setattr(preparation, "ENV", SimpleNamespace(BACKUP_DIR=folder))
        preparation.expect_backups()
        return list(Heartbeat.objects.filter(name="backup").values_list("detail", flat=True))

    assert [known("/TEST"), known("/TEST"), known("")] == [[{"only_expected": True}], [{"only_expected": True}], []]
    long_ago = timezone.now() - dt.timedelta(days=9)
    row = Heartbeat.objects.create(name="backup", started_at=long_ago)  # tried, and none was made
    assert known("") == [{}]
    row.finished_at = long_ago  # one good night, and no other: a timer that died is as silent as one that was ended
    row.save()
    assert known("") == [{}]


def test_only_a_person_s_word_ends_the_alarm_of_backups(db, monkeypatch, capsys):
    Heartbeat.objects.create(name="backup", started_at=timezone.now(), finished_at=timezone.now())
    end = functools.partial(call_command, "backup", "--no-more-nights")
    monkeypatch.setattr(backup, "ENV", SimpleNamespace(BACKUP_DIR="/TEST"))
    with pytest.raises(CommandError, match="Take it out of the environment first"):  # the next start expected one again
        end()
    monkeypatch.setattr(backup, "ENV", SimpleNamespace(BACKUP_DIR=""))
    with pytest.raises(CommandError, match="Leave the file out"):
        end("/TEST/a.backup")
    with pytest.raises(CommandError, match="Say in which file"):
        call_command("backup", "--nightly")
    assert Heartbeat.objects.filter(name="backup").exists()
    end()
    assert not Heartbeat.objects.filter(name="backup").exists()
    end()
    assert capsys.readouterr().out.splitlines() == [
        "No nightly backup is missed any more. The next one made or tried with --nightly is followed by others again.",
        "No nightly backup was expected.",
    ]
