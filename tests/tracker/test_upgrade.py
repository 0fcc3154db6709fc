"""The lines that docs/operations.md has typed for an upgrade and for the way back, run in a folder of the test's own."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.tracker.processes import ROOT
from tests.tracker.test_deploy import HERE
from tests.tracker.test_offline import program

pytestmark = pytest.mark.once

PLACES = (HERE, "/etc/systemd/system", "/etc/caddy")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """One on which version 1 runs, of a repository that has version 2. Its systemctl and each command note what was in place."""
    program(
        tmp_path / "bin" / "systemctl", f'#!/bin/sh\necho "$(cat {tmp_path}{HERE}/version) $*" >>{tmp_path}/noted\n'
    )
    origin = tmp_path / "origin"
    note = f'echo "$(cat {tmp_path}{HERE}/version) $*, by $(cat "$(dirname "$0")/../version")" >>{tmp_path}/noted'
    program(origin / "deploy" / "manage", f"#!/bin/sh\n{note}\n")
    (origin / "Makefile").write_text("setup:\n\ttouch made\n")
    (origin / "deploy" / "systemd").mkdir()
    git = ["git", "-C", origin, "-c", "user.name=TEST", "-c", "user.email=test@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    for place in ("/etc/systemd/system", "/etc/caddy", "/opt"):
        (tmp_path / place[1:]).mkdir(parents=True)
    for version in ("1", "2"):
        for name in ("version", "deploy/systemd/letters-web.service", "deploy/Caddyfile"):
            (origin / name).write_text(version)
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-q", "-m", "TEST"], check=True)
        if version == "1":
            subprocess.run(["git", "clone", "-q", origin, f"{tmp_path}{HERE}"], check=True)
            (tmp_path / "etc" / "caddy" / "Caddyfile").write_text(version)
    return tmp_path


def typed(machine: Path, beginning: str) -> list[int]:
    """What each line of the block that begins so ended with."""
    document = (ROOT / "docs" / "operations.md").read_text()
    (block,) = re.findall(rf"^```sh\n({re.escape(beginning)}\n.*?)^```", document, re.M | re.S)
    for place in PLACES:
        block = block.replace(place, f"{machine}{place}")
    lines = "".join(f"{line}\necho $? >>{machine}/codes\n" for line in block.splitlines())
    (machine / "codes").unlink(missing_ok=True)
    own = os.environ | {"PATH": f"{machine}/bin:{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", lines], env=own, umask=0o077, capture_output=True, check=False)
    return [int(code) for code in (machine / "codes").read_text().split()]


def noted(machine: Path) -> list[str]:
    lines = (machine / "noted").read_text().splitlines()
    (machine / "noted").unlink()
    return lines


RESTART = "restart letters-worker letters-beat letters-web letters-backup.timer"


def test_an_upgrade_prepares_beside_what_serves_and_brings_the_units_and_the_way_back_leads_back(machine):
    site, units = machine / HERE[1:], machine / "etc" / "systemd" / "system"
    codes = typed(machine, "umask 022")
    assert codes == [0] * 8 + [1, 0]  # `diff` shows that the proxy's file is another
    assert noted(machine) == [
        "1 start letters-backup", "1 prepare, by 2", "2 daemon-reload", f"2 {RESTART}", "2 doctor, by 2",
    ]  # fmt: skip
    assert (site / "made").exists()
    assert site.stat().st_mode & 0o077 == 0o055
    assert ((units / "letters-web.service").read_text(), (machine / "opt/letters.old/version").read_text()) == (
        "2",
        "1",
    )
    back = f"mv -T {HERE} {HERE}.new && mv -T {HERE}.old {HERE}"
    assert typed(machine, back) == [0, 0, 0, 0]
    assert noted(machine) == ["1 prepare, by 1", "1 daemon-reload", f"1 {RESTART}"]
    assert ((site / "version").read_text(), (units / "letters-web.service").read_text()) == ("1", "1")
    assert typed(machine, "umask 022")[:8] == [0] * 8  # and once more
    assert (site / "version").read_text() == "2"
