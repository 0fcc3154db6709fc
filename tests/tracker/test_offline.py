"""The archive for a network without a registry: what is in it, and to whom it belongs where it was put."""

import os
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.tracker.processes import ROOT

pytestmark = pytest.mark.once

STRANGER = 12345  # on an office's machine it may be anybody's number
# A Python that only pretends to make an environment: that takes seconds.
PYTHON = '#!/bin/sh\n[ "$2" != venv ] || { mkdir -p "$3/bin" "$3/lib" && cp "$0" "$3/bin/python"; }\n'


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def offline(script: Path, *words: str | Path, umask: int = 0o022, python: Path | None = None) -> subprocess.CompletedProcess:  # fmt: skip
    own = os.environ | ({"PYTHON": str(python)} if python else {})
    return subprocess.run([script, *words], env=own, umask=umask, capture_output=True, text=True, check=False)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A checkout of the few files that matter here, whose maker lets nobody else read, and with another's file in it."""
    site = tmp_path / "source"
    program(site / "scripts" / "offline", (ROOT / "scripts" / "offline").read_text())
    program(site / "deploy" / "manage", "#!/bin/sh\n")
    (site / "manage.py").touch()
    git = ["git", "-C", site, "-c", "user.name=TEST", "-c", "user.email=test@example.org", "-c", "tar.umask=077"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "TEST"]):
        subprocess.run([*git, *words], check=True)
    program(site / ".venv" / "bin" / "uv", '#!/bin/sh\nfor last; do :; done\ntouch "$last"\n')
    program(site / ".venv" / "bin" / "python", "#!/bin/sh\n")
    for package in ("@uswds", "chart.js"):
        (site / "node_modules" / package).mkdir(parents=True, mode=0o700)
        (site / "node_modules" / package / "TEST.js").touch(0o600)
        if os.geteuid() == 0:
            os.chown(site / "node_modules" / package / "TEST.js", STRANGER, STRANGER)
    return site


def entries(folder: Path) -> list[tuple[str, int, int]]:
    """Each file and folder below, with its owner and what others may do."""
    below = [folder, *folder.rglob("*")]
    return sorted((str(one.relative_to(folder)), one.lstat().st_uid, one.stat().st_mode & 0o077) for one in below)


def wanted(folder: Path) -> list[tuple[str, int, int]]:
    """The same, where it is all of one's own, nobody else writes, and everybody reads."""
    return [(name, os.geteuid(), 0o055 if (folder / name).stat().st_mode & 0o100 else 0o044) for name, _, _ in entries(folder)]  # fmt: skip


def test_what_root_unpacks_is_roots_and_everybody_reads_it(source, tmp_path):
    made = offline(source / "scripts" / "offline", "make", tmp_path / "TEST.tgz", umask=0o077)
    assert made.returncode == 0, made.stderr
    with tarfile.open(tmp_path / "TEST.tgz") as tar:
        assert {(one.uid, one.gid, one.mode) for one in tar} == {(0, 0, 0o755), (0, 0, 0o644)}
    site = tmp_path / "opt" / "letters"
    python = program(tmp_path / "python", PYTHON)
    done = offline(ROOT / "scripts" / "offline", "install", tmp_path / "TEST.tgz", site, umask=0o077, python=python)
    assert (done.returncode, done.stderr) == (0, "")
    assert "node_modules/chart.js/TEST.js" in [name for name, _, _ in entries(site)]
    assert entries(site) == wanted(site)


def test_an_archive_of_a_maker_who_packed_as_themself_is_roots_too(tmp_path):
    """One that a former version of the script made, say: whoever has the maker's number here might rewrite deploy/manage."""
    with tarfile.open(tmp_path / "TEST.tgz", "w:gz") as tar:
        for name in (
            "letters/manage.py",
            "letters/offline.lock",
            "letters/deploy/manage",
            "letters/node_modules/TEST.js",
        ):
            member = tarfile.TarInfo(name)
            member.uid = member.gid = STRANGER
            member.mode = 0o720 if "deploy" in name else 0o600
            tar.addfile(member)
    site = tmp_path / "site"
    python = program(tmp_path / "python", PYTHON)
    done = offline(ROOT / "scripts" / "offline", "install", tmp_path / "TEST.tgz", site, umask=0o077, python=python)
    assert (done.returncode, done.stderr) == (0, "")
    assert entries(site) == wanted(site)


def test_a_checkout_that_root_makes_is_one_that_the_account_of_the_site_reads():
    """Many machines give root a umask of 027 or 077: each unit would end with 200/CHDIR."""
    document = (ROOT / "docs" / "operations.md").read_text()
    blocks = re.findall(r"^```sh\n([^`]*?git clone[^`]*?)^```", document, re.M)  # at first, and to upgrade
    assert [block.index("umask 022") < block.index("git clone") for block in blocks] == [True, True]


def test_an_offline_archive_has_what_the_pages_are_served_from(tmp_path, settings):
    script = (ROOT / "scripts" / "offline").read_text()
    packages = re.search(r"for package in (.+?); do", script)[1].split()
    folders = [Path(one[1] if isinstance(one, tuple) else one) for one in settings.STATICFILES_DIRS]
    modules = ROOT / "node_modules"
    served = {folder.relative_to(modules).parts[0] for folder in folders if folder.is_relative_to(modules)}
    assert served == set(packages)
    done = offline(ROOT / "scripts" / "offline", "install", "TEST.tgz", tmp_path)
    assert done.stderr == f"{tmp_path} is there already, and holds no version of this site: name another folder.\n"


def test_an_offline_upgrade_keeps_the_record_and_what_the_office_wrote_into_deploy(tmp_path):
    site, python, archive = tmp_path / "site", program(tmp_path / "python", PYTHON), tmp_path / "TEST.tgz"
    for name in ("site/deploy", "site/var", "new/letters/deploy", "new/letters/node_modules"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("site/manage.py", "new/letters/manage.py", "new/letters/offline.lock"):
        (tmp_path / name).touch()
    (site / "deploy" / "backup-words").write_text("TEST words")
    (site / "deploy" / "backup-words").chmod(0o600)
    subprocess.run(["tar", "-czf", archive, "-C", tmp_path / "new", "letters"], check=True)

    def install() -> subprocess.CompletedProcess:
        return offline(ROOT / "scripts" / "offline", "install", archive, site, python=python)

    refused = install()
    assert (refused.returncode, (site / "var").is_dir(), list(tmp_path.glob("site.*"))) == (1, True, [])
    assert refused.stderr.startswith(f"{site}/var holds the record, which would go away with the version before. Stop")
    (site / "var").rmdir()
    done = install()
    assert (done.returncode, done.stderr) == (0, "")
    kept = site / "deploy" / "backup-words"
    assert (kept.read_text(), kept.stat().st_mode & 0o777) == ("TEST words", 0o600)
    assert len(list(tmp_path.glob("site.old-*"))) == 1
