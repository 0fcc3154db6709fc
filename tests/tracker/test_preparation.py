"""What is prepared before the first request, while the version before may go on serving."""

import errno
import json
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.contrib.staticfiles.finders import get_finder
from django.db import models
from django.db.migrations import Migration

from letters.domain.history import acting
from letters.enums import SystemProcess
from letters.models import Office
from tracker.embedded import places
from tracker.supervisor import lock, preparation
from tracker.supervisor.children import Child
from tracker.supervisor.console import Refused


def test_a_port_that_is_roots_is_not_said_to_be_in_use(monkeypatch):
    class Refuses(socket.socket):
        def bind(self, address):
            raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(lock.socket, "socket", Refuses)
    with pytest.raises(Refused, match=r"^PORT is 80, .*Ports below 1024 are root’s alone\. .* PORT=8000 make run$"):
        lock.refuse_taken_port(80)


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
