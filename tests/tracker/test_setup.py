"""scripts/setup in a clone whose path has a blank: which interpreter it takes, and two at once. Nothing is installed."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.tracker.processes import ROOT, started

pytestmark = pytest.mark.once

# Makes an environment of itself, which takes it a moment, and says so; what it is to install it has.
PYTHON = """#!/bin/sh
[ "$2" != venv ] || {
    echo made >>made
    sleep 1
    mkdir -p .venv/bin && cp "$0" .venv/bin/python
    printf '#!/bin/sh\\n' >.venv/bin/uv && chmod +x .venv/bin/uv
}
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "Anna Smith" / "letters"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "setup", folder / "scripts" / "setup")
    (folder / "requirements.lock").touch()
    python = folder.parent / "my python"
    python.write_text(PYTHON)
    python.chmod(0o755)
    return folder


def environment(python: Path) -> dict[str, str]:
    return os.environ | {"PYTHON": str(python)}


def test_the_interpreter_that_is_named_is_taken_or_refused_and_no_other(clone):
    said = []
    for name in ("none", "my python"):
        python = clone.parent / name
        done = subprocess.run(
            [clone / "scripts" / "setup", "python"], env=environment(python), capture_output=True, text=True, check=False
        )  # fmt: skip
        said.append((done.returncode, done.stderr, (clone / "made").exists()))
    assert said == [
        (
            1,
            f"PYTHON is '{clone.parent}/none', which is no Python 3.11 or later that runs here. "
            "Set it to one, or unset it for python3.\n",
            False,
        ),
        (0, "", True),
    ]


def test_two_at_once_install_once(clone):
    """The second one's look at a half-made .venv cleared it under the first one's feet."""
    command = [str(clone / "scripts" / "setup"), "python"]
    both = [
        started(command, ends_by=signal.SIGTERM, env=environment(clone.parent / "my python"), stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    said = sorted(one.communicate(timeout=60)[0].decode().splitlines() for one in both)
    assert [one.returncode for one in both] == [0, 0]
    assert (clone / "made").read_text() == "made\n", said
