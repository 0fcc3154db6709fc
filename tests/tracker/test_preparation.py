"""What is prepared before the first request, while the version before may go on serving."""

import json
from pathlib import Path
from types import SimpleNamespace

from django.contrib.staticfiles.finders import get_finder

from letters.domain.history import acting
from letters.enums import SystemProcess
from letters.models import Office
from tracker.supervisor import preparation


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
